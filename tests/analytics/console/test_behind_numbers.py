"""Counts on the pages are ways to the answers they count: each leads to exactly as many."""

from __future__ import annotations

import csv
import html
import re

import pytest
from django.test import Client

from analytics import simulation
from surveys.models import Cause, User
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db

Role = User.Role
_WAY = re.compile(r'<a class="behind-number" href="/responses/\?([^"]*)">([\d,]+)</a>')


def _ways(page: bytes) -> list[tuple[str, int]]:
    return [
        (html.unescape(query), int(n.replace(",", ""))) for query, n in _WAY.findall(page.decode())
    ]


def _listed(client: Client, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/responses/?{query}&format=csv")
    assert answer.status_code == 200, query
    return list(csv.DictReader(answer.getvalue().decode("utf-8-sig").splitlines()))


@pytest.mark.parametrize("asked", ["", "?channel=phone&period=28d"])
def test_each_cell_and_group_of_the_matrix_leads_to_its_customers(
    company: simulation.Simulated, asked: str
) -> None:
    manager = client_of(Role.MANAGER)
    page = manager.get(f"/matrix/{asked}")
    ways = _ways(page.content)
    cells = [n for row in page.context["report"].cells for n in row]
    assert len(ways) > len([n for n in cells if n]) > 10
    for query, n in ways:
        found = _listed(manager, query)
        assert len(found) == n, query
        assert all(row["channel"] == "phone" for row in found) or not asked


@pytest.mark.parametrize(
    ("path", "item"), [("/causes/", "C1"), ("/trend/", "F1"), ("/causes/{cause}/", "C1")]
)
def test_rows_lead_to_the_answers_of_their_row(
    company: simulation.Simulated, path: str, item: str
) -> None:
    manager = client_of(Role.MANAGER)
    code = Cause.objects.order_by("pk")[0].code
    ways = _ways(manager.get(path.format(cause=code)).content)
    assert len(ways) > 3
    # Two columns of a trend lead the same way, each counting the answers to its own question.
    wanted = dict(reversed(ways)) if item == "F1" else dict(ways)
    for query, n in wanted.items():
        assert sum(bool(row[item]) for row in _listed(manager, query)) == n, query


def test_a_bound_reader_gets_no_way_that_would_be_refused(company: simulation.Simulated) -> None:
    owner = client_of(Role.CAUSE_OWNER)
    Cause.objects.update(owner=User.objects.get(role=Role.CAUSE_OWNER))
    for query, _ in _ways(owner.get("/causes/").content):
        assert owner.get(f"/responses/?{query}").status_code == 200


def test_a_cell_that_does_not_exist_is_refused_by_name(company: simulation.Simulated) -> None:
    manager = client_of(Role.MANAGER)
    for show in ("f6c1", "f1c0", "f1c1x", "; drop"):
        page = manager.get("/responses/", {"show": show})
        assert page.status_code == 400
        assert "“show” must be one of" in page.content.decode()
    assert "fix: satisfied, bothered: a lot" in (
        manager.get("/responses/?show=f4c4").content.decode().lower()
    )
