"""Ratings from before Stabledoor one by one, and the imports that can be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.http import urlencode

from surveys.models import Response, UnseparatedRating
from surveys.services import history_list
from surveys.services.history_list import NothingImportedError
from tests.factories import CaseFactory
from tests.surveys.rated import FIRST, SECOND, rated
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
PAGE = "/responses/unseparated/"


def said(answer: Any) -> str:
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


@pytest.mark.parametrize("role", ["admin", "manager", "analyst"])
def test_comments_are_shown_as_of_both_sides_and_of_no_agent(role: str) -> None:
    case = CaseFactory()
    rated(4, case=case, cause="coverage")
    page = said(client_of(role).get(PAGE))
    assert "Comment, about both in one" in page
    assert ("word 1." in page, "word 3." in page, page.count("Delighted, 1-5")) == (True, True, 2)
    assert f">{case.external_id}</a>" in page
    assert "Olu Ade" not in page
    assert ("Remove…" in page) == (role == "admin")


def test_every_rating_is_on_exactly_one_page() -> None:
    rated(130)
    client, query, found = client_of("analyst"), "show=all", 0
    for _ in range(3):
        page = said(client.get(f"{PAGE}?{query}"))
        found += page.count("Delighted, 1-5")
        query = page.rpartition('rel="next"')[0].rpartition('href="?')[2].partition('"')[0]
        query = query.replace("&amp;", "&")
    assert (found, query) == (130, "")


@pytest.mark.parametrize("query", ["after=x&number=1", "after=2026-01-01", "tool=none&number=-1"])
def test_places_that_are_none_begin_at_the_newest(query: str) -> None:
    rated(2)
    assert "word 1." in said(client_of("analyst").get(f"{PAGE}?{query}"))


def test_page_without_any_import_says_how_one_is_made() -> None:
    assert "import_responses FILE --from TOOL" in said(client_of("manager").get(PAGE))


def test_admin_removes_one_import_after_a_question_and_nothing_else() -> None:
    rated(5, FIRST)
    rated(3, SECOND)
    rated(2, SECOND, "nicereply")
    client = client_of("admin")
    address = f"{PAGE}delighted/remove/?{urlencode({'at': SECOND.isoformat()})}"
    page = said(client.get(address))
    assert "<b>3 ratings</b>, 1 of them with a comment" in page
    assert UnseparatedRating.objects.count() == 10
    after = said(client.post(address, {"at": SECOND.isoformat()}, follow=True))
    assert "3 ratings of Delighted removed. The same file brings them back." in after
    left = UnseparatedRating.objects.values_list("tool", "imported_at").distinct()
    assert set(left) == {("delighted", FIRST), ("nicereply", SECOND)}
    assert client.post(address, {"at": SECOND.isoformat()}).status_code == 404


@pytest.mark.parametrize("at", ["", "yesterday", "2026-01-01", "0001-01-01T00:00:00+00:00"])
def test_import_that_is_none_cannot_be_removed(at: str) -> None:
    rated(1)
    answer = client_of("admin").post(f"{PAGE}delighted/remove/", {"at": at})
    assert (answer.status_code, UnseparatedRating.objects.count()) == (404, 1)


def test_removal_killed_between_batches_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_list, "BATCH", 2)
    rated(5)
    assert history_list.remove("delighted", dry=True) == 5
    UnseparatedRating.objects.filter(comment="").delete()  # as far as it came
    assert history_list.remove("delighted", FIRST) == 2
    with pytest.raises(NothingImportedError, match="nothing of it is stored"):
        history_list.remove("delighted")
    assert not Response.objects.exists()
