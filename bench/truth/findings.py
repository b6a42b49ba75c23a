"""What the simulations found, one figure after another, beside what is promised of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Final

import numpy as np

from bench.truth import charts, coverage, flags, flaw
from bench.truth.worlds import BEYOND, SETTINGS, Setting, companies

ALL: Final = ""
RAW, ADJUSTED, RATIO = (
    "Error of the raw score (RMSE)",
    "Error of the adjusted score (RMSE)",
    "Adjusted over raw error",
)
RAW_SLOPE, SLOPE = "Slope of the raw score on the truth", "Slope of the adjusted score on the truth"
INDIRECT, INDIRECT_SLOPE, INDIRECT_HOLDS = (
    "Error of observed over expected (RMSE)",
    "Slope of observed over expected on the truth",
    "Observed over expected, its interval holds the truth",
)
RAW_RANK: Final = "Rank by shares as rated, its interval holds the rank with the same mix of cases"
FLAGGED, ICC, RAW_ICC = (
    "Of companies of equal agents, with somebody flagged",
    "Intraclass correlation of equal agents, adjusted",
    "Intraclass correlation of equal agents, raw",
)
DISMAYED, CSAT, SCORE, LARGEST, BLAMED, UNBLAMED = (
    "Dismay at the flawed cause moves by",
    "One-question CSAT of the same customers moves by",
    "Mean adjusted agent score moves by",
    "Mean adjusted agent score, largest move of all runs",
    "Raw score of the agents who get these cases moves by",
    "Adjusted score of the agents who get these cases moves by",
)
FALSE: Final = "False alarms a year of 20 causes, {}"
TOLD: Final = "False alarms a year of 20 causes, told of dismay, {}"
TOLD_CASES: Final = "False alarms a year of 20 causes, told of cases, {:.0f} % of 300 a week"
SPREAD: Final = "weeks that spread {} times as much as chance"
TIED: Final = "weeks that spread 1.1 times as much, {:.0f} % of it kept from week to week"
WEEKS, PLAIN_WEEKS, DRAWN_IN, AS_MANY, BEST = (
    "Weeks to find a jump of 10 points, our alarms",
    "Weeks to find a jump of 10 points, upper limit of 3 sigmas",
    "Weeks to find a jump of 10 points, our alarms at as many false alarms as those 3 sigmas",
    "Weeks to find a jump of 10 points, one limit that alarms falsely as often as ours",
    "Weeks to find a jump of 10 points, the chart made for this jump alone, false as often as ours",
)
ALARMS, PLAIN_ALARMS = (
    "False alarms a year of 20 causes, our alarms of dismay",
    "False alarms a year of 20 causes, upper limit of 3 sigmas",
)
#: The adjusted score has at most so much of the raw score's error where routing is specialised.
_RATIO, _SLOPES = 0.6, (0.95, 1.05)
#: A one-question CSAT moves by many times as much.
_TIMES = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure. `setting` is empty where it is of no setting; `value` None where the setting has
    too few to tell; `passed` None where nothing is asked of it. What is BEYOND is held against the
    bounds of the settings, but need not keep them."""

    part: str
    what: str
    setting: str
    value: float | None
    unit: str
    target: str
    passed: bool | None


COVERAGE, AGENTS, FLAW, CHARTS = (
    "Intervals hold the truth",
    "Agents' scores against the truth",
    "A flaw that doubles the dismayed of one cause",
    "Weekly charts",
)
#: What the figures come to where nothing was asked of them, held against the same bounds.
BEYOND_AGENTS, BEYOND_FLAW, BEYOND_CHARTS = (
    "Beyond: agents, one thing turned at a time",
    "Beyond: the flaw, in other companies",
    "Beyond: weeks that are not as chance has it",
)
BEYOND_PARTS = (BEYOND_AGENTS, BEYOND_FLAW, BEYOND_CHARTS)
#: Runs of each setting beyond.
BEYOND_RUNS = 200
_HELD = ("Adjusted share of an agent", "Steadied share of an agent", "Rank of an agent")


def names() -> list[tuple[str, str]]:
    """Part and name of every row, in order."""
    sizes = [*map(_of_size, charts.SIZES), "mean"]
    agents = (RAW, ADJUSTED, RATIO, RAW_SLOPE, SLOPE, INDIRECT, INDIRECT_SLOPE, INDIRECT_HOLDS)
    return [
        *((COVERAGE, name) for name in coverage.PROMISED),
        *((AGENTS, name) for name in (*agents, RAW_RANK, FLAGGED, ICC, RAW_ICC)),
        *((FLAW, name) for name in (DISMAYED, CSAT, SCORE, LARGEST, BLAMED, UNBLAMED)),
        *((CHARTS, FALSE.format(name)) for name in charts.CHARTS),
        *((CHARTS, TOLD.format(_of_size(size))) for size in charts.TOLD_SIZES),
        *((CHARTS, TOLD_CASES.format(100 * part)) for part in charts.PARTS),
        *(
            (CHARTS, f"{name}, {size}")
            for size in sizes
            for name in (WEEKS, PLAIN_WEEKS, DRAWN_IN, AS_MANY, BEST, ALARMS, PLAIN_ALARMS)
        ),
        *((BEYOND_AGENTS, name) for name in (RATIO, SLOPE, *_HELD, FLAGGED)),
        *((BEYOND_FLAW, name) for name in (DISMAYED, CSAT, SCORE, LARGEST, UNBLAMED)),
        *((BEYOND_CHARTS, TOLD.format(SPREAD.format(one))) for one in charts.SPREADS),
        *((BEYOND_CHARTS, TOLD.format(TIED.format(100 * one))) for one in charts.TIES),
    ]


