"""Volume × dismay × avoidable: what a cause costs that the company could have prevented.

Public functions
    preventable(frame) -> DataFrame

`frame`: cases (resolved cases), h1..h5 (C1), a1..a5 (C2 avoidable); all integer counts.
`preventable` returns, in the order of the rows: preventable, preventable_low, preventable_high.
"""

import numpy as np
import pandas as pd

from analytics.columns import AVOIDABLE, HISTOGRAM, FloatArray, IntArray, counts
from analytics.metrics.intervals import normal_quantile
from analytics.metrics.shrinkage import pool_for, posterior


def preventable(frame: pd.DataFrame) -> pd.DataFrame:
    """Cases × shrunk share of the dismayed × shrunk share who say it was avoidable.

    Both shares are drawn towards those of all causes, so that a cause few people answer about is
    neither hidden nor blown up. The product takes them for independent within a cause; where those
    who could see it prevented are the more dismayed, it is too low. The interval (90 %) is that of
    a product of two independent beta posteriors, on the log scale; cases are taken as known.

    Shape: three float columns, index as of the frame; NaN where nobody answered C1 or nobody C2.
    Units: customers.
    Raises: FrameError for missing or ill-typed columns.
    Source: Goodman 1960, JASA 55:708 (variance of a product), to first order on the log scale.
    """
    cases = counts(frame, ("cases",))[:, 0].astype(np.float64)
    dismay, dismay_spread = _shrunk(counts(frame, HISTOGRAM))
    avoidable, avoidable_spread = _shrunk(counts(frame, AVOIDABLE))
    value = cases * dismay * avoidable
    step = normal_quantile(0.90) * np.sqrt(dismay_spread + avoidable_spread)
    return pd.DataFrame(
        {
            "preventable": value,
            "preventable_low": value * np.exp(-step),
            "preventable_high": np.minimum(value * np.exp(step), cases),
        },
        index=frame.index,
    )


def _shrunk(table: IntArray) -> tuple[FloatArray, FloatArray]:
    """The posterior mean share of options 4–5, and its squared relative standard deviation."""
    hits, n = table[:, 3:].sum(axis=1), table.sum(axis=1)
    if not n.sum():
        nothing = np.full(len(table), np.nan)
        return nothing, nothing
    a, b = posterior(pool_for(hits, n), hits, n)
    mean = a / (a + b)
    return mean, b / (a * (a + b + 1))
