"""The inspector's lines: what came to a connection's address, without what must not be kept.

Secrets never reach the table, neither in a header nor in the body; of somebody who was erased
nothing does. A call that proved nothing leaves its line without the body, and only so many a
minute, so that a flood of them costs neither the disk nor the lines of genuine calls.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from surveys.helpdesks.base import Call
from surveys.models import Connection, HookDelivery
from surveys.services.hook_erasing import names_erased
from surveys.services.hook_reading import storable
from surveys.services.intake_sql import rows

KEPT: Final = 200
KEPT_REFUSED: Final = 50
LONGEST_BODY: Final = 256 * 1024
LONGEST_EXCERPT: Final = 4 * 1024
REDACTED: Final = "[redacted]"
_MOST_HEADERS: Final = 60
_LONGEST_HEADER: Final = 500
#: Lines of refused calls: this many at once for a connection, then one every so many seconds.
_REFUSED_AT_ONCE: Final = 30
_REFUSED_EVERY: Final = 10.0

_HIDDEN: Final = re.compile(
    r"authorization|cookie|secret|token|passw|api-?key|auth-key|x-forwarded"
)
# Salesforce sends a key to its own API along with every message.
_SESSION: Final = re.compile(rb"(<(?:\w+:)?SessionId[^>]*>)[^<]*(</)")
_Verdict = HookDelivery.Verdict


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be noted of a call."""

    verdict: HookDelivery.Verdict
    status: int
    reason: str = ""
    made: Sequence[Mapping[str, Any]] = ()
    is_erased: bool = False
    replay_of: int | None = None


def note(
    connection: Connection, call: Call, line: Line, now: datetime, known: Iterable[str] = ()
) -> HookDelivery:
    """Keep the line of a genuine call. `known` are the secrets that must not be in it."""
    body, is_whole = _kept_body(call.body, known, whole=line.verdict != _Verdict.UNREADABLE)
    is_erased = line.is_erased or names_erased(body)
    return HookDelivery.objects.create(
        connection=connection,
        received_at=now,
        method=call.method[:10],
        headers={} if is_erased else redacted(call.headers, known),
        body=None if is_erased else body,
        n_bytes=len(call.body),
        is_whole=is_whole and not is_erased,
        verdict=line.verdict,
        status=line.status,
        reason="" if is_erased else storable(line.reason)[:500],
        made=list(line.made),
        replay_of_id=line.replay_of,
        erased_at=now if is_erased else None,
    )


def note_refused(
    connection: Connection, call: Call, line: Line, now: datetime, known: Iterable[str] = ()
) -> bool:
    """Keep the line of a call that proved nothing, without its body; whether there was room."""
    if not _RATION.allows(connection.pk):
        return False
    HookDelivery.objects.create(
        connection=connection,
        received_at=now,
        method=call.method[:10],
        headers=redacted(call.headers, known),
        n_bytes=len(call.body),
        is_whole=False,
        is_refused=True,
        verdict=line.verdict,
        status=line.status,
        reason=storable(line.reason)[:500],
    )
    return True


def trim() -> int:
    """Delete all but the newest lines of each connection; returns how many went."""
    return len(rows(_TRIM, KEPT_REFUSED, KEPT))


def redacted(headers: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """Headers as they may be kept: no password, no cookie, none of the secrets."""
    secrets = [secret for secret in known if secret]
    kept = {}
    for name, value in list(headers.items())[:_MOST_HEADERS]:
        name = storable(name)[:100].lower()
        is_hidden = _HIDDEN.search(name) or any(secret in value for secret in secrets)
        kept[name] = REDACTED if is_hidden else storable(value)[:_LONGEST_HEADER]
    return kept


def _kept_body(body: bytes, known: Iterable[str], *, whole: bool) -> tuple[bytes, bool]:
    limit = LONGEST_BODY if whole else LONGEST_EXCERPT
    kept = _SESSION.sub(rb"\1" + REDACTED.encode() + rb"\2", body)
    for secret in known:
        if secret:
            kept = kept.replace(secret.encode(), REDACTED.encode())
    return kept[:limit], len(kept) <= limit


class _Ration:
    """So many lines of refused calls at once for each connection, and a few a minute after; each
    process counts for itself."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[float, float]] = {}

    def allows(self, connection_id: int) -> bool:
        now = time.monotonic()
        level, then = self._held.get(connection_id, (float(_REFUSED_AT_ONCE), now))
        level = min(_REFUSED_AT_ONCE, level + (now - then) / _REFUSED_EVERY)
        self._held[connection_id] = (level - 1 if level >= 1 else level, now)
        return level >= 1

    def forget(self) -> None:
        self._held.clear()


_RATION: Final = _Ration()
forget_rations: Final = _RATION.forget

_TRIM: Final = """
DELETE FROM surveys_hookdelivery WHERE id IN (
  SELECT id FROM (
    SELECT id, is_refused, row_number() OVER (
      PARTITION BY connection_id, is_refused ORDER BY id DESC) AS place
    FROM surveys_hookdelivery) counted
  WHERE place > CASE WHEN is_refused THEN %s::int ELSE %s::int END)
RETURNING id
"""
