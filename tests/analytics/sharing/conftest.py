"""A company with answers, and the scripted mail server."""

from __future__ import annotations

import datetime as dt

from analytics import simulation
from tests.surveys.services.conftest import smtp
from tests.worlds import world

__all__ = ["smtp"]

#: A Monday, with the last simulated answers in the week before it.
MONDAY = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)


@world
def company() -> simulation.Simulated:
    return simulation.simulate(
        900, seed=5, last_day=dt.date(2026, 11, 22), agents=4, causes=5, days=40, response_rate=0.8
    )
