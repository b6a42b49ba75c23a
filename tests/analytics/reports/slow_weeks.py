"""Weekly charts once more, one cause and one week at a time; nothing of the product is imported."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.special import betainc

ARL = 1_000
#: Chances upwards of the EWMA, and of one week or two together.
SMOOTH, SIDE = 1 / ARL / 2, 1 / ARL / 2.8


@dataclass
class Week:
    """What is told of a week; None where nothing is."""

    value: float | None
    low: float | None = None
    high: float | None = None
    signal: int = 0
    together: bool = False
    level: float | None = None
    level_low: float | None = None
    level_high: float | None = None
    level_signal: int = 0
    is_baseline: bool = False
    up: bool = False


@dataclass
class Series:
    ready: bool
    centre: float | None
    sigma: float | None
    weeks: list[Week]
    false_a_year: float | None = None


@dataclass
class _Base:
    """The baseline's weeks, and what they say."""

    used: list[bool]
    hits: int
    size: int
    sigma: float

    @property
    def centre(self) -> float:
        return self.hits / self.size

    def wider(self, side: float) -> float:
        """By how much limits of this chance are wider where σ is known from the baseline only."""
        if self.sigma <= 1:
            return 1.0
        freedom = max(1.0, 0.605 * (sum(self.used) - 1))
        return float(stats.t.ppf(1 - side, freedom) / stats.norm.isf(side))


def chart(x: Sequence[int], n: Sequence[int]) -> Series:
    """p-chart with exact limits, and EWMA, of x in n by week."""
    points = [week for week, size in enumerate(n) if size]
    used = [week in points[:25] for week in range(len(n))]
    found = Series(
        False, None, None, [Week(a / b if b else None) for a, b in zip(x, n, strict=True)]
    )
    for week, first in zip(found.weeks, used, strict=True):
        week.is_baseline = first
    if sum(used) < 20:
        return found
    for _ in range(10):
        base = _learn(x, n, used)
        dropped = [
            week for week, one in enumerate(used) if one and _signal(base, week, x[week], n[week])
        ]
        if not dropped:
            break
        used = [one and week not in dropped for week, one in enumerate(used)]
    base = _learn(x, n, used)
    found.ready, found.centre, found.sigma = True, base.centre, base.sigma
    for place in points:
        week = found.weeks[place]
        week.signal = _signal(base, place, x[place], n[place])
        week.low, week.high = _limits(base, place, n[place])
        week.together = _together(base, place, x, n)
    for week, one in zip(found.weeks, used, strict=True):
        week.is_baseline = one
    found.false_a_year = _false_a_year(base, n)
    _smooth(found, base, x, n)
    _tell(found)
    return found


def _learn(x: Sequence[int], n: Sequence[int], used: list[bool]) -> _Base:
    mine = [week for week, one in enumerate(used) if one]
    hits, size = sum(x[week] for week in mine), sum(n[week] for week in mine)
    centre = hits / size
    variance = centre * (1 - centre)
    sigma = 1.0
    if variance > 0 and len(mine) > 1:
        z = [(x[week] / n[week] - centre) / math.sqrt(variance / n[week]) for week in mine]
        weeks, free = len(z), len(z) - 1
        # A χ² of the same mean and variance as the sum of z² has by chance.
        spread = sum(2 + (1 - 6 * variance) / (n[week] * variance) for week in mine) * free / weeks
        matched = 2 * free**2 / spread
        if sum(one**2 for one in z) > stats.chi2.ppf(0.95, matched) * free / matched:
            steps = [abs(b - a) for a, b in pairwise(z)]
            sigma = max(1.0, sum(steps) / len(steps) / 1.128)
    return _Base(used, hits, size, sigma)


def _tails(base: _Base, known: bool, count: float, size: int) -> tuple[float, float]:
    """Logarithmic means of P(X ≥ count) and P(X > count), and of the other side's; `known` where
    the count is one of the baseline."""
    more = 1.0 if known else 1 + size / base.size
    factor = (base.sigma * base.wider(SIDE)) ** 2 * more
    share = (base.hits + 0.5) / (base.size + 1)

    def reach(k: float) -> float:
        rest = size / factor - k + 1
        return 1.0 if k <= 0 else float(betainc(k, rest, share)) if rest > 1e-9 else 0.0

    here, beyond = reach(count / factor), reach(count / factor + 1)
    return _mean(here, beyond), _mean(1 - beyond, 1 - here)


def _mean(larger: float, smaller: float) -> float:
    if smaller <= 0 or larger <= smaller:
        return (larger + smaller) / 2
    return (larger - smaller) / math.log(larger / smaller)


def _signal(base: _Base, week: int, count: int, size: int) -> int:
    above, below = _tails(base, base.used[week], count, size)
    return 1 if above < SIDE else -1 if below < SIDE else 0


def _together(base: _Base, week: int, x: Sequence[int], n: Sequence[int]) -> bool:
    """Whether a week after the baseline is too high with the one before."""
    if week <= max(place for place, one in enumerate(base.used) if one):
        return False
    size = _of_two(week, n)
    return bool(size) and _tails(base, False, x[week - 1] + x[week], size)[0] < SIDE


def _of_two(week: int, n: Sequence[int]) -> int:
    """Answers of a week and the one before; 0 where either has none."""
    return n[week - 1] + n[week] if week and n[week - 1] and n[week] else 0


