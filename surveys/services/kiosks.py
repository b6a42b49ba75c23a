"""Screens at the desk: each is opened by its own link, and staff put one survey on it at a time.

A customer's turn is a visit with a name of its own, which stands in every address the screen opens
meanwhile. It ends when the customer finishes, leaves the screen alone, or when staff show another
survey; from then on its addresses lead back to the start, by the back button too. As with a
respondent's link, a screen's token is derived from a key outside the database.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from surveys.models import Kiosk, User
from surveys.services import in_person
from surveys.services.tokens import LostKeyError, hash_of, token_again

#: How long a survey waits on the screen for somebody to begin.
WAITS: Final = dt.timedelta(minutes=15)
#: How long a screen that nobody touches keeps showing a survey.
IDLE: Final = dt.timedelta(minutes=3)
#: The same after the last page.
THANKS: Final = dt.timedelta(seconds=30)
#: What was typed just before that is still taken.
_GRACE: Final = dt.timedelta(minutes=1)
_TOKEN_BYTES: Final = 24


class CannotShow(Exception):  # noqa: N818 -- it names what happened
    """Why a survey is not put on a screen, in words."""


@dataclass(frozen=True, slots=True)
class Visit:
    """The turn of one customer, with the token of their survey."""

    kiosk_id: int
    name: str
    token: str


def _token(pk: int, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"stabledoor kiosk", "sha256")
    mac = hmac.digest(key, str(pk).encode(), "sha256")
    return base64.urlsafe_b64encode(mac[:_TOKEN_BYTES]).decode().rstrip("=")


def make(name: str, user: User | None, now: dt.datetime) -> Kiosk:
    """A new screen."""
    with transaction.atomic():
        kiosk = Kiosk.objects.create(
            name=name,
            token_hash=secrets.token_bytes(32),  # until its number is known
            created_by=user,
            created_at=now,
        )
        kiosk.token_hash = hash_of(_token(kiosk.pk, settings.SECRET_KEY))
        kiosk.save(update_fields=["token_hash"])
    return kiosk


def token_of(kiosk: Kiosk) -> str | None:
    """The token of a screen; None where the key it was made with is gone."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _token(kiosk.pk, secret)
        if hash_of(token) == bytes(kiosk.token_hash):
            return token
    return None


def in_use() -> list[Kiosk]:
    """The screens that were not taken out of use, by name."""
    return list(Kiosk.objects.filter(revoked_at__isnull=True).order_by("name", "pk"))


def revoke(kiosk_id: int, now: dt.datetime) -> None:
    """Take a screen out of use for good, and end what it shows."""
    Kiosk.objects.filter(pk=kiosk_id, revoked_at__isnull=True).update(
        revoked_at=now, invitation=None, visit="", visit_until=None
    )


def show(kiosk_id: int, invitation_id: int, now: dt.datetime) -> Kiosk:
    """Put a survey on a screen; it counts as handed over at the desk.

    Raises: Kiosk.DoesNotExist, CannotShow, in_person.CannotHandOut.
    """
    with transaction.atomic():
        kiosk = Kiosk.objects.select_for_update().get(pk=kiosk_id, revoked_at__isnull=True)
        if kiosk.has_begun and kiosk.visit_until is not None and kiosk.visit_until > now:
            raise CannotShow(
                f"Somebody is answering on “{kiosk.name}” just now. Try again when they have "
                "finished; a screen left alone is free after three minutes."
            )
        in_person.hand_out(invitation_id, now)
        kiosk.invitation_id, kiosk.visit = invitation_id, secrets.token_urlsafe(16)
        kiosk.has_begun, kiosk.visit_until = False, now + WAITS
        kiosk.save(update_fields=["invitation", "visit", "has_begun", "visit_until"])
    return kiosk


def find(token: str) -> Kiosk | None:
    """The screen of a token; None for one that is unknown or out of use."""
    return Kiosk.objects.filter(token_hash=hash_of(token), revoked_at__isnull=True).first()


def waiting(kiosk: Kiosk, now: dt.datetime) -> str:
    """The name of the visit that nobody has begun yet; "" where nothing waits."""
    is_open = kiosk.visit_until is not None and kiosk.visit_until > now
    return kiosk.visit if is_open and not kiosk.has_begun else ""


def begin(kiosk: Kiosk, visit: str, now: dt.datetime) -> bool:
    """Begin the visit that waits; whether it is this screen's turn of that name."""
    mine = Kiosk.objects.filter(pk=kiosk.pk, visit=visit, visit_until__gt=now).exclude(visit="")
    return bool(mine.update(has_begun=True, visit_until=now + IDLE))


def open_visit(token: str, visit: str, now: dt.datetime, *, posting: bool) -> Visit | None:
    """The visit of that name, while it lasts."""
    since = now - _GRACE if posting else now
    kiosk = (
        Kiosk.objects.filter(Q(token_hash=hash_of(token)) & Q(revoked_at__isnull=True))
        .filter(visit=visit, has_begun=True, visit_until__gt=since)
        .exclude(visit="")
        .select_related("invitation")
        .first()
    )
    if kiosk is None or kiosk.invitation is None:
        return None
    try:
        survey = token_again(kiosk.invitation.nonce, bytes(kiosk.invitation.token_hash))
    except LostKeyError:
        return None
    return Visit(kiosk.pk, visit, survey)


def keep_open(visit: Visit, until: dt.datetime) -> None:
    """The customer is there: the visit lasts until then, unless another one has taken its place."""
    Kiosk.objects.filter(pk=visit.kiosk_id, visit=visit.name).update(visit_until=until)


def end(token: str, visit: str) -> None:
    """The customer has finished. Of another visit nothing ends."""
    Kiosk.objects.filter(token_hash=hash_of(token), visit=visit).exclude(visit="").update(
        invitation=None, visit="", has_begun=False, visit_until=None
    )
