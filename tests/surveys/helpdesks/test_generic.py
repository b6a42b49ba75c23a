"""Signed JSON from anywhere."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from surveys.helpdesks import generic
from surveys.helpdesks.base import Agent, NotAuthenticError, UnreadableError, Wiring
from tests.surveys.helpdesks.calls import NOW, SECRET, WIRING, read, read_one, signed

CASE: dict[str, Any] = {
    "external_id": 4711,
    "status": "resolved",
    "resolved_at": "2026-11-22T17:55:00+01:00",
    "customer": {
        "email": "kim@example.com",
        "name": "Kim",
        "external_id": "c-9",
        "language": "German",
        "timezone": "Berlin",
        "phone": "+4930123",
    },
    "agents": [{"external_id": 3, "name": "Ravi", "email": "ravi@example.com"}],
    "team": "Billing",
    "cause": "Duplicate charge",
    "tags": ["vip", "vip", "refund"],
}


def test_generic_reads_a_case_as_our_api_has_it() -> None:
    event = read_one("generic", CASE)
    assert event.outcome == "resolved"
    assert (event.case, event.event_id) == ("4711", "msg_1")
    assert event.at == datetime(2026, 11, 22, 16, 55, tzinfo=UTC)
    assert (event.email, event.name, event.requester_id) == ("kim@example.com", "Kim", "c-9")
    assert (event.language, event.timezone) == ("German", "Europe/Berlin")
    assert event.agents == (Agent("3", "Ravi", "ravi@example.com"),)
    assert (event.group, event.cause) == ("Billing", "Duplicate charge")
    assert event.tags == ("vip", "refund")


def test_generic_reads_fields_from_where_the_connection_says() -> None:
    wiring = Wiring(
        secrets=(SECRET,),
        statuses={"Erledigt": "resolved"},
        fields={
            "external_id": "ticket.nr",
            "status": "ticket.state",
            "customer.email": 'people[1]["e.mail"]',
            "resolved_at": "ticket.ended",
            "agent.name": "people[0].called",
        },
        cause_path="ticket.fields[0].label",
    )
    body = {
        "ticket": {
            "nr": 7,
            "state": "erledigt",
            "ended": 1795370400,
            "fields": [{"label": "Print"}],
        },
        "people": [{"called": "Ann"}, {"e.mail": "x@example.com"}],
    }
    event = read_one("generic", body, wiring=wiring)
    assert (event.outcome, event.case, event.email) == ("resolved", "7", "x@example.com")
    assert event.at == datetime.fromtimestamp(1795370400, UTC)
    assert event.agents == (Agent("", "Ann", ""),)
    assert event.cause == "Print"


def test_generic_reads_a_batch_with_one_event_for_each_change() -> None:
    events = read("generic", [CASE, CASE, {**CASE, "external_id": 2, "status": "reopened"}])
    assert [(e.case, e.outcome) for e in events] == [("4711", "resolved"), ("2", "reopened")]
    assert len({e.event_id for e in events}) == 2


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"external_id": None}, "external_id: is missing"),
        ({"external_id": {"a": 1}}, "external_id: is no id"),
        ({"external_id": "x" * 201}, "external_id: is longer"),
        ({"status": " "}, "status: is missing"),
        ({"resolved_at": "9999-12-31T00:00:00Z"}, "resolved_at: lies in the year 9999"),
        ({"resolved_at": "0000-01-01T00:00:00Z"}, "resolved_at: lies in the year 0"),
        ({"resolved_at": "2026-02-31T00:00:00Z"}, "resolved_at: is no date"),
        ({"customer": {"name": "a\x00b"}}, "customer.name: has a NUL"),
        ({"customer": {"name": "\ud83d"}}, "customer.name: has half a character"),
        ({"subject": float("inf")}, "subject: is not a finite number"),
    ],
)
def test_generic_names_the_field_that_cannot_be_read(change: dict[str, Any], place: str) -> None:
    with pytest.raises(UnreadableError, match=place):
        read_one("generic", {**CASE, **change})


def test_generic_takes_each_valid_secret_and_no_other() -> None:
    rotated = Wiring(secrets=("new", SECRET))
    call = signed("generic", CASE)
    generic.verify(call, rotated, NOW)
    with pytest.raises(NotAuthenticError, match="webhook-signature is wrong"):
        generic.verify(call, Wiring(secrets=("new",)), NOW)
    with pytest.raises(NotAuthenticError, match="no secret"):
        generic.verify(signed("generic", CASE, secret=""), Wiring(secrets=("",)), NOW)


def test_generic_decodes_a_secret_in_the_standard_form() -> None:
    call = signed("generic", CASE, secret="plain bytes")
    coded = "whsec_" + base64.b64encode(b"plain bytes").decode()
    generic.verify(call, Wiring(secrets=(coded,)), NOW)


@pytest.mark.parametrize(("minutes", "word"), [(6, "stale"), (-6, "future")])
def test_generic_refuses_stamps_of_another_time(minutes: int, word: str) -> None:
    call = signed("generic", CASE, at=NOW - timedelta(minutes=minutes))
    with pytest.raises(NotAuthenticError, match=word):
        generic.verify(call, WIRING, NOW)
