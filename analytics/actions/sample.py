"""Actions of the sample's half year: one that worked, one that cannot be told to have, and one
that began lately and was written down only afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from analytics.actions.registering import Wish, register
from analytics.registered import Action
from surveys.models import Cause, User
from surveys.sample import cast, story


@dataclass(frozen=True)
class _Told:
    """Units: days before the moment the sample ends at."""

    code: str
    title: str
    text: str
    began: int
    done: int
    registered: int


_CHECKED: Final = story.DAYS - story.BILLS_CHECKED_FROM_DAY
_ACTIONS: Final = (
    _Told(
        cast.CHECKED, "Bills are checked before they go out",
        "Every run of bills is compared with the month before, and what differs by more than half "
        "waits for a person.",
        began=_CHECKED + 5, done=_CHECKED, registered=_CHECKED + 19,
    ),
    _Told(
        "faulty-router", "Firmware goes to a hundred routers first",
        "A day with a hundred households before everybody gets the update.",
        began=_CHECKED + 2, done=_CHECKED - 4, registered=_CHECKED + 9,
    ),
    _Told(
        cast.FLAW, "Each plan change is tried on a test line",
        "The change is made on a test line each morning; if it fails, plan changes are stopped.",
        began=20, done=17, registered=8,
    ),
)  # fmt: skip


def load_sample(now: dt.datetime) -> None:
    """Register the sample's actions for those of its causes that are sample data."""
    owner = User.objects.filter(is_sample=True, role=User.Role.MANAGER).first()
    causes = {cause.code: cause for cause in Cause.objects.filter(is_sample=True)}
    for told in _ACTIONS:
        if told.code in causes:
            _register(causes[told.code], told, owner, now)


def remove_sample() -> None:
    """Take away what `load_sample` left on causes that stay, for real cases came to them."""
    Action.objects.filter(is_sample=True).delete()


def _register(cause: Cause, told: _Told, owner: User | None, now: dt.datetime) -> None:
    began, done = (
        (now - dt.timedelta(days=days)).astimezone(dt.UTC).date()
        for days in (told.began, told.done)
    )
    at = now - dt.timedelta(days=told.registered)
    register(owner, cause, Wish(told.title, told.text, owner, began, done), at, is_sample=True)
