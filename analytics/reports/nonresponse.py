"""How far those who did not answer could move each headline: weighted to all resolved cases, and
between the extremes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from analytics.columns import FloatArray, IntArray, optional
from analytics.filters import Filters
from analytics.frames import both, sent
from analytics.frames.selection import Selection
from analytics.metrics.intervals import wilson
from analytics.metrics.weighting import Raked, bounds, rake, weighted_share
from analytics.reports.access import refuse_hidden, require, require_unlimited
from analytics.reports.cached import cached
from analytics.reports.figures import Figures, OverviewReport
from surveys.services.access import Scope

Headline = Literal["fix", "cause", "masked"]
#: Of each headline: the ratings it is of, and the hits among them.
_COUNTED: Final[dict[Headline, tuple[str, str]]] = {
    "masked": ("n_satisfied", "masked"),
    "fix": ("n_fix", "top2"),
    "cause": ("n_cause", "dismayed"),
}
#: Weights of fewer answers say more about the few than about all cases.
FEWEST: Final = 30


@dataclass(frozen=True, slots=True)
class Bounds(Figures):
    """A headline as its `n` answers have it, and where it would lie had everyone answered who was
    invited and did not: between none and all of these."""

    figure: Headline
    n: int
    share: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class WeightedRow(Figures):
    """A headline of the cases resolved in the period: as answered, and weighted to the mix of
    causes, products, channels and teams of all these cases, 95 % intervals. `n_eff` are the equal
    answers that the weighted ones are worth. None below 30 answers."""

    figure: Headline
    n: int
    share: float | None
    low: float | None
    high: float | None
    weighted: float | None
    weighted_low: float | None
    weighted_high: float | None
    n_eff: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class NonResponseReport(Figures):
    """`cases` were resolved, of these `invited` were asked and `completed` answered to the end.
    `uncovered` is the largest part of the cases, by cause, product, channel or team, of a kind that
    nobody answered for; no weight can speak for it."""

    cases: int
    invited: int
    completed: int
    uncovered: float | None
    results: tuple[WeightedRow, ...]


def silent_bounds(report: OverviewReport) -> tuple[Bounds, ...]:
    """How far the silent could move the headlines of an overview; those it does not tell are left
    out. Needs nothing that the overview does not say."""
    told: list[tuple[Headline, float | None, int, int]] = []
    if report.masked:
        of = report.masked.n_satisfied or 0
        told.append(("masked", report.masked.share_satisfied, of, report.masked.n))
    if report.fix:
        told.append(("fix", report.fix.top2, report.fix.n, report.fix.n))
    if report.cause:
        told.append(("cause", report.cause.dismayed, report.cause.n, report.cause.n))
    return tuple(
        _bounds(figure, round(share * n), n, silent_of(report.invited, report.completed, asked))
        for figure, share, n, asked in told
        if share is not None
    )


def silent_of(invited: int, completed: int, n: int) -> int:
    """Of the invited those who left out the question that `n` answered, in part or altogether.

    In days of the answers `n` may be of earlier invitations and exceed these: then whoever did not
    answer to the end counts as silent.
    """
    return invited - (max(completed, n) if n <= invited else min(completed, invited))


def _bounds(figure: Headline, hits: int, n: int, silent: int) -> Bounds:
    if not n:
        return Bounds(figure, 0, None, None, None)
    low, high = bounds(hits, n, n + silent)
    return Bounds(figure, n, hits / n, float(low), float(high))


def non_response(filters: Filters, scope: Scope) -> NonResponseReport:
    """The headlines weighted to all cases resolved in the period, and between the extremes.

    Days are those of the resolution here, whatever was asked: answers are weighted to the cases
    they came from.

    Raises: FilterError; NotVisible, also for a bound reader.
    """
    require(scope, fix=True, cause=True)
    require_unlimited(scope)
    refuse_hidden(filters, scope)
    selection = replace(Selection.of(filters, scope), basis="r")
    counts = sent.dispositions(selection)
    kinds = sent.resolved_by_kind(selection)
    answers = cached("by-kind", selection, lambda: both.by_kind(selection))
    coded = _coded(answers, kinds)
    rows, uncovered = [], 0.0
    for figure in _COUNTED:
        row, left = _row(figure, answers, coded, counts)
        rows.append(row)
        uncovered = max(uncovered, left)
    cases = int(kinds.loc[kinds["kind"] == sent.KINDS[0], "n"].sum())
    return NonResponseReport(
        cases=cases,
        invited=counts.invited,
        completed=counts.completed,
        uncovered=uncovered if answers["n_fix"].any() else None,
        results=tuple(rows),
    )


@dataclass(frozen=True, slots=True)
class _Coded:
    """What was known of the cases as numbers: `codes` (answers, kinds of knowledge), and of each
    kind the cases by number."""

    codes: IntArray
    cases: list[FloatArray]


def _coded(answers: pd.DataFrame, kinds: pd.DataFrame) -> _Coded:
    codes, targets = [], []
    for name in sent.KINDS:
        cases = kinds[kinds["kind"] == name]
        known = {value: at for at, value in enumerate(map(_told, cases["value"]))}
        # Each value is looked at once, however many answers have it.
        own, values = pd.factorize(answers[name].astype(object), use_na_sentinel=False)
        number = [known.setdefault(_told(value), len(known)) for value in values]
        codes.append(np.array(number, np.int64)[own])
        target = np.zeros(len(known))
        target[: len(cases)] = cases["n"].to_numpy(np.float64)
        targets.append(target)
    return _Coded(np.column_stack(codes), targets)


def _row(
    figure: Headline, answers: pd.DataFrame, coded: _Coded, counts: sent.Dispositions
) -> tuple[WeightedRow, float]:
    of, hit = _COUNTED[figure]
    some = answers[of].to_numpy(np.int64) > 0
    given = answers[some]
    n, hits = given[of].to_numpy(np.int64), given[hit].to_numpy(np.int64)
    total, found = int(n.sum()), int(hits.sum())
    if total < FEWEST:
        return WeightedRow(figure, total, *(None,) * 9), 0.0
    raked = _raked(coded.codes[some], n, coded.cases)
    weighted = weighted_share(hits, raked.weights, counts=n)
    low, high = wilson(found, total)
    asked = int(answers["n_both" if figure == "masked" else of].sum())
    silent = silent_of(counts.invited, counts.completed, asked)
    told = _bounds(figure, found, total, silent)
    row = WeightedRow(
        figure=figure,
        n=total,
        share=found / total,
        low=float(low),
        high=float(high),
        weighted=optional(weighted.value),
        weighted_low=optional(weighted.low),
        weighted_high=optional(weighted.high),
        n_eff=raked.n_eff,
        lowest=told.lowest,
        highest=told.highest,
    )
    return row, raked.uncovered


def _raked(codes: IntArray, n: IntArray, cases: list[FloatArray]) -> Raked:
    """Weights of rows of `n` answers, by all that was known of their cases beforehand."""
    # A case that was answered for was resolved, whatever came of it since.
    answered = (
        np.bincount(code, weights=n, minlength=len(target))
        for code, target in zip(codes.T, cases, strict=True)
    )
    targets = [np.maximum(*pair) for pair in zip(cases, answered, strict=True)]
    return rake(codes, targets, counts=n)


def _told(value: Any) -> object:
    """None and "" both say that nothing was told."""
    return value if pd.notna(value) and value != "" else None
