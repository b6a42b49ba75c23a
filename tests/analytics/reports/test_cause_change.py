"""One cause before and after a day: worlds in which something changed, and in which nothing did."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics import reports, simulation
from analytics.filters import Filters
from surveys.models import Cause, Resolution, User
from surveys.services.access import EVERYTHING, scope_for
from tests import worlds
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LAST_DAY = dt.date(2026, 11, 15)
TODAY = LAST_DAY + dt.timedelta(days=1)
DAYS = 210
CHANGED = dt.date(2026, 8, 10)


@worlds.world
def codes() -> list[str]:
    """Of 5 causes: the one that broke on 10 August first."""
    broken = (CHANGED - LAST_DAY).days + DAYS - 1
    simulation.simulate(
        6_000, seed=11, last_day=LAST_DAY, agents=8, causes=5, days=DAYS, response_rate=0.7,
        flaw=simulation.Flaw(cause=2, day=broken),
    )  # fmt: skip
    found = list(Cause.objects.order_by("pk").values_list("code", flat=True))
    return [found[2], *found[:2], *found[3:]]


def _change(code: str, on: dt.date, filters: Filters | None = None) -> reports.ChangeReport:
    return reports.cause_change(filters or Filters(), EVERYTHING, code, on, TODAY)


def test_a_cause_that_broke_is_worse_and_the_others_are_not(codes: list[str]) -> None:
    broken, *others = codes
    found = _change(broken, CHANGED)
    assert found.dismay.verdict == "worse"
    assert found.dismay.low is not None
    assert found.dismay.low > 1
    assert found.dismay.others is not None
    assert found.dismay.others.verdict in ("worse", "not shown")
    verdicts = [_change(code, CHANGED).dismay.verdict for code in others]
    assert "verified" not in verdicts
    assert verdicts.count("worse") <= 1


def test_before_and_after_are_what_the_weeks_hold(codes: list[str]) -> None:
    code = codes[1]
    found = _change(code, CHANGED)
    cause = Resolution.objects.filter(cause__code=code)
    # Whole weeks of both sides: the last one ends on the last day, and no week is left out.
    after = cause.filter(resolved_at__date__gte=CHANGED).count()
    assert CHANGED.weekday() == 0
    assert (found.cases.n_after, found.cases.weeks_after) == (after, 14)
    everything = Resolution.objects.filter(resolved_at__date__gte=CHANGED, cause__isnull=False)
    assert found.cases.after == pytest.approx(1_000 * after / everything.count())


def test_the_week_of_a_change_on_a_wednesday_stands_on_neither_side(codes: list[str]) -> None:
    monday, wednesday = (_change(codes[1], CHANGED + dt.timedelta(days=d)) for d in (0, 2))
    assert monday.cases.weeks_before == wednesday.cases.weeks_before
    assert monday.cases.weeks_after == wednesday.cases.weeks_after + 1


@pytest.mark.parametrize("on", [dt.date(1970, 1, 1), dt.date(2026, 11, 2), dt.date(2099, 1, 1)])
def test_too_few_weeks_give_no_verdict(codes: list[str], on: dt.date) -> None:
    found = _change(codes[0], on)
    assert {found.cases.verdict, found.dismay.verdict} == {"too little data"}
    assert (found.cases.ratio, found.dismay.others) == (None, None)


def test_before_anything_was_counted_there_is_nothing_to_hold_it_against() -> None:
    code = Cause.objects.create(code="lonely", name="Lonely").code
    found = _change(code, CHANGED)
    assert (found.cases.verdict, found.cases.n_before) == ("too little data", 0)


def test_under_filters_the_other_causes_are_left_out(codes: list[str]) -> None:
    found = _change(codes[0], CHANGED, Filters(channel=("phone",)))
    assert (found.cases.others, found.dismay.others) == (None, None)
    assert 0 < found.cases.n_after < _change(codes[0], CHANGED).cases.n_after


def test_an_owner_sees_the_own_cause_alone_and_others_none(codes: list[str]) -> None:
    owner = UserFactory(role=User.Role.CAUSE_OWNER)
    Cause.objects.filter(code=codes[0]).update(owner=owner)
    scope = scope_for(owner)
    found = reports.cause_change(Filters(), scope, codes[0], CHANGED, TODAY)
    assert (found.cases.others, found.dismay.others) == (None, None)
    with pytest.raises(reports.NotVisible):
        reports.cause_change(Filters(), scope, codes[1], CHANGED, TODAY)
    lead = scope_for(UserFactory(role=User.Role.TEAM_LEAD))
    with pytest.raises(reports.NotVisible):
        reports.cause_change(Filters(), lead, codes[0], CHANGED, TODAY)
