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
from surveys.services.access import API_REPORTS
from surveys.services.causes import merge
from tests.analytics.answered import change, erase
from tests.analytics.reports.plain import recount

SEED, AGENTS, CAUSES, DAYS = 5, 9, 6, 30
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


@given(story=st.lists(happenings, max_size=10), asked=st.lists(questions(), min_size=3, max_size=3))
@settings(
    max_examples=6,
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
        for filters in asked:
            cache.clear()
            _overview(filters)
            _matrix(filters)
            _agents(filters)
            _causes(filters)
            _trend(filters)
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


def _overview(filters: Filters) -> None:
    report = reports.overview(filters, API_REPORTS)
    [(n, mean, top2, causes, dismayed, both, masked)] = recount(
        "SELECT count(f1), avg(f1)::float8, avg((f1 >= 4)::int)::float8, count(c1),"
        " avg((c1 >= 4)::int)::float8, count(*) FILTER (WHERE f1 > 0 AND c1 > 0),"
        " count(*) FILTER (WHERE f1 >= 4 AND c1 >= 4) FROM asked",
        filters,
    )
    assert report.fix is not None
    assert report.cause is not None
    assert report.masked is not None
    assert (report.fix.n, report.cause.n) == (n, causes)
    assert report.fix.mean == pytest.approx(mean, abs=1e-12)
    assert report.fix.top2 == pytest.approx(top2, abs=1e-12)
    assert report.cause.dismayed == pytest.approx(dismayed, abs=1e-12)
    assert (report.masked.n, report.masked.count) == (both, masked)


def _matrix(filters: Filters) -> None:
    report = reports.matrix(filters, API_REPORTS)
    pairs = recount(
        "SELECT f1, c1, count(*) FROM asked WHERE f1 > 0 AND c1 > 0 GROUP BY 1, 2", filters
    )
    counted = {(f, c): n for f, c, n in pairs}
    assert report.cells == tuple(
        tuple(counted.get((f, c), 0) for c in range(1, 6)) for f in range(1, 6)
    )
    arms = recount(
        "SELECT arm, count(*) FROM asked WHERE f1 > 0 AND c1 > 0 GROUP BY 1 ORDER BY 1", filters
    )
    assert [(one.arm, one.separation.n) for one in report.arms] == arms


def _agents(filters: Filters) -> None:
    said = "CASE WHEN n_agents = 1 THEN COALESCE(f2, f1) ELSE f1 END"
    expected = recount(
        f"SELECT external_id, count(*), avg({said})::float8, avg(({said} >= 4)::int)::float8"  # noqa: S608
        f" FROM asked JOIN named ON resolution_id = resolution WHERE {said} > 0 GROUP BY 1",
        filters,
        without="agent",
    )
    shown = [row for row in expected if not filters.agent or row[0] in filters.agent]
    found = {row.agent.external_id: row for row in reports.agents(filters, API_REPORTS).results}
    assert {name: row.n for name, row in found.items()} == {name: n for name, n, _, _ in shown}
    for name, n, mean, top2 in shown:
        few = n < 10
        assert found[name].mean == (None if few else pytest.approx(mean, abs=1e-12))
        assert found[name].top2 == (None if few else pytest.approx(top2, abs=1e-12))


def _causes(filters: Filters) -> None:
    expected = recount(
        "SELECT cause, count(c1), avg(c1)::float8, avg((c1 >= 4)::int)::float8, count(c2),"
        " avg((c2 >= 4)::int)::float8 FROM asked WHERE cause IS NOT NULL GROUP BY 1",
        filters,
    )
    found = {row.cause.code: row for row in reports.causes(filters, API_REPORTS).results}
    for code, n, mean, dismayed, could_n, could in expected:
        if not n and code not in found:
            continue
        row, few = found.pop(code), n < 5
        assert row.n == n
        assert row.mean == (None if few else pytest.approx(mean, abs=1e-12))
        assert row.dismayed == (None if few else pytest.approx(dismayed, abs=1e-12))
        few = few or could_n < 5
        assert row.avoidable == (None if few else pytest.approx(could, abs=1e-12))
    assert all(row.n == 0 for row in found.values())


def _trend(filters: Filters) -> None:
    report = reports.trend(filters, API_REPORTS, "day")
    expected = {
        when: (fix, cause)
        for when, fix, cause in recount(
            f"SELECT {filters.by}, count(f1), count(c1) FROM asked GROUP BY 1",  # noqa: S608
            filters,
        )
        if fix or cause
    }
    found = {
        point.start: (point.fix.n, point.cause.n)
        for point in report.results
        if point.fix is not None and point.cause is not None and (point.fix.n or point.cause.n)
    }
    assert found == expected
