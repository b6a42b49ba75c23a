"""Single fix answers for readers who are told of them in groups only. Names no cause answer.

What leaves this module goes through `reports.suppression` before anybody sees it.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from analytics.frames.fix import AGENT_RATING
from analytics.frames.goes import RATED_FIRST, rated_first
from analytics.frames.selection import Selection
from analytics.frames.sql import frame


def facts(within: Selection) -> pd.DataFrame:
    """Every rating of the fix within a reader's limits, in the order in which they are told.

    Shape: response_id, answered_on, resolved_on, agent_ids (a list), cause_id, product_id, channel,
    f1, rating (what is said of an agent); one row per response with F1.
    """
    where, values = within.facts()
    return frame(
        "SELECT response_id, answered_on, resolved_on, agent_ids, cause_id, product_id, channel,"
        f" f1, {AGENT_RATING} AS rating FROM analytics_countedresponse AS said{rated_first('F1')}"
        f" WHERE {where} AND f1 IS NOT NULL ORDER BY {RATED_FIRST}, response_id",
        values,
    )


def of_others(limits: Selection, since: dt.date, until: dt.date) -> pd.DataFrame:
    """What `fix.hits_of_mixes` says, of the answers outside a reader's limits alone.

    Shape: agent_id, cause_id, product_id, channel, n, top2.
    """
    where, values = limits.facts()
    return frame(
        "SELECT unnest(agent_ids) AS agent_id, cause_id, product_id, channel, n, top2 FROM ("
        "SELECT agent_ids, cause_id, product_id, channel, count(*) AS n,"
        f" count(*) FILTER (WHERE {AGENT_RATING} >= 4) AS top2"
        " FROM analytics_countedresponse WHERE answered_on BETWEEN %(since)s AND %(until)s"
        f" AND ({where}) IS NOT TRUE AND {AGENT_RATING} IS NOT NULL"
        " GROUP BY agent_ids, cause_id, product_id, channel) AS counted"
        " ORDER BY agent_id, cause_id, product_id, channel",
        {**values, "since": since, "until": until},
    )
