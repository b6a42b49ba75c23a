"""Cases and events of a batch, written as sets.

The stored events are the truth; the case's row is their fold, brought up to date here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from surveys.services.events import Event, State, fold
from surveys.services.intake_people import Customer, customer_key
from surveys.services.intake_shapes import CaseReport
from surveys.services.intake_sql import columns_of, copy, execute, rows

CaseKey = tuple[str, str]
EventKey = tuple[datetime, str]


@dataclass(slots=True)
class Stored:
    """What is known of a case before the batch."""

    case_id: int
    customer_id: int | None
    # Whose person was erased: nothing personal is stored of this case again.
    is_erased: bool = False
    events: dict[EventKey, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Work:
    """One case of a batch: what is told of it, and what is known."""

    key: CaseKey
    # What changes something, with its number in the batch.
    told: list[tuple[int, CaseReport]]
    stored: Stored | None = None
    state: State | None = None
    customer: Customer | None = None

    @property
    def reports(self) -> list[CaseReport]:
        return [report for _, report in self.told]

    @property
    def case_id(self) -> int:
        if self.stored is None:
            raise ValueError(f"case {self.key} has no row yet")
        return self.stored.case_id

    @property
    def folded(self) -> State:
        if self.state is None:
            raise ValueError(f"case {self.key} is not folded yet")
        return self.state

    def fold(self) -> None:
        """Bring the state up to date with stored and told events; a later telling of the same
        event replaces its content."""
        events = dict(self.stored.events) if self.stored else {}
        for report in self.reports:
            events[report.occurred_at, report.status] = report.content
        self.state = fold(Event(status, at, content) for (at, status), content in events.items())


def find_known(keys: Sequence[CaseKey]) -> dict[CaseKey, Stored]:
    """The cases among `keys` that exist, with all their events. Locks nothing."""
    found = rows(
        "SELECT c.source, c.external_id, c.id, c.customer_id, u.erased_at IS NOT NULL,"
        " e.occurred_at, e.status, e.content"
        " FROM unnest(%s::text[], %s::text[]) AS k(source, external_id)"
        " JOIN surveys_case c USING (source, external_id)"
        " LEFT JOIN surveys_customer u ON u.id = c.customer_id"
        " LEFT JOIN surveys_caseevent e ON e.case_id = c.id",
        *columns_of(keys, 2),
    )
    known: dict[CaseKey, Stored] = {}
    for source, external_id, case_id, customer_id, is_erased, *event in found:
        occurred_at, status, content = event
        stored = known.setdefault((source, external_id), Stored(case_id, customer_id, is_erased))
        if occurred_at is not None:
            stored.events[occurred_at, status] = _decoded(content)
    return known


def lock_known(works: Sequence[Work]) -> None:
    """Lock the rows of known cases in order of id and read their events anew."""
    known = [work for work in works if work.stored is not None]
    if not known:
        return
    rows(
        "SELECT id FROM surveys_case WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE",
        [work.case_id for work in known],
    )
    fresh = find_known([work.key for work in known])
    for work in known:
        work.stored = fresh.get(work.key)


def insert_cases(works: Sequence[Work], now: datetime, *, is_sample: bool) -> None:
    """Insert those without a row. One that another batch inserted meanwhile is found instead."""
    missing = sorted((work for work in works if work.stored is None), key=lambda work: work.key)
    if not missing:
        return
    data = []
    for work in missing:
        state = work.folded
        data.append((
            *work.key, state.status, work.customer and work.customer.id, state.subject,
            state.severity, msgspec.json.encode(state.tags).decode(), state.opened_at,
            state.last_event_at,
        ))  # fmt: skip
    inserted = rows(
        "INSERT INTO surveys_case (source, external_id, status, customer_id, subject, severity,"
        " tags, opened_at, last_event_at, is_sample, created_at)"
        " SELECT t.a, t.b, t.c, t.d, t.e, t.f, ARRAY(SELECT jsonb_array_elements_text(t.g)), t.h,"
        " t.i, %s, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[],"
        " %s::text[], %s::jsonb[], %s::timestamptz[], %s::timestamptz[])"
        " AS t(a, b, c, d, e, f, g, h, i)"
        " ON CONFLICT DO NOTHING RETURNING source, external_id, id",
        is_sample,
        now,
        *columns_of(data, 9),
    )
    ids = {(source, external_id): case_id for source, external_id, case_id in inserted}
    raced = [work for work in missing if work.key not in ids]
    known = find_known([work.key for work in raced]) if raced else {}
    for work in missing:
        if work.key in ids:
            work.stored = Stored(ids[work.key], work.customer.id if work.customer else None)
        else:
            work.stored = known[work.key]


def update_cases(works: Iterable[Work]) -> None:
    """Write the folded state of known cases."""
    data = []
    for work in works:
        state = work.folded
        data.append((
            work.case_id, state.status, work.customer and work.customer.id, state.subject,
            state.severity, msgspec.json.encode(state.tags).decode(), state.opened_at,
            state.last_event_at,
        ))  # fmt: skip
    if data:
        execute(
            "UPDATE surveys_case AS c SET status = t.b, customer_id = coalesce(t.c, c.customer_id),"
            " subject = t.d, severity = t.e, tags = ARRAY(SELECT jsonb_array_elements_text(t.f)),"
            " opened_at = t.g, last_event_at = t.h"
            " FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[],"
            " %s::jsonb[], %s::timestamptz[], %s::timestamptz[]) AS t(a, b, c, d, e, f, g, h)"
            " WHERE c.id = t.a",
            *columns_of(data, 8),
        )


def write_events(works: Iterable[Work], now: datetime) -> None:
    """Append new events; replace the content of one that was told differently this time."""
    fresh, changed = [], []
    for work in works:
        events = work.stored.events if work.stored else {}
        latest = {(r.occurred_at, r.status): r.content for r in work.reports}
        for (occurred_at, status), content in latest.items():
            known = events.get((occurred_at, status))
            row = (work.case_id, status, occurred_at, msgspec.json.encode(content).decode(), now)
            if known is None:
                fresh.append(row)
            elif known != content:
                changed.append(row)
    if fresh:
        copy(
            "surveys_caseevent",
            ("case_id", "status", "occurred_at", "content", "received_at"),
            fresh,
        )
    if changed:
        execute(
            "UPDATE surveys_caseevent AS e SET content = t.d, received_at = t.e"
            " FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::jsonb[],"
            " %s::timestamptz[]) AS t(a, b, c, d, e)"
            " WHERE e.case_id = t.a AND e.status = t.b AND e.occurred_at = t.c",
            *columns_of(changed, 5),
        )


def customer_keys(works: Iterable[Work]) -> set[str]:
    """The keys of the customers that the folded cases belong to."""
    keys = (customer_key(work.key[0], work.folded.customer) for work in works)
    return {key for key in keys if key is not None}


def _decoded(content: str | dict[str, Any]) -> dict[str, Any]:
    """Django hands JSON columns of raw queries over as text."""
    if isinstance(content, str):
        decoded: dict[str, Any] = msgspec.json.decode(content)
        return decoded
    return content
