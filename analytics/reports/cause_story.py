"""What happens to customers of one cause afterwards, and which words are theirs. Imports nothing
that reads a fix answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache

from analytics.columns import optional
from analytics.frames import weeks
from analytics.metrics.recurrence import recurrence, returns
from analytics.metrics.terms import terms
from analytics.reports.access import NotVisible
from analytics.reports.figures import Figures
from surveys.services.access import Scope

#: Looked back on from today: long enough to watch many for 90 days.
DAYS: Final = 365
_MOST_CASES: Final = 100_000
_MOST_COMMENTS: Final = 2_000
_SHOWN_TERMS: Final = 12
_KEPT_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class Recurrence(Figures):
    """The chance that a customer whose case was resolved comes with the same cause again within
    90 days (Kaplan–Meier, 95 %), of `n` cases with a known customer; None while nobody has been
    watched for 90 days."""

    n: int
    watched: int
    came: int
    chance: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Term(Figures):
    """A word that customers of the cause use more than others, and how many of them used it."""

    word: str
    customers: int


@dataclass(frozen=True, slots=True)
class CauseStory(Figures):
    """`terms` is None for a reader who may not hear comments in the order they came."""

    recurrence: Recurrence
    terms: tuple[Term, ...] | None


def cause_story(scope: Scope, cause_id: int, today: dt.date) -> CauseStory:
    """Recurrence and typical words of the last 365 days; kept for an hour, for neither moves much.

    Raises: NotVisible.
    """
    if not scope.sees_cause or (scope.cause_ids is not None and cause_id not in scope.cause_ids):
        raise NotVisible
    hears = scope.is_unlimited and scope.hears_comments
    since = today - dt.timedelta(days=DAYS)
    state = weeks.newest_of(cause_id)
    key = f"analytics:story-2:{cause_id}:{today}:{hears}:{state}"
    found: CauseStory | None = cache.get(key)
    if found is None:
        found = CauseStory(
            _recurrence(cause_id, since, today), _terms(cause_id, since, today) if hears else None
        )
        cache.set(key, found, _KEPT_SECONDS)
    return found


def _recurrence(cause_id: int, since: dt.date, until: dt.date) -> Recurrence:
    table = recurrence(returns(weeks.cases_of(cause_id, since, until, _MOST_CASES), until))
    if table.empty:
        return Recurrence(0, 0, 0, None, None, None)
    row = table.iloc[0]
    return Recurrence(
        n=int(row["cases"]),
        watched=int(row["watched"]),
        came=int(row["came"]),
        chance=optional(row["recurrence"]),
        low=optional(row["recurrence_low"]),
        high=optional(row["recurrence_high"]),
    )


def _terms(cause_id: int, since: dt.date, until: dt.date) -> tuple[Term, ...]:
    said = weeks.comments(cause_id, since, until, _MOST_COMMENTS)
    if said.empty:
        return ()
    table = terms(said, most=_SHOWN_TERMS)
    own = table[table["cause_id"] == cause_id]
    pairs = zip(own["term"].tolist(), own["customers"].tolist(), strict=True)
    return tuple(Term(str(word), int(customers)) for word, customers in pairs)
