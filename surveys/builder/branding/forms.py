"""The form of a brand: reads what was sent; what it may be is checked where brands are stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.text import slugify

from surveys.models import Brand
from surveys.questionnaire import texts
from surveys.questionnaire.branding import TEXT_LIMITS, TextKey
from surveys.services.brands import RESERVED, TEXT_KEYS, BrandFaultsError, Wanted
from surveys.services.logos import MAX_UPLOAD_BYTES

TEXT_LABELS: Final[dict[TextKey, str]] = {
    "footer": "Footer",
    "legal": "Legal text",
    "mail_intro": "First sentence of the invitation",
}
# More than fits, so that a text which is too long is said to be, and comes back whole.
_ROOM: Final = 4_000


@dataclass(frozen=True)
class LanguageFields:
    """The texts of one language, as the page lays them out."""

    code: str
    name: str
    direction: str
    fields: list[forms.BoundField]
    is_open: bool


def _line(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(required=False, max_length=_ROOM, label=label, help_text=help_text)


class BrandForm(forms.Form):
    """Fields of a brand; texts are named `footer.de` and so on."""

    name = _line("Name", "As customers know it.")
    accent = _line(
        "Accent on light pages",
        "Six hexadecimal digits, such as #1d4ed8. Words in it must reach 4.5 : 1.",
    )
    accent_dark = _line("Accent on dark pages", "A light colour: it stands on nearly black.")
    logo = forms.FileField(
        required=False,
        allow_empty_file=True,
        help_text="PNG, JPEG or WebP, at most 512 KB. It is shown at most 240 × 64 pixels large; "
        "on dark pages it gets a white ground.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    drop_logo = forms.BooleanField(required=False)
    logo_alt = _line(
        "What the logo says", "Read out, and shown where pictures are blocked. Empty: the name."
    )
    sender_name = _line(
        "Name of the sender",
        "Empty: the brand’s name. The address is always the installation’s own.",
    )
    reply_to = _line("Replies go to", "Empty: to the sender.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in texts.languages():
            for key in TEXT_KEYS:
                self.fields[f"{key}.{language}"] = forms.CharField(
                    required=False,
                    max_length=_ROOM,
                    label=TEXT_LABELS[key],
                    strip=False,
                    help_text=f"At most {TEXT_LIMITS[key]} characters.",
                    widget=forms.Textarea(
                        attrs={
                            "rows": 2 if key == "mail_intro" else 3,
                            "lang": language,
                            "dir": texts.direction(language),
                        }
                    ),
                )

    def wanted(self, brand: Brand | None, slug: str = "") -> Wanted:
        """The brand that the form describes."""
        values = self.cleaned_data
        upload = values.get("logo")
        return Wanted(
            slug=brand.slug if brand else slug or new_slug(values["name"]),
            name=values["name"],
            accent=values["accent"].strip(),
            accent_dark=values["accent_dark"].strip(),
            # One byte more than may be tells that it is too large.
            logo=upload.read(MAX_UPLOAD_BYTES + 1) if upload else None,
            drop_logo=values["drop_logo"],
            logo_alt=values["logo_alt"],
            sender_name=values["sender_name"],
            reply_to=values["reply_to"],
            texts={
                language: {key: values[f"{key}.{language}"] for key in TEXT_KEYS}
                for language in texts.languages()
            },
        )

    def mark(self, faults: BrandFaultsError) -> None:
        """Show each fault beside its field."""
        for name, words in faults.errors:
            shown = name if name in self.fields else "name"
            self.add_error(shown, f"This {words}.")
            self.fields[shown].widget.attrs["aria-invalid"] = "true"

    def languages(self) -> Iterator[LanguageFields]:
        """The texts by language; open where something stands or is wrong, and the first."""
        for language in texts.languages():
            own = [self[f"{key}.{language}"] for key in TEXT_KEYS]
            yield LanguageFields(
                language,
                texts.language_name(language),
                texts.direction(language),
                own,
                is_open=language == texts.DEFAULT_LANGUAGE
                or any(field.value() or field.errors for field in own),
            )


def values_of(brand: Brand) -> dict[str, Any]:
    """What the form begins with."""
    named = ("name", "accent", "accent_dark", "logo_alt", "sender_name", "reply_to")
    own = {
        f"{key}.{language}": text
        for language, entries in brand.texts.items()
        for key, text in entries.items()
    }
    return {name: getattr(brand, name) for name in named} | own


def new_slug(name: str) -> str:
    """A slug of the name that no brand has."""
    base = slugify(name)[:90] or "brand"
    if base in RESERVED:
        base = f"brand-{base}"
    taken = set(Brand.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)
