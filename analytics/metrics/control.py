"""Weekly control charts of all causes at once, with a known rate of false alarms.

Public functions
    p_chart(x, n, *, arl=1_000, sigmas=None, baseline=None, laney=True, rounds=10,
            limits=True, together=True) -> Chart
    u_chart(x, exposure, …) -> Chart                 the same for counts on an exposure
    sigmas_for(arl) -> float                         width of normal limits
    false_alarms_a_year(series, arl=1_000) -> float  series × 52 ÷ ARL₀

x and n: (causes, weeks), or one series (weeks,). x of n answers of the week were dismayed; or x
cases met an exposure (customers or cases in thousands). A week with n = 0 has no point.

Limits come in two kinds. By default they keep the promise of `arl`: the tail of the binomial or
Poisson distribution is read exactly at every size of week, both sides together 1/ARL₀, with
allowance for a centre that is itself known from the baseline only, and for overdispersion. Normal
limits alarm half again as often as promised at n·p̄ = 5, and more often below. `sigmas=3`
gives the limits of the textbooks instead, for weeks with n·p̄ ≥ 5.

Simulated false alarms are 0.8 to 1.1 times the promise where weeks vary as chance has it, and 1 to
1.2 times where they spread twice as much. In between the baseline often cannot tell: weeks that
spread 1.3 times as much as chance are noticed in six causes of ten, and alarm four to five times as
often as promised. Taking Laney's σ without proof would halve all other alarms instead.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics import special
from analytics.metrics.tails import (
    BoolArray,
    Family,
    deviation,
    excess,
    moving_spread,
    surprise,
)

#: Average weeks to a false alarm of one series.
ARL = 1_000.0
#: Weeks of a baseline: as many as there are, within these.
BASELINE, BASELINE_LEAST = 25, 20
#: Below so many expected in a week a normal limit means nothing.
_NORMAL_FROM = 5.0
_ROUNDS = 10
_AT_ONCE = 2_000
#: A σ from the mean moving range of m weeks is as sure as one of so many (m − 1) degrees of
#: freedom: its relative variance is .826/(m − 1).
RANGE_FREEDOM = 0.605


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart per cause: (causes,) or (causes, weeks) arrays, in shares or rates.

    `value` x/n · `centre` of the baseline · `sigma_z` Laney's, 1 unless overdispersed · `low` and
    `high` limits (a value outside is a signal) · `signal` 1 above, −1 below, 0 within, or no point
    · `baseline` the weeks the centre comes from, signals left out · `ready` False where the
    baseline has fewer than 20 weeks: then centre and limits are NaN and nothing signals.
    """

    value: FloatArray
    centre: FloatArray
    sigma_z: FloatArray
    low: FloatArray
    high: FloatArray
    signal: npt.NDArray[np.int8]
    baseline: BoolArray
    ready: BoolArray


@dataclass(frozen=True, slots=True)
class Rule:
    """What is compared with what: the counts, and the wanted width of the limits."""

    family: Family
    x: FloatArray
    n: FloatArray
    laney: bool
    alpha: float
    sigmas: float | None
    together: bool


def sigmas_for(arl: float) -> float:
    """Half width, in standard deviations, of two-sided normal limits for this ARL₀.

    Raises: ValueError unless arl > 1.
    """
    if not arl > 1:
        raise ValueError(f"an average run length must be above 1, is {arl}")
    return float(-special.normal_score(0.5 / arl))


def false_alarms_a_year(series: int, arl: float = ARL) -> float:
    """False alarms that so many weekly series mean a year: series × 52 ÷ ARL₀."""
    return series * 52 / arl


def p_chart(
    x: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    arl: float = ARL,
    sigmas: float | None = None,
    baseline: npt.ArrayLike | None = None,
    laney: bool = True,
    rounds: int = _ROUNDS,
    limits: bool = True,
    together: bool = True,
) -> Chart:
    """Weekly share of dismayed answers: p-chart, or Laney's p′ where weeks spread more.

    `baseline`: (weeks,) or (causes, weeks), True where a week belongs to it; by default each
    cause's first 25 weeks with answers. Its own signals are left out and the rest is estimated
    anew, at most `rounds` times. `limits` False leaves low and high NaN: signals alone come several
    times faster. Both sides together alarm once in `arl` weeks, all of them upwards where weeks of
    0 are no surprise; `together` False gives each side half of the alarms, whatever the other can.

    Units: shares 0–1; arl in weeks.
    Raises: ValueError where x lies outside 0..n, or shapes differ.
    Source: NIST/SEMATECH e-Handbook 6.3.3.2; Laney 2002, Quality Engineering 14:531.
    """
    hits, size = table_of(x, n)
    if (hits > size).any():
        raise ValueError("a count must lie between 0 and its n")
    rule = Rule("binomial", hits, size, laney, chance_of(arl, sigmas), sigmas, together)
    return _in_blocks(rule, baseline, rounds, limits)


