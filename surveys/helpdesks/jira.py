"""Jira Service Management, by a webhook or by an automation rule.

What it sends. A webhook: `POST`, JSON, `jira:issue_updated` with the change in `changelog.items`
(the item of the field `status`, `from` and `to` as ids, `fromString` and `toString` as labels) and
a snapshot of the issue. An automation rule's "Send web request": the pasted body (TEMPLATE), or the
issue in either of Jira's own formats.

How it signs: a webhook of Jira Cloud with `X-Hub-Signature: sha256=` and the HMAC-SHA256 of the
body in hexadecimal digits. An automation rule signs nothing: it sends the secret in the header
`X-Stabledoor-Secret`. Jira Data Center can do neither in old versions: there the secret stands in
the address, as `?secret=…`.

What is not in the body. The reporter's address where their profile hides it; the names of custom
fields, which are `customfield_…`: choose the place of the cause on the connection.

Whether a status resolves says its category (`done`), unless the connection says otherwise. From one
status that is done to another, as from Resolved to Closed, is nothing new: it is known by the
labels, by the time since when the category stands, or by the time of the resolution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import signing
from surveys.helpdesks.base import (
    IGNORED,
    REOPENED,
    RESOLVED,
    Agent,
    Answer,
    Call,
    HelpdeskEvent,
    Outcome,
    Wiring,
)
from surveys.helpdesks.pasted import Pasted, pasted_json
from surveys.helpdesks.reading import Node
from surveys.helpdesks.statuses import OPEN, Meaning, Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, ignored
from surveys.helpdesks.times import moment

KIND: Final = "jira"
NAME: Final = "Jira Service Management"

TEMPLATE: Final = """\
{
  "event": "case.resolved",
  "key": "{{issue.key}}",
  "status": "{{issue.status.name}}",
  "subject": "{{issue.summary}}",
  "resolution": "{{issue.resolution.name}}",
  "resolved_at": "{{issue.resolutiondate}}",
  "created_at": "{{issue.created}}",
  "labels": "{{issue.labels}}",
  "priority": "{{issue.priority.name}}",
  "request_type": "{{issue.Request Type.requestType.name}}",
  "organization": "{{issue.Organizations}}",
  "assignee": {
    "accountId": "{{issue.assignee.accountId}}",
    "email": "{{issue.assignee.emailAddress}}",
    "name": "{{issue.assignee.displayName}}"
  },
  "reporter": {
    "accountId": "{{issue.reporter.accountId}}",
    "email": "{{issue.reporter.emailAddress}}",
    "timeZone": "{{issue.reporter.timeZone}}",
    "name": "{{issue.reporter.displayName}}"
  }
}
"""

#: Statuses are known by their category, and else by their name.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "to do": "open",
        "in progress": "open",
        "reopened": "open",
        "waiting for support": "open",
        "waiting for customer": "open",
        "pending": "open",
        "escalated": "open",
        "done": "resolved",
        "resolved": "resolved",
        "closed": "resolved",
        "canceled": "resolved",
        "declined": "resolved",
    }
)
_UPDATED: Final = "jira:issue_updated"
# What happens at once has times a little apart.
_AT_ONCE: Final = timedelta(seconds=60)


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    if "x-hub-signature" in call.headers:
        signing.hub_signature(call, wiring, "sha256")
    else:
        signing.shared_secret(call, wiring, in_address=True)


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = pasted_json(call).required_object()
    kind = body.at("webhookEvent").text()
    issue = body.at("issue")
    if kind.startswith(("jira:", "comment", "worklog", "issue")) and kind != _UPDATED:
        return [ignored(f"{kind} is no change of status", case=issue.at("key").id())]
    if isinstance(issue.at("fields").value, dict):
        return [_of_issue(body, issue, call, wiring)]
    if isinstance(body.at("fields").value, dict):
        return [_of_issue(body, body, call, wiring)]
    if kind == _UPDATED:
        issue.required_object().at("fields").required_object()
    return [_of_paste(body, call, wiring)]


def _of_issue(body: Node, issue: Node, call: Call, wiring: Wiring) -> HelpdeskEvent:
    case = issue.at("key").required_id()
    fields, statuses = issue.at("fields"), Statuses(wiring.statuses, STATUSES)
    outcome, why = _outcome(body, fields, statuses)
    reporter, assignee = fields.at("reporter"), fields.at("assignee")
    told_at = moment(body.at("timestamp")) or moment(fields.at("updated"))
    solved_at = moment(fields.at("resolutiondate")) if outcome == RESOLVED else None
    changelog = body.at("changelog", "id").id()
    delivery = call.headers.get("x-atlassian-webhook-identifier", "").strip()
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=f"changelog {changelog}" if changelog else delivery,
        at=solved_at or told_at,
        requester_id=_account(reporter),
        email=reporter.at("emailAddress").email(),
        name=reporter.at("displayName").text(),
        language=reporter.at("locale").text(),
        timezone=reporter.at("timeZone").text(),
        agents=(
            Agent(
                _account(assignee),
                assignee.at("displayName").text(),
                assignee.at("emailAddress").email(),
            ),
        ),
        subject=fields.at("summary").text(),
        severity=fields.at("priority").label(),
        tags=fields.at("labels").words(),
        opened_at=moment(fields.at("created")),
    )
    return chosen_otherwise(event(made), body, wiring)


def _account(user: Node) -> str:
    return user.first("accountId", "key", "name").id()


def _outcome(body: Node, fields: Node, statuses: Statuses) -> tuple[Outcome, str]:
    items = body.at("changelog", "items").items()
    changes = [item for item in items if item.at("field").text().casefold() == "status"]
    snapshot = fields.at("status")
    if not changes:
        if body.at("webhookEvent").text() == _UPDATED:
            return IGNORED, "the status did not change"
        now = _of_status(snapshot, statuses)
        if now is None and fields.at("resolution").is_said:
            now = RESOLVED
        return change(now, None, snapshot.label())
    last = changes[-1]
    label, status_id = last.at("toString").text(), last.at("to").id()
    after: Meaning | None
    if status_id and snapshot.at("id").id() == status_id:
        after = _of_status(snapshot, statuses)
    else:
        after = statuses.meaning(status_id, label)
    first = changes[0]
    before = statuses.meaning(first.at("from").id(), first.at("fromString").text())
    if before == IGNORED and not statuses.own(first.at("from").id(), first.at("fromString").text()):
        before = OPEN
    is_own = statuses.own(status_id, label) is not None
    if before is None and after and not is_own and _stands(body, fields, items, after):
        before = after
    return change(after, before, label)


def _of_status(status: Node, statuses: Statuses) -> Meaning | None:
    """What the connection says, else the category, else the name."""
    names = status.at("id").id(), status.label()
    category = status.at("statusCategory", "key").text().casefold()
    by_category: Meaning | None = {"done": RESOLVED, "new": OPEN, "indeterminate": OPEN}.get(
        category
    )  # type: ignore[assignment]
    return statuses.own(*names) or by_category or statuses.meaning(*names)


def _stands(body: Node, fields: Node, items: Sequence[Node], after: Meaning) -> bool:
    """Whether the category was the same before this change, from a status nobody knows."""
    told_at = moment(body.at("timestamp")) or moment(fields.at("updated"))
    resolution = [i for i in items if i.at("field").text().casefold() == "resolution"]
    if resolution:
        return resolution[-1].at("to").is_said != (after == RESOLVED)
    places = ["statuscategorychangedate"] + (["resolutiondate"] if after == RESOLVED else [])
    since = next((m for name in places if (m := moment(fields.at(name)))), None)
    return since is not None and told_at is not None and told_at - since > _AT_ONCE


def _of_paste(body: Node, call: Call, wiring: Wiring) -> HelpdeskEvent:
    found = Pasted(body, body.at("issue"))
    case = found.at("key", "issuekey", "case", "id").required_id()
    statuses = Statuses(wiring.statuses, STATUSES)
    label = found.at("status", "statusname").label()
    meaning = statuses.meaning(label)
    if meaning is None:
        named = found.at("event").text().casefold().rpartition(".")[2]
        meaning = statuses.meaning(named)
    outcome, why = change(meaning, None, label)
    requester_id, name, email = found.person("reporter", "requester", "customer")
    reporter = Pasted(found.at("reporter", "requester", "customer"))
    solved = found.at("resolvedat", "resolutiondate")
    told_at = moment(found.at("reopenedat", "updatedat", "updated"))
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=call.headers.get("x-atlassian-webhook-identifier", "").strip(),
        at=told_at if outcome == REOPENED else moment(solved) or told_at,
        requester_id=requester_id,
        email=email,
        name=name,
        language=reporter.at("language", "locale").text() or found.at("language").text(),
        timezone=reporter.at("timezone").text(),
        agents=(_assignee(found),),
        group=found.at("team", "group").label(),
        cause=found.at("cause", "rootcause").label(),
        product=found.at("product", "component").label(),
        channel=found.at("channel").label(),
        subject=found.at("subject", "summary").text(),
        severity=found.at("priority", "severity").label(),
        tags=found.at("labels", "tags").words(),
        opened_at=moment(found.at("createdat", "created")),
    )
    return chosen_otherwise(event(made), body, wiring)


def _assignee(found: Pasted) -> Agent:
    return Agent(*found.person("assignee", "agent"))


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
