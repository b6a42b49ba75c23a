"""False alarms a year of the weekly charts beside the printed promise, and delays beside a p-chart
with three sigmas.

Weekly answers vary by chance (Poisson) about a usual number; nothing happens in half of the series,
in the others dismay rises by ten points once the baseline and a few weeks are over. The twenty-five
weeks of the baseline are charted from the same data: their own chance is part of the proof. A chart
alarms to both sides; the reports tell what goes up, by a week, two together or the EWMA, weeks in a
row as one. Their promise is to hold at every size of week, not on average over some.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from analytics.metrics import watching
from analytics.metrics.control import ARL, BASELINE, false_alarms_a_year, p_chart, u_chart
from analytics.metrics.ewma import ewma_chart
from analytics.metrics.watching import watch
from bench.truth.worlds import SEED

#: Usual answers (or cases) a week, and the share dismayed.
SIZES = ((20, 0.3), (60, 0.1), (60, 0.3), (200, 0.3))
#: Sizes at which what is told must keep the promise by itself.
TOLD_SIZES = ((5, 0.3), (10, 0.2), (20, 0.3), (60, 0.1), (60, 0.3), (200, 0.3), (400, 0.3))
#: Parts of all cases, of so many a week, at which the told alarms of cases must keep it.
PARTS, CASES = (0.02, 0.08, 0.2, 0.4), 300
#: Weeks that spread more than chance has it: by so many times; and those that hang together, with
#: a quarter of chance's variance beside it that goes over from week to week by this part.
SPREADS, TIES = (1.1, 1.3, 1.5, 2.0), (0.3, 0.6, 0.9)
#: Causes watched together, as the settings page prints their promise.
SERIES = 20
WEEKS = 104
#: False alarms may be so much more or fewer than printed.
WITHIN = 0.15
#: The jump, and the weeks after the baseline until it comes.
JUMP, QUIET = 0.10, 10
#: Who has not found a jump by then is counted with this delay.
_LONGEST = 60

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """False alarms a year of SERIES causes, seen and promised."""

    seen: float
    promised: float

    @property
    def ratio(self) -> float:
        return self.seen / self.promised


@dataclass(frozen=True, slots=True)
class Delay:
    """Mean weeks to the first alarm after a jump, and false alarms a year of SERIES causes."""

    weeks: float
    false_alarms: float


def _p(x: Ints, n: Ints) -> Bools:
    return np.asarray(p_chart(x, n, limits=False).signal != 0)


def _u(x: Ints, n: Ints) -> Bools:
    return np.asarray(u_chart(x, n, limits=False).signal != 0)


def _p_ewma(x: Ints, n: Ints) -> Bools:
    return ewma_chart("binomial", x, n).alarm


def _u_ewma(x: Ints, n: Ints) -> Bools:
    return ewma_chart("poisson", x, n).alarm


def told(x: Ints, n: Ints, arl: float = ARL) -> Bools:
    """Weeks in which the reports say that a cause is up: by any chart."""
    return watch(x, n, arl=arl, limits=False).up


def _upper_sigmas(x: Ints, n: Ints, sigmas: float) -> Bools:
    return np.asarray(p_chart(x, n, sigmas=sigmas, laney=False, limits=False).signal > 0)


def _three_sigmas(x: Ints, n: Ints) -> Bools:
    return _upper_sigmas(x, n, 3.0)


def _begun(on: Bools) -> Bools:
    """First weeks of runs of weeks: a run is one alarm."""
    return np.asarray(on[:, BASELINE:] & ~on[:, BASELINE - 1 : -1])


#: Charts of the reports by their name on the page; whether of shares or of cases per 1,000.
CHARTS: dict[str, tuple[Callable[[Ints, Ints], Bools], bool]] = {
    "p-chart of dismay": (_p, True),
    "u-chart of cases": (_u, False),
    "EWMA of dismay": (_p_ewma, True),
    "EWMA of cases": (_u_ewma, False),
}


def false_alarms(name: str, runs: int) -> FalseAlarms:
    """Over all SIZES together; each run is SERIES causes over WEEKS after their baseline."""
    chart, of_shares = CHARTS[name]
    seen = 0
    for place, size in enumerate(SIZES):
        x, n = _quiet(size, runs * SERIES, SEED + place, of_shares)
        seen += int(chart(x, n)[:, BASELINE:].sum())
    years = runs * len(SIZES) * WEEKS / 52
    return FalseAlarms(seen / years, false_alarms_a_year(SERIES))


def false_alarms_told(size: tuple[int, float], runs: int) -> FalseAlarms:
    """Of dismay, as the reports tell them, at one size of week."""
    return _told(*_quiet(size, runs * SERIES, SEED + 50, of_shares=True))


def false_alarms_of_cases(part: float, runs: int) -> FalseAlarms:
    """Of cases, as the reports tell them, of a cause that is such a part of all."""
    random = np.random.default_rng([SEED, 10])
    n = np.maximum(random.poisson(CASES, (runs * SERIES, BASELINE + WEEKS)), 1)
    return _told(random.binomial(n, part), n)


def false_alarms_where(runs: int, *, spread: float = 1.0, tie: float = 0.0) -> FalseAlarms:
    """Of dismay, as told, where the share itself moves from week to week about 30 % of 60 answers:
    so that weeks spread `spread` times as much as chance has it, or by a quarter of chance's
    variance that stays by the part `tie`."""
    usual, share = SIZES[2]
    random = np.random.default_rng([SEED, 11])
    shape = (runs * SERIES, BASELINE + WEEKS)
    n = np.maximum(random.poisson(usual, shape), 1)
    moved = random.standard_normal(shape)
    for week in range(1, shape[1]):
        moved[:, week] = tie * moved[:, week - 1] + (1 - tie**2) ** 0.5 * moved[:, week]
    more = 0.25 if tie else spread**2 - 1
    level = share + moved * np.sqrt(more * share * (1 - share) / usual)
    return _told(random.binomial(n, np.clip(level, 0.0, 1.0)), n)


def _told(x: Ints, n: Ints) -> FalseAlarms:
    """Beside what the reports print of these very weeks."""
    found = watch(x, n, limits=False)
    years = len(x) / SERIES * WEEKS / 52
    promised = SERIES * float(watching.false_alarms(x, n, found.control).mean())
    return FalseAlarms(float(_begun(found.up).sum()) / years, promised)


def delay(chart: Callable[[Ints, Ints], Bools], size: tuple[int, float], runs: int) -> Delay:
    """Of `runs` causes with a jump upwards; false alarms of ten times as many without. A false
    alarm that is on when the jump comes is as good as a true one, of any chart."""
    usual, share = size
    random = np.random.default_rng([SEED, 9])
    start = BASELINE + QUIET
    n = np.maximum(random.poisson(usual, (runs, start + _LONGEST)), 1)
    x = random.binomial(n, share + JUMP * (np.arange(n.shape[1]) >= start))
    alarms = chart(x, n)[:, start:]
    first = np.where(alarms.any(axis=1), alarms.argmax(axis=1) + 1, _LONGEST)
    quiet_x, quiet_n = _quiet(size, 10 * runs, SEED, of_shares=True)
    false = _begun(chart(quiet_x, quiet_n)).mean() * 52 * SERIES
    return Delay(float(first.mean()), float(false))


def of_ours(size: tuple[int, float], runs: int) -> Delay:
    """Alarms of dismay as the reports tell them."""
    return delay(told, size, runs)


def of_three_sigmas(size: tuple[int, float], runs: int) -> Delay:
    """The chart of the textbooks."""
    return delay(_three_sigmas, size, runs)


def of_as_many(size: tuple[int, float], runs: int, most: float) -> Delay:
    """The same chart with its limit moved out until it alarms falsely no more often than `most`."""
    return _as_rarely(
        lambda sigmas: partial(_upper_sigmas, sigmas=sigmas), (2.5, 4.5), size, runs, most
    )


def of_ours_drawn_in(size: tuple[int, float], runs: int, most: float) -> Delay:
    """Our alarms with all limits drawn in until they are false nearly as often as `most`."""
    return _as_rarely(lambda arl: partial(told, arl=arl), (ARL / 10, ARL), size, runs, most)


def of_best(size: tuple[int, float], runs: int, most: float) -> Delay:
    """The chart that no other beats at this very jump, as rarely false as `most`; whoever uses it
    must know how large the jump will be, and pays with all others.

    Source: Page 1954, Biometrika 41:100; Moustakides 1986, Annals of Statistics 14:1379.
    """
    return _as_rarely(lambda limit: partial(_cusum, limit=limit), (2.0, 12.0), size, runs, most)


def _cusum(x: Ints, n: Ints, limit: float) -> Bools:
    """Log likelihood ratio of a share JUMP higher than in the baseline, summed while above 0; an
    alarm lasts until the sum is back there, so that it is counted as ours are."""
    before = x[:, :BASELINE].sum(axis=1) / n[:, :BASELINE].sum(axis=1)
    before = np.clip(before, 0.001, 0.999 - JUMP)[:, None]
    after = before + JUMP
    gain = x * np.log(after / before) + (n - x) * np.log((1 - after) / (1 - before))
    total, on = np.zeros(len(x)), np.zeros(x.shape, dtype=np.bool_)
    for week in range(BASELINE, x.shape[1]):
        total = np.maximum(total + gain[:, week], 0.0)
        on[:, week] = (total > limit) | (on[:, week - 1] & (total > 0))
    return on


def _as_rarely(
    chart: Callable[[float], Callable[[Ints, Ints], Bools]],
    between: tuple[float, float],
    size: tuple[int, float],
    runs: int,
    most: float,
) -> Delay:
    """Of charts by their limit, the one with the lowest that is false no more often than `most`."""
    low, high = between
    found = delay(chart(high), size, runs)
    for _ in range(7):
        limit = (low + high) / 2
        tried = delay(chart(limit), size, runs)
        if tried.false_alarms > most:
            low = limit
        else:
            high, found = limit, tried
    return found


def _quiet(size: tuple[int, float], series: int, seed: int, of_shares: bool) -> tuple[Ints, Ints]:
    usual, share = size
    random = np.random.default_rng([seed, 8])
    shape = (series, BASELINE + WEEKS)
    if of_shares:
        n = np.maximum(random.poisson(usual, shape), 1)
        return random.binomial(n, share), n
    # Cases of the cause on an exposure, in thousands, that breathes a little.
    exposure = random.integers(8, 13, shape)
    return random.poisson(usual * share * exposure / 10), exposure
