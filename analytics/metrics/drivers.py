"""What goes along with whether customers would choose the company again.

Public functions
    drivers(frame, outcome, predictors, *, counts=None, draws=500, seed=SEED, too_few=100)
        -> Drivers
    lmg(correlations) -> array                 parts of R², averaged over all orders of entry
    relative_weights(correlations) -> array    Johnson's approximation of the same

Both are parts of R² that add up to it. They say what goes along with the outcome, not what would
happen if it were changed. Correlations: (…, p + 1, p + 1), the outcome last; leading dimensions are
samples, so a whole bootstrap is one call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import FloatArray, kinds, require
from analytics.metrics.intervals import SEED

#: Complete answers below which the parts are mostly noise.
TOO_FEW = 100
#: 2^p regressions for each sample.
MOST_PREDICTORS = 8
DRAWS = 500
#: Samples drawn at once, so that memory does not grow with their number.
_AT_ONCE = 50
_RIDGE = 1e-11


@dataclass(frozen=True, slots=True)
class Drivers:
    """`table`, most important first: predictor, r, lmg, lmg_low, lmg_high, weight, weight_low,
    weight_high (parts of R², 95 % bootstrap intervals); `r2` of all predictors together; `n`
    complete answers. NaN and `too_few` where there is nothing to say."""

    n: int
    r2: float
    too_few: bool
    table: pd.DataFrame


def drivers(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    counts: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    too_few: int = TOO_FEW,
) -> Drivers:
    """Importance of each predictor for the outcome, from complete answers.

    Answers are few distinct patterns: each bootstrap sample draws how often each pattern occurs, as
    a Poisson number, which costs the same for a thousand answers as for a million.

    Shape: answers, one row each, numeric columns; with `counts`, a column that says how many
    answers each row stands for.
    Units: parts of R², 0–1; r −1..1.
    Raises: FrameError for missing or non-numeric columns; ValueError for no predictor, one named
    twice, or more than 8.
    Source: Lindeman, Merenda & Gold 1980, p. 119; Grömping 2006, J. Stat. Software 17(1); Johnson
    2000, Multivariate Behavioral Research 35:1; percentile bootstrap, Efron & Tibshirani 1993,
    in its Poisson form, Hanley & MacGibbon 2006, Comput. Methods Programs Biomed. 83:57.
    """
    names = list(predictors)
    if not 1 <= len(names) <= MOST_PREDICTORS or len({*names, outcome}) <= len(names):
        raise ValueError(f"1 to {MOST_PREDICTORS} different predictors are wanted, not {names}")
    patterns, counted = _patterns(frame, [*names, outcome], counts)
    n = int(counted.sum())
    one = _correlations(patterns, counted[None])[0]
    if n < max(too_few, 2) or np.ptp(patterns[:, -1]) == 0:
        nothing = np.full((len(names), 2), np.nan)
        return Drivers(n, float("nan"), True, _table(names, one, nothing, nothing, nothing))
    parts, low, high = _importance(one, patterns, counted, draws, seed)
    return Drivers(n, float(parts[:, 0].sum()), False, _table(names, one, parts, low, high))


def _importance(
    one: FloatArray, patterns: FloatArray, counted: npt.NDArray[np.int64], draws: int, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """LMG and Johnson's weights with their bootstrap limits. Shape: (predictors, 2) each."""
    drawn = _drawn(patterns, counted, draws, seed)
    parts = np.column_stack([lmg(one), relative_weights(one)])
    spread = np.stack([lmg(drawn), relative_weights(drawn)], axis=-1)
    low, high = np.quantile(spread, [0.025, 0.975], axis=0)
    return parts, low, high


