"""Comparison, funnel, alarms and a cause by the week: the API tells what the pages tell."""

from __future__ import annotations

import csv
import datetime as dt
from typing import Any

import pytest
from django.test import Client

from analytics import reports, simulation
from analytics.api import described_charts, described_questions
from analytics.filters import Filters
from surveys.models import Cause, User
from surveys.services.access import EVERYTHING
from tests import worlds
from tests.surveys.staff import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


@worlds.world
def company() -> simulation.Simulated:
    return simulation.simulate(
        500, seed=4, last_day=dt.date(2026, 11, 15), agents=6, causes=4, days=200,
        response_rate=0.9,
    )  # fmt: skip


@pytest.fixture
def client() -> Client:
    return client_of(User.Role.MANAGER)


def _get(client: Client, path: str, status: int = 200) -> Any:
    answer = client.get(f"/api/v1/reports/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


def _rows(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/reports/{path}")
    assert answer.status_code == 200
    content = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(content.splitlines()))


def test_a_comparison_is_the_reports_own_in_json_and_file(client: Client) -> None:
    first, other = Cause.objects.order_by("pk")[:2]
    asked = f"comparison/?cause={first.code}&b_cause={other.code}"
    report = reports.comparison(
        Filters(cause=(first.code,)), Filters(cause=(other.code,)), EVERYTHING
    )
    assert _get(client, asked) == report.as_dict()
    rows = _rows(client, asked + "&format=csv")
    assert [row["figure"] for row in rows] == ["fix", "cause", "masked", "answered"]
    assert report.fix is not None
    assert float(rows[0]["difference"]) == report.fix.difference


def test_a_wrong_comparison_is_refused_by_name(client: Client) -> None:
    for query, field in (
        ("compare=next", "compare"),
        ("compare=previous", "compare"),
        ("compare=previous&from=2026-10-01&b_cause=x", "compare"),
        ("b_cause=nowhere", "cause"),
        ("b_from=never", "b_from"),
    ):
        assert field in str(_get(client, f"comparison/?{query}", 400))


def test_the_funnel_is_the_reports_own_without_inner_ids(client: Client) -> None:
    report = reports.agents_funnel(Filters(), EVERYTHING)
    found = _get(client, "funnel/")
    assert [row["agent"] for row in found["results"]] == [
        point.agent.as_dict() for point in report.results
    ]
    assert all("id" not in row for row in found["results"])
    assert found["enough"] == report.enough.as_dict()
    rows = _rows(client, "funnel/?format=csv")
    assert [int(row["n"]) for row in rows] == [point.n for point in report.results]


def test_a_cause_by_the_week_has_a_row_for_each_whole_week(client: Client) -> None:
    code = Cause.objects.order_by("pk")[0].code
    found = _get(client, f"causes/{code}/weeks/?to=2026-11-15")
    rows = _rows(client, f"causes/{code}/weeks/?to=2026-11-15&format=csv")
    assert [row["week"] for row in rows] == [one["week"] for one in found["dismay"]["points"]]
    assert rows[-1]["week"] == "2026-11-09"
    assert [int(row["cases.n"]) for row in rows] == [one["n"] for one in found["cases"]["points"]]
    _get(client, "causes/nothing/weeks/", 404)
    assert "results" in _get(client, "alarms/")


@pytest.mark.parametrize(
    ("last", "described"),
    [("weeks", described_charts.CAUSE_CHART), ("change", described_questions.CAUSE_CHANGE)],
)
def test_a_cause_that_the_address_names_is_no_filter(
    client: Client, last: str, described: Any
) -> None:
    offered = {one.name for one in described["parameters"]}
    assert "team" in offered
    code = Cause.objects.order_by("pk")[0].code
    for name in ("cause", "branch"):
        assert name not in offered
        answer = _get(client, f"causes/{code}/{last}/?{name}={code}", 400)
        assert answer["errors"][0]["field"] == name


def test_drivers_and_the_silent_are_the_reports_own(client: Client) -> None:
    for path, report in (
        ("drivers/", reports.drivers(Filters(), EVERYTHING)),
        ("non-response/", reports.non_response(Filters(), EVERYTHING)),
    ):
        found = _get(client, path)
        assert found == {**report.as_dict(), "next": None}
        rows = _rows(client, f"{path}?format=csv")
        assert [int(row["n"]) for row in rows if "n" in row] in (
            [],
            [row["n"] for row in found["results"] if "n" in row],
        )
        assert len(rows) == len(found["results"])
    weighted = _rows(client, "non-response/?format=csv")[1]
    told = reports.non_response(Filters(), EVERYTHING).results[1]
    assert (weighted["figure"], float(weighted["weighted"])) == (told.figure, told.weighted)


def test_a_change_is_asked_for_by_its_day(client: Client) -> None:
    code = Cause.objects.order_by("pk")[0].code
    found = _get(client, f"causes/{code}/change/?on=2026-08-10")
    rows = _rows(client, f"causes/{code}/change/?on=2026-08-10&format=csv")
    assert [row["series"] for row in rows] == ["cases", "dismay"]
    assert int(rows[0]["weeks_after"]) == found["cases"]["weeks_after"]
    assert float(rows[0]["ratio"]) == found["cases"]["ratio"]
    for query in ("", "on=", "on=20260810", "on=August", "on=2026-08-10&on=2026-08-11"):
        assert "“on”" in str(_get(client, f"causes/{code}/change/?{query}", 400))
    _get(client, "causes/nothing/change/?on=2026-08-10", 404)
