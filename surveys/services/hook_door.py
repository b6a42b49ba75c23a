"""A webhook arrives: proven, read, queued and noted in one short transaction; work comes after.

What is answered is committed. The same call again finds its events known and changes nothing, so
a helpdesk that saw no answer can always send again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from surveys.helpdesks.base import (
    IGNORED,
    Adapter,
    Answer,
    Call,
    HelpdeskEvent,
    NotAuthenticError,
    UnreadableError,
    Wiring,
)
from surveys.models import Connection, HookDelivery
from surveys.services import connections, hook_erasing, hook_log, hook_reading
from surveys.services.hook_log import Line
from surveys.services.hook_reading import Read, UnusableError
from surveys.services.intake_sql import columns_of, rows, with_retries

log = logging.getLogger(__name__)

DUPLICATE: Final = "duplicate"
REFUSED: Final = "refused"
ACCEPTED: Final = 202
#: What a mistake in reading foreign bytes looks like; anything else is ours and a 500.
_MISTAKES: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
_Verdict = HookDelivery.Verdict


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of one event of a call."""

    outcome: str
    case: str = ""
    reason: str = ""
    event: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is answered."""
        return {"outcome": self.outcome, "case": self.case or None, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Received:
    """What to answer: the helpdesk's own form where it wants one, else what was made."""

    made: Sequence[Made] = ()
    answer: Answer | None = None
    delivery: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The first that matters, and of a batch all of them."""
        first = min(self.made, key=lambda one: (one.outcome in (IGNORED, REFUSED, DUPLICATE),))
        told = first.as_json()
        if len(self.made) > 1:
            told["results"] = [one.as_json() for one in self.made]
        return told


@dataclass(slots=True)
class _Batch:
    """The events of one call on their way into the queue."""

    connection: Connection
    body: bytes
    now: datetime
    reads: list[Read]
    is_replay: bool = False
    is_erased: bool = False
    keys: list[bytes] = field(default_factory=list)


def probe(connection: Connection, call: Call, now: datetime) -> Answer | None:
    """What a helpdesk that makes sure of the address is answered; None where it did not.

    Raises: NotAuthenticError.
    """
    wiring = connections.wiring_of(connection)
    return _prove(connections.adapter_of(connection.kind), connection, call, wiring, now)


def receive(connection: Connection, call: Call, now: datetime) -> Received:
    """Take one call.

    Raises: NotAuthenticError or UnreadableError, of which only the inspector's line is kept.
    """
    adapter = connections.adapter_of(connection.kind)
    wiring = connections.wiring_of(connection)
    if (answer := _prove(adapter, connection, call, wiring, now)) is not None:
        return Received(answer=answer)
    try:
        reads = _read_all(adapter.read(call, wiring), connection.slug, now)
    except UnreadableError as error:
        _note_unreadable(connection, call, str(error), now, wiring)
        raise
    except _MISTAKES as error:
        # The text of the mistake may quote the body, which no log is to hold.
        log.error("The %s adapter failed to read a body: %s", adapter.KIND, type(error).__name__)
        words = "The body cannot be read as what this helpdesk sends."
        _note_unreadable(connection, call, words, now, wiring)
        raise UnreadableError(words) from error
    made, delivery = _store(connection, call, reads, now, wiring)
    return Received(made, adapter.acknowledge(call), delivery)


def replay(delivery: HookDelivery, now: datetime) -> Received:
    """Read a kept call again as the connection is wired today, and take in what it says. It was
    proven when it came.

    Raises: UnreadableError.
    """
    connection = delivery.connection
    call = call_of(delivery)
    wiring = connections.wiring_of(connection)
    reads = read_again(connection.kind, call, wiring, connection.slug, now)
    made, number = _store(connection, call, reads, now, wiring, replay_of=delivery.pk)
    return Received(made, None, number)


def replay_file(
    connection: Connection, body: bytes, headers: Mapping[str, str], now: datetime
) -> Received:
    """Take in a body that an operator has at hand.

    Raises: UnreadableError.
    """
    call = Call("POST", connections.address_of(connection), headers, body)
    wiring = connections.wiring_of(connection)
    reads = read_again(connection.kind, call, wiring, connection.slug, now)
    made, number = _store(connection, call, reads, now, wiring, is_replay=True)
    return Received(made, None, number)


def call_of(delivery: HookDelivery) -> Call:
    """A kept call as it came, but for what was redacted.

    Raises: UnreadableError where its body was not kept whole.
    """
    if delivery.body is None or not delivery.is_whole or delivery.is_refused:
        raise UnreadableError("the body was not kept; have the helpdesk send it again")
    address = connections.address_of(delivery.connection)
    return Call(delivery.method, address, delivery.headers, bytes(delivery.body))


def read_again(kind: str, call: Call, wiring: Wiring, source: str, now: datetime) -> list[Read]:
    """What a body says that was proven before.

    Raises: UnreadableError.
    """
    adapter: Adapter = connections.adapter_of(kind)
    try:
        return _read_all(adapter.read(call, wiring), source, now)
    except _MISTAKES as error:
        raise UnreadableError("the body cannot be read as what this helpdesk sends") from error


def _prove(
    adapter: Adapter, connection: Connection, call: Call, wiring: Wiring, now: datetime
) -> Answer | None:
    """The answer to a probe, else None once the call is proven genuine; other ways of asking than
    by POST prove nothing."""
    try:
        if (answer := adapter.probe(call, wiring)) is not None:
            # Whoever knows the address may ask: noted, within the ration of what proved nothing.
            line = Line(_Verdict.PROBED, answer.status)
            hook_log.note_refused(connection, call, line, now, wiring.secrets)
        elif call.method == "POST":
            adapter.verify(call, wiring, now)
    except NotAuthenticError as error:
        line = Line(_Verdict.FORGED, 401, str(error))
        hook_log.note_refused(connection, call, line, now, wiring.secrets)
        raise
    return answer


def _read_all(events: Sequence[HelpdeskEvent], source: str, now: datetime) -> list[Read]:
    """All events of a body. One of a batch that cannot be used refuses itself alone; where none can
    be, the body is refused.

    Raises: UnreadableError.
    """
    reads: list[Read] = []
    for event in events:
        try:
            reads.append(hook_reading.read(event, source, now))
        except UnusableError as error:
            if len(reads) == len(events) - 1 and all(r.outcome == REFUSED for r in reads):
                raise UnreadableError(str(error)) from error
            reads.append(
                Read(
                    REFUSED,
                    hook_reading.storable(event.case)[:200],
                    hook_reading.storable(str(error))[:500],
                )
            )
    return reads


def _note_unreadable(
    connection: Connection, call: Call, words: str, now: datetime, wiring: Wiring
) -> None:
    line = Line(_Verdict.UNREADABLE, 400, words)
    hook_log.note(connection, call, line, now, wiring.secrets)


def _store(
    connection: Connection,
    call: Call,
    reads: list[Read],
    now: datetime,
    wiring: Wiring,
    *,
    replay_of: int | None = None,
    is_replay: bool = False,
) -> tuple[list[Made], int]:
    def work() -> tuple[list[Made], int]:
        batch = _Batch(connection, call.body, now, reads, is_replay or replay_of is not None)
        batch.is_erased = _is_erased(batch)
        made = _queue(batch)
        line = Line(_verdict(made), ACCEPTED, "", [_noted(one) for one in made],
                    batch.is_erased, replay_of)  # fmt: skip
        kept = hook_log.note(connection, call, line, now, wiring.secrets)
        return made, kept.pk

    return with_retries(work)


def _noted(made: Made) -> dict[str, Any]:
    told = {"outcome": made.outcome, "case": made.case, "reason": made.reason, "event": made.event}
    return {name: hook_reading.storable(v) if isinstance(v, str) else v for name, v in told.items()}


def _verdict(made: Sequence[Made]) -> HookDelivery.Verdict:
    outcomes = {one.outcome for one in made}
    if outcomes - {DUPLICATE, IGNORED, REFUSED}:
        return _Verdict.TAKEN
    return _Verdict.DUPLICATE if DUPLICATE in outcomes else _Verdict.IGNORED


def _is_erased(batch: _Batch) -> bool:
    """Whether the call is about somebody who was erased: then nothing personal of it is kept."""
    people = [read.case.get("customer", {}) for read in batch.reads if read.case]
    told = [c[name] for c in people for name in ("email", "phone") if c.get(name)]
    cases = [hook_reading.storable(read.external_id) for read in batch.reads if read.external_id]
    return hook_erasing.is_erased(batch.connection.slug, told, cases)


def _queue(batch: _Batch) -> list[Made]:
    """Store what is not known yet; what was made of each, in order."""
    wanted = [read for read in batch.reads if read.case is not None]
    between = _opposites(batch, [r for r in wanted if not r.is_timed and not r.event_id])
    by_key: dict[bytes, Read] = {}
    keys: dict[int, bytes] = {}
    for read in wanted:
        key = hook_reading.key_of(
            read, batch.body, between.get((read.external_id, read.outcome), 0)
        )
        keys[id(read)] = key
        by_key.setdefault(key, read)
    stored = _insert(batch, by_key) if by_key else {}
    made = []
    for read in batch.reads:
        number = stored.pop(keys[id(read)], None) if id(read) in keys else None
        if read.case is not None and number is None:
            words = "this event was told before"
            made.append(Made(DUPLICATE, read.external_id, words))
        else:
            made.append(Made(read.outcome, read.external_id, read.reason, number))
    return made


def _insert(batch: _Batch, by_key: dict[bytes, Read]) -> dict[bytes, int]:
    """Queue events in the order of their keys, so that two calls never wait for each other.
    Returns the ids of those that were new, or are replayed."""
    data = []
    for key, read in sorted(by_key.items()):
        case = read.case or {}
        requester = "" if batch.is_erased else read.requester_id
        kept = hook_erasing.scrub_case(case) if batch.is_erased else case
        data.append((key, _kept_outcome(read), read.external_id, requester, json.dumps(kept)))
    again = _AGAIN if batch.is_replay else "DO NOTHING"
    found = rows(
        _INSERT.format(again=again), batch.connection.pk, batch.now, batch.now, *columns_of(data, 5)
    )
    return {bytes(key): number for number, key in found}


def _kept_outcome(read: Read) -> str:
    return "resolved" if read.outcome == hook_reading.NEEDS_ENRICHMENT else read.outcome


def _opposites(batch: _Batch, untimed: Sequence[Read]) -> dict[tuple[str, str], int]:
    """How often the opposite was told of cases whose events have neither id nor time."""
    if not untimed:
        return {}
    found = rows(
        'SELECT "case", outcome, count(*) FROM surveys_hookevent'
        ' WHERE connection_id = %s AND "case" = ANY(%s::text[]) GROUP BY 1, 2',
        batch.connection.pk,
        [read.external_id for read in untimed],
    )
    counts = {(case, outcome): n for case, outcome, n in found}
    return {
        (r.external_id, r.outcome): sum(
            n for (case, outcome), n in counts.items()
            if case == r.external_id and outcome != _kept_outcome(r)
        )
        for r in untimed
    }  # fmt: skip


_INSERT: Final = """
INSERT INTO surveys_hookevent (connection_id, state, attempts, received_at, next_attempt_at,
  result, reason, event_key, outcome, "case", requester_id, content)
SELECT %s::bigint, 'waiting', 0, %s::timestamptz, %s::timestamptz, '', '', t.*
FROM (SELECT k, o, c, r, d::jsonb
      FROM unnest(%s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[]) AS u(k, o, c, r, d)
      ORDER BY k) t
ON CONFLICT (connection_id, event_key) {again}
RETURNING id, event_key
"""
_AGAIN: Final = """DO UPDATE SET state = 'waiting', attempts = 0, content = excluded.content,
  asks = 0, asked_at = NULL, lease = NULL, lease_until = NULL,
  requester_id = excluded.requester_id, outcome = excluded.outcome, "case" = excluded."case",
  next_attempt_at = excluded.next_attempt_at, settled_at = NULL, result = '', reason = ''"""
