"""Single cause answers for readers who are told of them in groups only. Names no fix answer.

What leaves this module goes through `reports.suppression` before anybody sees it.
"""

from __future__ import annotations

import pandas as pd

from analytics.frames.goes import RATED_FIRST, rated_first
from analytics.frames.selection import Selection
from analytics.frames.sql import frame


def facts(within: Selection) -> pd.DataFrame:
    """Every rating of a cause within a reader's limits, in the order in which they are told.

    Shape: response_id, answered_on, resolved_on, cause_id, c1, c2, c3 (the latter two may be
    missing); one row per response with C1.
    """
    where, values = within.facts()
    return frame(
        "SELECT response_id, answered_on, resolved_on, cause_id, c1, c2, c3"
        f" FROM analytics_countedresponse AS said{rated_first('C1')}"
        f" WHERE {where} AND c1 IS NOT NULL ORDER BY {RATED_FIRST}, response_id",
        values,
    )
