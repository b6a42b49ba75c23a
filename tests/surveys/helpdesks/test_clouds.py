"""What is read of hosted helpdesks: Zendesk, Freshdesk, Intercom, HubSpot, Salesforce."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from surveys.helpdesks.base import Agent, UnreadableError
from tests.surveys.helpdesks import composed
from tests.surveys.helpdesks.calls import WIRING, read, read_one


def _with(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the body with another value at a dotted path."""
    made = copy.deepcopy(body)
    *names, last = path.split(".")
    place = made
    for name in names:
        place = place[name]
    place[last] = value
    return made


def test_zendesk_event_tells_the_change_and_whom_to_ask_for() -> None:
    event = read_one("zendesk", composed.ZENDESK_EVENT)
    assert (event.outcome, event.case, event.event_id) == ("resolved", "8812", "01JD-event-1")
    assert event.at == datetime(2026, 11, 22, 17, 40, 5, tzinfo=UTC)
    assert (event.requester_id, event.email, event.needs_enrichment) == ("503", "", True)
    assert event.agents == (Agent("502"),)
    assert (event.tags, event.severity, event.channel) == (("scanner", "hardware"), "high", "email")


@pytest.mark.parametrize(
    ("previous", "current", "outcome"),
    [
        ("OPEN", "SOLVED", "resolved"),
        ("SOLVED", "CLOSED", "ignored"),
        ("CLOSED", "SOLVED", "ignored"),
        ("OPEN", "CLOSED", "resolved"),
        ("SOLVED", "OPEN", "reopened"),
        ("SOLVED", "PENDING", "reopened"),
        ("SOLVED", "HOLD", "reopened"),
        ("NEW", "OPEN", "ignored"),
        ("OPEN", "PENDING", "ignored"),
        ("SOLVED", "DELETED", "ignored"),
        ("OPEN", "SOMETHING_NEW", "ignored"),
        (None, "solved", "resolved"),
    ],
)
def test_zendesk_event_trusts_the_change_not_the_snapshot(
    previous: str | None, current: str, outcome: str
) -> None:
    body = _with(composed.ZENDESK_EVENT, "event", {"previous": previous, "current": current})
    for snapshot in ("SOLVED", "OPEN", None):
        assert read_one("zendesk", _with(body, "detail.status", snapshot)).outcome == outcome


def test_zendesk_reads_statuses_of_ones_own() -> None:
    own = replace(WIRING, statuses={"7001": "ignored", "7002": "resolved"})
    assert read_one("zendesk", composed.ZENDESK_EVENT, wiring=own).outcome == "ignored"
    body = _with(composed.ZENDESK_EVENT, "type", "zen:event-type:ticket.custom_status_changed")
    told = _with(body, "event", {"previous": 7001, "current": 7002})
    assert read_one("zendesk", told, wiring=own).outcome == "resolved"
    assert read_one("zendesk", told).why == "nobody said what the status “7002” means"


def test_zendesk_asks_nobody_about_a_merged_ticket() -> None:
    body = _with(composed.ZENDESK_EVENT, "detail.tags", ["closed_by_merge"])
    told = _with(body, "event", {"previous": "OPEN", "current": "CLOSED"})
    assert read_one("zendesk", told).outcome == "ignored"


def test_zendesk_trigger_tells_everybody_by_name() -> None:
    headers = {"X-Zendesk-Webhook-Invocation-Id": "inv-1"}
    event = read_one("zendesk", composed.ZENDESK_TRIGGER, headers)
    assert (event.outcome, event.case, event.event_id) == ("resolved", "8813", "inv-1")
    assert event.at == datetime(2026, 11, 22, 17, 20, tzinfo=UTC)
    assert (event.requester_id, event.name, event.email) == ("78", "Mia Krüger", "mia@example.com")
    assert (event.language, event.timezone) == ("German", "Europe/Berlin")
    assert event.agents == (Agent("77", "Ola Berg", "ola@helpers.example"),)
    assert (event.group, event.product, event.cause) == ("Devices", "Print Plus", "Toner leaks")
    assert event.tags == ("toner", "printer")


