"""Cases and invitations: what happened before anyone answered. Names no answer.

Counted from the packed columns of all resolutions; while not every day was packed, from the rows.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.frames import resolutions, sent_rows
from analytics.frames.moment import this_moment
from analytics.frames.resolution_rows import COMPLETED, DELIVERED, INVITED, STATES
from analytics.frames.selection import Selection

_STATE: Final = np.arange(STATES)
#: What a case was known to be before anybody was asked: columns, and dimensions of filters.
_DIMENSIONS: Final = {
    "cause_id": "cause",
    "product_id": "product",
    "channel": "channel",
    "team_id": "team",
}
KINDS: Final = tuple(_DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Dispositions:
    """How many were invited, of these reached, and of these who answered to the end."""

    invited: int
    delivered: int
    completed: int


def dispositions(selection: Selection) -> Dispositions:
    """Invited: a mail was sent or attempted (sent, perhaps sent, failed, closed), bounces included.
    Delivered: not failed, not bounced. Completed: answered to the end, among the invited.

    Of cases resolved in the period by resolution, of invitations sent in it by answer; one whose
    mail could not be sent has the day it was due.
    """
    with this_moment():
        if not resolutions.is_packed():
            return Dispositions(*sent_rows.dispositions(selection))
        counted = resolutions.states(selection)
    invited, delivered, completed = (
        int(counted[_STATE & bit > 0].sum()) for bit in (INVITED, DELIVERED, COMPLETED)
    )
    return Dispositions(invited, delivered, completed)


def cases_by_cause(selection: Selection) -> pd.DataFrame:
    """Resolutions of each cause, by the day of resolution whatever the basis of the answers.

    A case resolved, reopened and resolved again came up twice and counts twice.

    Shape: cause_id, cases; one row per cause with cases.
    """
    with this_moment():
        if not resolutions.is_packed():
            return sent_rows.cases_by_cause(selection)
        counted = resolutions.by(selection, ("cause",))["cause"]
    found = sorted((cause, n) for cause, n in counted.items() if cause is not None)
    return pd.DataFrame(found, columns=["cause_id", "cases"])


def resolved_by_kind(selection: Selection) -> pd.DataFrame:
    """Resolutions by each thing that was known of a case, by the day of resolution.

    Shape: kind (one of `KINDS`), value (None where there is none), n; the n of each kind add up to
    all resolutions.
    """
    with this_moment():
        if not resolutions.is_packed():
            told = sent_rows.resolved_by_kind(selection, KINDS)
        else:
            counted = resolutions.by(selection, tuple(_DIMENSIONS.values()))
            told = [
                (kind, value, n)
                for kind, name in _DIMENSIONS.items()
                for value, n in counted[name].items()
            ]
    return pd.DataFrame(told, columns=["kind", "value", "n"], dtype=object)


def weekly(selection: Selection, one: int | None = None) -> pd.DataFrame:
    """Resolutions of every cause by the ISO week of the resolution; those without one left out.

    Shape: week (its Monday), cause_id, cases; all causes but `one`, where it is given, as one of id
    0.
    """
    with this_moment():
        if not resolutions.is_packed():
            return sent_rows.weekly(selection, one)
        mondays, codes, counts = resolutions.weekly(selection)
        _, values, place = resolutions.codes_of("cause")
    told = np.array([0 if cause is None else cause for cause in values], np.int64)
    some = np.array([cause is not None for cause in values], bool)[place[codes]]
    if one is not None:
        told[told != one] = 0
    found = pd.DataFrame(
        {"week": mondays[some], "cause_id": told[place[codes[some]]], "cases": counts[some]}
    )
    total = found.groupby(["week", "cause_id"], sort=True)["cases"].sum().reset_index()
    days = [dt.date.fromordinal(int(day)) for day in total["week"]]
    total["week"] = pd.Series(days, dtype=object)
    return total
