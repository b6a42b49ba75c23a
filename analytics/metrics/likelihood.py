"""Generalised linear models with the dispersion from Pearson's χ², in a few lines of numpy.

statsmodels' is what this one is checked by, in tests: pages read verdicts of many actions, and a
request must neither wait two seconds for its modules nor build its result objects.

Public function
    fit(family, y, design, *, exposure=None) -> Fit
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray

Model = Literal["poisson", "binomial", "gaussian"]
_MOST_STEPS: Final = 100
#: Relative change of the deviance below which it has settled, as statsmodels and R take it.
_SETTLED: Final = 1e-10
_LEAST: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients on the link's scale (log, logit, identity); `covariance` is theirs where the
    dispersion is 1, to be multiplied by `dispersion`; `freedom` are the residual degrees."""

    coefficients: FloatArray
    covariance: FloatArray
    dispersion: float
    freedom: int


def fit(
    family: Model,
    y: npt.ArrayLike,
    design: npt.ArrayLike,
    *,
    exposure: npt.ArrayLike | None = None,
) -> Fit:
    """Quasi-likelihood by iteratively reweighted least squares.

    Shape: y (rows,); design (rows, columns), the constant included; exposure (rows,), the base of
    Poisson counts or the answers of which y were hits.
    Raises: numpy.linalg.LinAlgError where columns depend on each other.
    Source: McCullagh & Nelder 1989, Generalized Linear Models, sections 2.5, 4.5 and 6.2.
    """
    hits, columns = np.asarray(y, dtype=float), np.asarray(design, dtype=float)
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise np.linalg.LinAlgError("the columns of the design depend on each other")
    size = np.ones(len(hits)) if exposure is None else np.asarray(exposure, dtype=float)
    mean = _start(family, hits, size)
    deviance = np.inf
    for _ in range(_MOST_STEPS):
        working, weight = _linearised(family, hits, size, mean)
        root = np.sqrt(weight)
        coefficients = np.linalg.lstsq(columns * root[:, None], working * root, rcond=None)[0]
        mean = _mean(family, columns @ coefficients, size)
        before, deviance = deviance, _deviance(family, hits, size, mean)
        if family == "gaussian" or abs(before - deviance) <= _SETTLED * (abs(deviance) + 0.1):
            break
    _, weight = _linearised(family, hits, size, mean)
    freedom = len(hits) - columns.shape[1]
    covariance = np.linalg.inv(columns.T @ (columns * weight[:, None]))
    chi2 = float(((hits - mean) ** 2 / _variance(family, mean, size)).sum())
    told = np.asarray(coefficients, dtype=float), np.asarray(covariance, dtype=float)
    return Fit(*told, chi2 / freedom, freedom)


def _start(family: Model, hits: FloatArray, size: FloatArray) -> FloatArray:
    """Means to begin with, off the edge where there is no link."""
    if family == "binomial":
        return size * (hits + 0.5) / (size + 1)
    return (hits + hits.mean()) / 2 if family == "poisson" else hits


def _mean(family: Model, linear: FloatArray, size: FloatArray) -> FloatArray:
    if family == "gaussian":
        return linear
    bounded = np.clip(linear, -500, 500)
    if family == "poisson":
        return np.asarray(np.maximum(size * np.exp(bounded), _LEAST))
    share = 1 / (1 + np.exp(-bounded))
    return np.asarray(size * np.clip(share, _LEAST, 1 - _LEAST))


def _variance(family: Model, mean: FloatArray, size: FloatArray) -> FloatArray:
    if family == "gaussian":
        return np.ones(len(mean))
    return mean if family == "poisson" else mean * (1 - mean / size)


def _linearised(
    family: Model, hits: FloatArray, size: FloatArray, mean: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The working response and its weight; both links are the natural ones, so that the weight is
    the variance."""
    if family == "gaussian":
        return hits, np.ones(len(hits))
    weight = _variance(family, mean, size)
    linear = np.log(mean / size) if family == "poisson" else np.log(mean / (size - mean))
    return linear + (hits - mean) / weight, weight


def _deviance(family: Model, hits: FloatArray, size: FloatArray, mean: FloatArray) -> float:
    if family == "gaussian":
        return float(((hits - mean) ** 2).sum())
    parts = _times_log(hits, mean)
    if family == "binomial":
        return float(2 * (parts + _times_log(size - hits, size - mean)).sum())
    return float(2 * (parts - (hits - mean)).sum())


def _times_log(seen: FloatArray, meant: FloatArray) -> FloatArray:
    """x · log(x / m), 0 where x is 0."""
    return np.where(seen > 0, seen * np.log(np.where(seen > 0, seen, 1.0) / meant), 0.0)


__all__ = ["Fit", "Model", "fit"]