@pytest.mark.parametrize(
    ("status", "named", "outcome"),
    [
        ("Solved", "case.resolved", "resolved"),
        ("Open", "case.resolved", "reopened"),
        ("Offen", "", "reopened"),
        ("Closed", "case.resolved", "ignored"),
        ("Nach Wunsch", "case.resolved", "resolved"),
        ("", "case.reopened", "reopened"),
        ("Nach Wunsch", "", "ignored"),
    ],
)
def test_zendesk_trigger_status_says_more_than_its_name(
    status: str, named: str, outcome: str
) -> None:
    body = _with(_with(composed.ZENDESK_TRIGGER, "event", named), "ticket.status", status)
    assert read_one("zendesk", body).outcome == outcome


def test_zendesk_trigger_survives_quotation_marks_in_names() -> None:
    body = """{"ticket": {"id": "5", "status": "Solved", "cause": , "tags": "a b",
      "subject": "The "big" one, \\ or "what?", said "Bo"",
      "requester": {"name": "Jo "the "rock"" Doe", "email": "jo@example.com",},
      "assignee": {"name": ""}
    }}"""
    event = read_one("zendesk", body)
    assert (event.outcome, event.case, event.email) == ("resolved", "5", "jo@example.com")
    assert event.name == 'Jo "the "rock"" Doe'
    assert event.subject == 'The "big" one, \\ or "what?", said "Bo"'


def test_zendesk_trigger_refuses_a_name_that_writes_another_address() -> None:
    body = """{"ticket": {"id": "5", "status": "Solved", "requester": {
      "email": "jo@example.com", "name": "Jo", "email": "victim@example.com"}}}"""
    with pytest.raises(UnreadableError, match="email: is told twice"):
        read_one("zendesk", body)


def test_zendesk_trigger_names_the_place_that_cannot_be_mended() -> None:
    with pytest.raises(UnreadableError, match="line 2, column 3"):
        read_one("zendesk", '{"ticket": {"id": 5},\n  id 6}')


def test_freshdesk_rule_reads_the_change() -> None:
    event = read_one("freshdesk", composed.FRESHDESK_RULE)
    assert (event.outcome, event.case) == ("resolved", "9001")
    assert (event.name, event.email, event.language) == ("Bo Lind", "bo@example.com", "sv")
    assert event.agents == (Agent("", "Noor", "noor@helpers.example"),)
    assert (event.group, event.cause) == ("Network", "Firmware")
    assert event.tags == ("router", "wifi")


@pytest.mark.parametrize(
    ("triggered", "label", "outcome"),
    [
        ("{status:{from:2,to:4}}", "Open", "resolved"),
        ("{priority:{from:1,to:2}, status:{from:4,to:5}}", "Closed", "ignored"),
        ('{"status": {"from": "5", "to": "2"}}', "Open", "reopened"),
        ("{status:{from:Open,to:Resolved}}", "Resolved", "resolved"),
        ("{status:{from:6,to:2}}", "Open", "reopened"),
        ("{status:{from:2,to:3}}", "Pending", "ignored"),
        ("{status:{from:2,to:12}}", "Geschlossen", "resolved"),
        ("{status:{from:2,to:12}}", "Zum Versand", "ignored"),
        ("{priority:{from:1,to:4}}", "Resolved", "ignored"),
        ("", "Résolu", "resolved"),
        ("{status:{from:,to:}}", "", "ignored"),
    ],
)
def test_freshdesk_rule_trusts_the_change(triggered: str, label: str, outcome: str) -> None:
    body = _with(composed.FRESHDESK_RULE, "freshdesk_webhook.triggered_event", triggered)
    told = _with(body, "freshdesk_webhook.ticket_status", label)
    assert read_one("freshdesk", told).outcome == outcome


