"""A week and the one before it together, and what limits of weeks really leave outside.

Public functions
    together_up(x, n, chart, *, arl=1_000) -> bool array        two weeks together are too high
    upward_chance(x, n, chart, *, arl=1_000, weeks=1) -> array  what the upper limit leaves outside

A jump of some size is in two weeks twice: their sum stands out of chance by 1.4 times as much as
either. It finds a jump of three standard deviations in its second week, where one week alone has a
chance of two in five each time. Two weeks are a p-chart of their own, with the same exact tails
about the same baseline.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics import special
from analytics.metrics.control import (
    ARL,
    Chart,
    Known,
    Rule,
    blocks_of,
    chance_of,
    first_whole,
    known_of,
    surprise_of,
    table_of,
)
from analytics.metrics.tails import BoolArray, upper

#: Weeks that say how large weeks are now.
LATELY = 13
#: Places of the baseline's share that a chance is averaged over.
_NODES = 9


def together_up(x: npt.ArrayLike, n: npt.ArrayLike, chart: Chart, *, arl: float = ARL) -> BoolArray:
    """Weeks after the baseline that are, with the one before, above what chance has once in 2·arl.

    Shape: (causes, weeks) as the chart was made of. Both weeks must have a point.
    Source: Page 1954, Biometrika 41:100 (sums of the last weeks); the tails are those of `control`.
    """
    hits, size = table_of(x, n)
    found = np.zeros(size.shape, dtype=np.bool_)
    weeks = np.arange(size.shape[1])
    for part in blocks_of(len(size)):
        used, ready = chart.baseline[part], chart.ready[part]
        rule, known = _of_weeks(hits[part], size[part], used, ready, arl, 2)
        last = np.where(used, weeks, -1).max(axis=1, initial=-1)
        above, _ = surprise_of(rule, known, rule.x)
        found[part] = (above < rule.alpha / 2) & (rule.n > 0) & (weeks > last[:, None])
    return found


def _of_weeks(
    hits: FloatArray, size: FloatArray, used: BoolArray, ready: BoolArray, arl: float, weeks: int
) -> tuple[Rule, Known]:
    """The rule of each week, or of each with the one before, and what the baseline says of it."""
    rule = Rule("binomial", hits, size, True, chance_of(arl, None), None, together=False)
    known = known_of(rule, used, ready)
    if weeks == 1:
        return rule, known
    both = (size[:, 1:] > 0) & (size[:, :-1] > 0)
    first = np.zeros((len(size), 1))
    x, n = (
        np.concatenate([first, np.where(both, part[:, 1:] + part[:, :-1], 0.0)], axis=1)
        for part in (hits, size)
    )
    base = np.maximum(np.where(used, size, 0.0).sum(axis=1)[:, None], 1.0)
    return replace(rule, x=x, n=n), replace(known, inflation=known.spread * (1 + n / base))


def upward_chance(
    x: npt.ArrayLike, n: npt.ArrayLike, chart: Chart, *, arl: float = ARL, weeks: int = 1
) -> FloatArray:
    """Chance of a false signal upwards in each week of a p-chart made with `together=False`, or,
    with `weeks` 2, of `together_up`.

    A count has no tail of just ½·1/ARL₀, and where even n of n is no surprise it has none: what the
    limit of this week really leaves outside, by the beta-binomial of the baseline. Where weeks
    spread more than chance has it the binomial does not say what they do: ½·1/ARL₀, or 0 where no
    count is outside.

    Shape: (causes, weeks) as the chart was made of → (causes, LATELY), the last of them; NaN
    without a point or a baseline. Units: chances.
    Source: Brown, Cai & DasGupta 2001, Statistical Science 16:101 (a discrete tail is not the one
    asked for); Gelman et al., BDA, section 2.4 (the predictive, with Jeffreys' prior).
    """
    hits, size = table_of(x, n)
    found = np.empty((len(size), min(LATELY, size.shape[1])))
    for part in blocks_of(len(size)):
        used, ready = chart.baseline[part], chart.ready[part]
        rule, known = _of_weeks(hits[part], size[part], used, ready, arl, weeks)
        base = [np.where(used, one[part], 0.0).sum(axis=1) for one in (hits, size)]
        chance = _left_outside(rule, known, (base[0], base[1]))
        found[part] = np.where(ready[:, None], chance, np.nan)
    return found


def _left_outside(rule: Rule, known: Known, base: tuple[FloatArray, FloatArray]) -> FloatArray:
    """`upward_chance` of the last weeks of one rule; `base` hits and answers of the baseline."""
    lately = slice(-LATELY, None)
    recent = replace(rule, x=rule.x[:, lately], n=rule.n[:, lately])
    of_weeks = replace(known, inflation=known.inflation[:, lately], past=known.past[:, lately])
    least = rule.alpha / 2
    first = first_whole(lambda count: surprise_of(recent, of_weeks, count)[0] < least, recent.n + 1)
    outside = _predictive(base, first, recent.n)
    spread_more = np.where(first > recent.n, 0.0, least)
    found = np.where(known.sigma_z > 1, spread_more, outside)
    return np.where(recent.n > 0, found, np.nan)


def _predictive(
    base: tuple[FloatArray, FloatArray], first: FloatArray, n: FloatArray
) -> FloatArray:
    """P(X ≥ first) of n, the share being known from the baseline only."""
    x, size = base
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    shares = special.beta_quantile(
        x[:, None] + 0.5, (size - x)[:, None] + 0.5, special.normal_cdf(nodes)
    )
    found = np.zeros(first.shape)
    for share, weight in zip(shares.T, weights / weights.sum(), strict=True):
        found += weight * np.nan_to_num(upper("binomial", first, n, share[:, None]))
    return found
