"""Drivers of choosing again and what the silent could change, counted again from single answers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics import reports, simulation
from analytics.filters import Filters
from analytics.metrics.drivers import lmg
from analytics.metrics.weighting import rake
from analytics.reports.nonresponse import silent_of
from surveys.models import Cause, Invitation, Resolution, User
from surveys.services.access import EVERYTHING, scope_for
from tests.analytics.reports import raw
from tests.analytics.reports.conftest import LAST_DAY
from tests.factories import ResolutionFactory, UserFactory

PHONE = Filters(channel=("phone",))
LATELY = Filters(from_=LAST_DAY - dt.timedelta(days=20), to=LAST_DAY, by="resolved")
NEVER = Filters(from_=dt.date(2031, 1, 1))


@pytest.mark.parametrize("filters", [Filters(), PHONE, LATELY])
def test_drivers_are_those_of_the_single_answers(
    company: simulation.Simulated, filters: Filters
) -> None:
    items = ["f1", "c1", "c2", "c3", "o1"]
    given = [one.ratings for one in raw.responses() if one.is_asked_for(filters)]
    answers = pd.DataFrame(
        [[one[item] for item in items] for one in given if one["c3"] != 4], columns=items
    ).dropna()
    report = reports.drivers(filters, EVERYTHING)
    correlations = answers.astype(float).corr().to_numpy()
    parts = dict(zip(("fix", "cause", "avoidable", "recurrence"), lmg(correlations), strict=True))
    assert report.n == len(answers) > 100
    assert {row.driver: row.part for row in report.results} == pytest.approx(parts, abs=1e-9)
    assert report.explained == pytest.approx(sum(parts.values()))
    told = [row.driver for row in report.results]
    assert told == sorted(parts, key=lambda name: -parts[name])
    for row in report.results:
        assert row.part_low is not None
        assert row.part is not None
        assert row.part_high is not None
        assert row.part_low <= row.part <= row.part_high


def test_few_answers_have_no_drivers_but_say_how_many(company: simulation.Simulated) -> None:
    day = Filters(from_=LAST_DAY, to=LAST_DAY)
    found = reports.drivers(day, EVERYTHING)
    assert (found.too_few, found.explained) == (True, None)
    assert {row.part for row in found.results} == {None}
    assert reports.drivers(NEVER, EVERYTHING).n == 0


@pytest.mark.parametrize("filters", [Filters(), PHONE, LATELY])
def test_the_weighted_share_is_that_of_the_single_answers(
    company: simulation.Simulated, filters: Filters
) -> None:
    by_resolution = filters.with_(by="resolved")
    given = [
        one
        for one in raw.responses()
        if one.is_asked_for(by_resolution) and one.ratings["f1"] is not None
    ]
    cases = Resolution.objects.all()
    if filters.channel:
        cases = cases.filter(channel__in=filters.channel)
    if filters.from_:
        cases = cases.filter(resolved_at__date__gte=filters.from_)
    names = ("cause__code", "product__name", "channel", "team__name")
    table = list(cases.values_list(*names))
    codes, targets = [], []
    own = ("cause", "product", "channel", "team")
    for place, name in enumerate(own):
        known = sorted({row[place] for row in table}, key=str)
        targets.append([sum(row[place] == value for row in table) for value in known])
        codes.append([known.index(getattr(one, name)) for one in given])
    raked = rake(np.column_stack(codes), targets)
    hits = np.array([one.ratings["f1"] >= 4 for one in given])  # type: ignore[operator]
    expected = float((hits * raked.weights).sum() / raked.weights.sum())
    report = reports.non_response(filters, EVERYTHING)
    found = {row.figure: row for row in report.results}["fix"]
    assert (report.cases, found.n) == (len(table), len(given))
    assert found.share == pytest.approx(hits.mean())
    assert found.weighted == pytest.approx(expected, abs=1e-6)
    assert found.n_eff == pytest.approx(raked.n_eff)


def test_no_row_is_worth_more_than_its_answers(company: simulation.Simulated) -> None:
    report = reports.non_response(Filters(), EVERYTHING)
    for row in report.results:
        assert row.share is not None
        assert row.weighted is not None
        assert row.n_eff is not None
        assert row.n_eff <= row.n
        assert row.lowest is not None
        assert row.highest is not None
        assert row.lowest <= row.share <= row.highest


def test_the_furthest_points_are_those_of_everybody_invited(company: simulation.Simulated) -> None:
    overview = reports.overview(Filters(), EVERYTHING)
    invited = Invitation.objects.filter(status__in=["sent", "unknown", "failed", "expired"]).count()
    ratings = [one.ratings for one in raw.responses()]
    both = [(r["f1"], r["c1"]) for r in ratings if r["f1"] and r["c1"]]
    satisfied = sum(f >= 4 for f, _ in both)
    masked = sum(f >= 4 and c >= 4 for f, c in both)
    silent = invited - len(both)
    found = {one.figure: one for one in reports.silent_bounds(overview)}
    fixed = [r["f1"] for r in ratings if r["f1"]]
    top = sum(f >= 4 for f in fixed)
    assert (found["fix"].lowest, found["fix"].highest) == pytest.approx(
        (top / invited, (top + invited - len(fixed)) / invited)
    )
    whole = satisfied + silent
    assert (found["masked"].lowest, found["masked"].highest) == pytest.approx(
        (masked / whole, (masked + silent) / whole)
    )
    told = {row.figure: row for row in reports.non_response(Filters(), EVERYTHING).results}
    assert told["masked"].highest == pytest.approx(found["masked"].highest)


def test_answers_of_earlier_invitations_do_not_silence_the_silent() -> None:
    assert silent_of(invited=100, completed=30, n=35) == 65
    assert silent_of(invited=100, completed=30, n=20) == 70
    # Yesterday's answers came from older invitations: those of yesterday are still silent.
    assert silent_of(invited=10, completed=2, n=50) == 8
    assert silent_of(invited=0, completed=0, n=50) == 0


def test_nothing_asked_is_nothing_told(company: simulation.Simulated) -> None:
    found = reports.non_response(NEVER, EVERYTHING)
    assert (found.cases, found.invited, found.uncovered) == (0, 0, None)
    assert {row.weighted for row in found.results} == {None}
    assert reports.silent_bounds(reports.overview(NEVER, EVERYTHING)) == ()


@pytest.mark.parametrize("role", [User.Role.TEAM_LEAD, User.Role.CAUSE_OWNER, User.Role.AGENT])
def test_a_bound_reader_reads_neither(company: simulation.Simulated, role: User.Role) -> None:
    scope = scope_for(UserFactory(role=role))
    for report in (reports.drivers, reports.non_response):
        with pytest.raises(reports.NotVisible):
            report(Filters(), scope)


def test_a_case_that_comes_is_told_at_once(company: simulation.Simulated) -> None:
    first = reports.non_response(Filters(), EVERYTHING)
    ResolutionFactory(
        cause=Cause.objects.order_by("pk")[0], resolved_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    )
    assert reports.non_response(Filters(), EVERYTHING).cases == first.cases + 1