def test_freshdesk_app_reads_requester_and_never_the_actor() -> None:
    event = read_one("freshdesk", composed.FRESHDESK_APP)
    assert (event.outcome, event.case, event.requester_id) == ("resolved", "9002", "31")
    assert (event.email, event.language, event.cause) == ("bo@example.com", "sv", "Antenna")
    assert event.at == datetime.fromtimestamp(1795370400.123, UTC)
    assert event.agents == (Agent("32"),)
    body = _with(composed.FRESHDESK_APP, "data.requester", None)
    assert read_one("freshdesk", body).needs_enrichment


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"status": [4, 5]}, "ignored"),
        ({"status": ["4", "2"]}, "reopened"),
        ({"status": [9, 4]}, "resolved"),
        ({"priority": [1, 2]}, "ignored"),
        ({"status": 4}, "ignored"),
        (None, "ignored"),
    ],
)
def test_freshdesk_app_trusts_the_change(changes: Any, outcome: str) -> None:
    body = _with(composed.FRESHDESK_APP, "data.ticket.changes", changes)
    assert read_one("freshdesk", body).outcome == outcome


def test_intercom_takes_the_customer_and_not_who_closed() -> None:
    event = read_one("intercom", composed.INTERCOM)
    assert (event.outcome, event.case, event.event_id) == ("resolved", "660011", "notif_1")
    assert (event.requester_id, event.email, event.name) == ("c1", "ida@example.com", "Ida")
    assert event.agents == (Agent("41", "Per", "per@helpers.example"),)
    assert (event.cause, event.tags) == ("Carrier late", ("parcel",))
    author = {"type": "admin", "id": "41", "email": "per@helpers.example"}
    begun = _with(composed.INTERCOM, "data.item.source.author", author)
    event = read_one("intercom", begun)
    assert (event.requester_id, event.email, event.needs_enrichment) == ("c1", "", True)


@pytest.mark.parametrize(
    ("topic", "outcome"),
    [
        ("conversation.admin.closed", "resolved"),
        ("conversation.admin.opened", "reopened"),
        ("conversation.admin.replied", "ignored"),
        ("conversation.admin.snoozed", "ignored"),
        ("ticket.closed", "resolved"),
        ("conversation.user.replied", "reopened"),
        ("", "ignored"),
    ],
)
def test_intercom_topics(topic: str, outcome: str) -> None:
    body = _with(_with(composed.INTERCOM, "topic", topic), "data.item.state", "open")
    assert read_one("intercom", body).outcome == outcome


def test_intercom_first_reply_of_a_customer_reopens_nothing() -> None:
    body = _with(composed.INTERCOM, "topic", "conversation.user.replied")
    body = _with(body, "data.item.state", "open")
    assert read_one("intercom", _with(body, "data.item.statistics", None)).outcome == "ignored"


def test_intercom_ticket_is_known_by_the_category_of_its_state() -> None:
    event = read_one("intercom", composed.INTERCOM_TICKET)
    assert (event.outcome, event.case, event.number) == ("resolved", "7711", "15")
    assert (event.requester_id, event.needs_enrichment, event.agents) == ("c2", True, ())
    assert (event.subject, event.cause) == ("Broken seat", "Bolt")
    own = replace(WIRING, statuses={"FERTIG": "ignored"})
    assert read_one("intercom", composed.INTERCOM_TICKET, wiring=own).outcome == "ignored"
    text = _with(composed.INTERCOM_TICKET, "data.item.ticket_state", "in_progress")
    assert read_one("intercom", text).outcome == "reopened"


def test_hubspot_batch_gives_one_event_for_each_case() -> None:
    events = read("hubspot", composed.HUBSPOT)
    assert [(e.outcome, e.case, e.event_id) for e in events] == [
        ("resolved", "3001", "3001:4:1795370400000"),
        ("reopened", "3002", "3002:3:1795370401000"),
        ("ignored", "", ""),
    ]
    assert events[0].at == datetime.fromtimestamp(1795370400, UTC)
    assert events[0].needs_enrichment


def test_hubspot_batch_is_read_in_the_order_in_which_it_happened() -> None:
    first = composed.HUBSPOT[0]
    again = {**first, "eventId": "x", "attemptNumber": 1}
    reopened = {**first, "propertyValue": "1", "occurredAt": first["occurredAt"] + 5000}
    closed = {**first, "occurredAt": first["occurredAt"] + 9000}
    events = read("hubspot", [closed, reopened, again, first])
    assert [e.outcome for e in events] == ["resolved", "reopened", "resolved"]
    assert len({e.event_id for e in events}) == 3
    assert {e.case for e in events} == {"3001"}


