"""Forms that no helpdesk sends, and somebody will: refused by name of the place, in linear time."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest

from surveys.helpdesks import ADAPTERS
from surveys.helpdesks.base import UnreadableError
from tests.surveys.helpdesks.calls import WIRING, read, signed
from tests.surveys.helpdesks.composed import BODIES, CHATWOOT, SALESFORCE, ZAMMAD

KINDS = sorted(ADAPTERS)
TICKET = '{"ticket": {"id": 1, "state": "closed", "title": %s}}'
DTD = '<?xml version="1.0"?><!DOCTYPE a [%s]>'


def _refused(kind: str, body: bytes, headers: dict[str, str] | None = None) -> str:
    made = signed(kind, body, headers)
    with pytest.raises(UnreadableError) as refused:
        ADAPTERS[kind].read(made, WIRING)
    return str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "body: is empty"),
        (b" \r\n", "body: is empty"),
        (b"\xff\xfe\x00", "body: is not UTF-8 at byte 0"),
        (b'{"a": "\xed\xa0\x80"}', "body: is not UTF-8 at byte 7"),
        (b"not json", "body: is not JSON at line 1, column 1"),
        (b"[" * 100_000, "body: is nested deeper than 100"),
        (b'{"a":' * 100_000, "body: is nested deeper than 100"),
        (b"[" * 100_000 + b"]" * 100_000, "body: is nested deeper than 100"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "body: has a number of thousands of digits"),
        (b'{"a": 1, "a": 2}', "a: is told twice"),
        (b'"text"', "body: is no object"),
        (b"null", "body: is missing"),
    ],
)
def test_form_is_refused_by_its_place(kind: str, body: bytes, place: str) -> None:
    assert _refused(kind, body).startswith(place)


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_body_is_refused_or_says_nothing_wrong(kind: str) -> None:
    body, headers = BODIES[kind][0]
    for cut in range(1, len(body) - 1, max(1, len(body) // 150)):
        assert "body" in _refused(kind, body[:cut], headers)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "salesforce"])
def test_charset_other_than_utf8_is_refused_and_a_mark_is_none(kind: str) -> None:
    body, headers = BODIES[kind][0]
    odd = headers | {"Content-Type": "application/json; charset=ISO-8859-1"}
    assert _refused(kind, body, odd) == "Content-Type: the charset has to be UTF-8"
    right = headers | {"Content-Type": 'application/json; charset="UTF-8"'}
    assert read(kind, b"\xef\xbb\xbf" + body, right) == read(kind, body, headers)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (r'"a\u0000b"', "ticket.title: has a NUL character"),
        (r'"\ud83d"', "ticket.title: has half a character"),
        ("NaN", "ticket.title: is not a finite number"),
        ("-Infinity", "ticket.title: is not a finite number"),
        ("1e999", "ticket.title: is not a finite number"),
    ],
)
def test_value_that_cannot_be_stored_is_refused_by_its_field(value: str, fault: str) -> None:
    assert _refused("zammad", (TICKET % value).encode()).startswith(fault)


def test_value_that_nobody_reads_is_no_fault() -> None:
    body = r'{"ticket": {"id": 1, "state": "closed", "note": "\ud83d", "n": NaN}}'
    assert [e.outcome for e in read("zammad", body)] == ["resolved"]


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("0000-01-01T00:00:00Z", "lies in the year 0"),
        ("1999-12-31T23:59:59Z", "lies in the year 1999"),
        ("9999-12-31T23:59:59Z", "lies in the year 9999"),
        (253402300799, "lies in the year "),
        (-62135596800, "lies in the year 1"),
        (10**19, "lies outside"),
        ("2026-13-01T00:00:00Z", "is no date"),
        ("2026-01-01T24:01:00Z", "is no date"),
        ("2026-01-01T00:00:00+99:00", "is no date"),
    ],
)
def test_time_of_another_age_is_refused_by_its_field(told: Any, fault: str) -> None:
    body = {"ticket": {**ZAMMAD["ticket"], "last_close_at": told}}
    assert _refused("zammad", json.dumps(body).encode()).startswith(
        f"ticket.last_close_at: {fault}"
    )


@pytest.mark.parametrize(
    "dtd",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;',
        "",
    ],
)
def test_salesforce_refuses_document_types_and_entities(dtd: str) -> None:
    body = SALESFORCE.partition("?>")[2]
    fault = _refused("salesforce", (DTD % dtd + body.replace("Web", "&x;")).encode())
    assert fault == "body: has a document type or entities"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<a>" * 100_000, "body: is nested deeper than 100"),
        ("<a><b/></a>", "a: is no Envelope"),
        ("<Envelope/>", "Envelope.Body: is missing"),
        ("<Envelope><Body><notifications/></Body></Envelope>", "Envelope.Body.notifications: has"),
        (SALESFORCE[:-20], "body: is not XML at line"),
        (SALESFORCE.replace("UTF-8", "x-none"), "body: is"),
        (
            SALESFORCE.replace("500xx1", ""),
            "Envelope.Body.notifications.Notification[0].sObject.Id",
        ),
        (SALESFORCE.replace("&amp;", "&x;"), "body: is not XML"),
    ],
)
def test_salesforce_names_what_is_wrong_with_its_xml(body: str, fault: str) -> None:
    assert _refused("salesforce", body.encode()).startswith(fault)


@pytest.mark.parametrize("kind", KINDS)
def test_long_bodies_take_linear_time(kind: str) -> None:
    """Ten times as long, not a hundred times as slow; generous, for a machine in use."""
    quoted = json.dumps({**CHATWOOT, "x": 'a"b' * 100_000}).encode()
    broken = b'{"ticket": {"id": "' + b'a" b' * 100_000
    nested = b'{"a": [' + b"[1,2]," * 100_000
    xml = b"<Envelope><Body>" + b"<x>" * 50 + b"<y/>" * 100_000
    for body in (
        quoted,
        broken,
        nested,
        b'"' * 300_000,
        b"\\" * 300_000,
        b'{"a":"\\' * 50_000,
        xml,
    ):
        start = time.perf_counter()
        with contextlib.suppress(UnreadableError):
            ADAPTERS[kind].read(signed(kind, body), WIRING)
        assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    ("told", "email", "name"),
    [
        ("a@example.com", "a@example.com", ""),
        ("Pat <pat@example.com>", "pat@example.com", "Pat"),
        ('"Pat, Dr." <pat@mail.example.com>', "pat@mail.example.com", "Pat, Dr."),
        ("a@b", "", ""),
        ("Pat", "", ""),
        ("pat@example.com, kim@example.com", "", ""),
        ("<script>@example.com", "", ""),
    ],
)
def test_what_is_no_address_is_asked_for(told: str, email: str, name: str) -> None:
    event = read("zendesk", {"id": 1, "status": "solved", "requester": told})[0]
    assert (event.email, event.needs_enrichment) == (email, not email)
    assert name in event.name
