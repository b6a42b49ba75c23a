"""Shares pulled towards the pool they come from, as far as their own answers allow.

Public functions
    fit(x, n) -> Pool                          beta-binomial, maximum likelihood
    fit_moments(rates) -> Pool                 beta, by mean and variance of observed rates
    pool_for(x, n, wider=None, minimum=10) -> Pool      the pool a report should use
    shrink(pool, x, n, confidence=.90) -> Estimate      posterior mean with credible interval
    posterior(pool, x, n, *, order=False) -> (a, b)     parameters of each unit's beta posterior
    james_stein(values, variance) -> array     the same idea without a distribution

x and n are arrays over units (agents, causes): x of n answers were 4–5.
Pool(alpha, beta, n_units, method, doubt); .mean and .strength (α + β, in answers).
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics import special
from analytics.metrics.intervals import Estimate

#: With fewer units the spread between them cannot be estimated, so a wider pool is asked for.
MINIMUM_UNITS = 10
#: Strength of a pool of too few units: a unit below ten answers ("too few") leans on the pool
#: more than on itself, one above it on itself.
DEFAULT_STRENGTH = 10.0
_WEAKEST = 0.05
_STEPS = 200

#: From so many units on the pool is known so well that its doubt changes no interval.
_WELL_KNOWN = 100
#: Strengths by which the doubt about a pool is summed, evenly on the logarithm.
_STRENGTHS = np.exp(np.linspace(np.log(0.5), np.log(1e4), 24))

Method = Literal["likelihood", "moments", "pooled"]


class Doubt(NamedTuple):
    """What the units leave open about their pool: strengths, how likely each is, and the variance
    of the pool's log odds given each. Arrays of one shape."""

    strength: FloatArray
    weight: FloatArray
    variance: FloatArray


@dataclass(frozen=True, slots=True)
class Pool:
    """Beta(α, β): what is known about a unit before its own answers are read.

    `method` says how it was learnt; `n_units` from how many units with answers. `doubt` is None
    where the pool was not learnt from the units, or from so many that nothing is left open.
    """

    alpha: float
    beta: float
    n_units: int
    method: Method
    doubt: Doubt | None = field(default=None, compare=False)

    @property
    def mean(self) -> float:
        """Share of the pool, 0–1."""
        return self.alpha / self.strength

    @property
    def strength(self) -> float:
        """How many own answers weigh as much as the pool."""
        return self.alpha + self.beta


def fit_moments(rates: npt.ArrayLike) -> Pool:
    """Beta whose mean and variance (n − 1) are those of the observed rates.

    Rates without spread, or fewer than two, give the strongest pool that is still finite.
    Source: Gelman et al., Bayesian Data Analysis, section 5.1 (rat tumours).
    """
    values = np.asarray(rates, dtype=float)
    values = values[~np.isnan(values)]
    mean = float(values.mean()) if values.size else 0.5
    variance = float(values.var(ddof=1)) if values.size > 1 else 0.0
    within = mean * (1 - mean)
    strength = min(within / variance - 1, 1e6) if variance > 0 else 1e6
    strength = max(strength, _WEAKEST)
    mean = min(max(mean, 1e-6), 1 - 1e-6)
    return Pool(mean * strength, (1 - mean) * strength, int(values.size), "moments")


def fit(x: npt.ArrayLike, n: npt.ArrayLike) -> Pool:
    """Beta-binomial by maximum likelihood over units; units without answers are left out.

    Newton's method on (logit mean, log strength), damped, so that it cannot leave the parameter
    space. Where units differ no more than chance would have it, the likelihood grows with α + β
    without end: the strength stops at the number of answers the pool was learnt from, since the
    pool cannot be known better than that. No answers at all give Jeffreys' Beta(½, ½).

    Source: Griffiths 1973, Biometrics 29:637; Gelman et al., BDA, section 5.3.
    """
    units, weights = _distinct(x, n)
    answers = float(weights @ units[:, 1])
    if answers == 0:
        return Pool(0.5, 0.5, 0, "likelihood")
    hits = float(weights @ units[:, 0])
    # Half an answer to either side keeps a pool of all-satisfied units off the edge.
    centre = (hits + 0.5) / (answers + 1)
    strongest = max(answers, 1.0)
    n_units = int(weights.sum())
    if n_units == 1 or hits in (0, answers):
        return Pool(centre * strongest, (1 - centre) * strongest, n_units, "likelihood")
    start = np.array([np.log(centre / (1 - centre)), np.log(min(DEFAULT_STRENGTH, strongest))])
    logit, log_strength = _climb(start, units, weights, float(np.log(strongest)))
    mean, strength = float(1 / (1 + np.exp(-logit))), float(np.exp(log_strength))
    doubt = _doubt(mean, units, weights) if n_units < _WELL_KNOWN else None
    return Pool(mean * strength, (1 - mean) * strength, n_units, "likelihood", doubt)


