"""A recount in plain SQL equals every cell of every report, whatever happened and was asked.

What happened: answers changed after they were counted, customers erased, causes merged, agents
moved to another team, cases shared by five or by two, clocks changed, batches and rebuilds.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics import aggregates, reports, simulation
from analytics.filters import Filters
from surveys.models import Agent, Cause, Resolution, ResolutionAgent, Response, Team
from surveys.services.cause_tree import place
from surveys.services.causes import merge
from tests.analytics.answered import change, erase
from tests.analytics.reports import recounted, recounted_agents

SEED, AGENTS, CAUSES, DAYS = 5, 12, 6, 30
INTERVALS: tuple[reports.Interval, ...] = ("day", "week", "month", "quarter")
#: Clocks in Europe change on 25 October, in America on 1 November.
LAST_DAY = dt.date(2026, 11, 8)
FIRST_DAY = LAST_DAY - dt.timedelta(days=DAYS - 1)

number = st.integers(0, 10_000)
rating = st.one_of(st.none(), st.integers(1, 5))
happenings = st.one_of(
    st.tuples(
        st.just("change"),
        number,
        st.fixed_dictionaries({"f1": rating, "f2": rating, "c1": rating, "c2": rating}),
    ),
    st.tuples(st.just("erase"), number),
    st.tuples(st.just("merge"), number, number),
    st.tuples(st.just("move"), number, number),
    st.tuples(st.just("share"), number, st.sampled_from((2, 5))),
    st.tuples(st.just("count"), st.integers(1, 40)),
    st.tuples(st.just("rebuild"), number),
)
day = st.dates(FIRST_DAY - dt.timedelta(days=2), LAST_DAY + dt.timedelta(days=2))


def _some(*names: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.one_of(
        st.just(()),
        st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True).map(
            lambda found: tuple(sorted(found))
        ),
    )


@st.composite
def questions(draw: Any) -> Filters:
    """Any filters, each dimension limited or not."""
    from_, to = sorted((draw(day), draw(day)))
    return Filters(
        from_=from_ if draw(st.booleans()) else None,
        to=to if draw(st.booleans()) else None,
        by=draw(st.sampled_from(("answered", "resolved"))),
        team=draw(_some(f"Simulated team {SEED}-1")),
        agent=draw(_some(*(f"sim-agent-{SEED}-{k + 1}" for k in range(AGENTS)))),
        product=draw(_some(*(f"Simulated product {SEED}-{k + 1}" for k in range(2)))),
        cause=draw(_some(*(f"sim-cause-{SEED}-{k + 1}" for k in range(3)))),
        branch=draw(_some(*(f"sim-cause-{SEED}-{k + 1}" for k in range(3)))),
        channel=draw(_some("phone", "chat", "email")),
        language=draw(_some("en", "de", "fr")),
        questionnaire=draw(_some("default")),
    )


@pytest.fixture
def world(db: None) -> None:
    cache.clear()
    simulation.simulate(
        500,
        seed=SEED,
        last_day=LAST_DAY,
        agents=AGENTS,
        causes=CAUSES,
        days=DAYS,
        response_rate=0.8,
    )
    # Three levels below the first, and two causes that stand alone.
    for below, above in ((2, 1), (4, 2), (5, 1)):
        place(f"sim-cause-{SEED}-{below}", f"sim-cause-{SEED}-{above}")


@given(story=st.lists(happenings, max_size=10), asked=st.lists(questions(), min_size=3, max_size=3))
@settings(
    max_examples=4,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_cell_is_that_of_a_recount_in_plain_sql(
    story: list[tuple[Any, ...]], asked: list[Filters], world: None
) -> None:
    with transaction.atomic():
        for step in story:
            _take(step)
        aggregates.apply_all()
        assert aggregates.verify() == []
        # Without filters there is enough of everything to be told.
        for filters in (Filters(), *asked):
            cache.clear()
            recounted.overview(filters)
            recounted.matrix(filters)
            recounted_agents.agents(filters)
            recounted_agents.funnel(filters)
            recounted_agents.one_agent(filters)
            recounted.causes(filters)
            for interval in INTERVALS:
                recounted.trend(filters, interval)
            for other in asked:
                recounted.comparison(filters, other)
        transaction.set_rollback(True)
    cache.clear()


def _nth(found: Any, place: int) -> Any:
    rows = list(found)
    return rows[place % len(rows)] if rows else None


def _take(step: tuple[Any, ...]) -> None:
    match step:
        case ("change", place, ratings):
            change(_nth(Response.objects.order_by("pk"), place).pk, **ratings)
        case ("erase", place):
            erase(_nth(Response.objects.order_by("pk"), place).pk)
        case ("merge", place, other):
            # The first three stay: they are asked for by name.
            open_ = Cause.objects.filter(merged_into=None).order_by("pk")
            source, into = _nth(open_[3:], place), _nth(open_[:3], other)
            if source is not None:
                merge(source.code, into.code, by=None, now=timezone.now())
        case ("move", place, other):
            agent = _nth(Agent.objects.order_by("pk"), place)
            agent.team = _nth(Team.objects.order_by("pk"), other)
            agent.save()
        case ("share", place, n):
            _share(_nth(Resolution.objects.order_by("pk"), place), n)
        case ("count", limit):
            aggregates.apply_changes(limit)
        case ("rebuild", place):
            first = FIRST_DAY + dt.timedelta(days=place % DAYS)
            aggregates.rebuild(first, first + dt.timedelta(days=6))


def _share(case: Resolution, n: int) -> None:
    """The case was handled by several, who did equal parts of it."""
    ResolutionAgent.objects.filter(resolution=case).delete()
    for agent in Agent.objects.order_by("pk")[:n]:
        ResolutionAgent.objects.create(resolution=case, agent=agent, share=1 / n)
    Resolution.objects.filter(pk=case.pk).update(n_agents=n)
    for response in Response.objects.filter(invitation__resolution=case):
        change(response.pk)
