"""A screen at the desk: the same pages, and nothing left of the last customer."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from surveys.models import Delivery, Kiosk, Response
from surveys.services import kiosks
from surveys.services.tokens import token_of
from tests.factories import UserFactory
from tests.surveys.services.outbox import queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery() -> Delivery:
    return queued()


@pytest.fixture
def start(delivery: Delivery) -> str:
    """The address of a screen on which a survey waits."""
    kiosk = kiosks.make("Desk", UserFactory(), timezone.now())
    kiosks.show(kiosk.pk, delivery.invitation_id, timezone.now())
    return f"/k/{kiosks.token_of(kiosk)}/"


def begun(client: Client, start: str) -> str:
    answer = client.post(start, {"visit": Kiosk.objects.get().visit})
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_survey_is_answered_and_the_screen_returns_to_its_start(
    client: Client, start: str, delivery: Delivery
) -> None:
    waiting = client.get(start).content.decode()
    assert "Your survey is ready" in waiting
    page = begun(client, start)
    assert "Tell us how it went" in client.get(start).content.decode()  # for whoever looks twice
    shown = client.get(page)
    html = shown.content.decode()
    assert token_of(delivery.invitation.nonce) not in html + page
    assert re.findall("<form (?!autocomplete)", html.replace('class="leave"', "")) == [
        "<form "
    ]  # the way out holds nothing that was typed
    while True:
        block = re.search(r'name="page" value="(\w+)"', html)
        assert block is not None
        answer = client.post(page, {"page": block[1], "F1": "4", "C1": "2"})
        assert answer.status_code == 303
        if answer.headers["Location"].startswith(f"{page}done/"):
            break
        html = client.get(answer.headers["Location"]).content.decode()
    assert (Response.objects.get().f1, Response.objects.get().c1) == (4, 2)
    thanks = client.get(answer.headers["Location"])
    assert thanks.headers["Refresh"] == f"30; url={start}?over=1"
    assert "You can close this page now" not in thanks.content.decode()
    over = client.post(f"{page}end/")
    assert over.headers["Location"] == f"{start}?over=1"
    for gone in (page, f"{page}?page=1", f"{page}done/"):
        assert client.get(gone).headers["Location"] == f"{start}?over=1"
        assert client.post(gone, {"page": "fix", "F1": "1"}).status_code == 303
    assert Response.objects.get().f1 == 4
    last = client.get(f"{start}?over=1")
    assert (last.headers["Clear-Site-Data"], last.headers["Refresh"]) == (
        '"cache"',
        f"4; url={start}",
    )
    assert "Tell us how it went" in last.content.decode()


def test_no_get_begins_ends_or_answers(client: Client, start: str) -> None:
    before = list(Kiosk.objects.values())
    visit = Kiosk.objects.get().visit
    for path in (start, f"{start}{visit}/?F1=4", f"{start}{visit}/done/", f"{start}{visit}/end/"):
        assert client.get(path).status_code in {200, 303}
    assert list(Kiosk.objects.values()) == before
    page = begun(client, start)
    before = list(Kiosk.objects.values())
    client.get(page)
    client.get(f"{page}end/")
    assert (list(Kiosk.objects.values()), Response.objects.count()) == (before, 0)


def test_page_of_the_last_customer_cannot_answer_for_the_next(client: Client, start: str) -> None:
    old = begun(client, start)
    Kiosk.objects.update(visit_until=timezone.now() - kiosks.IDLE)
    other = queued("next@example.com")
    kiosks.show(Kiosk.objects.get().pk, other.invitation_id, timezone.now())
    begun(client, start)
    assert client.post(old, {"page": "fix", "F1": "1"}).headers["Location"] == f"{start}?over=1"
    assert Response.objects.count() == 0


def test_unknown_screen_is_answered_like_any_link_that_opens_nothing(client: Client) -> None:
    stranger, unknown = client.get("/k/nothing-known-here/"), client.get("/s/nothing-known-here/")
    assert (stranger.status_code, stranger.content) == (unknown.status_code, unknown.content)
    assert client.post("/k/nothing-known-here/", {"visit": ""}).status_code == 404
    assert client.get("/k/nothing-known-here/x/").status_code == 303


def test_pages_of_a_screen_keep_no_cookie_and_are_not_stored(client: Client, start: str) -> None:
    page = begun(client, start)
    for path in (start, page):
        answer = client.get(path)
        assert (answer.headers["Cache-Control"], len(answer.cookies)) == ("no-store", 0)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
