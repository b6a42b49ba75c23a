"""What a respondent sees when something is away, wrong, too big or too much."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.models import Invitation, Response
from surveys.respondent.base import LIMITER
from surveys.respondent.limiter import Limiter
from surveys.services.tokens import token_of
from tests.factories import InvitationFactory
from tests.surveys.respondent.helpers import form, link, snapshot, unsubscribe_link, words

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"


def away(*_: Any) -> Any:
    raise OperationalError("the database system is shutting down")


def away_for_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if "INSERT" in sql or "UPDATE" in sql:
        raise OperationalError("terminating connection due to administrator command")
    return execute(sql, params, many, context)


def test_database_away_keeps_every_character(browser: Client) -> None:
    url = link(InvitationFactory())
    typed = "\n\n  <b>\"Ünï\" & 'quote' 🙏\nsecond line"
    sent = {
        "page": "fix",
        "shown_in": "en",
        "F1": "4",
        "F3": ["1", "3"],
        "fix_comment": typed,
    }
    with connection.execute_wrapper(away):
        response = browser.post(url, sent)

    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "We couldn't save your answers just now" in words(response)
    kept = form(response)
    assert kept.fields == {
        "page": ["fix"],
        "shown_in": ["en"],
        "F1": ["4"],
        "F3": ["1", "3"],
        "fix_comment": [typed],
    }
    assert kept.buttons == [("", "")]

    assert browser.post(url, kept.fields).status_code == 303
    stored = Response.objects.get()
    assert (stored.f1, stored.f3, stored.fix_comment) == (4, [1, 3], typed.strip())


def test_database_lost_while_storing_acknowledges_nothing(browser: Client) -> None:
    url = link(InvitationFactory(language="ar"))
    with connection.execute_wrapper(away_for_writes):
        response = browser.post(url, {"shown_in": "ar", "F1": "4", "fix_comment": "شكرا"})
    assert response.status_code == 503
    assert 'lang="ar" dir="rtl"' in response.content.decode()
    assert form(response).fields["fix_comment"] == ["شكرا"]
    assert Response.objects.count() == 0


@pytest.mark.parametrize("tail", ["", "done/"])
def test_database_away_on_reading_says_so_kindly(browser: Client, tail: str) -> None:
    url = link(InvitationFactory())
    with connection.execute_wrapper(away):
        response = browser.get(url + tail)
    assert response.status_code == 503
    assert "The survey can't be shown just now" in words(response)
    assert form(response).buttons == []


def test_database_away_unsubscribes_nobody_and_says_so(browser: Client) -> None:
    url = unsubscribe_link(InvitationFactory())
    with connection.execute_wrapper(away):
        response = browser.post(url, {"List-Unsubscribe": "One-Click"})
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "This is our fault, not yours." in words(response)
    assert browser.post(url).status_code == 200


def test_cache_and_broker_are_not_asked(browser: Client, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    url = link(InvitationFactory())
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"F1": "4"}).status_code == 303


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"F1=5&fix_comment=a%00b", URLENCODED, 400),
        (b"F1=5&fix_comment=a\0b", URLENCODED, 400),
        (b"F1=5&fix_comment=%ED%A0%80", URLENCODED, 400),
        (b"F1=5&fix_comment=%FF", URLENCODED, 400),
        (b"F1=5&fix_comment=\xff", URLENCODED, 400),
        (b"&".join(b"a%d=1" % n for n in range(1500)), URLENCODED, 400),
        (b"F1=5", URLENCODED + "; charset=utf-16", 400),
        (b"F1=5", "multipart/form-data", 400),
        (b"--x\r\nrubbish", "multipart/form-data; boundary=x", 303),
        (b"F1=5", "text/plain", 415),
        (b'{"F1": 5}', "application/json", 415),
        (b"fix_comment=" + b"a" * 10_000_000, URLENCODED, 413),
        (b"fix_comment=" + b"a" * 200_000, URLENCODED, 422),
        (b"F1=" + b"9" * 100_000, URLENCODED, 422),
        (b"F1=1&" + b"F3=1&" * 500, URLENCODED, 303),
        (b"", URLENCODED, 303),
    ],
)
def test_an_unanswerable_body_is_refused_kindly(
    browser: Client, body: bytes, content_type: str, status: int
) -> None:
    url = link(InvitationFactory())
    before = snapshot()
    response = browser.post(url, body, content_type=content_type)
    assert response.status_code == status
    if status >= 400:
        assert snapshot() == before
        assert "<h1>" in response.content.decode()


def test_compressed_and_unmeasured_bodies_are_refused(browser: Client) -> None:
    url = link(InvitationFactory())
    packed = browser.post(
        url, b"\x1f\x8b", content_type=URLENCODED, headers={"Content-Encoding": "gzip"}
    )
    assert packed.status_code == 415
    chunked = browser.generic(
        "POST",
        url,
        b"",
        content_type=URLENCODED,
        headers={"Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )
    assert chunked.status_code == 411
    assert Response.objects.count() == 0


FIELD = st.sampled_from(["F1", "F3", "C1", "O1", "fix_comment", "page", "lang", "shown_in", "go"])
VALUE = st.one_of(
    st.text(max_size=40),
    st.integers(-9, 99).map(str),
    st.sampled_from(["fix", "cause", "closing", "back", "ar", "9" * 5000, "\0", "\ud800"]),
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(FIELD, VALUE), max_size=12), st.booleans())
def test_whatever_is_sent_is_never_our_fault(
    browser: Client, posted: list[tuple[str, str]], as_query: bool
) -> None:
    invitation = Invitation.objects.first() or InvitationFactory()
    LIMITER.clear()
    body = b"&".join(
        name.encode() + b"=" + _quoted(value.encode("utf-8", "surrogatepass"))
        for name, value in posted
    )
    url = link(invitation)
    if as_query:
        response = browser.get(url, QUERY_STRING=body.decode("latin-1"))
        assert response.status_code in {200, 400}
    else:
        response = browser.post(url, body, content_type=URLENCODED)
        assert response.status_code in {303, 400, 422}


def _quoted(raw: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in raw)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=300), st.sampled_from([URLENCODED, "multipart/form-data; boundary=b"]))
def test_raw_bytes_are_never_our_fault(browser: Client, body: bytes, content_type: str) -> None:
    LIMITER.clear()
    invitation = Invitation.objects.first() or InvitationFactory()
    response = browser.post(link(invitation), body, content_type=content_type)
    assert response.status_code in {303, 400, 422}


def test_a_flood_on_one_link_is_slowed_and_others_are_served(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMITER, "_clock", lambda: 0.0)  # a slow flood earns another try
    flooded, other = link(InvitationFactory()), link(InvitationFactory())
    sent = {"F1": "4", "fix_comment": "kept"}
    statuses = [browser.post(flooded, sent).status_code for _ in range(70)]
    assert statuses == [303] * 60 + [429] * 10
    refused = browser.post(flooded, sent)
    assert refused["Retry-After"] == "60"
    assert form(refused).fields == {"F1": ["4"], "fix_comment": ["kept"]}
    assert browser.post(other, sent).status_code == 303
    assert browser.get(flooded).status_code == 200


def test_limiter_refills_and_forgets() -> None:
    now = 0.0
    limiter = Limiter(2, 0.5, max_keys=2, clock=lambda: now)
    assert [limiter.allows("a") for _ in range(3)] == [True, True, False]
    now = 2.0
    assert [limiter.allows("a") for _ in range(2)] == [True, False]
    limiter.allows("b")
    limiter.allows("c")
    assert limiter.allows("a") is True


def test_the_link_is_never_logged(browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    invitation = InvitationFactory()
    token = token_of(invitation.nonce)
    with caplog.at_level(logging.DEBUG):
        browser.get(f"/s/{token}x/")
        browser.get(link(invitation))
        browser.post(link(invitation), {"F1": "77"})
        browser.put(link(invitation))
        browser.post(link(invitation), b"\0", content_type=URLENCODED)
        with connection.execute_wrapper(away):
            browser.post(link(invitation), {"F1": "1"})
    assert re.findall(token, caplog.text) == []
    # What is written takes tokens out as well; of our pages nothing should come to that.
    assert [record for record in caplog.records if record.name == "django.request"] == []
