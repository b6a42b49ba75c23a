"""What one question asked before Stabledoor: a series of its own, in no figure of either side."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.core.cache import cache

from analytics import reports
from analytics.aggregates.apply import apply_changes
from analytics.console.pictures import BEFORE, trend_picture
from analytics.filters import Filters
from analytics.metrics.intervals import wilson
from surveys.models import Team, UnseparatedRating, User
from surveys.services.access import EVERYTHING, Scope, scope_for
from tests.analytics.answered import answer
from tests.factories import NOW, AgentFactory, InvitationFactory, QuestionnaireFactory, UserFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2025, 3, 3, 12, tzinfo=dt.UTC)
STRANGER = Scope(None, None, None, sees_fix=True, sees_cause=True, for_strangers=True)


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


def rated(n: int, best: int, *, week: int = 0, **more: Any) -> None:
    """`n` ratings of one week, `best` of them at the top of their scale."""
    at = MONDAY + dt.timedelta(weeks=week)
    UnseparatedRating.objects.bulk_create(
        UnseparatedRating(
            **{
                "tool": "delighted", "scale": "1-5", "raw": "5" if place < best else "1",
                "position": float(place < best), "top2": place < best, "digest": "d",
                "external_id": f"{week}-{n}-{place}-{more}"[:200],
                "answered_at": at + dt.timedelta(days=place % 7), **more,
            }
        )
        for place in range(n)
    )  # fmt: skip


def trend(scope: Scope = EVERYTHING, **filters: Any) -> reports.TrendReport:
    return reports.trend(Filters(**filters), scope, "week")


def numbers(report: reports.TrendReport) -> list[list[int | None]]:
    return [[point.n for point in series.results] for series in report.unseparated]


def test_ratings_of_one_question_are_a_series_with_n_and_interval_and_in_no_other() -> None:
    answer(InvitationFactory(), at=NOW, f1=5, c1=2)
    apply_changes()
    before = trend()
    overview = reports.overview(Filters(), EVERYTHING)
    rated(20, 15)
    rated(10, 2, week=2)
    rated(7, 7, tool="zendesk", scale="good-bad")
    after = trend()
    assert (after.results, after.marks) == (before.results, before.marks)
    assert reports.overview(Filters(), EVERYTHING) == overview
    assert [(one.name, one.scale) for one in after.unseparated] == [
        ("Delighted", "1-5"),
        ("Zendesk", "good-bad"),
    ]
    assert numbers(after) == [[20, 0, 10], [7]]
    first, gap, _ = after.unseparated[0].results
    interval = wilson([15], [20])
    told = first.start, first.end, first.top2, first.top2_low, first.top2_high
    week = MONDAY.date(), MONDAY.date() + dt.timedelta(days=6)
    assert told == (*week, 0.75, float(interval.low[0]), float(interval.high[0]))
    assert (gap.n, gap.top2, gap.top2_low) == (0, None, None)


def test_trend_of_history_alone_has_a_series_and_no_points_of_ours() -> None:
    rated(6, 3)
    report = trend()
    assert (report.results, numbers(report)) == ((), [[6]])


def test_filters_narrow_what_the_ratings_tell_and_say_what_they_leave_out() -> None:
    Team.objects.create(name="Billing")
    rated(6, 3, team="Billing")
    rated(4, 1)
    narrowed = trend(team=("Billing",))
    assert numbers(narrowed) == [[6]]
    assert "name no team" in narrowed.unseparated_note
    assert trend().unseparated_note == ""
    assert numbers(trend(from_=MONDAY.date(), to=MONDAY.date())) == [[2]]
    later = trend(from_=dt.date(2025, 4, 1), to=dt.date(2025, 4, 30))
    assert (later.unseparated, later.unseparated_note) == ((), "")


def test_ratings_are_told_of_no_agent_no_questionnaire_and_no_day_of_resolution() -> None:
    AgentFactory(external_id="a1", name="Rosa")
    QuestionnaireFactory(slug="own")
    rated(20, 3, agent="Rosa")
    for filters, words in (
        ({"agent": ("a1",)}, "are told of no agent"),
        ({"questionnaire": ("own",)}, "belong to no questionnaire"),
        ({"by": "resolved"}, "by the day of the answer alone"),
    ):
        report = trend(**filters)
        assert report.unseparated == ()
        assert words in report.unseparated_note


@pytest.mark.parametrize("role", [User.Role.TEAM_LEAD, User.Role.AGENT, User.Role.CAUSE_OWNER])
def test_readers_of_one_side_or_part_are_told_nothing_of_both_in_one(role: User.Role) -> None:
    rated(50, 20)
    report = trend(scope_for(UserFactory(role=role)))
    assert (report.unseparated, report.unseparated_note) == ((), "")


def test_strangers_see_no_week_of_fewer_than_five_nor_what_would_tell_it() -> None:
    rated(4, 1)
    rated(6, 2, week=1)
    rated(9, 2, week=2)
    [series] = trend(STRANGER).unseparated
    assert [point.n for point in series.results] == [None, None, 9]
    assert [point.top2 is None for point in series.results] == [True, True, False]


def test_no_line_joins_the_ratings_with_separated_answers() -> None:
    answer(InvitationFactory(), at=NOW, f1=5, c1=2)
    apply_changes()
    rated(20, 15)
    rated(20, 5, week=1)
    picture = trend_picture(trend())
    drawing = str(picture.wide)
    assert drawing.count("ch-line ch-unseparated") == 1
    dashed = drawing.split("ch-line ch-unseparated")[1].split("/>")[0]
    assert "stroke-dasharray" in dashed
    assert len(dashed.split('points="')[1].split('"')[0].split()) == 2
    assert BEFORE in drawing
    assert picture.table is not None
    assert picture.table.columns[-3] == "One question: Delighted, 1–5"


def test_page_api_and_file_show_the_same_in_words_of_its_own() -> None:
    rated(20, 15)
    client = client_of(User.Role.MANAGER)
    page = client.get("/trend/?interval=week").content.decode()
    assert "Before Stabledoor: one question" in page
    assert "75\u202f%" in page.replace("\xa0", "\u202f")
    told = client.get("/api/v1/reports/trend/").json()
    assert told["unseparated"] == [one.as_dict() for one in trend().unseparated]
    text = client.get("/api/v1/reports/trend/?format=csv").getvalue().decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["unseparated.n"], row["unseparated.top2"]) == ("20", "0.75")
    assert (row["unseparated.tool"], row["fix.n"], row["cause.n"]) == ("delighted", "", "")
