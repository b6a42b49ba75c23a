"""The only door to scipy: imported when first used, so that other pages never load it.

`scipy.stats` stays out: it pulls in most of scipy, and these few functions are all we need of it.
"""

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
