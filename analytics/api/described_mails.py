"""How the report of deliverability stands in the OpenAPI schema."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from analytics.api.described import schema_of
from analytics.frames.deliverability import Queue
from analytics.reports.deliverability import ChannelLine, DomainLine, HourLine, Rate
from surveys.api.described import Json, answers, maybe, record, text
from surveys.api.described_operations import COUNT, WHEN

_RATE: Final = schema_of(Rate)


def _with_rates(line: type, *names: str) -> Json:
    schema = schema_of(line)
    schema["properties"] |= dict.fromkeys(names, _RATE)
    schema["required"] = [*schema["required"], *names]
    return schema


_DOMAIN: Final = _with_rates(DomainLine, "answered", "bounce_rate")
_FIELDS: Final[dict[str, Json]] = {
    "since": WHEN,
    "totals": _DOMAIN | {"description": "Of all mails; its `domain` is empty."},
    "domains": {
        "type": "array",
        "items": _DOMAIN,
        "description": "The largest first; the last, with an empty `domain`, is all others.",
    },
    "channels": {"type": "array", "items": _with_rates(ChannelLine, "answered")},
    "hours": {"type": "array", "items": schema_of(HourLine)},
    "complaints": COUNT,
    "unsubscribed": COUNT,
    "not_surveyed": {
        "type": "array",
        "items": record(["reason_code", "n"], reason_code=text("Why."), n=COUNT),
    },
    "queue": schema_of(Queue),
    "background_seen_at": maybe(
        text("When the background jobs were last seen.", format="date-time")
    ),
}
DELIVERABILITY: Final[dict[str, Any]] = {
    "operation_id": "read_deliverability",
    "tags": ["reports"],
    "summary": "What became of the surveys that were sent",
    "description": "By domain of the address, by channel, and by the hour of the customer's clock; "
    "which cases got none and why; and what waits now. Each survey is in one of bounced, refused, "
    "unknown and delivered. Scope `admin`.",
    "parameters": [
        OpenApiParameter(
            "days",
            {"type": "integer", "minimum": 1, "maximum": 366, "default": 28},
            OpenApiParameter.QUERY,
            description="So many days up to today.",
        )
    ],
    "responses": answers(200, schema=record(list(_FIELDS), **_FIELDS), problems=(400,)),
}
