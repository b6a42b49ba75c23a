"""Ratings from before Stabledoor over HTTP: read, and taken back by import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from surveys.models import UnseparatedRating
from tests.factories import CaseFactory
from tests.surveys.api.conftest import Api
from tests.surveys.rated import FIRST, SECOND, rated

RATINGS, IMPORTS = "/api/v1/history-ratings/", "/api/v1/history-imports/"
REMOVE = f"{IMPORTS}remove/"
MakeApi = Callable[..., Api]


def _kept() -> int:
    return UnseparatedRating.objects.count()


def _field(answer: Any) -> str:
    assert answer.status_code == 400, answer.content
    return str(answer.json()["errors"][0]["field"])


def test_each_rating_is_on_one_page_with_its_case_and_no_agent(api: MakeApi) -> None:
    case = CaseFactory.create()
    rated(5, case=case)
    rated(2, SECOND, tool="nicereply")
    admin, way = api("admin"), f"{RATINGS}?page_size=3"
    found: list[dict[str, Any]] = []
    while way:
        answer = admin.get(way).json()
        found += answer["results"]
        way = answer["next"]
    assert len({one["id"] for one in found}) == len(found) == 7
    times = [one["answered_at"] for one in found]
    assert times == sorted(times, reverse=True)
    of_case = [one for one in found if one["tool"] == "delighted"]
    assert of_case[0]["case"] == {"source": case.source, "external_id": case.external_id}
    assert "Olu Ade" not in str(found)


def test_they_are_narrowed_by_tool_and_by_comment(api: MakeApi) -> None:
    rated(4)
    rated(3, SECOND, tool="nicereply")
    admin = api("admin")

    def n(**asked: str) -> int:
        return len(admin.get(RATINGS, **asked).json()["results"])

    assert (n(), n(tool="nicereply"), n(comments="1"), n(comments="0", tool="")) == (7, 3, 3, 7)
    assert _field(admin.get(RATINGS, tool="survicate")) == "tool"
    assert _field(admin.get(RATINGS, comments="yes")) == "comments"


def test_an_import_is_counted_and_removed_by_the_moment_that_the_list_gives(api: MakeApi) -> None:
    rated(4, FIRST + timedelta(microseconds=7))
    rated(2, SECOND)
    admin = api("admin")
    newest, oldest = admin.get(IMPORTS).json()["results"]
    assert (newest["n_ratings"], oldest["n_ratings"], oldest["n_comments"]) == (2, 4, 2)
    named = {"tool": "delighted", "imported_at": oldest["imported_at"]}
    assert admin.post(REMOVE, {**named, "dry_run": True}).json()["n_ratings"] == 4
    assert _kept() == 6
    for _ in range(2):  # sent again, as after a lost answer
        answer = admin.post(REMOVE, named, **{"Idempotency-Key": "once"})
        assert (answer.status_code, answer.json()["n_ratings"]) == (200, 4)
    assert _kept() == 2
    assert admin.post(REMOVE, named).status_code == 404
    assert admin.post(REMOVE, {"tool": "delighted"}).json()["n_ratings"] == 2


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"tool": "survicate"}, "tool"),
        ({"tool": "delighted", "imported_at": "2026-11-22T10:15:00"}, "imported_at"),
        ({"tool": "delighted", "imported_at": "0001-01-01T00:00:00+14:00"}, "imported_at"),
        ({"tool": "delighted", "everything": True}, "everything"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(
    api: MakeApi, sent: dict[str, Any], field: str
) -> None:
    rated(2)
    assert _field(api("admin").post(REMOVE, sent)) == field
    assert _kept() == 2


def test_it_is_for_admins_alone(api: MakeApi) -> None:
    reader = api("responses:read")
    assert reader.get(RATINGS).status_code == 403
    assert reader.post(REMOVE, {"tool": "delighted"}).status_code == 403