def u_chart(
    x: npt.ArrayLike,
    exposure: npt.ArrayLike,
    *,
    arl: float = ARL,
    sigmas: float | None = None,
    baseline: npt.ArrayLike | None = None,
    laney: bool = True,
    rounds: int = _ROUNDS,
    limits: bool = True,
    together: bool = True,
) -> Chart:
    """Weekly cases per unit of exposure: u-chart, or Laney's u′ where weeks spread more.

    Units: cases per unit of exposure (per 1,000 customers where it is given in thousands).
    Raises: ValueError for a count or exposure below 0, or shapes that differ.
    Source: NIST/SEMATECH e-Handbook 6.3.3.1; Laney 2006, Quality Engineering 18:59 (u′).
    """
    hits, size = table_of(x, exposure)
    rule = Rule("poisson", hits, size, laney, chance_of(arl, sigmas), sigmas, together)
    return _in_blocks(rule, baseline, rounds, limits)


def table_of(x: npt.ArrayLike, n: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    hits, size = (np.atleast_2d(np.asarray(part, dtype=float)) for part in (x, n))
    if hits.shape != size.shape or hits.ndim != 2:
        raise ValueError(f"x and n must have one shape, are {hits.shape} and {size.shape}")
    if (hits < 0).any() or (size < 0).any():
        raise ValueError("counts and exposures must not be below 0")
    return hits, size


def chance_of(arl: float, sigmas: float | None) -> float:
    width = sigmas_for(arl) if sigmas is None else sigmas
    return float(2 * special.normal_cdf(-width))


def first_weeks(points: BoolArray, weeks: int = BASELINE) -> BoolArray:
    """Each row's first weeks that have a point."""
    return np.asarray(points & (points.cumsum(axis=1) <= weeks))


def blocks_of(causes: int) -> list[slice]:
    """Slices of all causes, so many at once that memory does not grow with their number."""
    return [slice(start, start + _AT_ONCE) for start in range(0, max(causes, 1), _AT_ONCE)]


def _in_blocks(rule: Rule, baseline: npt.ArrayLike | None, rounds: int, limits: bool) -> Chart:
    points = rule.n > 0
    if baseline is None:
        used = first_weeks(points)
    else:
        used = np.broadcast_to(np.asarray(baseline, dtype=bool), points.shape) & points
    charts = [
        _chart(replace(rule, x=rule.x[part], n=rule.n[part]), used[part], rounds, limits)
        for part in blocks_of(len(points))
    ]
    if len(charts) == 1:
        return charts[0]
    names = [field.name for field in fields(Chart)]
    return Chart(**{k: np.concatenate([getattr(one, k) for one in charts]) for k in names})


def _chart(rule: Rule, used: BoolArray, rounds: int, limits: bool) -> Chart:
    ready = used.sum(axis=1) >= BASELINE_LEAST
    for _ in range(rounds):
        outside = used & (_signals(rule, used, ready) != 0)
        if not outside.any():
            break
        used = used & ~outside
    return _drawn(rule, used, ready, limits)


@dataclass(frozen=True, slots=True)
class Known:
    """What the baseline says, as columns (causes, 1); inflation and past are (causes, weeks).

    `spread` is by how much the variance of weeks is more than chance has it, with the doubt about
    that; `inflation` holds the doubt about the centre, too."""

    centre: FloatArray
    tail_centre: FloatArray
    sigma_z: FloatArray
    spread: FloatArray
    inflation: FloatArray
    past: FloatArray


def known_of(rule: Rule, used: BoolArray, ready: BoolArray) -> Known:
    x, n = (np.where(used, part, 0.0).sum(axis=1)[:, None] for part in (rule.x, rule.n))
    n = np.where((n > 0) & ready[:, None], n, np.nan)
    centre = x / n
    # A baseline without a single hit does not prove that there can be none.
    tail_centre = (x + 0.5) / (n + 1) if rule.family == "binomial" else (x + 0.5) / n
    chance = deviation(rule.family, rule.n, centre)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (rule.x / np.where(rule.n > 0, rule.n, np.nan) - centre) / chance
    sigma = np.ones((len(centre), 1))
    surplus = np.ones((len(centre), 1))
    if rule.laney:
        over = excess(rule.family, z, rule.n, centre, used)
        sigma = np.where(over, moving_spread(z, used), 1.0)[:, None]
        freedom = np.maximum(1.0, RANGE_FREEDOM * (used.sum(axis=1) - 1))[:, None]
        width = -special.normal_score(rule.alpha / 2)
        wider = special.t_quantile(freedom, 1 - rule.alpha / 2) / width
        surplus = np.where(sigma > 1, wider**2, 1.0)
    # Weeks outside the baseline are met with a centre that is not quite sure.
    own, past = np.ones(used.shape), np.full(used.shape, np.inf)
    if rule.family == "binomial":
        own = np.where(used, 1.0, 1 + rule.n / n)
    else:
        past = np.where(used, np.inf, x)
    spread = sigma**2 * surplus
    return Known(centre, tail_centre, sigma, spread, spread * own, past)


def _signals(rule: Rule, used: BoolArray, ready: BoolArray) -> npt.NDArray[np.int8]:
    known = known_of(rule, used, ready)
    value = rule.x / np.where(rule.n > 0, rule.n, np.nan)
    high, low = _exact_signals(rule, known)
    if rule.sigmas is not None:
        half = rule.sigmas * known.sigma_z * deviation(rule.family, rule.n, known.centre)
        normal = rule.n * known.centre >= _NORMAL_FROM
        high = np.where(normal, value > known.centre + half, high)
        low = np.where(normal, value < known.centre - half, low)
    return high.astype(np.int8) - low.astype(np.int8)


def surprise_of(rule: Rule, known: Known, x: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    return surprise(rule.family, x, rule.n, known.tail_centre, known.inflation, known.past)


def _sides(rule: Rule, known: Known) -> tuple[FloatArray, FloatArray]:
    """Chance of either side; where even a count of 0 is no surprise, all goes to the upper one, if
    the two keep the promise together."""
    if not rule.together:
        half = np.full(rule.n.shape, rule.alpha / 2)
        return half, half
    none = surprise_of(rule, known, 0.0)[1]
    below = np.where(none < rule.alpha / 2, rule.alpha / 2, 0.0)
    return rule.alpha - below, below


def _exact_signals(rule: Rule, known: Known) -> tuple[BoolArray, BoolArray]:
    above, below = surprise_of(rule, known, rule.x)
    most, least = _sides(rule, known)
    return above < most, below < least


def _exact_limits(rule: Rule, known: Known) -> tuple[FloatArray, FloatArray]:
    """Half-way between the last count within and the first outside; 0 where none lies below."""
    above, below = _sides(rule, known)
    if rule.family == "binomial":
        end = rule.n + 1
    else:
        mean = np.nan_to_num(rule.n * known.tail_centre)
        end = mean + 30 * np.sqrt(known.inflation * (mean + 1)) + 30 * known.inflation
        end = np.ceil(np.nan_to_num(end, nan=1.0))
    first = first_whole(lambda x: surprise_of(rule, known, x)[0] < above, end)
    inside = first_whole(lambda x: surprise_of(rule, known, x)[1] >= below, end)
    size = np.where(rule.n > 0, rule.n, np.nan)
    high = (first - 0.5) / size
    if rule.family == "binomial":
        high = np.minimum(high, 1.0)
    return np.maximum((inside - 0.5) / size, 0.0), high


def first_whole(reached: Callable[[FloatArray], BoolArray], end: FloatArray) -> FloatArray:
    """The first whole number from 0 on for which `reached` holds, `end` where none below does.

    Shape: as `end`. `reached` must go from False to True once.
    """
    low, high = np.full(end.shape, -1.0), end.copy()
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        yes = reached(middle)
        low, high = np.where(yes, low, middle), np.where(yes, middle, high)
    return high


def _drawn(rule: Rule, used: BoolArray, ready: BoolArray, limits: bool) -> Chart:
    known = known_of(rule, used, ready)
    points = rule.n > 0
    low = high = np.full(points.shape, np.nan)
    if limits:
        low, high = _limits(rule, known)
        missing = np.where(points & ready[:, None], 0.0, np.nan)
        low, high = low + missing, high + missing
    return Chart(
        value=rule.x / np.where(points, rule.n, np.nan),
        centre=known.centre[:, 0],
        sigma_z=known.sigma_z[:, 0],
        low=low,
        high=high,
        signal=_signals(rule, used, ready),
        baseline=used,
        ready=ready,
    )


def _limits(rule: Rule, known: Known) -> tuple[FloatArray, FloatArray]:
    low, high = _exact_limits(rule, known)
    if rule.sigmas is None:
        return low, high
    half = rule.sigmas * known.sigma_z * deviation(rule.family, rule.n, known.centre)
    normal = rule.n * known.centre >= _NORMAL_FROM
    most = 1.0 if rule.family == "binomial" else np.inf
    high = np.where(normal, np.minimum(known.centre + half, most), high)
    return np.where(normal, np.maximum(known.centre - half, 0.0), low), high
