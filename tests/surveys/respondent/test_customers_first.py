"""Survey pages are answered before the staff's middleware, and as they would be behind it."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory, override_settings

from surveys.services import answering
from tests.factories import InvitationFactory
from tests.surveys.respondent.helpers import link

pytestmark = pytest.mark.django_db

DOOR = "config.staff_middleware.customers_first"
BEHIND = [name for name in settings.MIDDLEWARE if name != DOOR]
FORM = "application/x-www-form-urlencoded"
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
        ("post", "", {"data": b"F1=%ff", "content_type": FORM}),
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


def test_no_request_leaves_circles_behind() -> None:
    """A search for garbage stops all threads of a process: with a circle for each request it took
    30 to 130 ms every 1,600 answers."""
    survey = link(InvitationFactory())
    handler, body = WSGIHandler(), b"page=fix&shown_in=en&F1=4"

    def ask(method: str, sent: bytes) -> int:
        request = RequestFactory().generic(method, survey, sent, content_type=FORM)
        return handler.get_response(request).status_code

    for _ in range(2):  # the first of each kind compiles and caches
        gc.collect()
        for _ in range(10):
            assert (ask("GET", b""), ask("POST", body)) == (200, 303)

    assert gc.collect() < 10
