"""What a helpdesk told as a case of the intake: whatever stands in it, nothing breaks."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.helpdesks.base import Agent, HelpdeskEvent
from surveys.services import hook_reading
from surveys.services.hook_reading import UnusableError, storable
from surveys.services.storable import is_storable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANY = st.text(max_size=300) | st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=5)
FIELDS = ("why", "email", "name", "language", "timezone", "phone", "group", "cause", "product",
          "channel", "subject", "severity", "requester_id", "case", "event_id")  # fmt: skip


@given(
    st.sampled_from(["resolved", "reopened", "ignored"]),
    st.dictionaries(st.sampled_from(FIELDS), ANY),
    st.lists(ANY, max_size=3),
)
def test_any_text_is_taken_left_out_or_refused_by_name(
    outcome: Any, told: dict[str, Any], texts: list[str]
) -> None:
    agents = tuple(Agent(text, text, text) for text in texts)
    event = HelpdeskEvent(outcome, **told, tags=tuple(texts), agents=agents, at=NOW)
    try:
        read = hook_reading.read(event, "desk", NOW)
    except UnusableError:  # a case without an id, or with one that cannot be stored
        case = told.get("case", "")
        shown = "".join(c for c in case if unicodedata.category(c) != "Cc").strip()
        assert not shown or not is_storable(case) or len(case) > 200
        return
    kept = (read.external_id, read.reason, read.requester_id)
    assert [storable(text) for text in kept] == list(kept)
    assert "\\u0000" not in json.dumps(read.case).replace("\\\\", "")
    assert len(hook_reading.key_of(read, b"", 0)) == 32


@pytest.mark.parametrize(
    ("field", "text"),
    [("email", "nobody at home"), ("language", "Klingon"), ("timezone", "Mars"), ("phone", "none")],
)
def test_detail_with_a_fault_is_left_out_and_said(field: str, text: str) -> None:
    event = HelpdeskEvent("reopened", case="1", at=NOW, **{field: text})  # type: ignore[arg-type]
    read = hook_reading.read(event, "desk", NOW)
    assert (read.external_id, f"customer.{field} was left out" in read.reason) == ("1", True)