def settings_of(part: str) -> list[str]:
    """The settings that a part is told of, in order."""
    if part in (COVERAGE, AGENTS):
        return [one.name for one in SETTINGS]
    if part == BEYOND_AGENTS:
        return [one.name for one in BEYOND]
    return [name for name, *_ in flaw.BEYOND] if part == BEYOND_FLAW else [ALL]


def all_findings(runs: int, say: Callable[[str], None]) -> Iterator[Finding]:
    """Every figure of `runs` runs per setting; `say` is told what is done. In two processes."""
    fewer = min(runs, BEYOND_RUNS)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as beside:
        studies = [
            (setting, beside.submit(_study, setting, runs, coverage.READERS))
            for setting in SETTINGS
        ]
        moves, charted = beside.submit(flaw.study, runs), beside.submit(_charts, runs)
        others = [(setting, beside.submit(_study, setting, fewer, 0)) for setting in BEYOND]
        flaws = [(one[0], beside.submit(flaw.beyond, fewer, *one[1:])) for one in flaw.BEYOND]
        for setting, study in studies:
            yield from _coverage(setting, study.result()[0])
            yield from _agents(setting, *study.result())
            say(f"{runs} companies, {setting.name}")
        yield from _flaw(moves.result())
        say("flaws")
        yield from charted.result()
        say("charts")
        for setting, study in others:
            yield from _agents_beyond(setting, *study.result())
            say(f"{fewer} companies, {setting.name}")
        for name, found in flaws:
            yield from _flaw_beyond(name, found.result())
        say("flaws beyond")


def _study(setting: Setting, runs: int, readers: int) -> tuple[coverage.Held, flags.Flags]:
    held = coverage.study(companies(setting, runs), readers=readers)
    return held, flags.study(setting, runs)


def _coverage(setting: Setting, held: coverage.Held) -> Iterator[Finding]:
    for name, promised in coverage.PROMISED.items():
        found = held.coverage(name)
        passed = None if found is None else abs(found - promised) <= coverage.WITHIN
        value = None if found is None else 100 * found
        target = f"{100 * promised:.0f} ± {100 * coverage.WITHIN:.1f}"
        yield Finding(COVERAGE, name, setting.name, value, "%", target, passed)


def _agents(setting: Setting, held: coverage.Held, flagged: flags.Flags) -> Iterator[Finding]:
    score = held.score()
    specialised = setting.name == "specialised"

    def found(
        what: str, value: float, target: str = "", passed: bool | None = None, unit: str = ""
    ) -> Finding:
        return Finding(AGENTS, what, setting.name, value, unit, target, passed)

    yield found(RAW, 100 * score.raw, unit="points")
    yield found(ADJUSTED, 100 * score.adjusted, unit="points")
    kept = score.adjusted <= _RATIO * score.raw if specialised else None
    yield found(RATIO, score.adjusted / score.raw, f"≤ {_RATIO} where specialised", kept)
    yield found(RAW_SLOPE, score.raw_slope)
    yield found(SLOPE, score.slope, *_slope(score.slope))
    yield found(INDIRECT, 100 * score.indirect, unit="points")
    yield found(INDIRECT_SLOPE, score.indirect_slope)
    yield found(INDIRECT_HOLDS, 100 * (held.coverage(coverage.INDIRECT) or 0.0), unit="%")
    yield found(RAW_RANK, 100 * (held.coverage(coverage.RAW_RANK) or 0.0), unit="%")
    yield found(FLAGGED, 100 * flagged.companies, *_flags(flagged), unit="%")
    yield found(ICC, flagged.icc)
    yield found(RAW_ICC, flagged.raw_icc)


def _slope(slope: float) -> tuple[str, bool]:
    low, high = _SLOPES
    return f"{low}–{high}", low <= slope <= high


def _flags(flagged: flags.Flags) -> tuple[str, bool]:
    return f"at most {100 * flags.MOST:.1f}", flagged.companies <= flags.MOST


def _agents_beyond(
    setting: Setting, held: coverage.Held, flagged: flags.Flags
) -> Iterator[Finding]:
    def found(what: str, value: float | None, unit: str, target: str, passed: bool) -> Finding:
        return Finding(BEYOND_AGENTS, what, setting.name, value, unit, target, passed)

    score = held.score()
    ratio = score.adjusted / score.raw
    yield found(RATIO, ratio, "", f"≤ {_RATIO}", ratio <= _RATIO)
    yield found(SLOPE, score.slope, "", *_slope(score.slope))
    for one in _coverage(setting, held):
        if one.what in _HELD:
            yield replace(one, part=BEYOND_AGENTS)
    yield found(FLAGGED, 100 * flagged.companies, "%", *_flags(flagged))


