"""Actions are written down, corrected with a trace, and withdrawn without vanishing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from analytics.registered import Action, ActionChange
from surveys.models import Cause, User

Kind = ActionChange.Kind
#: Who does something: a member of staff, or what the log calls a key of the API.
Actor = User | str
#: The last day of a roll-out is told when it is there: within these days that needs no reason.
LATELY: Final = dt.timedelta(days=7)
_FIRST: Final = dt.date(2000, 1, 1)
_AHEAD: Final = dt.timedelta(days=5 * 365)
_LONGEST_TITLE, _LONGEST_TEXT, _LONGEST_NOTE = 200, 4_000, 500
_SHOWN: Final = 300


class ActionError(ValueError):
    """What is wrong with an action, in words; `field` is the one to mend, or empty."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Wish:
    """An action as its form describes it; whether its cause and owner may be chosen is the
    caller's to say."""

    title: str
    text: str
    owner: User | None
    began_on: dt.date
    done_on: dt.date | None


def register(
    by: Actor | None, cause: Cause, wish: Wish, now: dt.datetime, *, is_sample: bool = False
) -> Action:
    """Write an action down; nobody registers those of a sample without logins.

    Raises: ActionError.
    """
    wish = _checked(wish, now)
    with transaction.atomic():
        action = Action.objects.create(
            cause=cause,
            title=wish.title,
            text=wish.text,
            owner=wish.owner,
            began_on=wish.began_on,
            done_on=wish.done_on,
            registered_at=now,
            registered_by=by if isinstance(by, User) else None,
            dated_at=now,
            is_sample=is_sample,
        )
        _note(action, by, Kind.REGISTERED, now, after=days_in_words(wish.began_on, wish.done_on))
    return action


def needs_note(action: Action, wish: Wish, today: dt.date) -> bool:
    """Whether new days need a reason: once an action has begun they are fixed, but for the last
    day of its roll-out, which is told when it is there."""
    if (action.began_on, action.done_on) == (wish.began_on, wish.done_on):
        return False
    if today < action.began_on and today <= wish.began_on:
        return False
    ends = action.done_on is None and action.began_on == wish.began_on
    return not (ends and wish.done_on is not None and wish.done_on >= today - LATELY)


def correct(pk: int, by: Actor, wish: Wish, note: str, now: dt.datetime) -> Action:
    """Change an action; what was and what is stay written beside it.

    Days that needed a reason are named anew: from then on the action counts as dated that day.
    Raises: ActionError; Action.DoesNotExist.
    """
    wish, note = _checked(wish, now), _plain(note)[:_LONGEST_NOTE]
    with transaction.atomic():
        action = _locked(pk)
        if action.withdrawn_at is not None:
            raise ActionError("", "This action is withdrawn; bring it back before changing it.")
        is_late = needs_note(action, wish, _today(now))
        if is_late and not note:
            raise ActionError(
                "note",
                "Its days are fixed since it began. Say why they were wrong; that stays beside "
                "the action for everybody to read.",
            )
        changed = _changes(action, wish)
        for kind, before, after in changed:
            _note(action, by, kind, now, before=before, after=after, note=note)
        is_dated = any(kind == Kind.DATES for kind, *_ in changed)
        if is_dated and (is_late or _today(now) < action.began_on):
            action.dated_at = now
        action.title, action.text, action.owner = wish.title, wish.text, wish.owner
        action.began_on, action.done_on = wish.began_on, wish.done_on
        action.save(update_fields=["title", "text", "owner", "began_on", "done_on", "dated_at"])
    return action


def withdraw(pk: int, by: Actor, note: str, now: dt.datetime) -> Action:
    """Take an action out of charts and verdicts. It stays in the list as withdrawn, so that what
    did not work cannot be made to vanish.

    Raises: Action.DoesNotExist.
    """
    with transaction.atomic():
        action = _locked(pk)
        if action.withdrawn_at is None:
            action.withdrawn_at = now
            action.save(update_fields=["withdrawn_at"])
            _note(action, by, Kind.WITHDRAWN, now, note=_plain(note)[:_LONGEST_NOTE])
    return action


def restore(pk: int, by: Actor, now: dt.datetime) -> Action:
    """Bring a withdrawn action back.

    Raises: Action.DoesNotExist.
    """
    with transaction.atomic():
        action = _locked(pk)
        if action.withdrawn_at is not None:
            action.withdrawn_at = None
            action.save(update_fields=["withdrawn_at"])
            _note(action, by, Kind.RESTORED, now)
    return action


def _locked(pk: int) -> Action:
    return Action.objects.select_for_update(of=("self",)).select_related("owner").get(pk=pk)


def _today(now: dt.datetime) -> dt.date:
    return now.astimezone(dt.UTC).date()


def _checked(wish: Wish, now: dt.datetime) -> Wish:
    """The wish as it is kept.

    Raises: ActionError.
    """
    title = _plain(wish.title)
    text = "\n".join(_printable(line) for line in wish.text.splitlines()).strip()
    if not title:
        raise ActionError("title", "Say what is done, in a few words.")
    if len(title) > _LONGEST_TITLE:
        raise ActionError("title", f"At most {_LONGEST_TITLE} characters; the rest goes below.")
    if len(text) > _LONGEST_TEXT:
        raise ActionError("text", f"At most {_LONGEST_TEXT:,} characters.")
    last = _today(now) + _AHEAD
    for field, day in (("began_on", wish.began_on), ("done_on", wish.done_on)):
        if day is not None and not _FIRST <= day <= last:
            raise ActionError(field, "The day must lie between the year 2000 and five years ahead.")
    if wish.done_on is not None and wish.done_on < wish.began_on:
        raise ActionError("done_on", "The roll-out cannot end before it begins.")
    return Wish(title, text, wish.owner, wish.began_on, wish.done_on)


def _plain(text: str) -> str:
    return " ".join(_printable(text).split())


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text).rstrip()


def _changes(action: Action, wish: Wish) -> list[tuple[Kind, str, str]]:
    """What the wish changes, with the words before and after."""
    before = days_in_words(action.began_on, action.done_on)
    pairs = [
        (Kind.TITLE, action.title, wish.title),
        (Kind.TEXT, action.text, wish.text),
        (Kind.OWNER, _who(action.owner), _who(wish.owner)),
        (Kind.DATES, before, days_in_words(wish.began_on, wish.done_on)),
    ]
    same_owner = action.owner_id == (wish.owner.pk if wish.owner else None)
    return [
        (kind, was, became)
        for kind, was, became in pairs
        if (not same_owner if kind == Kind.OWNER else was != became)
    ]


def _who(user: User | None) -> str:
    return str(user) if user else "nobody"


def days_in_words(began_on: dt.date, done_on: dt.date | None) -> str:
    """The days of a roll-out: "1 September 2026 to 6 September 2026"."""
    if done_on is None:
        return f"from {_day(began_on)}, still being rolled out"
    return _day(began_on) if done_on == began_on else f"{_day(began_on)} to {_day(done_on)}"


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _actor(by: Actor | None) -> str:
    if isinstance(by, User):
        return by.email
    return (by or "sample data")[:254]


def _note(
    action: Action,
    by: Actor | None,
    kind: Kind,
    now: dt.datetime,
    *,
    before: str = "",
    after: str = "",
    note: str = "",
) -> None:
    ActionChange.objects.create(
        action=action,
        at=now,
        actor=_actor(by),
        kind=kind,
        before=before[:_SHOWN],
        after=after[:_SHOWN],
        note=note,
    )