def _patterns(
    frame: pd.DataFrame, columns: list[str], counts: str | None
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """The different complete answers, and how often each was given. Sorted by value alone: the
    order of the columns must not move the draws."""
    require(frame, kinds([*columns, *([counts] if counts else [])], "number"))
    complete = frame.dropna(subset=columns)
    n = complete[counts] if counts else pd.Series(1, index=complete.index)
    some = (n > 0).to_numpy()
    answers = complete.loc[some, columns].to_numpy(dtype=np.float64)
    patterns, place = np.unique(answers, axis=0, return_inverse=True)
    counted = np.zeros(len(patterns), np.int64)
    np.add.at(counted, place.ravel(), n.to_numpy()[some].astype(np.int64))
    return patterns, counted


def _drawn(
    patterns: FloatArray, counted: npt.NDArray[np.int64], draws: int, seed: int
) -> FloatArray:
    """Correlations of the bootstrap samples. Shape: (draws, p + 1, p + 1)."""
    random = np.random.default_rng(seed)
    blocks = [min(_AT_ONCE, draws - start) for start in range(0, draws, _AT_ONCE)]
    return np.concatenate(
        [_correlations(patterns, random.poisson(counted, (k, len(counted)))) for k in blocks]
    )


def _table(
    names: list[str], one: FloatArray, parts: FloatArray, low: FloatArray, high: FloatArray
) -> pd.DataFrame:
    columns: dict[str, object] = {"predictor": names, "r": one[:-1, -1]}
    for place, name in enumerate(("lmg", "weight")):
        columns[name] = parts[:, place]
        columns[f"{name}_low"] = np.minimum(low[:, place], parts[:, place])
        columns[f"{name}_high"] = np.maximum(high[:, place], parts[:, place])
    table = pd.DataFrame(columns)
    return table.sort_values(["lmg", "predictor"], ascending=[False, True], ignore_index=True)


def _correlations(patterns: FloatArray, samples: npt.NDArray[np.int64]) -> FloatArray:
    """Shape: patterns (k, p + 1), how often each was drawn (samples, k) → (samples, p + 1, p + 1).

    A column that does not vary in a sample goes along with nothing: 0, and 1 with itself.
    """
    n = samples.sum(axis=1)[:, None]
    size = patterns.shape[1]
    drawn = samples.astype(np.float64)
    centred = patterns - (patterns.mean(axis=0) if len(patterns) else 0.0)
    products = (centred[:, :, None] * centred[:, None, :]).reshape(len(patterns), size**2)
    means = drawn @ centred / np.maximum(n, 1)
    second = (drawn @ products / np.maximum(n, 1)).reshape(-1, size, size)
    covariance = second - means[:, :, None] * means[:, None, :]
    deviation = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0))
    scale = deviation[:, :, None] * deviation[:, None, :]
    varies = scale > 1e-12
    found = np.where(varies, covariance / np.where(varies, scale, 1.0), 0.0)
    place = np.arange(size)
    found[:, place, place] = 1.0
    return np.asarray(np.clip(found, -1, 1))


def _explained(correlations: FloatArray, chosen: npt.NDArray[np.intp]) -> FloatArray:
    """R² of the outcome on the chosen predictors; dependent ones share what they explain."""
    if not chosen.size:
        return np.zeros(correlations.shape[:-2])
    among = correlations[..., chosen[:, None], chosen]
    with_outcome = correlations[..., chosen, -1]
    # The ridge lets dependent predictors pass, and is lost in the tenth digit elsewhere.
    slopes = np.linalg.solve(among + _RIDGE * np.eye(chosen.size), with_outcome[..., None])
    found = (with_outcome * slopes[..., 0]).sum(axis=-1)
    return np.asarray(np.clip(found, 0, 1))


def lmg(correlations: npt.ArrayLike) -> FloatArray:
    """What each predictor adds to R², averaged over all orders in which they may enter.

    Shape: (…, p + 1, p + 1) → (…, p). The parts add up to R².
    Source: Lindeman, Merenda & Gold 1980; the Shapley value of R².
    """
    table = np.asarray(correlations, dtype=float)
    p = table.shape[-1] - 1
    masks = np.arange(2**p)
    inside = (masks[:, None] >> np.arange(p)) & 1
    explained = np.stack([_explained(table, np.flatnonzero(row)) for row in inside], axis=-1)
    sizes = inside.sum(axis=1)
    share = np.array([factorial(k) * factorial(p - k - 1) / factorial(p) for k in range(p)])
    parts = []
    for place in range(p):
        without = masks[inside[:, place] == 0]
        gain = explained[..., without | (1 << place)] - explained[..., without]
        parts.append(gain @ share[sizes[without]])
    return np.stack(parts, axis=-1)


def relative_weights(correlations: npt.ArrayLike) -> FloatArray:
    """Johnson's relative weights: R² by uncorrelated look-alikes of the predictors, handed back.

    Shape: (…, p + 1, p + 1) → (…, p). The parts add up to R²; with two predictors they are LMG's.
    Source: Johnson 2000, Multivariate Behavioral Research 35:1, equations 1–5.
    """
    table = np.asarray(correlations, dtype=float)
    values, vectors = np.linalg.eigh(table[..., :-1, :-1])
    root = np.sqrt(np.maximum(values, 0))
    inverse = np.where(root > 1e-6, 1 / np.where(root > 1e-6, root, 1.0), 0.0)
    half = np.einsum("...ik,...k,...jk->...ij", vectors, root, vectors)
    back = np.einsum("...ik,...k,...jk->...ij", vectors, inverse, vectors)
    beta = np.einsum("...ij,...j->...i", back, table[..., :-1, -1])
    return np.asarray(np.einsum("...ij,...j->...i", half**2, beta**2))
