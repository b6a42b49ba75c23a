"""What the pages of a connection show: its health, what came, and where things stand in a body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Max, Q

from surveys.models import Connection, HookDelivery, HookEvent
from surveys.services import connections
from surveys.services.hook_log import REDACTED

MOST_FIELDS: Final = 400
MOST_ASIDE: Final = 50
_MOST_LINES_READ: Final = 50
_DAY: Final = timedelta(days=1)
_PLAIN_STEP: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STATUS: Final = re.compile(r"(?:^|[^a-z])(?:status|state|stage)(?:[^a-z]|$)", re.IGNORECASE)
_LONGEST_STATUS: Final = 60
_PERSONAL: Final = re.compile(
    r"name|mail|phone|mobile|user|author|sender|from|subject|title|description|body|comment"
    r"|content|message|text|address",
    re.IGNORECASE,
)
_FAILED: Final = (HookDelivery.Verdict.FORGED, HookDelivery.Verdict.UNREADABLE)
_State = HookEvent.State


@dataclass(frozen=True, slots=True)
class Health:
    """How a connection is doing. `last_at` is the last genuine call; failures are of a day."""

    last_at: datetime | None
    n_calls: int
    n_failed: int
    n_waiting: int
    n_aside: int
    n_unaddressed: int


@dataclass(frozen=True, slots=True)
class Field:
    """A plain value in a JSON body and the path that leads there."""

    path: str
    value: str
    is_cause: bool = False


def health(found: Sequence[Connection], now: datetime) -> dict[int, Health]:
    """The health of each, by its number."""
    numbers = [connection.pk for connection in found]
    since = now - _DAY
    told: dict[int, dict[str, Any]] = {
        row["connection"]: dict(row)
        for row in HookDelivery.objects.filter(connection__in=numbers)
        .values("connection")
        .annotate(
            last=Max("received_at", filter=Q(is_refused=False)),
            calls=Count("pk", filter=Q(is_refused=False)),
            failed=Count("pk", filter=Q(verdict__in=_FAILED, received_at__gt=since)),
        )
    }
    waiting: dict[int, dict[str, Any]] = {
        row["connection"]: dict(row)
        for row in HookEvent.objects.filter(connection__in=numbers)
        .exclude(state=_State.DONE)
        .values("connection")
        .annotate(
            waiting=Count("pk", filter=Q(state__in=[_State.WAITING, _State.ASKING])),
            aside=Count("pk", filter=Q(state=_State.QUARANTINED)),
            unaddressed=Count("pk", filter=Q(state=_State.NEEDS_ENRICHMENT)),
        )
    }
    found_health = {}
    for number in numbers:
        line, open_ = told.get(number, {}), waiting.get(number, {})
        found_health[number] = Health(
            line.get("last"),
            line.get("calls", 0),
            line.get("failed", 0),
            open_.get("waiting", 0),
            open_.get("aside", 0),
            open_.get("unaddressed", 0),
        )
    return found_health


def open_events(connection: Connection, state: str) -> list[HookEvent]:
    """The newest events in a state."""
    found = HookEvent.objects.filter(connection=connection, state=state)
    return list(found.order_by("-pk")[:MOST_ASIDE])


def lines(connection: Connection) -> list[HookDelivery]:
    """All lines that are kept, newest first, without their bodies."""
    found = HookDelivery.objects.filter(connection=connection).defer("body", "headers")
    return list(found.order_by("-pk")[:250])


def newest(connection: Connection) -> int:
    """The number of the newest line; 0 where there is none."""
    found = HookDelivery.objects.filter(connection=connection).aggregate(newest=Max("pk"))
    return found["newest"] or 0


def parsed(delivery: HookDelivery) -> Any:
    """The body as JSON; None where it is none, or was not kept whole."""
    if delivery.body is None or not delivery.is_whole:
        return None
    try:
        return json.loads(bytes(delivery.body))
    except (ValueError, RecursionError):
        return None


def shown(delivery: HookDelivery, *, masks: bool = False) -> str:
    """The body for people: JSON in lines, anything else as it came. With `masks` nothing that may
    be personal; what is no JSON then not at all."""
    document = parsed(delivery)
    if document is not None:
        return json.dumps(masked(document) if masks else document, indent=2, ensure_ascii=False)
    if delivery.body is None or masks:
        return ""
    return bytes(delivery.body).decode("utf-8", "replace")


def masked(document: Any, name: str = "") -> Any:
    """A document without what may be personal: texts under names like "email" or "subject", and
    whatever holds an address."""
    if isinstance(document, dict):
        return {key: masked(value, f"{name}.{key}") for key, value in document.items()}
    if isinstance(document, list):
        return [masked(value, name) for value in document]
    is_text = isinstance(document, str) and document
    return REDACTED if is_text and ("@" in document or _PERSONAL.search(name)) else document


def fields(document: Any, cause_path: str = "") -> list[Field]:
    """Every plain value of a document with its path, in its order."""
    found = []
    for path, value in _values(document):
        if len(path) <= connections.LONGEST_PATH:
            found.append(Field(path, str(value)[:200], path == cause_path))
        if len(found) >= MOST_FIELDS:
            break
    return found


def seen_statuses(connection: Connection) -> list[str]:
    """What stood in newer bodies where a status usually stands."""
    found: dict[str, None] = {}
    kept = HookDelivery.objects.filter(connection=connection, is_refused=False).exclude(body=None)
    for delivery in kept.order_by("-pk")[:_MOST_LINES_READ]:
        for path, value in _values(parsed(delivery)):
            text = str(value).strip()
            if _STATUS.search(path) and 0 < len(text) <= _LONGEST_STATUS and text.isprintable():
                found[text] = None
    return list(found)[:30]


def known_statuses(connection: Connection) -> Mapping[str, str]:
    """What the adapter takes statuses for by itself."""
    adapter = connections.adapter_of(connection.kind)
    statuses: Mapping[str, str] = getattr(adapter, "STATUSES", {})
    return statuses


def template_of(connection: Connection) -> str:
    """The body to paste into the helpdesk; empty where it sends its own."""
    return str(getattr(connections.adapter_of(connection.kind), "TEMPLATE", ""))


def _values(document: Any) -> Iterator[tuple[str, str | int | float | bool]]:
    """Paths and values without recursion: what the parser took may be nested very deeply."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += reversed([(f"{path}{_step(path, key)}", v) for key, v in value.items()])
        elif isinstance(value, list):
            waiting += reversed([(f"{path}[{n}]", v) for n, v in enumerate(value[:50])])
        elif value is not None and path:
            yield path, value


def _step(path: str, key: str) -> str:
    if _PLAIN_STEP.fullmatch(key):
        return f".{key}" if path else key
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'
