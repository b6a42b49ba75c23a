"""How many customers come back with the same cause, counting fairly those not yet watched for long.

Public functions
    returns(cases, until) -> DataFrame           days to the same customer's next case of the cause
    recurrence(watched, *, horizon=90) -> DataFrame       per cause, the chance to come back
    kaplan_meier(days, came, horizon, group=None, groups=1) -> Survival

`cases`: customer, cause_id, resolved_on, opened_on (dates; opened_on may be missing), one row per
case. Days are whole.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.columns import FloatArray, IntArray, require
from analytics.metrics.intervals import Interval, normal_quantile, wilson

HORIZON = 90


@dataclass(frozen=True, slots=True)
class Survival:
    """Per group and day 0 … horizon: `at_risk` before the day, `events` on it, `survival` after it,
    and Greenwood's `variance`; all (groups, horizon + 1)."""

    at_risk: IntArray
    events: IntArray
    survival: FloatArray
    variance: FloatArray

    def interval(self, confidence: float = 0.95) -> Interval:
        """Limits on the log(−log) scale, which stay within 0–1.

        Where nothing has happened yet, or all of it, that scale ends: Wilson's limits of as many as
        were at risk stand in.
        Source: Kalbfleisch & Prentice 2002, section 1.4.2.
        """
        inner = (self.survival > 0) & (self.survival < 1)
        depth = -np.log(np.where(inner, self.survival, 0.5))
        step = normal_quantile(confidence) * np.sqrt(np.where(inner, self.variance, 0)) / depth
        edge = wilson(np.where(self.survival > 0.5, self.at_risk, 0), self.at_risk, confidence)
        low = np.where(inner, np.exp(-depth * np.exp(step)), edge.low)
        high = np.where(inner, np.exp(-depth * np.exp(-step)), edge.high)
        return Interval(low, high)


def kaplan_meier(
    days: npt.ArrayLike,
    came: npt.ArrayLike,
    horizon: int,
    group: npt.ArrayLike | None = None,
    groups: int = 1,
) -> Survival:
    """The product-limit estimate of all groups at once.

    Shape: days (rows,) whole and not below 0, came (rows,) whether it happened then or watching
    ended; group (rows,) numbers below `groups`. What happens after the horizon counts as watched.
    Raises: ValueError for days below 0.
    Source: Kaplan & Meier 1958, JASA 53:457; Greenwood 1926.
    """
    when, happened = np.asarray(days, dtype=np.int64), np.asarray(came, dtype=bool)
    if (when < 0).any():
        raise ValueError("days must not be below 0")
    place = np.zeros(len(when), np.int64) if group is None else np.asarray(group, dtype=np.int64)
    width = horizon + 2
    late = when > horizon
    cell = place * width + np.where(late, horizon + 1, when)
    size = groups * width
    left = np.bincount(cell, minlength=size).reshape(groups, width)
    events = np.bincount(cell[happened & ~late], minlength=size).reshape(groups, width)[:, :-1]
    at_risk = left[:, ::-1].cumsum(axis=1)[:, ::-1][:, :-1]
    some = np.maximum(at_risk, 1)
    survival = np.cumprod(1 - events / some, axis=1)
    remain = some * (some - events)
    variance = np.cumsum(np.where(remain > 0, events / np.maximum(remain, 1), np.inf), axis=1)
    return Survival(at_risk, events, survival, np.where(survival > 0, variance, np.nan))


def returns(cases: pd.DataFrame, until: dt.date) -> pd.DataFrame:
    """Days from each case's resolution to the same customer's next case of the same cause.

    The next case counts from when it was opened, or resolved where that is not known; one opened
    before this was resolved came back on day 0. Cases without a customer are watched, but nobody
    can be recognised: they are left out.

    Shape: → cause_id, days (int64), came (bool); one row per case that was resolved by `until`.
    Raises: FrameError for missing or ill-typed columns.
    """
    require(
        cases,
        {"customer": "any", "cause_id": "any", "resolved_on": "date", "opened_on": "any"},
    )
    kept = cases.loc[cases["customer"].notna(), ["customer", "cause_id"]].copy()
    for name in ("resolved_on", "opened_on"):
        kept[name] = pd.to_datetime(cases.loc[kept.index, name]).astype("datetime64[s]")
    end = pd.Timestamp(until)
    kept = kept[kept["resolved_on"] <= end]
    kept["begins"] = kept["opened_on"].fillna(kept["resolved_on"])
    kept = kept.sort_values(["customer", "cause_id", "begins", "resolved_on"], kind="stable")
    following = kept.groupby(["customer", "cause_id"], sort=False, dropna=False)["begins"].shift(-1)
    came = following.notna()
    last = following.where(came, end)
    days = (last - kept["resolved_on"]).dt.days.clip(lower=0)
    return pd.DataFrame(
        {"cause_id": kept["cause_id"], "days": days.astype(np.int64), "came": came}
    ).reset_index(drop=True)


def recurrence(watched: pd.DataFrame, *, horizon: int = HORIZON) -> pd.DataFrame:
    """Chance that a customer comes back with the same cause within the horizon, per cause.

    Shape: the frame of `returns` → cause_id, cases, came (within the horizon), watched (cases still
    watched at its end), recurrence, recurrence_low, recurrence_high; by cause_id. The chance is NaN
    where nobody was watched to the end of the horizon.
    Units: chance 0–1 with a 95 % interval.
    Raises: FrameError for missing or ill-typed columns; ValueError for days below 0.
    Source: Kaplan & Meier 1958; log(−log) interval, Kalbfleisch & Prentice 2002. Cases of one
    customer are taken as independent, which makes the interval a little too narrow.
    """
    require(watched, {"cause_id": "any", "days": "integer", "came": "boolean"})
    place, ids = pd.factorize(watched["cause_id"], sort=True)
    known = place >= 0
    days, came = (watched[name].to_numpy()[known] for name in ("days", "came"))
    place = place[known]
    found = kaplan_meier(days, came, horizon, place, len(ids))
    interval = found.interval()
    to_the_end = found.at_risk[:, -1]
    shown = np.where(to_the_end > 0, 0.0, np.nan)
    return pd.DataFrame(
        {
            "cause_id": ids,
            "cases": np.bincount(place, minlength=len(ids)),
            "came": found.events.sum(axis=1),
            "watched": to_the_end,
            "recurrence": 1 - found.survival[:, -1] + shown,
            "recurrence_low": 1 - interval.high[:, -1] + shown,
            "recurrence_high": 1 - interval.low[:, -1] + shown,
        }
    )