def _flaw_beyond(name: str, moves: flaw.Moves) -> Iterator[Finding]:
    for one in _flaw(moves):
        if one.what != BLAMED:
            yield replace(one, part=BEYOND_FLAW, setting=name)


def _flaw(moves: flaw.Moves) -> Iterator[Finding]:
    def found(what: str, share: float, target: str = "", passed: bool | None = None) -> Finding:
        return Finding(FLAW, what, ALL, 100 * share, "points", target, passed)

    most = f"under {100 * flaw.WITHIN:.1f}"
    yield found(DISMAYED, moves.dismayed)
    much = abs(moves.csat) > _TIMES * abs(moves.score)
    yield found(CSAT, moves.csat, f"over {_TIMES} × the score's", much)
    yield found(SCORE, moves.score, most, abs(moves.score) < flaw.WITHIN)
    yield found(LARGEST, moves.largest)
    yield found(BLAMED, moves.raw)
    yield found(UNBLAMED, moves.fair, most, abs(moves.fair) < flaw.WITHIN)


def _charts(runs: int) -> list[Finding]:
    return list(_charted(runs))


def _charted(runs: int) -> Iterator[Finding]:
    def found(what: str, value: float, target: str = "", passed: bool | None = None) -> Finding:
        unit = "weeks" if what.startswith("Weeks") else "a year"
        return Finding(CHARTS, what, ALL, value, unit, target, passed)

    for name in charts.CHARTS:
        yield found(FALSE.format(name), *_promise(charts.false_alarms(name, runs)))
    for size in charts.TOLD_SIZES:
        yield found(TOLD.format(_of_size(size)), *_promise(charts.false_alarms_told(size, runs)))
    for part in charts.PARTS:
        alarms = charts.false_alarms_of_cases(part, runs)
        yield found(TOLD_CASES.format(100 * part), *_promise(alarms))
    yield from _delays(found, runs)
    for spread in charts.SPREADS:
        alarms = charts.false_alarms_where(min(runs, BEYOND_RUNS), spread=spread)
        one = found(TOLD.format(SPREAD.format(spread)), *_promise(alarms))
        yield replace(one, part=BEYOND_CHARTS)
    for tie in charts.TIES:
        alarms = charts.false_alarms_where(min(runs, BEYOND_RUNS), tie=tie)
        one = found(TOLD.format(TIED.format(100 * tie)), *_promise(alarms))
        yield replace(one, part=BEYOND_CHARTS)


def _promise(alarms: charts.FalseAlarms) -> tuple[float, str, bool]:
    target = f"{alarms.promised:.2f} ± {100 * charts.WITHIN:.0f} %"
    return alarms.seen, target, abs(alarms.ratio - 1) <= charts.WITHIN


def _delays(found: Callable[..., Finding], runs: int) -> Iterator[Finding]:
    """Ours, beside the textbook's limit as it is; ours as often wrong as that, and that as rarely
    wrong as ours; and what no chart as rarely wrong can do better."""
    ours = [charts.of_ours(size, runs) for size in charts.SIZES]
    plain = [charts.of_three_sigmas(size, runs) for size in charts.SIZES]
    drawn_in, fair, best = (
        [
            chart(size, runs, one.false_alarms)
            for size, one in zip(charts.SIZES, beside, strict=True)
        ]
        for chart, beside in (
            (charts.of_ours_drawn_in, plain),
            (charts.of_as_many, ours),
            (charts.of_best, ours),
        )
    )
    names = [*map(_of_size, charts.SIZES), "mean"]
    found_of = (ours, plain, drawn_in, fair, best)
    columns = (*zip(*found_of, strict=True), tuple(map(_mean, found_of)))
    for name, (one, other, near, as_many, bound) in zip(names, columns, strict=True):
        yield found(f"{WEEKS}, {name}", one.weeks)
        times = other.false_alarms / max(one.false_alarms, 1e-9)
        often = f"later, though false {times:.1f} × as often"
        yield found(f"{PLAIN_WEEKS}, {name}", other.weeks, often, one.weeks < other.weeks)
        yield found(f"{DRAWN_IN}, {name}", near.weeks, "sooner", near.weeks < other.weeks)
        later = one.weeks < as_many.weeks
        spent = "later" if later else "later; it spends no false alarm on small shifts"
        yield found(f"{AS_MANY}, {name}", as_many.weeks, spent, later)
        yield found(f"{BEST}, {name}", bound.weeks)
        fewer = one.false_alarms <= other.false_alarms
        yield found(f"{ALARMS}, {name}", one.false_alarms, "not more", fewer)
        yield found(f"{PLAIN_ALARMS}, {name}", other.false_alarms)


def _mean(delays: Sequence[charts.Delay]) -> charts.Delay:
    weeks, false = np.mean([(one.weeks, one.false_alarms) for one in delays], axis=0)
    return charts.Delay(float(weeks), float(false))


def _of_size(size: tuple[int, float]) -> str:
    usual, share = size
    return f"{usual} answers a week, {100 * share:.0f} % dismayed"
