"""A small made-up company, counted."""

from __future__ import annotations

import datetime as dt

from analytics import simulation
from tests.worlds import world

LAST_DAY = dt.date(2026, 11, 20)
DAYS = 45


@world
def company() -> simulation.Simulated:
    """1,500 cases, most answered; 14 agents, some of them with very few ratings."""
    return simulation.simulate(
        1_500,
        seed=3,
        last_day=LAST_DAY,
        agents=14,
        causes=9,
        days=DAYS,
        response_rate=0.6,
    )
