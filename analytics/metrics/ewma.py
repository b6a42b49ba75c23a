"""EWMA charts of all causes at once, for small shifts that last.

Public functions
    ewma(values, start, smoothing=.2) -> array          the plain recursion
    ewma_spread(variances, smoothing=.2) -> array       its exact standard deviation, week by week
    ewma_chart(family, x, n, *, smoothing=.2, arl=1_000, base=None, together=True) -> Smoothed

Method. Each week's share (or rate) is measured from what earlier weeks say, in its own standard
deviations, and these residuals are smoothed. What keeps the promised ARL₀:
- variance and skewness of the smoothed value are carried along exactly, so weeks may differ in
  size, and the first weeks have their own, narrower limits;
- its tail is read from the gamma distribution of that variance and skewness, for at small counts a
  normal limit alarms too often upwards; where the lower limit is below what weeks of 0 can reach,
  the upper one takes all false alarms;
- the doubt about the centre is part of the variance, and the centre goes on learning from weeks a
  quarter old: from one fixed after 25 weeks all residuals would be off to one side;
- a series that spreads more than chance is measured in Laney's σ, with t instead of normal limits.
An alarm ends when the smoothed value is back at the centre: one flaw is one alarm. Simulated (10 to
400 answers a week, a year and a half after the baseline), false alarms are 0.9 to 1.1 times the
promise from two dismayed a week on; below that 0.8 to 1.4 times.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics import special
from analytics.metrics.control import (
    ARL,
    RANGE_FREEDOM,
    Chart,
    blocks_of,
    p_chart,
    sigmas_for,
    u_chart,
)
from analytics.metrics.run_length import SMOOTHING, limit_for
from analytics.metrics.tails import BoolArray, Family

#: Below this skewness the gamma tail is the normal one to four digits.
_NO_SKEW = 1e-3
_FARTHEST = 8.0
_OF_BASE = ("centre", "sigma_z", "baseline", "ready")
#: Weeks until a week is taken into the centre: a shift that is just being found must not become
#: what is expected meanwhile.
LAG = 13
#: Part of the centre's variance that counts. Its error is one for all weeks of a series: it bundles
#: false alarms in few series rather than adding as many as independent errors would. Set by
#: simulation, so that the rate is that promised (10 to 400 answers a week, shares of 10 to 40 %).
_DOUBT = 0.75


@dataclass(frozen=True, slots=True)
class Smoothed:
    """An EWMA chart per cause: (causes, weeks) arrays but for centre and ready.

    `level` the smoothed share or rate, about the baseline's `centre`; `low` and `high` its limits
    · `signal` 1 above, −1 below, 0 within or not watched · `alarm` the first week of each excursion
    · `ready` False without a baseline: all NaN, no signal. Weeks of the baseline are not watched.
    Level and limits are those of a week of the cause's median size.
    """

    centre: FloatArray
    level: FloatArray
    low: FloatArray
    high: FloatArray
    signal: npt.NDArray[np.int8]
    alarm: BoolArray
    ready: BoolArray


def ewma(values: npt.ArrayLike, start: npt.ArrayLike, smoothing: float = SMOOTHING) -> FloatArray:
    """zₜ = λ·valueₜ + (1 − λ)·zₜ₋₁ along the last axis; a missing value (NaN) leaves z as it is.

    Source: Roberts 1959; NIST/SEMATECH e-Handbook 6.3.2.4.
    """
    series = np.asarray(values, dtype=float)
    level = np.broadcast_to(np.asarray(start, dtype=float), series.shape[:-1]).copy()
    smooth = np.empty(series.shape)
    for week in range(series.shape[-1]):
        now = series[..., week]
        level = np.where(np.isnan(now), level, smoothing * now + (1 - smoothing) * level)
        smooth[..., week] = level
    return smooth


def ewma_spread(variances: npt.ArrayLike, smoothing: float = SMOOTHING) -> FloatArray:
    """Standard deviation of `ewma` at each point, exact for points of different variance.

    Shape: variances of the points along the last axis; NaN where there is none.
    Source: Lucas & Saccucci 1990, Technometrics 32:1, equation 3 for equal variances.
    """
    parts = np.asarray(variances, dtype=float)
    total = np.zeros(parts.shape[:-1])
    spread = np.empty(parts.shape)
    for week in range(parts.shape[-1]):
        now = parts[..., week]
        kept = (1 - smoothing) ** 2 * total
        total = np.where(np.isnan(now), total, smoothing**2 * now + kept)
        spread[..., week] = np.sqrt(total)
    return spread


def ewma_chart(
    family: Family,
    x: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    smoothing: float = SMOOTHING,
    arl: float = ARL,
    base: Chart | None = None,
    together: bool = True,
) -> Smoothed:
    """Watch the weeks after the baseline: that of `base`, a chart of the same weeks, or else of
    `p_chart` or `u_chart`. `together` as there: whether the upper side takes the false alarms that
    the lower one cannot raise.

    Shape: (causes, weeks) or (weeks,). Raises: as those.
    Source: Lucas & Saccucci 1990; Hawkins 1987, The Statistician 36:423 (self-starting charts).
    """
    if base is None:
        chart = p_chart if family == "binomial" else u_chart
        base = chart(x, n, arl=arl, limits=False, together=together)
    hits, size = (np.atleast_2d(np.asarray(part, dtype=float)) for part in (x, n))
    width = sigmas_for(arl)
    freedom = np.maximum(1.0, RANGE_FREEDOM * (base.baseline.sum(axis=1) - 1))
    wider = special.t_quantile(freedom, special.normal_cdf(width).item()) / width
    wider = np.where(base.sigma_z > 1, wider, 1.0)
    alone = arl / 2 if together else arl
    both, one = (limit_for(max(2.0, part), smoothing) * wider for part in (arl, alone))
    charts = []
    for part in blocks_of(len(hits)):
        known = replace(base, **{k: getattr(base, k)[part] for k in _OF_BASE})
        watch = _Watch(family, hits[part], size[part], known, (both[part], one[part]), smoothing)
        charts.append(watch.chart())
    if len(charts) == 1:
        return charts[0]
    names = [field.name for field in fields(Smoothed)]
    return Smoothed(**{k: np.concatenate([getattr(each, k) for each in charts]) for k in names})


def _median_size(size: FloatArray) -> FloatArray:
    """Median of each row's sizes above 0; 1 for a row without any."""
    known = np.where(size > 0, size, np.nan)
    if not size.shape[1]:
        return np.ones(len(size))
    some = size.max(axis=1)[:, None] > 0
    return np.asarray(np.nanmedian(np.where(some, known, 1.0), axis=1))


