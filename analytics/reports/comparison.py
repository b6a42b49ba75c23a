"""Two groups of answers side by side: the period before, or any two selections."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from analytics.columns import optional
from analytics.filters import Filters
from analytics.frames.selection import Selection
from analytics.metrics.intervals import newcombe_difference, wilson
from analytics.reports import strangers
from analytics.reports.access import FEWEST_FOR_OTHERS, NotVisible
from analytics.reports.figures import Figures, OverviewReport
from analytics.reports.overview import overview
from surveys.services.access import Scope

#: Dimensions of which a response has exactly one value: two different ones share nobody.
_EXCLUSIVE: Final = ("team", "product", "cause", "channel", "language", "questionnaire")
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class ComparedShare(Figures):
    """One share in two groups, each with n and Wilson 95 % interval; `difference` is the first
    minus the other, with Newcombe's 95 % interval. Shares are None where there are too few; the
    difference is None, too, where the groups may share customers."""

    n: int | None
    share: float | None
    low: float | None
    high: float | None
    other_n: int | None
    other_share: float | None
    other_low: float | None
    other_high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None


@dataclass(frozen=True, slots=True)
class ComparisonReport(Figures):
    """Fix (top-2 share), cause (dismayed), masked (of those satisfied with the fix) and answers (of
    those invited) of two groups. `may_overlap`: a customer may stand in both, so that no interval
    of the difference holds. A part that the reader may not see is None."""

    fix: ComparedShare | None
    cause: ComparedShare | None
    masked: ComparedShare | None
    answered: ComparedShare
    may_overlap: bool


def comparison(first: Filters, other: Filters, scope: Scope) -> ComparisonReport:
    """The overview's shares of two selections, and how far apart they are.

    Each side is the overview's own figure, so whatever is withheld there is withheld here.

    Raises: FilterError; NotVisible, also for a bound reader, whom two selections side by side could
    tell one customer.
    """
    if not scope.is_unlimited:
        raise NotVisible
    may_overlap = not are_apart(Selection.of(first, scope), Selection.of(other, scope))
    one, two = overview(first, scope), overview(other, scope)
    if strangers.applies(scope) and may_overlap:
        one, two = _far_enough(one, two)
    return compared(one, two, may_overlap=may_overlap)


def _far_enough(one: OverviewReport, two: OverviewReport) -> tuple[OverviewReport, OverviewReport]:
    """Two groups of which one may lie in the other, without the parts whose sizes differ by so few
    that a stranger could subtract one from the other."""
    least = FEWEST_FOR_OTHERS

    def near(n: int | None, other_n: int | None) -> bool:
        return 0 < abs((n or 0) - (other_n or 0)) < least

    if one.fix and two.fix and near(one.fix.n, two.fix.n):
        one, two = replace(one, fix=None), replace(two, fix=None)
    if one.cause and two.cause and near(one.cause.n, two.cause.n):
        one, two = replace(one, cause=None), replace(two, cause=None)
    if one.masked and two.masked and near(one.masked.n_satisfied, two.masked.n_satisfied):
        one, two = replace(one, masked=None), replace(two, masked=None)
    return one, two


def compared(
    first: OverviewReport, other: OverviewReport, *, may_overlap: bool = False
) -> ComparisonReport:
    """The same of two overviews that were made before."""
    apart = not may_overlap
    fix = cause = masked = None
    if first.fix and other.fix:
        fix = difference_of(first.fix.top2, first.fix.n, other.fix.top2, other.fix.n, apart)
    if first.cause and other.cause:
        cause = difference_of(
            first.cause.dismayed, first.cause.n, other.cause.dismayed, other.cause.n, apart
        )
    if first.masked and other.masked:
        masked = difference_of(
            first.masked.share_satisfied,
            first.masked.n_satisfied,
            other.masked.share_satisfied,
            other.masked.n_satisfied,
            apart,
        )
    answered = difference_of(
        first.response_rate, first.invited, other.response_rate, other.invited, apart
    )
    return ComparisonReport(fix, cause, masked, answered, may_overlap)


def difference_of(
    share: float | None, n: int | None, other_share: float | None, other_n: int | None, apart: bool
) -> ComparedShare:
    """Two shares of counts, each known by its share and n."""
    low, high = _interval(share, n)
    other_low, other_high = _interval(other_share, other_n)
    difference: tuple[float | None, float | None, float | None] = (None, None, None)
    if share is not None and other_share is not None and n and other_n:
        plain = share - other_share
        difference = (plain, None, None)
        if apart:
            found = newcombe_difference(round(share * n), n, round(other_share * other_n), other_n)
            difference = (plain, optional(found.low), optional(found.high))
    return ComparedShare(
        n, share, low, high, other_n, other_share, other_low, other_high, *difference
    )


def _interval(share: float | None, n: int | None) -> tuple[float | None, float | None]:
    if share is None or not n:
        return None, None
    found = wilson(round(share * n), n)
    return optional(found.low), optional(found.high)


def previous(filters: Filters, today: dt.date) -> Filters | None:
    """The same question of the time before, moved back by whole weeks: each day is compared with
    the same day of the week, for Mondays are no Sundays. A period of 28 days begins 28 days
    earlier, one of 30 days 35.

    None where the period has no beginning, or lies before the calendar's.
    """
    if filters.from_ is None:
        return None
    last = filters.to or max(today, filters.from_)
    n_days = (last - filters.from_).days + 1
    back = dt.timedelta(weeks=-(-n_days // _WEEK))
    try:
        return filters.with_(from_=filters.from_ - back, to=last - back)
    except OverflowError:
        return None


def are_apart(first: Selection, other: Selection) -> bool:
    """Whether no response can be in both: by their dates, or by a dimension of which each response
    has one value. Agents are not such a one: two may have handled the same case. Two names may be
    of one team or cause, so it is asked of what they name."""
    if first.basis == other.basis and _ends_before(first, other):
        return True
    pairs = ((getattr(first, name), getattr(other, name)) for name in _EXCLUSIVE)
    return any(
        one is not None and two is not None and not set(one) & set(two) for one, two in pairs
    )


def _ends_before(first: Selection, other: Selection) -> bool:
    return any(
        one.to is not None and two.from_ is not None and one.to < two.from_
        for one, two in ((first, other), (other, first))
    )
