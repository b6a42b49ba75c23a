"""Brands: checked and stored, and read by whatever shows one.

A brand's look is kept per process by the moment of its last change, which comes along with the
one statement that finds a survey or a due mail; showing a brand then asks the database nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from surveys.mail.message import MessageError, parse_mailbox
from surveys.models import Brand, Policy
from surveys.questionnaire.branding import (
    TEXT_LIMITS,
    Logo,
    Look,
    TextKey,
    colour_fault,
    stylesheet,
    text_fault,
)
from surveys.questionnaire.colours import ColourError, channels
from surveys.questionnaire.schema import REFUSED_TEXT
from surveys.services.logos import LogoError, encoded, shown_size
from surveys.services.storable import is_storable

EXTENSIONS: Final = {"image/png": "png", "image/jpeg": "jpg"}
#: Words that stand in an address or a choice where a slug would.
RESERVED: Final = frozenset({"new", "preview", "none"})
_DIGEST_CHARACTERS: Final = 16


class BrandFaultsError(ValueError):
    """What is wrong with a brand: pairs of field and words. A text's field is `footer.de`."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name} {words}" for name, words in errors))
        self.errors = errors


class InUseError(ValueError):
    """A brand that policies still choose."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A brand as somebody wants it. ``logo`` None leaves the stored one, unless ``drop_logo``."""

    slug: str
    name: str
    accent: str
    accent_dark: str
    logo: bytes | None = None
    drop_logo: bool = False
    logo_alt: str = ""
    sender_name: str = ""
    reply_to: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def save(wanted: Wanted, brand: Brand | None = None) -> Brand:
    """Store a new brand, or change one; nothing is stored where anything is wrong.

    Raises: BrandFaultsError.
    """
    changed = _applied(wanted, brand or Brand())
    try:
        with transaction.atomic():
            changed.save()
    except IntegrityError as error:
        raise BrandFaultsError([("slug", "is taken by another brand")]) from error
    return changed


def unsaved(wanted: Wanted, brand: Brand | None = None) -> Brand:
    """The brand as it would be stored, for a preview.

    Raises: BrandFaultsError.
    """
    stored = Brand() if brand is None else Brand.objects.get(pk=brand.pk)
    return _applied(wanted, stored)


def _applied(wanted: Wanted, brand: Brand) -> Brand:
    errors = [*_line_faults(wanted), *_colour_faults(wanted), *_text_faults(wanted)]
    brand.slug, brand.name = wanted.slug, " ".join(wanted.name.split())
    brand.accent, brand.accent_dark = wanted.accent.lower(), wanted.accent_dark.lower()
    brand.sender_name, brand.reply_to = wanted.sender_name.strip(), wanted.reply_to.strip()
    brand.logo_alt = wanted.logo_alt.strip()
    brand.texts = _without_blanks(wanted.texts)
    if wanted.drop_logo:
        brand.logo, brand.logo_type = None, ""
    if wanted.logo is not None:
        try:
            picture = encoded(wanted.logo)
        except LogoError as error:
            errors.append(("logo", str(error)))
        else:
            brand.logo, brand.logo_type = picture.data, picture.content_type
    if errors:
        raise BrandFaultsError(errors)
    return brand


def _line_faults(wanted: Wanted) -> list[tuple[str, str]]:
    """Faults of the texts that stand in one line, some of them in a mail's headers."""
    errors = []
    try:
        validate_slug(wanted.slug)
    except ValidationError:
        errors.append(("slug", "must be of letters, digits, hyphens and underscores"))
    if not wanted.name.strip():
        errors.append(("name", "is missing"))
    lines = (
        ("slug", wanted.slug, 100),
        ("name", wanted.name, 200),
        ("logo_alt", wanted.logo_alt, 100),
        ("sender_name", wanted.sender_name, 100),
    )
    for name, line, limit in lines:
        if len(line) > limit:
            errors.append((name, f"has {len(line)} characters; at most {limit} are possible"))
        elif REFUSED_TEXT.search(line):
            errors.append((name, "contains a line break or another character that is not allowed"))
    if wanted.reply_to.strip() and not _is_address_alone(wanted.reply_to.strip()):
        errors.append(("reply_to", "must be an e-mail address alone"))
    return errors


def _is_address_alone(text: str) -> bool:
    """Python's own parser has changed what it still reads of a line with more in it, from one
    3.11 to the next; what is left over is refused by either."""
    try:
        mailbox = parse_mailbox(text)
    except MessageError:
        return False
    return not mailbox.name and mailbox.address == text


