"""What is told of a case: as it is sent, and as it is once it was checked (`intake_reading`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec


class CustomerIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`customer` of a case, as sent."""

    email: str | None = None
    name: str | None = None
    external_id: str | int | None = None
    language: str | None = None
    timezone: str | None = None
    phone: str | None = None


class AgentIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One of `agents`, as sent."""

    external_id: str | int | None = None
    name: str | None = None
    email: str | None = None
    share: float | None = None


class CaseIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A case, as sent."""

    external_id: str | int
    status: str
    source: str | None = None
    resolved_at: datetime | None = None
    opened_at: datetime | None = None
    occurred_at: datetime | None = None
    customer: CustomerIn | None = None
    agents: list[AgentIn] | None = None
    team: str | None = None
    product: str | None = None
    cause: str | None = None
    channel: str | None = None
    subject: str | None = None
    severity: str | int | None = None
    tags: list[str] | None = None
    fields: dict[str, str | int | float | bool | list[str] | None] | None = None


@dataclass(slots=True)
class CaseReport:
    """One event of a case, checked. `content` holds what it states and nothing blank:

    resolved_at, opened_at (ISO 8601, UTC) · customer {email, name, external_id, language,
    timezone} · agents [{external_id, name, email, share}] · team · product · cause · channel ·
    subject · severity · tags · fields {path: [texts]}, of which those are kept that rules name.
    """

    source: str
    external_id: str
    status: str
    occurred_at: datetime
    # False where no time was told and the time of receipt stands in.
    is_timed: bool
    content: dict[str, Any]


@dataclass(slots=True)
class Rejected:
    """A case that cannot be taken, with (field, message) for each fault."""

    external_id: str | None
    errors: list[tuple[str, str]]
