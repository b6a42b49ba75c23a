"""Every cell of a report beside what plain SQL and slow arithmetic make of the raw answers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from analytics import reports
from analytics.filters import Filters
from surveys.services.access import API_REPORTS
from tests.analytics.reports import slow
from tests.analytics.reports.cells import FIX, Shown, near, rated
from tests.analytics.reports.plain import below, invitations, recount, resolutions

CAUSE = ("n", "mean", "dismayed", "dismayed_low", "dismayed_high")
SEPARATION = ("n", "r", "r_low", "r_high", "hardly")


def _separation(pairs: list[tuple[int, int]]) -> tuple[Shown, ...]:
    r = slow.correlation(pairs) if len(pairs) >= 4 else None
    if r is None:
        return (len(pairs), None, None, None, False)
    return (len(pairs), r, *slow.fisher(r, len(pairs)), abs(r) >= 0.6)


def _masked(pairs: list[tuple[int, int]]) -> tuple[Shown, ...]:
    n, satisfied = len(pairs), sum(f >= 4 for f, _ in pairs)
    count = sum(f >= 4 and c >= 4 for f, c in pairs)
    if n < 30:
        return (n, count, *(None,) * 3, satisfied, *(None,) * 3, True)
    of_all = (count / n, *slow.wilson(count, n))
    of_satisfied: tuple[Shown, ...] = (None,) * 3
    if satisfied:
        of_satisfied = (count / satisfied, *slow.wilson(count, satisfied))
    return (n, count, *of_all, satisfied, *of_satisfied, False)


MASKED = (
    "n", "count", "share_all", "share_all_low", "share_all_high",
    "n_satisfied", "share_satisfied", "share_satisfied_low", "share_satisfied_high", "too_few",
)  # fmt: skip


def _ratings(name: str, filters: Filters) -> list[int]:
    found = recount(f"SELECT {name} FROM asked WHERE {name} > 0", filters)  # noqa: S608
    return [one for (one,) in found]


def _pairs(filters: Filters) -> list[tuple[int, int]]:
    return [(f, c) for f, c in recount("SELECT f1, c1 FROM asked WHERE f1 > 0 AND c1 > 0", filters)]


def overview(filters: Filters) -> None:
    report = reports.overview(filters, API_REPORTS)
    pairs = _pairs(filters)
    near(report.fix, FIX, rated(_ratings("f1", filters)))
    near(report.cause, CAUSE, rated(_ratings("c1", filters)))
    near(report.masked, MASKED, _masked(pairs))
    near(report.separation, SEPARATION, _separation(pairs))
    invited, delivered, completed = invitations(filters)
    near(
        report,
        ("invited", "delivered", "completed", "response_rate", "delivered_response_rate"),
        (
            invited, delivered, completed,
            completed / invited if invited else None,
            completed / delivered if delivered else None,
        ),
    )  # fmt: skip


def matrix(filters: Filters) -> None:
    report = reports.matrix(filters, API_REPORTS)
    rows = recount("SELECT f1, c1, arm, o1 FROM asked WHERE f1 > 0 AND c1 > 0", filters)
    pairs = [(f, c) for f, c, _, _ in rows]
    counted = Counter(pairs)
    assert report.n == len(rows)
    assert report.cells == tuple(
        tuple(counted[f, c] for c in range(1, 6)) for f in range(1, 6)
    )  # fmt: skip
    near(report.masked, MASKED, _masked(pairs))
    near(report.separation, SEPARATION, _separation(pairs))
    sides = Counter((1 if f >= 4 else 0 if f == 3 else -1, c >= 4) for f, c in pairs)
    near(
        report.quadrants,
        ("served_well", "masked", "neither", "neither_dismayed", "failed", "failed_dismayed"),
        tuple(sides[fix, dismayed] for fix in (1, 0, -1) for dismayed in (False, True)),
    )
    arms = sorted({arm for _, _, arm, _ in rows})
    assert [one.arm for one in report.arms] == arms
    for one in report.arms:
        near(
            one.separation, SEPARATION, _separation([row[:2] for row in rows if row[2] == one.arm])
        )
    _choose_again(report.choose_again, rows)
    _order_effect(report.order_effect, rows)


def _choose_again(found: Any, rows: list[tuple[Any, ...]]) -> None:
    well = [o >= 4 for f, c, _, o in rows if o and f >= 4 and c < 4]
    masked = [o >= 4 for f, c, _, o in rows if o and f >= 4 and c >= 4]
    sizes = (sum(well), len(well)), (sum(masked), len(masked))
    shares: list[tuple[Shown, ...]] = [
        (x / n, *slow.wilson(x, n)) if n and len(rows) >= 30 else (None,) * 3 for x, n in sizes
    ]
    difference: tuple[Shown, ...] = (None,) * 3
    if well and masked and len(rows) >= 30:
        plain = sizes[0][0] / len(well) - sizes[1][0] / len(masked)
        difference = (plain, *slow.newcombe(*sizes[0], *sizes[1]))
    names = ("", "_low", "_high")
    near(found, ("served_well_n", "masked_n"), (len(well), len(masked)))
    near(found, tuple(f"served_well{side}" for side in names), shares[0])
    near(found, tuple(f"masked{side}" for side in names), shares[1])
    near(found, ("difference", "low", "high"), difference)


def _order_effect(found: Any, rows: list[tuple[Any, ...]]) -> None:
    arms = [[row for row in rows if row[2] == arm] for arm in ("fix_first", "cause_first")]
    n, other = map(len, arms)
    near(found, ("n_fix_first", "n_cause_first"), (n, other))
    for place, name in enumerate(("fix", "cause")):
        expected: tuple[Shown, ...] = (None,) * 3
        if min(n, other) >= 30:
            x, y = (sum(row[place] >= 4 for row in arm) for arm in arms)
            expected = (x / n - y / other, *slow.newcombe(x, n, y, other))
        near(found, (name, f"{name}_low", f"{name}_high"), expected)


def trend(filters: Filters, interval: reports.Interval) -> None:
    report = reports.trend(filters, API_REPORTS, interval)
    rows = recount(
        f"SELECT date_trunc('{interval}', {filters.by})::date, {filters.by}, f1, c1 FROM asked",  # noqa: S608
        filters,
    )
    rows = [row for row in rows if row[2] or row[3]]
    first = filters.from_ or min((row[1] for row in rows), default=None)
    last = filters.to or max((row[1] for row in rows), default=None)
    if first is None or last is None or (not rows and not (filters.from_ and filters.to)):
        assert report.results == ()
        return
    day = first
    for point in report.results:
        near(point.fix, FIX, rated([f for start, _, f, _ in rows if start == point.start and f]))
        near(point.cause, CAUSE, rated([c for at, _, _, c in rows if at == point.start and c]))
        assert point.start <= day <= point.end
        assert point.partial is (point.start < first or point.end > last)
        day = point.end + dt.timedelta(days=1)
    assert day > last
    assert {row[0] for row in rows} <= {point.start for point in report.results}


def comparison(first: Filters, other: Filters) -> None:
    report = reports.comparison(first, other, API_REPORTS)
    rated = [
        [(sum(r >= 4 for r in ratings), len(ratings)) for ratings in map(_both(name), sides)]
        for name in ("f1", "c1")
        for sides in [(first, other)]
    ]
    for found, counts in zip((report.fix, report.cause), rated, strict=True):
        _compared(found, counts, apart=not report.may_overlap)
    pairs = [_pairs(filters) for filters in (first, other)]
    masked = [(sum(f >= 4 <= c for f, c in one), sum(f >= 4 for f, _ in one)) for one in pairs]
    enough = [len(one) >= 30 for one in pairs]
    _compared(report.masked, masked, apart=not report.may_overlap, enough=enough)
    asked = [invitations(filters) for filters in (first, other)]
    answered = [(completed, invited) for invited, _, completed in asked]
    _compared(report.answered, answered, apart=not report.may_overlap)


def _both(name: str) -> Any:
    return lambda filters: _ratings(name, filters)


def _compared(
    found: Any, counts: list[tuple[int, int]], *, apart: bool, enough: list[bool] | None = None
) -> None:
    told = [bool(n) and one for (_, n), one in zip(counts, enough or [True, True], strict=True)]
    for side, (x, n), shown in zip(("", "other_"), counts, told, strict=True):
        expected = (n, x / n, *slow.wilson(x, n)) if shown else (n, None, None, None)
        near(found, tuple(f"{side}{name}" for name in ("n", "share", "low", "high")), expected)
    difference: tuple[Shown, ...] = (None,) * 3
    if all(told):
        (x, n), (y, m) = counts
        limits = slow.newcombe(x, n, y, m) if apart else (None, None)
        difference = (x / n - y / m, *limits)
    near(found, ("difference", "difference_low", "difference_high"), difference)


def causes(filters: Filters) -> None:
    everything = filters.with_(cause=(), branch=())
    rows = recount("SELECT cause, c1, c2, c3 FROM asked WHERE cause IS NOT NULL", everything)
    cases = resolutions(everything)
    codes = sorted({row[0] for row in rows if any(row[1:])} | set(cases))
    c1 = {code: [row[1] for row in rows if row[0] == code and row[1]] for code in codes}
    c2 = {code: [row[2] for row in rows if row[0] == code and row[2]] for code in codes}
    c3 = {
        code: [row[3] for row in rows if row[0] == code and row[3] in (1, 2, 3)] for code in codes
    }
    dismayed, could = (
        {code: (sum(r >= 4 for r in one[code]), len(one[code])) for code in codes}
        for one in (c1, c2)
    )
    shrunk, avoidable = (
        slow.Pool(list(one.values()), list(one.values())) for one in (dismayed, could)
    )
    posteriors = [shrunk.posterior(*dismayed[code]) for code in codes]
    known = any(n for _, n in dismayed.values())
    numbers = [cases.get(code, 0) for code in codes]
    parts: list[tuple[Shown, ...]] = [(None,) * 3] * len(codes)
    if known and any(numbers):
        parts = [*slow.parts_of_sum(numbers, posteriors)]
    report = reports.causes(filters, API_REPORTS)
    asked = _merged(filters.cause)
    wanted = [
        code for code in codes
        if (c1[code] or cases.get(code)) and (not asked or code in asked)
        and (not filters.branch or code in below(filters))
    ]  # fmt: skip
    assert sorted(row.cause.code for row in report.results) == wanted
    indexes = [row.index for row in report.results if row.index is not None]
    assert indexes == sorted(indexes, reverse=True)
    for row in report.results:
        code = row.cause.code
        place, m = codes.index(code), cases.get(code, 0)
        few = len(c1[code]) < 5
        near(row, ("cases", "too_few"), (m, few))
        near(row, CAUSE, rated(c1[code], least=5))
        _question(row, "avoidable", could[code], few=few)
        before = sum(rating > 1 for rating in c3[code]), len(c3[code])
        _question(row, "recurrent", before, few=few)
        leaning: tuple[Shown, ...] = (None,) * 7
        if known:
            rate, low, high = shrunk.shrunk(*dismayed[code])
            leaning = (rate, m * rate, m * low, m * high, *parts[place])
        near(row, LEANING, leaning, by=1e-4 * max(m, 1))
        gained: tuple[Shown, ...] = (None,) * 3
        if known and any(n for _, n in could.values()):
            gained = slow.product(m, posteriors[place], avoidable.posterior(*could[code]))
        near(row, PREVENTABLE, gained, by=1e-4 * max(m, 1))


LEANING = (
    "shrunk", "index", "index_low", "index_high",
    "share_of_dismay", "share_of_dismay_low", "share_of_dismay_high",
)  # fmt: skip
PREVENTABLE = ("preventable", "preventable_low", "preventable_high")


def _merged(codes: tuple[str, ...]) -> set[str]:
    """What was merged is asked for by either code."""
    from surveys.models import Cause

    found = Cause.objects.filter(code__in=codes).select_related("merged_into")
    return {one.merged_into.code if one.merged_into else one.code for one in found}


def _question(row: Any, name: str, counted: tuple[int, int], *, few: bool) -> None:
    x, n = counted
    shown: tuple[Shown, ...] = (None,) * 4
    if not few and n >= 5:
        shown = (n, x / n, *slow.wilson(x, n))
    near(row, (f"{name}_n", name, f"{name}_low", f"{name}_high"), shown)
