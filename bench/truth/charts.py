"""False alarms a year of the weekly charts beside the printed promise, and delays beside a p-chart
with three sigmas.

Weekly answers vary by chance (Poisson) about a usual number; nothing happens in half of the series,
in the others dismay rises by ten points once the baseline and a few weeks are over. The twenty-five
weeks of the baseline are charted from the same data: their own chance is part of the proof. A chart
alarms to both sides; the reports tell what goes up, by either of two charts, weeks in a row as one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.metrics.control import BASELINE, false_alarms_a_year, p_chart, u_chart
from analytics.metrics.ewma import ewma_chart
from analytics.metrics.tails import Family
from analytics.metrics.watching import up
from bench.truth.worlds import SEED

#: Usual answers (or cases) a week, and the share dismayed.
SIZES = ((20, 0.3), (60, 0.1), (60, 0.3), (200, 0.3))
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


def _reported(family: Family, x: Ints, n: Ints) -> Bools:
    """Weeks in which the reports say that a cause is up: by either chart."""
    chart = p_chart if family == "binomial" else u_chart
    return up(chart(x, n, limits=False), ewma_chart(family, x, n))


def _three_sigmas(x: Ints, n: Ints) -> Bools:
    return np.asarray(p_chart(x, n, sigmas=3.0, laney=False, limits=False).signal > 0)


def _begun(on: Bools) -> Bools:
    """First weeks of runs of weeks: a run is one alarm."""
    return np.asarray(on[:, BASELINE:] & ~on[:, BASELINE - 1 : -1])


#: Charts of the reports by their name on the page; whether of shares or of cases per 1,000.
CHARTS: dict[str, tuple[Callable[[Ints, Ints], Bools], bool]] = {
    "p-chart of dismay": (_p, True),
    "u-chart of cases": (_u, False),
    "EWMA of dismay": (_p_ewma, True),
    "EWMA of cases": (_u_ewma, False),
    "alarms of dismay as reported": (lambda x, n: _reported("binomial", x, n), True),
    "alarms of cases as reported": (lambda x, n: _reported("poisson", x, n), False),
}


def false_alarms(name: str, runs: int) -> FalseAlarms:
    """Over all SIZES together; each run is SERIES causes over WEEKS after their baseline."""
    chart, of_shares = CHARTS[name]
    seen = 0
    for place, size in enumerate(SIZES):
        x, n = _quiet(size, runs * SERIES, SEED + place, of_shares)
        alarms = chart(x, n)
        seen += int((_begun(alarms) if "reported" in name else alarms[:, BASELINE:]).sum())
    years = runs * len(SIZES) * WEEKS / 52
    return FalseAlarms(seen / years, false_alarms_a_year(SERIES))


def delay(chart: Callable[[Ints, Ints], Bools], size: tuple[int, float], runs: int) -> Delay:
    """Of `runs` causes with a jump upwards; false alarms of ten times as many without. A false
    alarm that is on when the jump comes is as good as a true one, of either chart."""
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
    return delay(lambda x, n: _reported("binomial", x, n), size, runs)


def of_three_sigmas(size: tuple[int, float], runs: int) -> Delay:
    """The chart of the textbooks."""
    return delay(_three_sigmas, size, runs)


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
