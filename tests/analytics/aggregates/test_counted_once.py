"""Whatever happens to answers, in whatever order: after counting, counted equals the recount."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import aggregates
from analytics.models import AggregateState, CauseDay, CountedResponse, FixDay, MatrixDay
from surveys.models import AnswerChange, Response
from tests.analytics.answered import answer, change, erase, invitations
from tests.factories import NOW

pytestmark = pytest.mark.django_db


scale = st.one_of(st.none(), st.integers(1, 5))
ratings = st.fixed_dictionaries(
    {"f1": scale, "f2": scale, "c1": scale, "c2": scale, "o1": scale}
    | {"c3": st.one_of(st.none(), st.integers(1, 4))}
)
place = st.integers(0, 11)
steps = st.one_of(
    st.tuples(st.just("answer"), place, ratings, st.integers(0, 96)),
    st.tuples(st.just("change"), place, ratings),
    st.tuples(st.just("erase"), place),
    st.tuples(st.just("apply"), st.integers(1, 4)),
    st.tuples(st.just("redeliver"), place),
    st.tuples(st.just("rebuild")),
)


@given(story=st.lists(steps, max_size=30))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_of_answers_changes_and_erasures_counts_as_the_recount(
    story: list[tuple[Any, ...]], request: pytest.FixtureRequest
) -> None:
    invited = _invited(request)
    with transaction.atomic():
        held: dict[int, int] = {}
        for step in story:
            _take(step, held, invited)
        aggregates.apply_all(limit=3)
        assert aggregates.verify() == []
        assert AnswerChange.objects.count() == 0
        _assert_sums_equal_a_count_in_python()
        transaction.set_rollback(True)


def _invited(request: pytest.FixtureRequest) -> list[Any]:
    # Hypothesis runs all examples inside one test, whose rows are made once.
    if not hasattr(request.node, "invited"):
        request.node.invited = invitations(12)
    invited: list[Any] = request.node.invited
    return invited


def _take(step: tuple[Any, ...], held: dict[int, int], invited: list[Any]) -> None:
    match step:
        case ("answer", place, given_ratings, hours) if place not in held:
            at = NOW - dt.timedelta(hours=hours)
            held[place] = answer(invited[place], at=at, **given_ratings).pk
        case ("change", place, given_ratings) if place in held:
            change(held[place], **given_ratings)
        case ("erase", place) if place in held:
            erase(held.pop(place))
        case ("redeliver", place) if place in held:
            AnswerChange.objects.create(response_id=held[place])
        case ("apply", limit):
            aggregates.apply_changes(limit)
        case ("rebuild",):
            aggregates.rebuild()
        case _:
            pass


def _assert_sums_equal_a_count_in_python() -> None:
    responses = list(
        Response.objects.select_related("invitation__resolution").prefetch_related(
            "invitation__resolution__handled_by"
        )
    )
    for basis in "ar":
        for k in range(1, 6):
            fix = FixDay.objects.filter(basis=basis, scope="all")
            assert sum(getattr(row, f"h{k}") for row in fix) == sum(r.f1 == k for r in responses)
            cause = CauseDay.objects.filter(basis=basis, scope="all")
            assert sum(getattr(row, f"h{k}") for row in cause) == sum(r.c1 == k for r in responses)
            by_agent = FixDay.objects.filter(basis=basis, scope="agent")
            assert sum(getattr(row, f"h{k}") for row in by_agent) == sum(
                _said_of_agents(response).count(k) for response in responses
            )


def _said_of_agents(response: Response) -> list[int | None]:
    """One entry per agent who did at least half: F2 said of one, F1 of two."""
    handled = list(response.invitation.resolution.handled_by.all())
    named = [one for one in handled if one.share >= 0.5]
    alone = len(handled) == 1 and response.f2 is not None
    return [response.f2 if alone else response.f1] * len(named)


def test_applying_nothing_does_nothing() -> None:
    assert aggregates.apply_changes() == aggregates.Applied(0, 0)
    assert not AggregateState.objects.exists()


def test_every_batch_raises_the_version() -> None:
    invited = invitations(3)
    for k, one in enumerate(invited):
        answer(one, f1=k + 1)
    assert aggregates.apply_changes(2) == aggregates.Applied(2, 1)
    assert aggregates.apply_changes(2) == aggregates.Applied(1, 2)
    assert AggregateState.objects.get().version == 2


def test_an_answer_counts_on_the_utc_day_of_answer_and_of_resolution() -> None:
    [invited] = invitations(1)
    answer(invited, at=dt.datetime(2026, 10, 25, 23, 59, 59, tzinfo=dt.UTC), f1=5, c1=4)
    aggregates.apply_changes()
    assert {(row.basis, row.day) for row in MatrixDay.objects.all()} == {
        ("a", dt.date(2026, 10, 25)),
        ("r", dt.date(2026, 11, 20)),
    }


def test_several_agents_are_rated_by_f1_and_only_from_half_the_work_on() -> None:
    # invitations(6): agents per case 1, 2, 1, 3, 1, 0.
    for one in invitations(6):
        answer(one, f1=1, f2=5)
    aggregates.apply_changes()
    rows = list(FixDay.objects.filter(basis="a", scope="agent"))
    # F2 of the three cases with one agent; F1 twice of the case with two; nothing of three or none.
    assert (sum(row.h5 for row in rows), sum(row.h1 for row in rows)) == (3, 2)
    company = FixDay.objects.get(basis="a", scope="all")
    assert (company.h1, company.h5) == (6, 0)


def test_a_later_change_stays_on_its_day() -> None:
    [invited] = invitations(1)
    response = answer(invited, at=NOW - dt.timedelta(days=3), f1=5)
    aggregates.apply_changes()
    change(response.pk, f1=1, changed_at=NOW)
    aggregates.apply_changes()
    row = FixDay.objects.get(basis="a", scope="all")
    assert (row.day, row.h1, row.h5) == ((NOW - dt.timedelta(days=3)).date(), 1, 0)


def test_erasing_leaves_no_count_behind() -> None:
    invited = invitations(6)
    made = [answer(one, f1=4, f2=3, c1=5, c2=2, c3=1, o1=4) for one in invited]
    aggregates.apply_changes()
    for response in made:
        erase(response.pk)
    aggregates.apply_changes()
    assert CountedResponse.objects.count() == 0
    assert aggregates.verify() == []
    cells = [f"h{k}" for k in range(1, 6)]
    assert {tuple(getattr(row, c) for c in cells) for row in FixDay.objects.all()} == {(0,) * 5}


def test_days_are_those_of_utc_whatever_the_session_says() -> None:
    from django.db import connection

    invited = invitations(12)
    # Around both changes of the clock in Berlin and New York, on the hour before midnight.
    for k, one in enumerate(invited):
        start = dt.datetime(2026, 3, 28, 22, 30, tzinfo=dt.UTC)
        answer(one, at=start + dt.timedelta(hours=5 * k), f1=1 + k % 5, c1=1 + k % 4)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'America/New_York'")
    aggregates.apply_changes()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Pacific/Auckland'")
    assert aggregates.verify() == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    expected: dict[dt.date, int] = {}
    for response in Response.objects.all():
        day = response.answered_at.astimezone(dt.UTC).date()
        expected[day] = expected.get(day, 0) + 1
    counted = {
        row.day: row.h1 + row.h2 + row.h3 + row.h4 + row.h5
        for row in FixDay.objects.filter(basis="a", scope="all")
    }
    assert counted == expected
    assert sum(counted.values()) == len(invited)
