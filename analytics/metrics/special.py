"""The only door to scipy: imported when first used, so that other pages never load it.

`scipy.stats` stays out: it pulls in most of scipy, and these few functions are all we need of it.
"""

from math import factorial

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray


def beta_quantile(a: npt.ArrayLike, b: npt.ArrayLike, probability: npt.ArrayLike) -> FloatArray:
    """Quantile of the beta distribution; parameters above 0."""
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, probability), dtype=np.float64)


def beta_cdf(a: npt.ArrayLike, b: npt.ArrayLike, share: npt.ArrayLike) -> FloatArray:
    """Distribution function of the beta; parameters above 0."""
    from scipy.special import betainc

    return np.asarray(betainc(a, b, share), dtype=np.float64)


def normal_cdf(z: npt.ArrayLike) -> FloatArray:
    """Distribution function of the standard normal."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z), dtype=np.float64)


def t_quantile(degrees: npt.ArrayLike, probability: float) -> FloatArray:
    """Quantile of Student's t distribution."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(degrees, probability), dtype=np.float64)


def digamma(x: npt.ArrayLike) -> FloatArray:
    """First derivative of ln Γ."""
    from scipy.special import psi

    return np.asarray(psi(x), dtype=np.float64)


def trigamma(x: npt.ArrayLike) -> FloatArray:
    """Second derivative of ln Γ, as the Hurwitz zeta function (faster than polygamma)."""
    from scipy.special import zeta

    return np.asarray(zeta(2.0, x), dtype=np.float64)


def log_gamma(x: npt.ArrayLike) -> FloatArray:
    """ln Γ for x above 0."""
    from scipy.special import gammaln

    return np.asarray(gammaln(x), dtype=np.float64)


def logit_beta_cumulants(
    a: npt.ArrayLike, b: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """First four cumulants of ln(X / (1 − X)) for X of the beta distribution: polygammas of a, plus
    or minus those of b, as Hurwitz zeta functions from the second on."""
    from scipy.special import zeta

    def polygamma(order: int, x: npt.ArrayLike) -> FloatArray:
        sign = -1.0 if order % 2 == 0 else 1.0
        return np.asarray(sign * factorial(order) * zeta(order + 1.0, x), dtype=np.float64)

    return (
        digamma(a) - digamma(b),
        polygamma(1, a) + polygamma(1, b),
        polygamma(2, a) - polygamma(2, b),
        polygamma(3, a) + polygamma(3, b),
    )


def gamma_cdf(a: npt.ArrayLike, x: npt.ArrayLike) -> FloatArray:
    """Distribution function of the gamma of scale 1; P(X ≥ k) of the Poisson is
    `gamma_cdf(k, mean)`, also between whole numbers."""
    from scipy.special import gammainc

    return np.asarray(gammainc(a, x), dtype=np.float64)


def binomial_cdf(k: npt.ArrayLike, n: npt.ArrayLike, p: npt.ArrayLike) -> FloatArray:
    """P(X ≤ k) of the binomial for whole k; 0 below 0, 1 from n on."""
    hits, trials = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    inside = (hits >= 0) & (hits < trials)
    a, b = np.where(inside, hits + 1, 1.0), np.where(inside, trials - hits, 1.0)
    return np.where(inside, 1 - beta_cdf(a, b, p), np.where(hits < 0, 0.0, 1.0))


def normal_score(probability: npt.ArrayLike) -> FloatArray:
    """The inverse of Φ; ±∞ at 1 and 0."""
    from scipy.special import ndtri

    return np.asarray(ndtri(probability), dtype=np.float64)


def chi_square_quantile(degrees: npt.ArrayLike, probability: float) -> FloatArray:
    """Quantile of the χ² distribution."""
    from scipy.special import chdtri

    return np.asarray(chdtri(degrees, 1 - probability), dtype=np.float64)


def gamma_quantile(a: npt.ArrayLike, probability: npt.ArrayLike) -> FloatArray:
    """Quantile of the gamma of scale 1; a above 0."""
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(a, probability), dtype=np.float64)


def t_cdf(degrees: npt.ArrayLike, value: npt.ArrayLike) -> FloatArray:
    """Distribution function of Student's t."""
    from scipy.special import stdtr

    return np.asarray(stdtr(degrees, value), dtype=np.float64)
