"""What is read of helpdesks that many run themselves: Jira, Chatwoot, Zammad, GLPI, FreeScout; and
what holds for all."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from surveys.helpdesks import ADAPTERS
from surveys.helpdesks.base import Agent, HelpdeskEvent, Wiring
from surveys.helpdesks.statuses import WORDS
from tests.surveys.helpdesks import composed
from tests.surveys.helpdesks.calls import SECRET, WIRING, read, read_one
from tests.surveys.helpdesks.test_clouds import _with


def test_jira_reads_the_reporter_and_the_time_of_the_resolution() -> None:
    event = read_one("jira", composed.JIRA)
    assert (event.outcome, event.case, event.event_id) == ("resolved", "HELP-7", "changelog 555")
    assert event.at == datetime(2026, 11, 22, 18, tzinfo=UTC)
    assert (event.requester_id, event.email) == ("cust-1", "lin@example.com")
    assert (event.timezone, event.tags) == ("Asia/Shanghai", ("vpn", "remote"))
    assert event.agents == (Agent("agent-1", "Jo", ""),)
    assert (event.cause, event.severity) == ("", "High")
    chosen = replace(WIRING, cause_path="issue.fields.customfield_10050.value")
    assert read_one("jira", composed.JIRA, wiring=chosen).cause == "Certificate"
    hidden = _with(composed.JIRA, "issue.fields.reporter.emailAddress", None)
    assert read_one("jira", hidden).needs_enrichment


def _moved(before: tuple[str, str], after: tuple[str, str], **told: Any) -> dict[str, Any]:
    item = {
        "field": "status",
        "from": before[0],
        "fromString": before[1],
        "to": after[0],
        "toString": after[1],
    }
    body = _with(composed.JIRA, "changelog.items", [item])
    for name, value in told.items():
        body = _with(body, f"issue.fields.{name}", value)
    return body


DONE = {"id": "10", "name": "Erledigt", "statusCategory": {"key": "done"}}
WORKING = {"id": "3", "name": "Bei uns", "statusCategory": {"key": "indeterminate"}}


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        # Both labels are known: from Resolved to Closed nothing happens.
        (_moved(("5", "Resolved"), ("6", "Closed"), status={**DONE, "id": "6"}), "ignored"),
        # Nobody knows the label before, but the category stands since yesterday.
        (
            _moved(
                ("9", "Gelöst*"), ("10", "Erledigt"), status=DONE,
                statuscategorychangedate="2026-11-21T10:00:00.000-0800",
            ),
            "ignored",
        ),
        (
            _moved(
                ("9", "Gelöst*"), ("10", "Erledigt"), status=DONE,
                resolutiondate="2026-11-21T10:00:00.000-0800",
            ),
            "ignored",
        ),
        (_moved(("3", "Bei uns"), ("10", "Erledigt"), status=DONE), "resolved"),
        (_moved(("6", "Closed"), ("3", "Bei uns"), status=WORKING), "reopened"),
        (_moved(("1", "To Do"), ("3", "Bei uns"), status=WORKING), "ignored"),
        # The snapshot is newer than the change.
        (_moved(("3", "In Progress"), ("11", "Done"), status=WORKING), "resolved"),
        (_moved(("6", "Done"), ("4", "Waiting for customer"), status=DONE), "reopened"),
        (_moved(("3", "In Progress"), ("12", "Beim Zoll"), status=DONE), "ignored"),
    ],
)  # fmt: skip
def test_jira_trusts_the_change_and_the_category(body: dict[str, Any], outcome: str) -> None:
    assert read_one("jira", body).outcome == outcome


def test_jira_status_of_the_connection_wins_over_the_category() -> None:
    own = replace(WIRING, statuses={"erledigt": "open"})
    assert read_one("jira", composed.JIRA, wiring=own).outcome == "reopened"
    own = replace(WIRING, statuses={"10": "ignored", "erledigt": "resolved"})
    assert read_one("jira", composed.JIRA, wiring=own).outcome == "ignored"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("webhookEvent", "jira:issue_created"),
        ("webhookEvent", "comment_created"),
        ("changelog", None),
        ("changelog", {"items": [{"field": "labels"}]}),
    ],
)
def test_jira_ignores_what_is_no_change_of_status(path: str, value: Any) -> None:
    assert read_one("jira", _with(composed.JIRA, path, value)).outcome == "ignored"


def test_jira_automation_sends_the_pasted_body_or_the_issue() -> None:
    event = read_one("jira", composed.JIRA_PASTED)
    assert (event.outcome, event.case, event.email) == ("resolved", "HELP-8", "sam@example.com")
    assert event.at == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert (event.tags, event.agents) == (("mail", "phone"), (Agent("", "Jo", ""),))
    issue = composed.JIRA["issue"] | {"changelog": {"histories": None}}
    event = read_one("jira", issue)
    assert (event.outcome, event.case, event.email) == ("resolved", "HELP-7", "lin@example.com")


def test_chatwoot_reads_change_contact_and_cause() -> None:
    event = read_one("chatwoot", composed.CHATWOOT, {"X-Chatwoot-Delivery": "d-1"})
    assert (event.outcome, event.case, event.event_id) == ("resolved", "51", "d-1")
    assert event.at == datetime.fromtimestamp(1795370400, UTC)
    assert (event.email, event.language, event.phone) == ("lea@example.com", "fr", "+33100")
    assert event.agents == (Agent("6", "Max", "max@helpers.example"),)
    assert (event.group, event.cause, event.tags) == ("accounts", "Wrong VAT", ("invoice",))
    assert (event.channel, event.subject) == ("Email", "Invoice 9")


@pytest.mark.parametrize(
    ("previous", "current", "outcome"),
    [
        ("open", "resolved", "resolved"),
        (0, 1, "resolved"),
        ("resolved", "open", "reopened"),
        ("snoozed", "open", "reopened"),
        ("open", "pending", "ignored"),
        ("resolved", "resolved", "ignored"),
    ],
)
def test_chatwoot_trusts_the_change(previous: Any, current: Any, outcome: str) -> None:
    change = {"status": {"previous_value": previous, "current_value": current}}
    for told in ([change], change):
        for snapshot in ("resolved", "open"):
            body = _with(composed.CHATWOOT, "changed_attributes", told)
            assert read_one("chatwoot", _with(body, "status", snapshot)).outcome == outcome


def test_chatwoot_leaves_alone_what_tells_the_same_again() -> None:
    for kind in ("conversation_updated", "message_created", "conversation_created"):
        body = _with(composed.CHATWOOT, "event", kind)
        assert read_one("chatwoot", body).outcome == "ignored"
    agent = _with(composed.CHATWOOT, "meta.sender.type", "user")
    assert read_one("chatwoot", agent).needs_enrichment


def test_zammad_reads_the_customer_and_the_last_closing() -> None:
    event = read_one("zammad", composed.ZAMMAD, {"X-Zammad-Delivery": "z-1"})
    assert (event.outcome, event.case, event.number) == ("resolved", "71", "55071")
    assert (event.email, event.name, event.event_id) == ("ann@example.com", "Ann", "z-1")
    assert event.at == datetime(2026, 11, 22, 17, 30, 0, 500000, tzinfo=UTC)
    assert event.agents == (Agent("9", "Tom Ek", "tom@helpers.example"),)
    assert (event.group, event.cause) == ("Accounts", "Password rules")


@pytest.mark.parametrize(
    ("state", "closed", "outcome"),
    [
        ("closed", None, "resolved"),
        ("open", "2026-11-21T10:00:00Z", "reopened"),
        ("open", None, "ignored"),
        ("merged", "2026-11-21T10:00:00Z", "ignored"),
        ("pending close", None, "ignored"),
        ("geschlossen", None, "resolved"),
        ("beim lieferanten", None, "ignored"),
    ],
)
def test_zammad_open_with_a_time_of_closing_was_reopened(
    state: str, closed: str | None, outcome: str
) -> None:
    ticket = {"id": "7", "state": state, "close_at": closed, "updated_at": "2026-11-22T10:00:00Z"}
    assert read_one("zammad", {"ticket": ticket}).outcome == outcome


def test_zammad_owner_may_be_nobody() -> None:
    nobody = {"id": 1, "login": "-", "firstname": "-", "lastname": "", "email": ""}
    for owner in (nobody, "-", None, {}):
        body = _with(composed.ZAMMAD, "ticket.owner", owner)
        assert read_one("zammad", body).agents == ()


def test_glpi_reads_the_team_by_role() -> None:
    event = read_one("glpi", composed.GLPI)
    assert (event.outcome, event.case, event.requester_id) == ("resolved", "301", "11")
    assert (event.agents, event.group) == ((Agent("12", "tech2"),), "Devices")
    assert (event.cause, event.name, event.needs_enrichment) == ("Screens", "", True)
    assert event.at == datetime(2026, 11, 22, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ({"id": 5, "name": "Gelöst"}, "resolved"),
        ({"id": "6"}, "resolved"),
        (5, "resolved"),
        ({"id": 2, "name": "En cours"}, "reopened"),
        ({"id": 4}, "ignored"),
        ({"id": 77, "name": "X"}, "ignored"),
        (None, "ignored"),
    ],
)
def test_glpi_statuses_are_numbers(status: Any, outcome: str) -> None:
    assert read_one("glpi", _with(composed.GLPI, "item.status", status)).outcome == outcome


def test_glpi_solved_and_closed_are_one_event() -> None:
    closed = _with(composed.GLPI, "item.status", {"id": 6})
    closed = _with(closed, "item.date_close", "2026-11-25T00:00:00+01:00")
    assert read_one("glpi", closed).event_id == read_one("glpi", composed.GLPI).event_id
    assert read_one("glpi", _with(composed.GLPI, "event", "new")).outcome == "ignored"
    assert read_one("glpi", _with(composed.GLPI, "item.is_deleted", True)).outcome == "ignored"


def test_freescout_reads_the_customer_and_the_chosen_text() -> None:
    told = {"X-FreeScout-Event": "convo.status"}
    event = read_one("freescout", composed.FREESCOUT, told)
    assert (event.outcome, event.case, event.number) == ("resolved", "91", "1091")
    assert (event.email, event.name, event.cause) == ("zoe@example.com", "Zoe", "Stock")
    assert event.at == datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC)
    assert event.agents == (Agent("4", "Kai Ro", "kai@helpers.example"),)
    assert event.tags == ("order",)


@pytest.mark.parametrize(
    ("kind", "status", "outcome"),
    [
        ("convo.status", "active", "reopened"),
        ("convo.status", "pending", "ignored"),
        ("convo.status", "spam", "ignored"),
        ("convo.assigned", "closed", "ignored"),
        ("convo.customer.reply.created", "active", "ignored"),
    ],
)
def test_freescout_takes_changes_of_status_alone(kind: str, status: str, outcome: str) -> None:
    body = _with(composed.FREESCOUT, "status", status)
    assert read_one("freescout", body, {"X-FreeScout-Event": kind}).outcome == outcome


def _bare(kind: str) -> list[Any]:
    """What is left of the bodies when everything is null that does not have to be told."""
    bodies: dict[str, list[Any]] = {
        "zendesk": [
            {
                "type": "zen:event-type:ticket.status_changed",
                "detail": {"id": 5, "tags": None, "via": None, "assignee_id": None},
                "event": {"current": "SOLVED"},
            },
            {"id": 5, "status": "solved", "requester": None},
        ],
        "freshdesk": [
            {"freshdesk_webhook": {"ticket_id": 5, "ticket_status": "Resolved"}},
            {
                "event": "onTicketUpdate",
                "data": {"ticket": {"id": 5, "changes": {"status": [2, 4]}}},
            },
        ],
        "intercom": [{"topic": "conversation.admin.closed", "data": {"item": {"id": 5}}}],
        "jira": [
            {"key": 5, "status": "Done"},
            {"issue": {"key": 5, "fields": {"status": {"name": "Done"}}}},
        ],
        "hubspot": [
            [{
                "subscriptionType": "ticket.propertyChange", "objectId": "5",
                "propertyName": "hs_pipeline_stage", "propertyValue": 4, "occurredAt": None,
            }]
        ],
        "salesforce": [
            {"ChangeEventHeader": {"entityName": "Case", "recordIds": [5]}, "Status": "Closed"}
        ],
        "chatwoot": [
            {"event": "conversation_status_changed", "id": "5", "status": "resolved", "meta": None}
        ],
        "zammad": [{"ticket": {"id": "5", "state": "closed", "owner": None, "customer": None}}],
        "glpi": [{"event": "update", "item": {"id": "5", "status": {"id": "5"}, "team": None}}],
        "freescout": [{"id": "5", "status": "closed", "customer": None, "_embedded": None}],
        "generic": [{"external_id": 5, "status": "resolved", "customer": None, "agents": None}],
    }  # fmt: skip
    return bodies[kind]


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_body_without_anything_that_can_be_missing_is_resolved(kind: str) -> None:
    for body in _bare(kind):
        event = read_one(kind, body)
        assert (event.outcome, event.case, event.needs_enrichment) == ("resolved", "5", True)


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_connection_reads_any_field_from_elsewhere(kind: str) -> None:
    """`fields` and `cause_path` work for each helpdesk, over what the adapter reads itself."""
    for body in _bare(kind):
        told = body[0] if isinstance(body, list) else body
        told |= {
            "x": {"who": [{"mail": "New <new@example.com>", "lang": "Deutsch"}], "why": "Dust"}
        }
        wiring = Wiring(
            secrets=(SECRET,),
            cause_path="x.why",
            fields={
                "customer.email": "x.who[0].mail",
                "customer.language": "x.who[0].lang",
                "team": "x.nothing",
            },
        )
        (event,) = read(kind, body, None, wiring)
        assert (event.email, event.language) == ("new@example.com", "Deutsch")
        assert (event.cause, event.group) == ("Dust", "")


def test_modules_fulfil_their_protocol() -> None:
    for kind, adapter in ADAPTERS.items():
        assert (adapter.KIND, bool(adapter.NAME)) == (kind, True)
        meanings: dict[str, str] = adapter.STATUSES  # type: ignore[attr-defined]
        assert set(meanings.values()) <= {"resolved", "open", "ignored"}
        assert isinstance(adapter.TEMPLATE, str)  # type: ignore[attr-defined]
        assert adapter.__doc__
        for part in ("What it sends", "not in the body"):
            assert part in adapter.__doc__
    assert all(word == word.casefold() for word in WORDS)
    assert {f.name for f in fields(HelpdeskEvent)} >= {"outcome", "case", "event_id", "at"}
