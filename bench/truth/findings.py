"""What the simulations found, one figure after another, beside what is promised of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

from bench.truth import charts, coverage, flaw
from bench.truth.worlds import SETTINGS, Setting, companies

ALL: Final = ""
RAW, ADJUSTED, RATIO = (
    "Error of the raw score (RMSE)",
    "Error of the adjusted score (RMSE)",
    "Adjusted over raw error",
)
RAW_SLOPE, SLOPE = "Slope of the raw score on the truth", "Slope of the adjusted score on the truth"
DISMAYED, CSAT, SCORE, LARGEST, BLAMED, UNBLAMED = (
    "Dismay at the flawed cause moves by",
    "One-question CSAT of the same customers moves by",
    "Mean adjusted agent score moves by",
    "Mean adjusted agent score, largest move of all runs",
    "Raw score of the agents who get these cases moves by",
    "Adjusted score of the agents who get these cases moves by",
)
FALSE: Final = "False alarms a year of 20 causes, {}"
WEEKS, PLAIN_WEEKS, ALARMS, PLAIN_ALARMS = (
    "Weeks to find a jump of 10 points, our alarms",
    "Weeks to find a jump of 10 points, upper limit of 3 sigmas",
    "False alarms a year of 20 causes, our alarms of dismay",
    "False alarms a year of 20 causes, upper limit of 3 sigmas",
)
#: The adjusted score has at most so much of the raw score's error where routing is specialised.
_RATIO, _SLOPES = 0.6, (0.95, 1.05)
#: A one-question CSAT moves by many times as much.
_TIMES = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure. `setting` is empty where it is not of one of SETTINGS; `value` None where the
    setting has too few to tell; `passed` None where nothing is asked of it."""

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


def names() -> list[tuple[str, str]]:
    """Part and name of every row, in order."""
    sizes = [*map(_of_size, charts.SIZES), "mean"]
    return [
        *((COVERAGE, name) for name in coverage.PROMISED),
        *((AGENTS, name) for name in (RAW, ADJUSTED, RATIO, RAW_SLOPE, SLOPE)),
        *((FLAW, name) for name in (DISMAYED, CSAT, SCORE, LARGEST, BLAMED, UNBLAMED)),
        *((CHARTS, FALSE.format(name)) for name in charts.CHARTS),
        *(
            (CHARTS, f"{name}, {size}")
            for size in sizes
            for name in (WEEKS, PLAIN_WEEKS, ALARMS, PLAIN_ALARMS)
        ),
    ]


def all_findings(runs: int, say: Callable[[str], None]) -> Iterator[Finding]:
    """Every figure of `runs` runs per setting; `say` is told what is done. In two processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as beside:
        studies = [(setting, beside.submit(_study, setting, runs)) for setting in SETTINGS]
        moves, charted = beside.submit(flaw.study, runs), beside.submit(_charts, runs)
        for setting, study in studies:
            held = study.result()
            say(f"{runs} companies, {setting.name}")
            yield from _coverage(setting, held)
            yield from _agents(setting, held)
        yield from _flaw(moves.result())
        say("flaws")
        yield from charted.result()
        say("charts")


def _study(setting: Setting, runs: int) -> coverage.Held:
    return coverage.study(companies(setting, runs))


def _coverage(setting: Setting, held: coverage.Held) -> Iterator[Finding]:
    for name, promised in coverage.PROMISED.items():
        found = held.coverage(name)
        passed = None if found is None else abs(found - promised) <= coverage.WITHIN
        value = None if found is None else 100 * found
        target = f"{100 * promised:.0f} ± {100 * coverage.WITHIN:.1f}"
        yield Finding(COVERAGE, name, setting.name, value, "%", target, passed)


def _agents(setting: Setting, held: coverage.Held) -> Iterator[Finding]:
    raw, raw_slope, adjusted, slope = held.score()
    specialised = setting.name == "specialised"

    def found(
        what: str, value: float, target: str = "", passed: bool | None = None, unit: str = ""
    ) -> Finding:
        return Finding(AGENTS, what, setting.name, value, unit, target, passed)

    low, high = _SLOPES
    yield found(RAW, 100 * raw, unit="points")
    yield found(ADJUSTED, 100 * adjusted, unit="points")
    asked = (f"≤ {_RATIO} where specialised", adjusted <= _RATIO * raw if specialised else None)
    yield found(RATIO, adjusted / raw, *asked)
    yield found(RAW_SLOPE, raw_slope)
    yield found(SLOPE, slope, f"{low}–{high}", low <= slope <= high)


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
        alarms = charts.false_alarms(name, runs)
        target = f"{alarms.promised:.2f} ± {100 * charts.WITHIN:.0f} %"
        right = abs(alarms.ratio - 1) <= charts.WITHIN
        yield found(FALSE.format(name), alarms.seen, target, right)
    ours = [charts.of_ours(size, runs) for size in charts.SIZES]
    plain = [charts.of_three_sigmas(size, runs) for size in charts.SIZES]
    for size, one, other in zip(charts.SIZES, ours, plain, strict=True):
        yield found(f"{WEEKS}, {_of_size(size)}", one.weeks)
        yield found(f"{PLAIN_WEEKS}, {_of_size(size)}", other.weeks)
        fewer = one.false_alarms <= other.false_alarms
        yield found(f"{ALARMS}, {_of_size(size)}", one.false_alarms, "not more", fewer)
        yield found(f"{PLAIN_ALARMS}, {_of_size(size)}", other.false_alarms)
    weeks, plain_weeks = (sum(one.weeks for one in every) / len(every) for every in (ours, plain))
    false, plain_false = (
        sum(one.false_alarms for one in every) / len(every) for every in (ours, plain)
    )
    yield found(f"{WEEKS}, mean", weeks, "sooner", weeks < plain_weeks)
    yield found(f"{PLAIN_WEEKS}, mean", plain_weeks)
    yield found(f"{ALARMS}, mean", false, "not more", false <= plain_false)
    yield found(f"{PLAIN_ALARMS}, mean", plain_false)


def _of_size(size: tuple[int, float]) -> str:
    usual, share = size
    return f"{usual} answers a week, {100 * share:.0f} % dismayed"
