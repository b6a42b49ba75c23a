"""Drivers, the silent and a change on their pages: in words, with n, and never a 500."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from analytics import simulation
from analytics.console.changes import change_lines
from analytics.console.drivers import driver_lines
from analytics.reports import (
    DriverRow,
    DriversReport,
    Others,
    SideOfChange,
)
from analytics.reports.cause_change import ChangeReport
from analytics.reports.figures import CauseName
from surveys.models import Cause, User
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db

Role = User.Role
NEVER = "from=2031-01-01&to=2031-01-31"


@pytest.fixture
def manager() -> Client:
    return client_of(Role.MANAGER)


def _text(client: Client, path: str, status: int = 200) -> str:
    page = client.get(path)
    assert page.status_code == status
    return page.content.decode()


def test_the_overview_says_how_far_the_silent_could_move_each_headline(
    manager: Client, company: simulation.Simulated
) -> None:
    page = manager.get("/")
    said = page.content.decode()
    assert "How far could the silent move it?" in said
    lines = page.context["silent"]
    assert [line.name for line in lines] == [
        "Masked dissatisfaction",
        "Satisfied with the fix",
        "Dismayed at the cause",
    ]
    assert all(line.reach in said for line in lines)
    assert 'href="/who-answered/"' in said


def test_who_answered_opens_with_and_without_answers(
    manager: Client, company: simulation.Simulated
) -> None:
    said = _text(manager, "/who-answered/?channel=phone")
    assert "Weighted to all cases" in said
    assert "channel=phone&amp;format=csv" in said
    assert "No case was resolved in this selection." in _text(manager, f"/who-answered/?{NEVER}")
    assert "too few" in _text(manager, "/who-answered/?from=2026-11-20&to=2026-11-20")


def test_the_matrix_says_what_choosing_again_goes_along_with(
    manager: Client, company: simulation.Simulated
) -> None:
    assert "How much it bothered them that it happened" in _text(manager, "/matrix/")
    day = _text(manager, "/matrix/?from=2026-11-20&to=2026-11-20")
    assert "That needs 100 customers who answered all five questions" in day


def test_a_driver_without_direction_is_not_given_one() -> None:
    def row(driver: str, r: float) -> DriverRow:
        return DriverRow(driver, r, 0.2, 0.1, 0.3, 0.2, 0.1, 0.3)  # type: ignore[arg-type]

    rows = (row("cause", -0.5), row("fix", 0.4), row("recurrence", 0.02))
    lines = driver_lines(DriversReport(500, 0.6, False, rows))
    assert [line.way for line in lines] == [
        "the more, the less likely",
        "the more, the likelier",
        "no clear direction",
    ]
    assert lines[0].share == pytest.approx(1 / 3)


def test_a_cause_is_held_against_the_day_of_a_change(
    manager: Client, company: simulation.Simulated
) -> None:
    code = Cause.objects.order_by("pk")[0].code
    plain = _text(manager, f"/causes/{code}/")
    assert "Before and after a change" in plain
    assert "Verdict" not in plain
    asked = _text(manager, f"/causes/{code}/?channel=phone&change=2026-10-12")
    assert "Too little data" in asked
    assert "a verdict takes 12 weeks with data before and 8 after" in asked
    # The day stays while filters change, and the files are asked for the same day.
    assert "channel=phone&amp;change=2026-10-12" in asked
    assert f"/causes/{code}/change/?channel=phone&amp;on=2026-10-12&amp;format=csv" in asked
    for wrong in ("yesterday", "2026-13-01", "20261012"):
        said = _text(manager, f"/causes/{code}/?change={wrong}", 400)
        assert "“change” must be a date" in said


def test_verdicts_are_said_in_words() -> None:
    def side(verdict: str, others: Others | None = None) -> SideOfChange:
        return SideOfChange(
            "dismay", verdict, 0.5, 0.25, 200, 180, 20, 12, 0.4, 0.25, 0.64, others  # type: ignore[arg-type]
        )  # fmt: skip

    def said(verdict: str, others: Others | None = None) -> str:
        one = side(verdict, others)
        report = ChangeReport(CauseName("a", "A"), dt.date(2026, 8, 10), (), one, one)
        line = change_lines(report)[1]
        return f"{line.head}: {line.sentence} {line.others} {line.step}"

    assert said("verified").startswith("Fewer: fewer than the weeks before let expect")
    assert "Odds × 0.40 (0.25 to 0.64)" in said("verified")
    assert said("worse").startswith("More: more than")
    assert "nothing that chance alone could not do" in said("not shown").lower()
    apart = Others("not shown", 0.4, 0.2, 0.8, comparable=False)
    assert "moved apart from this one before" in said("verified", apart)
    alike = Others("verified", 0.5, 0.3, 0.9, comparable=True)
    assert "it fell, too (× 0.50, 0.30 to 0.90)" in said("verified", alike)