def _limits(base: _Base, week: int, size: int) -> tuple[float, float]:
    counts, known = range(size + 2), base.used[week]
    first = next((k for k in counts if _tails(base, known, k, size)[0] < SIDE), size + 1)
    inside = next((k for k in counts if _tails(base, known, k, size)[1] >= SIDE), size + 1)
    return max((inside - 0.5) / size, 0.0), min((first - 0.5) / size, 1.0)


def _false_a_year(base: _Base, n: Sequence[int]) -> float:
    """What the limits of one week and of two of the last 13 leave outside, by the beta-binomial,
    of which seven tenths are new, and the half of the smoothed chart."""
    lately = list(range(len(n)))[-13:]
    total = 0.0
    for week in lately:
        if not n[week]:
            continue
        one = _outside(base, base.used[week], n[week])
        two = _outside(base, False, _of_two(week, n))
        total += 0.7 * (one + two) + SMOOTH
    return 52 * total / len(lately)


def _outside(base: _Base, known: bool, size: int) -> float:
    counts = range(size + 1)
    first = next((k for k in counts if size and _tails(base, known, k, size)[0] < SIDE), None)
    if first is None or base.sigma > 1:
        return 0.0 if first is None else SIDE
    a, b = base.hits + 0.5, base.size - base.hits + 0.5
    return float(stats.betabinom.sf(first - 1, size, a, b))


@cache
def ewma_limit() -> float:
    """L of λ = 0.2 that alarms once in 1,000 weeks, by a Markov chain of 801 states."""

    def length(limit: float) -> float:
        half = limit * math.sqrt(0.2 / 1.8)
        edges = np.linspace(-half, half, 802)
        middles = (edges[1:] + edges[:-1]) / 2
        moves = np.diff(stats.norm.cdf((edges - 0.8 * middles[:, None]) / 0.2), axis=1)
        return float(np.linalg.solve(np.eye(801) - moves, np.ones(801))[400])

    return float(brentq(lambda limit: length(limit) - ARL, 3.0, 3.4, xtol=1e-6))


def _smooth(found: Series, base: _Base, x: Sequence[int], n: Sequence[int]) -> None:
    """The EWMA of residuals from what earlier weeks say, with Pearson III tails."""
    limit = ewma_limit() * base.wider(SMOOTH)
    last = max(week for week, one in enumerate(base.used) if one)
    hits, size = float(base.hits), float(base.size)
    z = variance = third = doubt = 0.0
    raised = 0
    unit = base.sigma * math.sqrt(
        base.centre * (1 - base.centre) / float(np.median([one for one in n if one]))
    )
    watched: list[int] = []
    for week in range(len(n)):
        if week > last and n[week]:
            watched.append(week)
            share = (hits + 0.5) / (size + 1)
            within = share * (1 - share)
            spread = base.sigma * math.sqrt(within / n[week])
            z = 0.2 * (x[week] / n[week] - share) / spread + 0.8 * z
            variance = 0.04 + 0.64 * variance
            lean = (1 - 2 * share) * base.sigma / math.sqrt(within * n[week])
            third = 0.008 * lean + 0.512 * third
            doubt = 0.2 * math.sqrt(n[week] / size) + 0.8 * doubt
            error = math.sqrt(variance + 0.75 * doubt**2)
            low, high = (
                error * float(stats.pearson3.ppf(stats.norm.cdf(side), third / error**3))
                for side in (-limit, limit)
            )
            one = found.weeks[week]
            one.level = base.centre + unit * z
            one.level_low, one.level_high = base.centre + unit * low, base.centre + unit * high
            one.level_signal = 1 if z > high else -1 if z < low else 0
            raised = 0 if raised * z <= 0 else raised
            raised = raised or one.level_signal
        if week - 13 in watched and not raised:
            hits, size = hits + x[week - 13], size + n[week - 13]


def _tell(found: Series) -> None:
    """Up from a signal of any chart to the week before the level is back at the centre."""
    on = False
    for week in found.weeks:
        above = (
            week.level is not None
            and week.level_high is not None
            and found.centre is not None
            and week.level - found.centre > 0.05 * (week.level_high - found.centre)
        )
        tells = week.signal > 0 or week.together or week.level_signal > 0
        on = tells or (on and above)
        week.up = on


def levels(values: Sequence[float | None]) -> list[int]:
    """Places where a new level begins: every division of least 4 weeks is weighed."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    series = [value for _, value in known]
    steps = [abs(b - a) for a, b in pairwise(series)]
    if len(series) < 8:
        return []
    sigma = float(np.median(steps)) * 1.4826 / math.sqrt(2) or sum(steps) / len(steps) / 1.128
    if not sigma:
        return []
    penalty = 2 * sigma**2 * math.log(len(series))

    def error(part: Sequence[float]) -> float:
        mean = math.fsum(part) / len(part)
        return math.fsum((one - mean) ** 2 for one in part)

    best: dict[int, tuple[float, list[int]]] = {0: (-penalty, [])}
    for end in range(4, len(series) + 1):
        best[end] = min(
            (
                best[start][0] + error(series[start:end]) + penalty,
                best[start][1] + ([start] if start else []),
            )
            for start in best
            if end - start >= 4
        )
    return [known[start][0] for start in best[len(series)][1]]