def test_hubspot_stages_of_ones_own_are_mapped() -> None:
    body = [{**composed.HUBSPOT[0], "propertyValue": "98231"}]
    assert read_one("hubspot", body).why == "nobody said what the status “98231” means"
    own = replace(WIRING, statuses={"98231": "resolved", "4": "ignored"})
    assert read_one("hubspot", body, wiring=own).outcome == "resolved"
    assert read("hubspot", composed.HUBSPOT, wiring=own)[1].outcome == "ignored"
    with pytest.raises(UnreadableError, match=r"\[0\].objectId: is missing"):
        read("hubspot", [{**composed.HUBSPOT[0], "objectId": None}])
    with pytest.raises(UnreadableError, match="empty list"):
        read("hubspot", [])


def test_salesforce_message_tells_each_case_by_its_state() -> None:
    closed, other = read("salesforce", composed.SALESFORCE)
    assert (closed.outcome, closed.case, closed.event_id) == ("resolved", "500xx1", "04lxx1")
    assert (closed.number, closed.email) == ("00002001", "eva@example.com")
    assert closed.at == datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert (closed.cause, closed.agents) == ("Manual & labels", (Agent("005xx1"),))
    assert (closed.channel, closed.severity, closed.requester_id) == ("Web", "High", "003xx1")
    # Of a queue nobody is an agent.
    assert (other.outcome, other.case, other.agents) == ("reopened", "500xx2", ())


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ("<IsClosed>true</IsClosed><Status>Neu</Status>", "resolved"),
        ("<IsClosed>false</IsClosed><Status>Closed</Status>", "reopened"),
        ("<ClosedDate>2026-11-22T17:00:00Z</ClosedDate>", "resolved"),
        ("<Status>Geschlossen</Status>", "resolved"),
        ("<Status>On Hold</Status>", "ignored"),
        ("<Status>Warehouse</Status>", "ignored"),
        ("<IsClosed>true</IsClosed><Status>Duplicate</Status>", "ignored"),
    ],
)
def test_salesforce_state_is_closed_by_flag_date_or_status(fields: str, outcome: str) -> None:
    body = (
        "<Envelope><Body><notifications><Notification><Id>n</Id><sObject><Id>5</Id>"
        f"{fields}</sObject></Notification></notifications></Body></Envelope>"
    )
    wiring = replace(WIRING, options={}, statuses={"duplicate": "ignored"})
    assert read_one("salesforce", body, wiring=wiring).outcome == outcome


def test_salesforce_change_event_tells_each_of_its_cases() -> None:
    events = read("salesforce", composed.SALESFORCE_CHANGE)
    assert [(e.outcome, e.case) for e in events] == [("resolved", "500xx3"), ("resolved", "500xx4")]
    assert len({e.event_id for e in events}) == 2
    assert events[0].at == datetime(2026, 11, 22, 18, tzinfo=UTC)
    assert events[0].needs_enrichment


@pytest.mark.parametrize(
    ("header", "payload", "outcome"),
    [
        ({"nulledFields": ["ClosedDate"]}, {"Status": "In Arbeit"}, "reopened"),
        ({"changedFields": ["Priority"]}, {"Priority": "High"}, "ignored"),
        ({"changeType": "CREATE"}, {"Status": "Closed"}, "ignored"),
        ({"entityName": "Account"}, {"Status": "Closed"}, "ignored"),
        ({}, {"Status": "Waiting"}, "ignored"),
    ],
)
def test_salesforce_change_event_trusts_the_change(
    header: dict[str, Any], payload: dict[str, Any], outcome: str
) -> None:
    known = composed.SALESFORCE_CHANGE["data"]["payload"]["ChangeEventHeader"]
    for body in (
        {"ChangeEventHeader": known | header, **payload},
        {"detail": {"payload": {"ChangeEventHeader": known | header, **payload}}},
    ):
        assert {e.outcome for e in read("salesforce", body)} == {outcome}


def test_salesforce_never_reads_the_session() -> None:
    body = composed.SALESFORCE.replace('<SessionId xsi:nil="true"/>', "<SessionId>s3ss</SessionId>")
    assert "s3ss" not in repr(read("salesforce", body))
