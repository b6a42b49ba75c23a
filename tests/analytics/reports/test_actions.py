"""Verdicts of registered actions: those of their cause's page, at once for all of them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics import reports, simulation
from analytics.filters import FilterError, Filters
from analytics.models import Action
from surveys.models import Cause, User
from surveys.services import causes
from surveys.services.access import EVERYTHING, Scope, scope_for
from tests import worlds
from tests.analytics.acting import ActionFactory
from tests.factories import CauseFactory, UserFactory

pytestmark = pytest.mark.django_db

LAST_DAY = dt.date(2026, 11, 15)
TODAY = LAST_DAY + dt.timedelta(days=1)
DAYS = 210
BROKE = dt.date(2026, 8, 10)
WEEK = dt.timedelta(weeks=1)


@worlds.world
def world() -> list[Cause]:
    """Of 4 causes the first broke on 10 August, in the middle of 30 weeks."""
    simulation.simulate(
        3_000, seed=11, last_day=LAST_DAY, agents=6, causes=4, days=DAYS, response_rate=0.7,
        flaw=simulation.Flaw(cause=0, day=(BROKE - LAST_DAY).days + DAYS - 1),
    )  # fmt: skip
    return list(Cause.objects.order_by("pk"))


def _done(cause: Cause, began: dt.date, days: int | None = 0, **fields: object) -> Action:
    done = None if days is None else began + dt.timedelta(days=days)
    action: Action = ActionFactory(cause=cause, began_on=began, done_on=done, **fields)
    return action


def _rows(
    scope: Scope = EVERYTHING, filters: Filters | None = None, today: dt.date = TODAY
) -> dict[int, reports.ActionRow]:
    return {row.id: row for row in reports.actions(filters or Filters(), scope, today).results}


def _change(action: Action, scope: Scope = EVERYTHING) -> reports.ChangeReport:
    return reports.cause_change(Filters(), scope, action.cause.code, action.pk, TODAY)


def _kept(side: reports.SideOfChange) -> reports.ActionVerdict:
    names = list(reports.ActionVerdict.__dataclass_fields__)
    return reports.ActionVerdict(**{name: getattr(side, name) for name in names})


def test_the_list_says_what_the_page_of_each_cause_says(world: list[Cause]) -> None:
    owner = UserFactory(role=User.Role.CAUSE_OWNER)
    Cause.objects.filter(pk=world[0].pk).update(owner=owner)
    made = [
        _done(cause, BROKE + shift * WEEK + dt.timedelta(days=odd), days)
        for cause in world[:2]
        for shift, odd, days in ((0, 0, 0), (0, 2, 0), (1, 3, 12), (9, 0, 5), (-9, 1, None))
    ]
    assert len({row.cases for row in _rows().values()}) > 4
    for scope in (EVERYTHING, scope_for(owner)):
        rows = _rows(scope)
        own = [one for one in made if scope is EVERYTHING or one.cause_id == world[0].pk]
        assert set(rows) == {one.pk for one in own}
        for action in own:
            page = _change(action, scope)
            row = rows[action.pk]
            assert (row.cases, row.dismay) == (_kept(page.cases), _kept(page.dismay))
            assert row.also == len(page.also)


def test_weeks_of_the_roll_out_count_for_neither_side(world: list[Cause]) -> None:
    at_once, slowly = _done(world[1], BROKE), _done(world[2], BROKE + dt.timedelta(days=2), 19)
    first, second = _change(at_once), _change(slowly)
    assert (first.cases.weeks_before, first.cases.weeks_after) == (16, 14)
    # Wednesday of the first week to Monday of the fourth: that Monday's week counts as after.
    assert (second.cases.weeks_before, second.cases.weeks_after) == (16, 11)
    assert (second.on, second.until) == (slowly.began_on, slowly.done_on)
    day = reports.cause_change(Filters(), EVERYTHING, world[1].code, BROKE, TODAY)
    assert (day.cases, day.dismay) == (first.cases, first.dismay)
    assert (day.action, first.action and first.action.title) == (None, at_once.title)


def test_a_verdict_that_lacks_weeks_says_from_when_on_it_can_be_had(world: list[Cause]) -> None:
    young = _done(world[1], TODAY - 3 * WEEK)
    found = _change(young).cases
    assert (found.verdict, found.missing_before, found.missing_after) == ("too little data", 0, 5)
    assert TODAY.weekday() == 0
    assert found.possible_on == TODAY + 5 * WEEK
    planned = _done(world[1], TODAY + 10 * WEEK + dt.timedelta(days=1), 7)
    assert _change(planned).cases.possible_on == TODAY + (10 + 2 + 8) * WEEK
    early = _done(world[1], LAST_DAY - dt.timedelta(days=DAYS) + 5 * WEEK)
    found = _change(early).cases
    assert (found.missing_after, found.possible_on) == (0, None)
    assert 0 < found.missing_before < 12
    rolling = _done(world[1], BROKE, None)
    assert (_change(rolling).cases.verdict, _change(rolling).cases.possible_on) == (
        "too little data",
        None,
    )


def test_the_day_promised_is_the_first_with_a_verdict(world: list[Cause]) -> None:
    action = _done(world[1], BROKE + dt.timedelta(days=2), 3)
    asked = BROKE + 4 * WEEK

    def on(day: dt.date) -> reports.SideOfChange:
        return reports.cause_change(Filters(), EVERYTHING, world[1].code, action.pk, day).cases

    promised = on(asked).possible_on
    assert promised is not None
    assert on(promised - dt.timedelta(days=1)).verdict == "too little data"
    assert on(promised).verdict != "too little data"


def test_a_year_after_a_verdict_stands_still(world: list[Cause]) -> None:
    action = _done(world[0], BROKE)
    year = BROKE + 52 * WEEK
    first, later = (
        reports.cause_change(Filters(), EVERYTHING, world[0].code, action.pk, day)
        for day in (year, year + 40 * WEEK)
    )
    assert first == later
    assert first.cases.weeks_before == 16


def test_other_actions_in_the_same_weeks_are_named(world: list[Cause]) -> None:
    first, second = _done(world[0], BROKE), _done(world[0], BROKE + 2 * WEEK)
    _done(world[1], BROKE)
    _done(world[0], BROKE, withdrawn_at=first.registered_at)
    assert [(mark.label, mark.title) for mark in _change(first).also] == [("A2", second.title)]
    chart = reports.cause_chart(Filters(), EVERYTHING, world[0].code, TODAY)
    assert [(mark.label, mark.id) for mark in chart.actions] == [
        ("A1", first.pk),
        ("A2", second.pk),
    ]


def test_withdrawn_ones_are_listed_without_a_verdict(world: list[Cause]) -> None:
    action = _done(world[0], BROKE)
    Action.objects.update(withdrawn_at=dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC))
    row = _rows()[action.pk]
    assert (row.withdrawn_on, row.cases, row.dismay) == (dt.date(2026, 11, 3), None, None)
    with pytest.raises(FilterError, match="no action"):
        _change(action)


def test_an_action_of_another_cause_is_none_of_this_one(world: list[Cause]) -> None:
    action = _done(world[0], BROKE)
    with pytest.raises(FilterError, match="no action"):
        reports.cause_change(Filters(), EVERYTHING, world[1].code, action.pk, TODAY)


def test_a_merged_cause_takes_its_actions_along(world: list[Cause]) -> None:
    action = _done(world[2], BROKE)
    causes.merge(world[2].code, world[3].code, dt.datetime(2026, 11, 15, tzinfo=dt.UTC))
    assert _rows()[action.pk].cause.code == world[3].code
    page = reports.cause_change(Filters(), EVERYTHING, world[2].code, action.pk, TODAY)
    assert (page.cause.code, page.action and page.action.id) == (world[3].code, action.pk)


def test_readers_see_the_actions_of_their_causes_and_strangers_none(world: list[Cause]) -> None:
    action = _done(world[0], BROKE)
    _done(world[1], BROKE)
    owner = UserFactory(role=User.Role.CAUSE_OWNER)
    assert _rows(scope_for(owner)) == {}
    Cause.objects.filter(pk=world[0].pk).update(owner=owner)
    assert set(_rows(scope_for(owner))) == {action.pk}
    for role in (User.Role.TEAM_LEAD, User.Role.AGENT, User.Role.DESIGNER):
        with pytest.raises(reports.NotVisible):
            _rows(scope_for(UserFactory(role=role)))
    stranger = Scope(None, None, None, sees_fix=True, sees_cause=True, for_strangers=True)
    with pytest.raises(reports.NotVisible):
        _rows(stranger)
    told = _change(action, stranger)
    assert (told.on, told.action, told.also) == (BROKE, None, ())
    assert reports.cause_chart(Filters(), stranger, world[0].code, TODAY).actions == ()


def test_only_causes_narrow_the_list(world: list[Cause]) -> None:
    action = _done(world[0], BROKE)
    _done(world[1], BROKE)
    assert set(_rows(filters=Filters(cause=(world[0].code,)))) == {action.pk}
    for filters in (Filters(channel=("phone",)), Filters(from_=BROKE), Filters(by="resolved")):
        with pytest.raises(FilterError, match="listed by cause"):
            _rows(filters=filters)


def test_fifty_actions_ask_no_more_of_the_database_than_one(world: list[Cause]) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            # Later than a year after some of them: these are judged by weeks of their own.
            _rows(today=BROKE + 53 * WEEK)
        return len(found)

    _done(world[0], BROKE)
    asked()  # what a process reads once
    one = asked()
    for n in range(49):
        _done(world[n % 4], BROKE + dt.timedelta(days=n % 20), n % 9)
    assert asked() == one


def test_of_a_cause_without_cases_there_is_nothing_to_measure(world: list[Cause]) -> None:
    action = _done(CauseFactory(), BROKE)
    cases, dismay = _rows()[action.pk].cases, _rows()[action.pk].dismay
    assert cases is not None
    assert dismay is not None
    assert (cases.verdict, cases.missing_before, cases.missing_after) == ("too little data", 0, 0)
    assert (dismay.verdict, dismay.missing_before) == ("too little data", 12)
    assert (cases, dismay) == tuple(map(_kept, (_change(action).cases, _change(action).dismay)))


def test_of_many_only_the_newest_are_judged_beside_all_of_them(world: list[Cause]) -> None:
    made = [_done(world[0], BROKE + n * WEEK) for n in range(4)]
    whole = reports.actions(Filters(), EVERYTHING, TODAY)
    some = reports.actions(Filters(), EVERYTHING, TODAY, most=2)
    assert [row.id for row in some.results] == [made[3].pk, made[2].pk]
    assert (some.results, some.n_more, whole.n_more) == (whole.results[:2], 2, 0)
    assert {row.also for row in some.results} == {3}


def test_before_anything_was_counted_nothing_is_judged() -> None:
    action = ActionFactory()
    row = _rows()[action.pk]
    assert row.cases is not None
    assert (row.cases.verdict, row.cases.missing_before, row.cases.possible_on) == (
        "too little data",
        12,
        None,
    )
