"""Links that show one report, read-only and for some days, to whoever holds one.

As with a respondent's link the token is derived from a key outside the database and only its hash
is stored: a dump opens nothing, and yet the list of links can show each of them again.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import uuid
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Sum
from django.utils import timezone

from analytics.kept import ShareLink, ShareOpening
from analytics.sharing.log import Actor, note
from surveys.models import User
from surveys.services.tokens import hash_of

USUAL_DAYS: Final = 30
LONGEST_DAYS: Final = 365
_TOKEN_BYTES: Final = 24


class LinkError(ValueError):
    """A link that cannot be made, in words."""


def derived(nonce: uuid.UUID, purpose: bytes, secret: str) -> str:
    """A token of 192 bits: nobody without the key can make it, not even from a whole database."""
    key = hmac.digest(secret.encode(), purpose, "sha256")
    mac = hmac.digest(key, nonce.bytes, "sha256")
    return base64.urlsafe_b64encode(mac[:_TOKEN_BYTES]).decode().rstrip("=")


def derived_again(nonce: uuid.UUID, purpose: bytes, token_hash: bytes) -> str | None:
    """The token made earlier, perhaps under a former key; None where that key is gone."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = derived(nonce, purpose, secret)
        if hash_of(token) == bytes(token_hash):
            return token
    return None


_PURPOSE: Final = b"stabledoor shared report"


def alias_key(link: ShareLink) -> bytes:
    """What the names of agents in a link without names are made with: another one in each link, so
    that two links cannot be laid side by side."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"aliases" + link.nonce.bytes, "sha256")


def make(
    sharer: User,
    path: str,
    query: str,
    *,
    title: str,
    days: int,
    with_comments: bool,
    with_names: bool = False,
    now: dt.datetime | None = None,
    by: Actor | None = None,
) -> ShareLink:
    """A new link to a report that the sharer can open; `by` is who makes it for them.

    Raises: LinkError.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise LinkError(f"A link can be open for 1 to {LONGEST_DAYS} days.")
    moment, nonce = now or timezone.now(), uuid.uuid4()
    with transaction.atomic():
        link = ShareLink.objects.create(
            nonce=nonce,
            token_hash=hash_of(derived(nonce, _PURPOSE, settings.SECRET_KEY)),
            sharer=sharer,
            role=sharer.role,
            path=path,
            query=query,
            title=title[:200],
            with_comments=with_comments,
            with_names=with_names,
            created_at=moment,
            expires_at=moment + dt.timedelta(days=days),
        )
        comments = "with comments" if with_comments else "without comments"
        names = "with names" if with_names else "without names"
        about = f"{link.pk}: {days} days, {comments}, {names}, {path}?{query}"
        note(by or sharer, "made a link", about)
    return link


def token_of(link: ShareLink) -> str | None:
    """The token of a link; None where the key it was made with is gone."""
    return derived_again(link.nonce, _PURPOSE, bytes(link.token_hash))


def find(token: str, now: dt.datetime | None = None) -> ShareLink | None:
    """The open link of a token. None for one that is unknown, revoked or over, and as soon as the
    sharer was switched off or has another role than when they made it."""
    return (
        ShareLink.objects.filter(
            token_hash=hash_of(token),
            revoked_at__isnull=True,
            expires_at__gt=now or timezone.now(),
            sharer__is_active=True,
            sharer__role=F("role"),
        )
        .select_related("sharer")
        .first()
    )


def opened(link: ShareLink, address: str, client: str, now: dt.datetime | None = None) -> None:
    """Count an opening. Of the opener only a keyed hash stays, of 128 bits and per link, so that
    openers can be counted but neither named nor followed from one link to another."""
    key = hmac.digest(settings.SECRET_KEY.encode(), b"stabledoor opener", "sha256")
    text = f"{link.pk}\0{address}\0{client[:500]}".encode("utf-8", "replace")
    opener = hmac.digest(key, text, "sha256")[:16]
    moment = now or timezone.now()
    one, is_new = ShareOpening.objects.get_or_create(
        link=link, opener=opener, defaults={"last_at": moment}
    )
    if not is_new:
        ShareOpening.objects.filter(pk=one.pk).update(n=F("n") + 1, last_at=moment)
    elif not ShareOpening.objects.filter(link=link).exclude(pk=one.pk).exists():
        note(None, "opened a link for the first time", f"{link.pk}: {link.path}?{link.query}")


def revoke(link: ShareLink, actor: Actor, now: dt.datetime | None = None) -> None:
    """Close a link for good; doing it again changes nothing."""
    with transaction.atomic():
        found = ShareLink.objects.filter(pk=link.pk, revoked_at__isnull=True)
        if found.update(revoked_at=now or timezone.now()):
            note(actor, "revoked a link", f"{link.pk}: {link.path}?{link.query}")


@dataclass(frozen=True)
class Line:
    """A link with how often and by how many it was opened."""

    link: ShareLink
    n_views: int
    n_openers: int
    last_opened_at: dt.datetime | None


def listed(user: User, *, everyone: bool) -> list[Line]:
    """The reader's own links, or everyone's; the newest first."""
    links = ShareLink.objects.select_related("sharer").annotate(
        n_views=Sum("openings__n", default=0),
        n_openers=Count("openings"),
        last_opened_at=Max("openings__last_at"),
    )
    if not everyone:
        links = links.filter(sharer=user)
    return [
        Line(link, link.n_views, link.n_openers, link.last_opened_at)
        for link in links.order_by("-pk")[:200]
    ]
