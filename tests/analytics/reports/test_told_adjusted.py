"""A lead's agents with the same mix of cases: nearly what a reader of everything reads of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest
from django.core.cache import cache
from django.utils import timezone

from analytics import reports, simulation
from analytics.filters import Filters
from analytics.reports.figures import AgentRow
from surveys.models import Team
from surveys.services.access import API_REPORTS, Scope


def _lead_of(team: Team) -> Scope:
    return Scope(
        team_ids=(team.pk,), agent_ids=None, cause_ids=None, sees_fix=True, sees_agents=True
    )


def _by_id(rows: Sequence[AgentRow]) -> dict[str, AgentRow]:
    return {row.agent.external_id: row for row in rows if row.adjusted is not None}


@pytest.mark.django_db
def test_a_lead_is_told_nearly_what_everything_says_and_not_more_surely() -> None:
    cache.clear()
    # The months of reference end with the last one.
    last = timezone.now().date().replace(day=1) - dt.timedelta(days=1)
    hard = simulation.Nature(shared=0.0, routed=0.7, difficulty_spread=1.0)
    simulation.simulate(6_000, seed=3, last_day=last, agents=24, causes=8, days=80, nature=hard)
    of_all = _by_id(reports.agents(Filters(), API_REPORTS).results)
    apart, mixed, widths = [], [], []
    for team in Team.objects.all():
        report = reports.agents(Filters(), _lead_of(team))
        assert report.n_ranked > len(report.results)
        for name, row in _by_id(report.results).items():
            full = of_all[name]
            ends = (row.adjusted, row.adjusted_low, row.adjusted_high, full.adjusted)
            value, low, high, other = (float(end or 0.0) for end in ends)
            assert low < other < high, name
            assert row.rank_low is not None
            apart.append(abs(value - other))
            mixed.append(abs(other - float(full.top2 or 0.0)))
            width = float(full.adjusted_high or 0.0) - float(full.adjusted_low or 0.0)
            widths.append((high - low) / width)
    assert len(apart) >= 20
    # What landed on the desks is taken out, by others' answers as by everybody's.
    assert float(np.mean(apart)) < 0.5 * float(np.mean(mixed))
    assert float(np.mean(widths)) > 1
