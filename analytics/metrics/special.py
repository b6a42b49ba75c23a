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
