"""How long an EWMA chart runs until it alarms, by chance and after a shift.

Public functions
    average_run_length(limit, shift=0, smoothing=.2) -> float
    limit_for(arl, smoothing=.2) -> float            L for a wanted ARL₀

Two-sided chart of independent standard normal values, limits ± limit·√(λ/(2 − λ)).
"""

from functools import lru_cache

import numpy as np

#: λ of the charts: weeks are forgotten by a fifth each, good for shifts of about one σ.
SMOOTHING = 0.2
_NODES = 64


def average_run_length(limit: float, shift: float = 0.0, smoothing: float = SMOOTHING) -> float:
    """Average number of points up to the first alarm, from a start at the target.

    The integral equation ARL(u) = 1 + ∫ ARL(y) φ((y − (1 − λ)u)/λ − shift)/λ dy, by Gauss–Legendre
    quadrature.

    Units: limit and shift in standard deviations; points.
    Raises: ValueError unless limit > 0 and 0 < smoothing ≤ 1.
    Source: Crowder 1987, Technometrics 29:401; Lucas & Saccucci 1990, Technometrics 32:1.
    """
    if not (limit > 0 and 0 < smoothing <= 1):
        raise ValueError(f"limit must be above 0 and smoothing in 0..1, are {limit}, {smoothing}")
    half = limit * (smoothing / (2 - smoothing)) ** 0.5
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    y, w = half * nodes, half * weights
    starts = np.append(y, 0.0)
    step = (y - (1 - smoothing) * starts[:, None]) / smoothing - shift
    kernel = np.exp(-0.5 * step**2) / (smoothing * np.sqrt(2 * np.pi)) * w
    lengths = np.linalg.solve(np.eye(_NODES) - kernel[:-1], np.ones(_NODES))
    return float(1 + kernel[-1] @ lengths)


@lru_cache(maxsize=64)
def limit_for(arl: float, smoothing: float = SMOOTHING) -> float:
    """The limit L whose chart alarms by chance once in `arl` points on average.

    Units: standard deviations of the chart's statistic, right to 1e-6.
    Raises: ValueError unless 2 ≤ arl ≤ 10⁷.
    """
    if not 2 <= arl <= 1e7:
        raise ValueError(f"an average run length must lie between 2 and 10 million, is {arl}")
    low, high = 1e-3, 8.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        if average_run_length(middle, 0.0, smoothing) < arl:
            low = middle
        else:
            high = middle
    return (low + high) / 2
