"""Survey pages are answered before the staff's middleware, and as they would be behind it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from surveys.services import answering
from tests.factories import InvitationFactory
from tests.surveys.respondent.helpers import link

pytestmark = pytest.mark.django_db

DOOR = "config.staff_middleware.customers_first"
BEHIND = [name for name in settings.MIDDLEWARE if name != DOOR]
ANSWER = {"page": "fix", "shown_in": "en", "F1": "4"}


def both(path: str, method: str = "get", **sent: Any) -> tuple[Any, Any]:
    """The same request answered at the door and by all of the middleware."""
    first = getattr(Client(raise_request_exception=False), method)(path, **sent)
    with override_settings(MIDDLEWARE=BEHIND):
        last = getattr(Client(raise_request_exception=False), method)(path, **sent)
    return first, last


def told(response: Any) -> tuple[object, ...]:
    return response.status_code, dict(response.headers), response.content, response.cookies


@pytest.mark.parametrize(
    ("method", "rest", "sent"),
    [
        ("get", "", {}),
        ("head", "", {}),
        ("options", "", {}),
        ("put", "", {}),
        ("get", "?page=2&lang=de", {}),
        ("get", "", {"headers": {"accept-language": "de"}}),
        ("get", "done/", {}),
        ("post", "", {"data": ANSWER}),
        ("post", "", {"data": {"F1": "9"}}),
        ("post", "", {"data": b"{}", "content_type": "application/json"}),
        ("post", "", {"data": b"F1=%ff", "content_type": "application/x-www-form-urlencoded"}),
        ("post", "", {"data": ANSWER, "secure": True}),
        ("get", "", {"headers": {"host": "elsewhere.example"}}),
        ("post", "", {"data": ANSWER, "headers": {"host": "elsewhere.example"}}),
        ("get", "nowhere/", {}),
    ],
)
def test_answers_are_the_same_at_the_door(method: str, rest: str, sent: dict[str, Any]) -> None:
    survey = link(InvitationFactory())

    first, last = both(f"{survey}{rest}", method, **sent)

    assert told(first) == told(last)


@pytest.mark.parametrize("path", ["/s/unknown/", "/s/unknown", "/s/", "/s//", "/s/a/b/", "/s/%00/"])
def test_what_is_no_survey_is_answered_as_before(path: str) -> None:
    first, last = both(path)

    assert told(first) == told(last)


def test_a_page_that_breaks_is_answered_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(token: str, now: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(answering, "find", breaks)

    first, last = both(link(InvitationFactory()))

    assert first.status_code == 500
    assert told(first) == told(last)


def test_nothing_of_the_staff_looks_at_a_survey() -> None:
    survey = link(InvitationFactory())
    staff = settings.MIDDLEWARE[settings.MIDDLEWARE.index(DOOR) + 1 :]
    assert "config.staff_middleware.Sessions" in staff

    with override_settings(MIDDLEWARE=[n for n in settings.MIDDLEWARE if n not in staff]):
        alone = Client().get(survey)

    assert told(alone) == told(Client().get(survey))
