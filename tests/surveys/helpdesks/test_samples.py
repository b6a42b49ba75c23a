"""What the samples beside the checkout say has to be read from them, exactly.

They are public fixtures and vendors' documentation and no part of this repository; where they are
not at hand, the bodies composed in the other modules prove the same.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from surveys.helpdesks import ADAPTERS
from surveys.helpdesks.base import HelpdeskEvent, UnreadableError, Wiring
from tests.surveys.helpdesks.calls import SECRET, read

SAMPLES = Path(__file__).parents[4] / "shared" / "helpdesks"
EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((SAMPLES / "expected.json").read_text())
    if (SAMPLES / "expected.json").exists()
    else {}
)
# What a header says that the file of a body cannot.
HEADERS = {"freescout/convo.status.closed.json": {"X-FreeScout-Event": "convo.status"}}
READ_AS_IS = {
    "case": "case",
    "number": "number",
    "email": "email",
    "name": "name",
    "locale": "language",
    "group": "group",
    "cause": "cause",
    "requester_id": "requester_id",
}

pytestmark = pytest.mark.skipif(not EXPECTED, reason="no ../shared/helpdesks beside the checkout")


def _told(event: HelpdeskEvent, expected: dict[str, Any]) -> dict[str, Any]:
    """The event in the words of expected.json, as far as these ask."""
    told: dict[str, Any] = {"outcome": event.outcome}
    if event.needs_enrichment:
        told["outcome"] = "resolved_needs_enrichment"
    for theirs, ours in READ_AS_IS.items():
        if theirs in expected:
            told[theirs] = getattr(event, ours)
    if "tags" in expected:
        told["tags"] = list(event.tags)
    if "at" in expected:
        told["at"] = event.at
    if "assignee" in expected:
        agent = event.agents[0]
        told["assignee"] = agent.email if "@" in expected["assignee"] else agent.name
    return told


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_sample_is_read_as_expected(name: str) -> None:
    expected = {k: v for k, v in EXPECTED[name].items() if k != "why"}
    if "requester_id" in expected:
        expected["requester_id"] = str(expected["requester_id"])
    if isinstance(expected.get("at"), str):
        expected["at"] = datetime.fromisoformat(expected["at"])
    elif "at" in expected:
        expected["at"] = datetime.fromtimestamp(expected["at"], UTC)
    body = (SAMPLES / "payloads" / name).read_bytes()
    events = read(name.partition("/")[0], body, HEADERS.get(name), Wiring(secrets=(SECRET,)))
    assert [_told(event, expected) for event in events] == [expected]


def test_every_sample_is_expected_or_a_template() -> None:
    files = {str(p.relative_to(SAMPLES / "payloads")) for p in SAMPLES.glob("payloads/*/*")}
    templates = {name for name in files if name.endswith("template.json")}
    assert files - templates == set(EXPECTED)
    assert {name.partition("/")[0] for name in files} == set(ADAPTERS) - {"generic"}


@pytest.mark.parametrize("kind", ["zendesk", "jira"])
def test_template_of_the_samples_is_read_unfilled(kind: str) -> None:
    """Nobody filled it: there is no case, and that is said."""
    (path,) = (SAMPLES / "payloads" / kind).glob("*template.json")
    with pytest.raises(UnreadableError, match="is missing"):
        read(kind, path.read_bytes())


def test_waiting_counts_as_a_reopening_where_the_connection_says_so() -> None:
    body = (SAMPLES / "payloads/freshdesk/zulip-status_changed.json").read_bytes()
    for name in ("6", "waiting on CUSTOMER"):
        wiring = Wiring(secrets=(SECRET,), statuses={name: "open"})
        assert [e.outcome for e in read("freshdesk", body, None, wiring)] == ["reopened"]
