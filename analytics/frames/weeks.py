"""Causes by the ISO week, for charts of control. No statement here names a fix answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from analytics.columns import HISTOGRAM
from analytics.frames import packed, sent
from analytics.frames.blocks import CAUSE_CODES
from analytics.frames.names import TAXONOMY
from analytics.frames.selection import Selection
from analytics.frames.sql import frame, rows

_N: Final = "sum(h1 + h2 + h3 + h4 + h5)::bigint"
#: From the packed cause ratings to C1: one column per option.
_C1: Final = (np.arange(1, 6) == np.arange(CAUSE_CODES)[:, None] // 30).astype(np.int64)


def dismay(since: dt.date, until: dt.date) -> pd.DataFrame:
    """Answers to C1 of every cause by week of the answer, from the rollup.

    Shape: week (its Monday), cause_id, n, dismayed; one row per week and cause with answers.
    """
    return frame(
        f"SELECT {_monday('day')} AS week, scope_id AS cause_id, {_N} AS n,"
        " sum(h4 + h5)::bigint AS dismayed FROM analytics_causeday"
        " WHERE basis = 'a' AND scope = 'cause' AND day BETWEEN %(since)s AND %(until)s"
        f" GROUP BY 1, 2 HAVING {_N} > 0 ORDER BY 1, 2",
        {"since": since, "until": until},
    )


def cases(
    since: dt.date, until: dt.date, selection: Selection, one: int | None = None
) -> pd.DataFrame:
    """Resolutions of every cause by week of the resolution, under filters on what a case was
    (language and questionnaire are the invitation's); those without a cause left out.

    Shape: week (its Monday), cause_id, cases; all causes but `one`, where it is given, as one of id
    0.
    """
    everything = selection.without("cause", "language", "questionnaire")
    return sent.weekly(replace(everything, from_=since, to=until), one)


def _monday(day: str) -> str:
    """The Monday of a date: counted, which is many times cheaper than `date_trunc`. The first day
    there is was one."""
    return f"({day} - ({day} - DATE '0001-01-01') %% 7)"


def cases_of(cause_id: int, since: dt.date, until: dt.date, most: int) -> pd.DataFrame:
    """The newest `most` cases of one cause by what tells whether their customers came back.

    Shape: customer, cause_id, resolved_on, opened_on (dates, None where not told); one row per
    case, by its last resolution of the cause.
    """
    period, values = Selection(from_=since, to=until).moments("r.resolved_at")
    return frame(
        "SELECT c.customer_id AS customer, r.cause_id,"
        " max((r.resolved_at AT TIME ZONE 'UTC')::date) AS resolved_on,"
        " min((c.opened_at AT TIME ZONE 'UTC')::date) AS opened_on"
        " FROM (SELECT r.case_id, r.cause_id, r.resolved_at FROM surveys_resolution AS r"
        f" WHERE r.cause_id = %(cause_id)s AND {period}"
        " ORDER BY r.resolved_at DESC LIMIT %(most)s) AS r"
        " JOIN surveys_case AS c ON c.id = r.case_id GROUP BY c.id, c.customer_id, r.cause_id",
        {**values, "cause_id": cause_id, "most": most},
    )


def newest_of(cause_id: int) -> str:
    """Changes where cases came to a cause, or causes were merged."""
    [(newest, taxonomy)] = rows(
        "SELECT (SELECT COALESCE(max(id), 0) FROM surveys_resolution"
        f" WHERE cause_id = %(cause_id)s), ({TAXONOMY})",
        {"cause_id": cause_id},
    )
    return f"{newest}:{taxonomy}"


def comments(cause_id: int, since: dt.date, until: dt.date, most: int) -> pd.DataFrame:
    """What customers say should change: the newest `most` comments about one cause, and as many
    about others to compare the language with.

    Shape: cause_id, customer, text, names (a list, to be scrubbed); one row per comment.
    """
    period, values = Selection(from_=since, to=until).moments("p.answered_at")
    of = (
        "SELECT r.cause_id, c.customer_id AS customer, p.cause_comment AS text,"
        " ARRAY_REMOVE(ARRAY[u.name], NULL) AS names"
        " FROM surveys_response AS p JOIN surveys_invitation AS i ON i.id = p.invitation_id"
        " JOIN surveys_resolution AS r ON r.id = i.resolution_id"
        " JOIN surveys_case AS c ON c.id = r.case_id"
        " LEFT JOIN surveys_customer AS u ON u.id = c.customer_id"
        f" WHERE p.cause_comment <> '' AND {period} AND r.cause_id {{}} %(cause_id)s"
        " ORDER BY p.answered_at DESC LIMIT %(most)s"
    )
    return frame(
        f"({of.format('=')}) UNION ALL ({of.format('<>')})",
        {**values, "cause_id": cause_id, "most": most},
    )


def first_day() -> dt.date | None:
    """The first day of which anything about a cause was counted."""
    return beginning()[0]


def beginning() -> tuple[dt.date | None, str]:
    """The first day of which anything about a cause was counted; and what tells one installation's
    data from another's behind the same cache, and the causes before a merge from those after it.
    Four look-ups."""
    [(day, oldest, newest, taxonomy)] = rows(
        "SELECT (SELECT min(day) FROM analytics_causeday WHERE basis = 'a'),"
        " (SELECT min(id) FROM surveys_resolution), (SELECT max(id) FROM surveys_cause),"
        f" ({TAXONOMY})"
    )
    return day, f"{oldest}-{newest}-{taxonomy}"


def by(selection: Selection, dimension: Literal["product", "channel"]) -> pd.DataFrame:
    """C1 by what the case was: products by their id, channels by name, None for those without.

    Shape: value, h1..h5; one row per value with answers.
    """
    found = packed.grouped(selection, dimension, "cause_ratings", CAUSE_CODES)
    counts = found.counts @ _C1
    table = pd.DataFrame(counts, columns=list(HISTOGRAM))
    table.insert(0, "value", pd.Series(found.values, dtype=object))
    some = np.asarray(counts.any(axis=1), dtype=bool)
    return table.loc[some].reset_index(drop=True)


def products(ids: Collection[int]) -> dict[int, str]:
    """The names of products."""
    found: list[tuple[Any, ...]] = rows(
        "SELECT id, name FROM surveys_product WHERE id = ANY(%(ids)s::bigint[])", {"ids": list(ids)}
    )
    return dict(found)