def _doubt(mean: float, units: FloatArray, weights: FloatArray) -> Doubt:
    """What a few units leave open. Every variance between units is as likely before they are seen,
    so that few of them do not pass for equal: that prior makes intervals hold their promise.

    Source: Morris & Tang 2011, Statistical Science 26:271.
    """
    heights, variances = np.empty((2, len(_STRENGTHS)))
    for place, strength in enumerate(_STRENGTHS):
        parameters = mean * strength, (1 - mean) * strength
        heights[place] = _log_likelihood(*parameters, units, weights) - np.log(strength)
        variances[place] = 1 / max(1e-9, -_slopes(*parameters, units, weights)[1][0, 0])
    likely = np.exp(heights - heights.max())
    return Doubt(_STRENGTHS, likely / likely.sum(), variances)


def _distinct(x: npt.ArrayLike, n: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Distinct (x, n) and how often each occurs: faster, and the order of units cannot matter."""
    hits, trials = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(n, dtype=float))
    if np.any((hits < 0) | (hits > trials)):
        raise ValueError("a count must lie between 0 and its n")
    pairs = np.column_stack([hits.ravel(), trials.ravel()])
    units, weights = np.unique(pairs[pairs[:, 1] > 0], axis=0, return_counts=True)
    return units, weights.astype(float)


def _log_likelihood(alpha: float, beta: float, units: FloatArray, weights: FloatArray) -> float:
    x, n = units[:, 0], units[:, 1]
    log_gamma = special.log_gamma
    unit = log_gamma(x + alpha) + log_gamma(n - x + beta) - log_gamma(n + alpha + beta)
    prior = log_gamma(alpha) + log_gamma(beta) - log_gamma(alpha + beta)
    return float(weights @ (unit - prior))


def _slopes(
    alpha: float, beta: float, units: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Gradient and Hessian of the log likelihood in (logit mean, log strength)."""
    x, n = units[:, 0], units[:, 1]
    strength = alpha + beta
    psi, psi1 = special.digamma, special.trigamma
    shared = psi(strength) - psi(n + strength)
    d_alpha = float(weights @ (psi(x + alpha) - psi(alpha) + shared))
    d_beta = float(weights @ (psi(n - x + beta) - psi(beta) + shared))
    cross = float(weights @ (psi1(strength) - psi1(n + strength)))
    aa = cross + float(weights @ (psi1(x + alpha) - psi1(alpha)))
    bb = cross + float(weights @ (psi1(n - x + beta) - psi1(beta)))
    inner = np.array([[aa, cross], [cross, bb]])
    width = alpha * beta / strength
    tilt = width * (beta - alpha) / strength
    jacobian = np.array([[width, alpha], [-width, beta]])
    first = np.array([d_alpha, d_beta])
    curvature = d_alpha * np.array([[tilt, width], [width, alpha]])
    curvature += d_beta * np.array([[-tilt, -width], [-width, beta]])
    return jacobian.T @ first, jacobian.T @ inner @ jacobian + curvature


def _climb(
    start: FloatArray, units: FloatArray, weights: FloatArray, log_strongest: float
) -> FloatArray:
    def parameters(point: FloatArray) -> tuple[float, float]:
        mean, strength = 1 / (1 + np.exp(-point[0])), np.exp(point[1])
        return float(mean * strength), float((1 - mean) * strength)

    lowest = np.array([-30.0, np.log(_WEAKEST)])
    highest = np.array([30.0, log_strongest])
    point, damping = start, 0.0
    height = _log_likelihood(*parameters(point), units, weights)
    for _ in range(_STEPS):
        gradient, hessian = _slopes(*parameters(point), units, weights)
        bend = -hessian
        if (point[1] >= highest[1] and gradient[1] > 0) or (
            point[1] <= lowest[1] and gradient[1] < 0
        ):
            # The strength has come to its end: only the mean still climbs.
            gradient[1] = bend[0, 1] = bend[1, 0] = 0.0
        # Damping turns an indefinite Hessian into a short step uphill.
        floor = max(0.0, 1e-9 - float(np.linalg.eigvalsh(bend)[0]))
        step = np.linalg.solve(bend + (1.01 * floor + damping) * np.eye(2), gradient)
        step = np.clip(step, -2.0, 2.0)
        candidate = np.clip(point + step, lowest, highest)
        reached = _log_likelihood(*parameters(candidate), units, weights)
        if reached < height - 1e-12 * abs(height):
            damping = max(4 * damping, 1e-3 * float(np.abs(bend).max()))
            continue
        moved = float(np.abs(candidate - point).max())
        point, height, damping = candidate, reached, damping / 4
        if moved < 1e-10:
            break
    return point


def pool_for(
    x: npt.ArrayLike,
    n: npt.ArrayLike,
    wider: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    minimum: int = MINIMUM_UNITS,
) -> Pool:
    """The pool towards which these units are shrunk.

    With at least `minimum` units that have answers: their own, by maximum likelihood. With fewer:
    that of `wider` (the units of the whole team or company, as (x, n)) by the same rule. Where that
    has too few units as well: centred on the pooled share of all its answers, with the strength
    of DEFAULT_STRENGTH answers, because a spread guessed from a handful of units would be noise.
    """
    trials = np.asarray(n)
    if int(np.count_nonzero(trials > 0)) >= minimum:
        return fit(x, n)
    if wider is not None:
        return pool_for(wider[0], wider[1], None, minimum)
    units, weights = _distinct(x, n)
    hits, answers = (float(total) for total in weights @ units) if len(units) else (0.0, 0.0)
    centre = (hits + 0.5) / (answers + 1)
    alpha, beta = centre * DEFAULT_STRENGTH, (1 - centre) * DEFAULT_STRENGTH
    return Pool(alpha, beta, int(weights.sum()), "pooled")


def posterior(
    pool: Pool, x: npt.ArrayLike, n: npt.ArrayLike, *, order: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Parameters of the beta posterior, one per unit.

    Beta(x + α, n − x + β) where the pool is known. Where it is in doubt, the beta with the same
    mean and with the variance that the doubt leaves: that of the unit, that of the pool's mean, and
    what other strengths would say. Otherwise ten units would be taken for more alike than they are,
    and 90 % intervals hold 82 to 88 times in 100.

    With `order`, for telling units from each other: where the pool lies, and how far all are pulled
    to it, moves them together and is no doubt about their order. So the variance is that of the
    unit alone, averaged over the strengths. With the whole one, taken for independent from unit to
    unit, 90 % intervals of ranks of 24 agents hold half a point more.

    Source: Kass & Steffey 1989, JASA 84:717; Morris 1983, JASA 78:47; Laird & Louis 1989, Journal
    of Educational Statistics 14:29 (ranks given the pool).
    """
    hits, trials = np.asarray(x, dtype=float), np.asarray(n, dtype=float)
    a, b = hits + pool.alpha, trials - hits + pool.beta
    if pool.doubt is None:
        return a, b
    strength, weight, variance = pool.doubt
    own, all_of = hits[..., None], trials[..., None] + strength
    means = (own + pool.mean * strength) / all_of
    moves = strength / all_of * pool.mean * (1 - pool.mean)
    mean = a / (a + b)
    spread = means * (1 - means) / (all_of + 1)
    if not order:
        spread = spread + moves**2 * variance + (means - mean[..., None]) ** 2
    spread = spread @ weight
    # No beta is wider than one whose answers are all the same.
    size = np.maximum(mean * (1 - mean) / spread - 1, 1e-3)
    return mean * size, (1 - mean) * size


def shrink(pool: Pool, x: npt.ArrayLike, n: npt.ArrayLike, confidence: float = 0.90) -> Estimate:
    """Posterior mean (x + α)/(n + α + β) with its central credible interval.

    Units: shares 0–1. A unit without answers gets the pool itself; say "too few" beside it.
    """
    a, b = posterior(pool, x, n)
    mean = a / (a + b)
    tail = (1 - confidence) / 2
    # A posterior crowded against 0 or 1 can have its mean outside the central interval.
    low = np.minimum(special.beta_quantile(a, b, tail), mean)
    high = np.maximum(special.beta_quantile(a, b, 1 - tail), mean)
    return Estimate(np.asarray(mean), np.asarray(low), np.asarray(high))


def james_stein(values: npt.ArrayLike, variance: float) -> FloatArray:
    """Values of one common variance, pulled towards their mean: mean + c·(value − mean) with
    c = 1 − (k − 3)·variance/Σ(value − mean)², at least 0.

    The reports use the beta-binomial, which knows each unit's n; this is the check that both pull
    alike where n is the same.

    Shape: (units,). Fewer than 4 units stay as they are.
    Raises: ValueError for a variance below 0.
    Source: Efron & Morris 1975, JASA 70:311, equation 1.6 (positive part).
    """
    if variance < 0:
        raise ValueError(f"a variance must not be below 0, is {variance}")
    units = np.asarray(values, dtype=float)
    if units.size < 4:
        return units
    mean = units.mean()
    spread = float(((units - mean) ** 2).sum())
    kept = max(0.0, 1 - (units.size - 3) * variance / spread) if spread > 0 else 0.0
    return np.asarray(mean + kept * (units - mean))
