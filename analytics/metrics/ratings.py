"""Histograms of ratings: made from answers, added up, and read as n, mean and share.

Public functions
    histogram(frame, by, rating) -> DataFrame        by…, h1..h5 (int64); one row per group
    merge(frames, by) -> DataFrame                   by…, every other column summed (int64)
    summarise(frame, share_name="top2", confidence=.95) -> DataFrame
        the frame's columns + n, mean, <share_name>, <share_name>_low, <share_name>_high
    total(frame) -> int64 array of 5                 the column sums of h1..h5

The share of ratings 4–5 is called "top2" for the fix and "dismayed" for the cause.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from analytics.columns import HISTOGRAM, FrameError, IntArray, counts, kinds, require
from analytics.metrics.intervals import SCORES, share, wilson


def histogram(frame: pd.DataFrame, by: str | Sequence[str], rating: str) -> pd.DataFrame:
    """Count ratings 1..5 per group.

    One-hot int8 columns and one grouped sum: 3.3 times as fast as counting and unstacking.
    Answers without this rating (NaN) are left out; a missing group value is a group of its own.

    Shape: answers, one row each → one row per group that has a rating, sorted by `by`, columns
    `by` and h1..h5 (int64). The cells sum to the number of ratings.
    Raises: FrameError for missing columns or a rating that is not an integer 1..5.
    """
    keys = [by] if isinstance(by, str) else list(by)
    require(frame, {rating: "number", **kinds(keys, "any")})
    rated = frame.loc[frame[rating].notna(), [*keys, rating]]
    values = rated[rating].to_numpy(dtype=np.float64)
    if not np.isin(values, SCORES).all():
        raise FrameError(f"column {rating!r} holds ratings other than 1 to 5")
    cells = pd.DataFrame(
        {
            name: (values == score).astype(np.int8)
            for name, score in zip(HISTOGRAM, SCORES, strict=True)
        },
        index=rated.index,
    )
    grouped = pd.concat([rated[keys], cells], axis=1).groupby(
        keys, sort=True, dropna=False, observed=True
    )
    return grouped.sum().astype(np.int64).reset_index()


def merge(frames: Iterable[pd.DataFrame], by: str | Sequence[str]) -> pd.DataFrame:
    """Add up frames of counts: merging any partition of the answers equals counting them at once.

    Shape: one row per distinct `by`, sorted; all other columns are summed as integers.
    Raises: FrameError where a column to be summed is not integer; ValueError for no frame at all.
    """
    keys = [by] if isinstance(by, str) else list(by)
    parts = list(frames)
    for part in parts:
        require(part, kinds([name for name in part.columns if name not in keys]))
    filled = [part for part in parts if len(part)] or parts[:1]
    together = pd.concat(filled, ignore_index=True)
    sums = together.groupby(keys, sort=True, dropna=False, observed=True).sum()
    return sums.astype(np.int64).reset_index()


def total(frame: pd.DataFrame) -> IntArray:
    """The histogram of all rows together, shape (5,)."""
    return np.asarray(counts(frame, HISTOGRAM).sum(axis=0), dtype=np.int64)


def summarise(
    frame: pd.DataFrame, share_name: str = "top2", confidence: float = 0.95
) -> pd.DataFrame:
    """Number, mean and share of ratings 4–5 with its Wilson interval, per row.

    Shape: any columns and h1..h5 → the same rows and columns, with n (int64), mean (1–5),
    `share_name`, `share_name`_low, `share_name`_high (0–1) added. NaN where n is 0.
    Raises: FrameError for missing or non-integer histogram columns.
    """
    table = counts(frame, HISTOGRAM)
    n, high_ratings = table.sum(axis=1), table[:, 3:].sum(axis=1)
    interval = wilson(high_ratings, n, confidence)
    divisor = np.where(n > 0, n, np.nan)
    return frame.assign(
        n=n,
        mean=table @ SCORES / divisor,
        **{
            share_name: share(high_ratings, n),
            f"{share_name}_low": interval.low,
            f"{share_name}_high": interval.high,
        },
    )
