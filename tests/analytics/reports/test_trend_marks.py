"""A version that made a headline another question is a mark on that side's trend alone."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from html import escape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from analytics import reports
from analytics.aggregates.apply import apply_changes
from analytics.api.described import schema_of
from analytics.console.pictures import comparable_in_words, trend_picture
from analytics.filters import Filters
from analytics.reports.figures import TrendMark
from surveys.models import Invitation, QuestionnaireVersion, User
from surveys.services.access import EVERYTHING, Scope, scope_for
from tests.analytics.answered import answer
from tests.factories import (
    NOW,
    CauseFactory,
    InvitationFactory,
    QuestionnaireFactory,
    QuestionnaireVersionFactory,
    UserFactory,
)
from tests.surveys.staff import BACKEND, client_of

pytestmark = pytest.mark.django_db
PUBLISHED = NOW - dt.timedelta(days=10)


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


def changed(item: str, kind: str = "wording", *, comparable: bool = False) -> dict[str, Any]:
    return {"item": item, "kind": kind, "change": "It changed.", "comparable": comparable}


def version(*changes: dict[str, Any], slug: str = "own", number: int = 2) -> QuestionnaireVersion:
    found: QuestionnaireVersion = QuestionnaireVersionFactory(
        questionnaire=QuestionnaireFactory(slug=slug, name=slug.title()),
        number=number,
        published_at=PUBLISHED,
        changes=list(changes),
    )
    return found


def answered(asked: QuestionnaireVersion) -> None:
    """Answers twenty days ago, and today to this version."""
    invitation: Invitation = InvitationFactory(version=asked)
    answer(InvitationFactory(), at=NOW - dt.timedelta(days=20), f1=5, c1=5)
    answer(invitation, at=NOW, f1=1, c1=1)
    apply_changes()


def marks(scope: Scope = EVERYTHING, **filters: Any) -> list[TrendMark]:
    return list(reports.trend(Filters(**filters), scope, "day").marks)


def test_a_reworded_headline_marks_its_own_side_alone() -> None:
    answered(version(changed("F1"), changed("F1", "labels"), changed("F2")))
    assert marks() == [
        TrendMark(
            date=PUBLISHED.date(),
            dimension="fix",
            item="F1",
            questionnaire="own",
            questionnaire_name="Own",
            version=2,
            why="the words of its answers changed and its wording changed",
        )
    ]


def test_a_reworded_cause_headline_leaves_the_fix_alone() -> None:
    answered(version(changed("C1", "scale")))
    assert [(one.dimension, one.item) for one in marks()] == [("cause", "C1")]


def test_what_concerns_every_question_marks_both_sides() -> None:
    answered(version(changed("", "pages")))
    assert [(one.dimension, one.why) for one in marks()] == [
        ("fix", "the order of the pages changed"),
        ("cause", "the order of the pages changed"),
    ]


def test_what_is_comparable_or_of_another_question_marks_nothing() -> None:
    answered(version(changed("F1", comparable=True), changed("F2"), changed("C2"), changed("X1")))
    assert marks() == []


def test_a_version_that_asked_nobody_marks_nothing() -> None:
    version(changed("F1"), slug="unused")
    answered(version())
    assert marks() == []


def test_a_filter_on_the_questionnaire_takes_the_others_marks_away() -> None:
    answered(version(changed("F1")))
    QuestionnaireFactory(slug="other")
    InvitationFactory(version=version(slug="other"))
    days: Any = {"from_": dt.date(2026, 10, 1), "to": NOW.date()}
    found = marks(questionnaire=("own",), **days)
    assert [one.questionnaire for one in found] == ["own"]
    assert marks(questionnaire=("other",), **days) == []


def test_only_marks_between_the_days_shown_are_told() -> None:
    answered(version(changed("F1")))
    day = PUBLISHED.date()
    assert marks(from_=day - dt.timedelta(days=1)) != []
    assert marks(from_=day) == []
    assert marks(to=day - dt.timedelta(days=1)) == []


def test_a_cause_owner_learns_nothing_of_the_fix() -> None:
    answered(version(changed("F1"), changed("C1")))
    owner = UserFactory(role=User.Role.CAUSE_OWNER)
    CauseFactory(owner=owner)
    days: Any = {"from_": dt.date(2026, 10, 1), "to": NOW.date()}
    assert {one.dimension for one in marks(scope_for(owner), **days)} == {"cause"}


def test_the_words_say_what_can_be_compared() -> None:
    answered(version(changed("F1")))
    report = reports.trend(Filters(), EVERYTHING, "day")
    assert comparable_in_words(report) == [
        (
            "F1 changed on 10 November 2026 with version 2 of “Own”: its wording changed. "
            "Answers before and after cannot be compared."
        ),
        "The trend of the cause can be read across all versions.",
    ]
    drawn = str(trend_picture(report).wide)
    assert drawn.count('class="ch-break"') == 1
    assert ">v2<" in drawn


def test_without_a_mark_nothing_is_said() -> None:
    answered(version())
    assert comparable_in_words(reports.trend(Filters(), EVERYTHING, "day")) == []


def test_page_and_api_tell_the_same_marks() -> None:
    answered(version(changed("F1")))
    client = client_of(User.Role.MANAGER)
    page = client.get("/trend/?interval=day").content.decode()
    assert "F1 changed on 10 November 2026 with version 2 of “Own”" in page
    told = client.get("/api/v1/reports/trend/?interval=day").json()
    assert told["marks"] == [
        {
            "date": "2026-11-10",
            "dimension": "fix",
            "item": "F1",
            "questionnaire": "own",
            "questionnaire_name": "Own",
            "version": 2,
            "why": "its wording changed",
        }
    ]
    assert set(told["marks"][0]) == set(schema_of(TrendMark)["properties"])


@pytest.mark.parametrize(("interval", "n_days"), [("day", 1), ("week", 7)])
def test_files_tell_the_same_marks_beside_the_figures_of_their_side(
    interval: str, n_days: int
) -> None:
    answered(version(changed("F1"), changed("C1", "scale")))
    client = client_of(User.Role.MANAGER)
    address = f"/api/v1/reports/trend/?interval={interval}"
    told = reports.trend(Filters(), EVERYTHING, interval)  # type: ignore[arg-type]
    words = {mark.dimension: reports.compared_in_words(mark) for mark in told.marks}
    sent: Any = client.get(f"{address}&format=csv")
    lines = list(csv.DictReader(io.StringIO(b"".join(sent.streaming_content).decode())))
    day = PUBLISHED.date()
    for line in lines:
        start = dt.date.fromisoformat(line["start"])
        here = start <= day < start + dt.timedelta(days=n_days)
        assert line["fix.starts_anew"] == (words["fix"] if here else "")
        assert line["cause.starts_anew"] == (words["cause"] if here else "")
    assert sum(bool(line["fix.starts_anew"]) for line in lines) == 1
    sent = client.get(f"{address}&format=xlsx")
    packed = zipfile.ZipFile(io.BytesIO(b"".join(sent.streaming_content)))
    written = b"".join(packed.read(name) for name in packed.namelist()).decode(errors="replace")
    assert all(escape(sentence) in written for sentence in words.values())


def test_the_file_of_a_cause_owner_has_no_mark_of_the_fix() -> None:
    answered(version(changed("F1"), changed("C1")))
    owner = UserFactory(role=User.Role.CAUSE_OWNER)
    CauseFactory(owner=owner)
    client = Client()
    client.force_login(owner, BACKEND)
    sent: Any = client.get(
        "/api/v1/reports/trend/?interval=day&format=csv&from=2026-11-01&to=2026-11-20"
    )
    lines = list(csv.DictReader(io.StringIO(b"".join(sent.streaming_content).decode())))
    assert {line["fix.starts_anew"] for line in lines} == {""}
    assert sum(bool(line["cause.starts_anew"]) for line in lines) == 1
