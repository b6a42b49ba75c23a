"""Agents' rows that are made when they are read: the same as if all had been made at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from analytics import reports, simulation
from analytics.filters import Filters
from analytics.reports.agent_rows import AgentRows
from surveys.models import Agent
from surveys.services.access import EVERYTHING

pytestmark = pytest.mark.django_db
LAST_DAY = dt.date(2026, 11, 20)


@pytest.fixture
def rows() -> AgentRows:
    hard = simulation.Nature(routed=0.7, difficulty_spread=1.5)
    simulation.simulate(
        1_500, seed=5, last_day=LAST_DAY, agents=12, causes=6, days=30, response_rate=0.6,
        nature=hard,
    )  # fmt: skip
    return reports.agents(Filters(), EVERYTHING).results


def test_rows_are_a_sequence_like_a_tuple(rows: AgentRows) -> None:
    parts = [rows[3], *rows[4:7], rows[-1]]
    whole = tuple(rows)
    assert parts == [whole[3], *whole[4:7], whole[-1]]
    # Once all were made they are not made again.
    assert rows[3] is whole[3] is next(row for row in rows if row == whole[3])
    assert rows == whole
    assert rows != whole[1:]
    names = [row.agent.name.casefold() for row in rows]
    assert names == sorted(names)


def test_those_judged_unfairly_are_found_without_making_the_others(rows: AgentRows) -> None:
    found = rows.better_by(0.02)
    assert found == tuple(
        row
        for row in rows
        if not row.indicative
        and row.adjusted is not None
        and row.top2 is not None
        and row.adjusted - row.top2 >= 0.02
    )
    assert 0 < len(found) < len(rows)


def test_names_are_those_of_now_where_figures_were_kept(rows: AgentRows) -> None:
    first = rows[0]
    Agent.objects.filter(pk=first.id).update(name="Zoe")
    renamed = reports.agents(Filters(), EVERYTHING).results
    assert [row.id for row in renamed] == [
        *(row.id for row in rows if row.id != first.id),
        first.id,
    ]
    assert renamed[-1].agent.name == "Zoe"
    cache.clear()