def _colour_faults(wanted: Wanted) -> list[tuple[str, str]]:
    errors = []
    for name, colour, dark in (
        ("accent", wanted.accent, False),
        ("accent_dark", wanted.accent_dark, True),
    ):
        try:
            channels(colour)
        except ColourError:
            errors.append((name, "must be a colour of six hexadecimal digits, such as #1d4ed8"))
            continue
        fault = colour_fault(colour, dark=dark)
        if fault:
            errors.append((name, fault))
    return errors


def _text_faults(wanted: Wanted) -> list[tuple[str, str]]:
    errors = []
    for language, texts in wanted.texts.items():
        for key, text in texts.items():
            limit = TEXT_LIMITS.get(key)  # type: ignore[call-overload]  # any text may ask
            fault = "is no text of a brand" if limit is None else text_fault(text, limit)
            if fault:
                errors.append((f"{key}.{language}", fault))
    return errors


def _without_blanks(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    kept = {
        language: {
            key: stripped
            for key, text in own.items()
            if (stripped := text.replace("\r\n", "\n").strip())
        }
        for language, own in texts.items()
    }
    return {language: own for language, own in kept.items() if own}


def remove(brand: Brand) -> None:
    """Delete a brand that no policy chooses.

    Raises: InUseError naming the policies.
    """
    try:
        brand.delete()
    except ProtectedError as error:
        names = ", ".join(f"“{policy}”" for policy in Policy.objects.filter(brand=brand))
        raise InUseError(f"It is chosen by {names}.") from error


# --- how a brand looks ----------------------------------------------------------------------------


def digest(content: bytes) -> str:
    """What stands in the address of a public file: another content has another address."""
    return hashlib.sha256(content).hexdigest()[:_DIGEST_CHARACTERS]


def colours_of(brand: Brand) -> str:
    """The brand's stylesheet."""
    return stylesheet(brand.accent, brand.accent_dark)


def look_of(brand: Brand) -> Look:
    """How a brand looks, with the addresses of its public files."""
    return Look(
        name=brand.name,
        accent=brand.accent,
        accent_dark=brand.accent_dark,
        company=settings.COMPANY_NAME,
        site=settings.SITE_URL,
        logo=_logo(brand),
        stylesheet=f"/b/{brand.pk}/{digest(colours_of(brand).encode())}.css" if brand.pk else "",
        sender_name=brand.sender_name,
        reply_to=brand.reply_to,
        texts=brand.texts,
    )


def _logo(brand: Brand) -> Logo | None:
    if not brand.logo:
        return None
    data = bytes(brand.logo)
    width, height = shown_size(data)
    address = f"/b/{brand.pk}/{digest(data)}.{EXTENSIONS[brand.logo_type]}" if brand.pk else ""
    return Logo(address, width, height, brand.logo_alt or brand.name)


def look(brand_id: int | None, changed_at: dt.datetime | None) -> Look | None:
    """The look of the brand that a statement found, None where it found none."""
    if brand_id is None or changed_at is None:
        return None
    return _kept_look(brand_id, changed_at, settings.COMPANY_NAME)


@lru_cache(maxsize=128)
def _kept_look(brand_id: int, changed_at: dt.datetime, company: str) -> Look:
    return look_of(Brand.objects.get(pk=brand_id))


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A logo or stylesheet; ``is_current``: the address asked for names this very content."""

    content: bytes
    content_type: str
    is_current: bool


def public_file(brand_id: int, asked: str, extension: str) -> PublicFile | None:
    """What stands behind an address of a brand. A mail may be opened years after the logo was
    changed: an old address gets what is there now."""
    brand = Brand.objects.filter(pk=brand_id).first()
    if brand is None:
        return None
    if extension == "css":
        content, content_type = colours_of(brand).encode(), "text/css; charset=utf-8"
    elif brand.logo:
        content, content_type = bytes(brand.logo), brand.logo_type
    else:
        return None
    return PublicFile(content, content_type, asked == digest(content))


def named(slug: str) -> Brand | None:
    """The brand of a slug, which may be anything that stood in an address."""
    return Brand.objects.filter(slug=slug).first() if is_storable(slug) else None


def choices() -> list[tuple[str, str]]:
    """Brands by slug and name, for lists to choose from."""
    return list(Brand.objects.values_list("slug", "name"))


def brand_for(questionnaire_id: int) -> Brand | None:
    """The brand of the first policy that asks with the questionnaire, which previews show; of one
    that is still off where none is on."""
    policy: Any = (
        Policy.objects.filter(questionnaire=questionnaire_id)
        .select_related("brand")
        .order_by("-enabled", "position", "id")
        .first()
    )
    return policy.brand if policy else None


TEXT_KEYS: Final[tuple[TextKey, ...]] = tuple(TEXT_LIMITS)