class _Watch:
    """The state of all charts between two weeks; arrays over causes."""

    def __init__(
        self,
        family: Family,
        x: FloatArray,
        n: FloatArray,
        base: Chart,
        limit: tuple[FloatArray, FloatArray],
        smoothing: float,
    ) -> None:
        self._family, self._x, self._n, self._smoothing = family, x, n, smoothing
        self._base, self._sigma, self._limit = base, base.sigma_z, limit
        self._hits, self._size = (np.where(base.baseline, part, 0.0).sum(axis=1) for part in (x, n))
        self._z, self._variance, self._third = (np.zeros(len(x)) for _ in range(3))
        self._doubt, self._floor = np.zeros(len(x)), np.zeros(len(x))
        self._raised = np.zeros(len(x))
        self._watched: list[BoolArray] = []

    def chart(self) -> Smoothed:
        """Go through all weeks."""
        base, n_weeks = self._base, self._x.shape[1]
        weeks = np.arange(n_weeks)
        last = np.where(base.baseline, weeks, -1).max(axis=1, initial=-1)
        watched = (weeks > last[:, None]) & (self._n > 0) & base.ready[:, None]
        steps = [self.step(week, watched[:, week]) for week in range(n_weeks)]
        nothing = np.empty((len(self._x), 0))
        parts = [np.stack(part, axis=1) for part in zip(*steps, strict=True)] or [nothing] * 5
        z, low, high, signal, alarm = parts
        variance = base.centre * (1 - base.centre) if self._family == "binomial" else base.centre
        unit = (base.sigma_z * np.sqrt(variance / _median_size(self._n)))[:, None]
        centre = base.centre[:, None]
        shown = np.where(watched, 0.0, np.nan)
        return Smoothed(
            centre=base.centre,
            level=centre + unit * z + shown,
            low=centre + unit * low + shown,
            high=centre + unit * high + shown,
            signal=np.where(watched, signal, 0).astype(np.int8),
            alarm=watched & (alarm > 0),
            ready=base.ready,
        )

    def step(self, week: int, watched: BoolArray) -> tuple[FloatArray, ...]:
        """z, its limits, −1/0/1 and whether an alarm begins, after this week."""
        residual, skewness, doubt, lowest = self._residual(week, watched)
        rate, kept = self._smoothing, 1 - self._smoothing
        for name, now, power in (
            ("_z", residual, 1),
            ("_variance", 1.0, 2),
            ("_third", skewness, 3),
            ("_doubt", doubt, 1),
            ("_floor", lowest, 1),
        ):
            before = getattr(self, name)
            after = rate**power * now + kept**power * before
            setattr(self, name, np.where(watched, after, before))
        variance = self._variance + _DOUBT * self._doubt**2
        spread = np.sqrt(np.where(variance > 0, variance, np.nan))
        skew = self._third / spread**3
        low = spread * _quantile(-self._limit[0], skew)
        # Where even weeks of 0 stay above the lower limit, the upper one takes all false alarms.
        high = spread * _quantile(np.where(low < self._floor, *self._limit[::-1]), skew)
        signal = np.where(self._z > high, 1.0, np.where(self._z < low, -1.0, 0.0))
        returned = self._raised * self._z <= 0
        raised = np.where(returned, 0.0, self._raised)
        begins = (signal != 0) & (raised == 0)
        self._raised = np.where(begins, signal, raised)
        self._learn(week, watched)
        return self._z, low, high, signal, begins.astype(float)

    def _learn(self, week: int, watched: BoolArray) -> None:
        """Take the week LAG weeks ago into the centre, unless an alarm stands."""
        self._watched.append(watched)
        old = week - LAG
        if old < 0:
            return
        learning = self._watched[old] & (self._raised == 0)
        self._hits = self._hits + np.where(learning, self._x[:, old], 0.0)
        self._size = self._size + np.where(learning, self._n[:, old], 0.0)

    def _residual(self, week: int, watched: BoolArray) -> tuple[FloatArray, ...]:
        """This week's share from the centre so far, in its own standard deviations; its skewness;
        the standard deviation of the centre in the same unit; and what a count of 0 would give."""
        x, n = (np.where(watched, part[:, week], 1.0) for part in (self._x, self._n))
        known = np.where(watched & (self._size > 0), self._size, 1.0)
        if self._family == "binomial":
            centre = (self._hits + 0.5) / (known + 1)
            variance, lean = centre * (1 - centre), 1 - 2 * centre
        else:
            centre = (self._hits + 0.5) / known
            variance, lean = centre, 1.0
        variance = np.maximum(variance, 1e-12)
        spread = self._sigma * np.sqrt(variance / n)
        skewness = lean * self._sigma / np.sqrt(variance * n)
        return (x / n - centre) / spread, skewness, np.sqrt(n / known), -centre / spread


def _quantile(score: FloatArray, skew: FloatArray) -> FloatArray:
    """The value whose tail is that of the normal score, of a gamma with mean 0, variance 1 and this
    skewness; mirrored where it is negative.

    Source: Pearson's type III; Johnson, Kotz & Balakrishnan 1994, section 17.2.
    """
    size = np.abs(skew)
    skewed = size > _NO_SKEW
    shape = 4 / np.where(skewed, size, 1.0) ** 2
    way = np.where(skew < 0, -1.0, 1.0)
    chance = special.normal_cdf(np.clip(way * score, -_FARTHEST, _FARTHEST))
    value = way * (special.gamma_quantile(shape, chance) - shape) / np.sqrt(shape)
    return np.where(skewed, value, score + 0 * size)
