"""Daily histograms gathered into days, ISO weeks, months or quarters.

Public functions
    trend(daily, bucket, *, share_name="top2", since=None, until=None) -> DataFrame
        start, end (datetime.date, first and last day), partial (bool), h1..h5, n, mean,
        <share_name>, <share_name>_low, <share_name>_high

`daily`: day (date or datetime64), h1..h5; several rows of one day add up.
"""

import datetime as dt
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import HISTOGRAM, IntArray, counts, kinds, require
from analytics.metrics.ratings import summarise

Bucket = Literal["day", "week", "month", "quarter"]
# Weeks end on Sunday: ISO weeks start on Monday.
_PERIODS: dict[str, str] = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q"}


def trend(
    daily: pd.DataFrame,
    bucket: Bucket,
    *,
    share_name: str = "top2",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> pd.DataFrame:
    """Number, mean and share of ratings 4–5 over time.

    Every bucket between the first and the last day appears, also those without answers (n = 0,
    NaN): a picture shows a gap there. `since` and `until` (inclusive) set the first and last day; a
    bucket they cut is `partial`. Without answers and without limits there is no row.

    Shape: see the module; sorted by start. The cells sum to those of `daily`.
    Raises: FrameError for missing or ill-typed columns; ValueError for an unknown bucket, or a day
    outside since–until: dropping it silently would lose answers.
    """
    frequency = _PERIODS.get(bucket)
    if frequency is None:
        raise ValueError(f"bucket must be day, week, month or quarter, is {bucket!r}")
    require(daily, {"day": "date", **kinds(HISTOGRAM)})
    days = pd.to_datetime(pd.Series(daily["day"].to_numpy(), dtype="datetime64[s]"))
    first = pd.Timestamp(since) if since else days.min()
    last = pd.Timestamp(until) if until else days.max()
    if len(days) and (days.min() < first or days.max() > last):
        raise ValueError("a day lies outside the asked dates")
    if len(days) or (since and until):
        periods = pd.period_range(first, last, freq=frequency)
    else:
        periods = pd.PeriodIndex([], freq=frequency)
    place = periods.get_indexer(pd.PeriodIndex(days.dt.to_period(frequency)))
    table = _gathered(periods, place, counts(daily, HISTOGRAM))
    table.insert(2, "partial", (periods.start_time < first) | (_ends(periods) > last))
    return summarise(table, share_name=share_name)


def _ends(periods: pd.PeriodIndex) -> pd.DatetimeIndex:
    return periods.end_time.floor("D")


def _gathered(
    periods: pd.PeriodIndex, place: npt.NDArray[np.intp], cells: IntArray
) -> pd.DataFrame:
    """start, end, h1..h5 of each period; `place` says which one each row of cells is of."""
    sums = np.zeros((len(periods), 5), np.int64)
    np.add.at(sums, place, cells)
    table = pd.DataFrame(sums, columns=list(HISTOGRAM))
    table.insert(0, "start", np.asarray(periods.start_time.date, dtype=object))
    table.insert(1, "end", np.asarray(_ends(periods).date, dtype=object))
    return table
