"""How the operations on surveys that the caller delivers are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from surveys.api.described import (
    IDEMPOTENCY,
    PAGING,
    Example,
    Json,
    answers,
    maybe,
    page_schema,
    query,
    record,
    ref,
    text,
)
from surveys.api.described_operations import ADDED, POSTED
from surveys.models import Delivery, DeliveryReport
from surveys.services.handing import STATES

_TIME: Final[dict[str, Any]] = {"format": "date-time"}
_NUMBER: Final = OpenApiParameter(
    "number", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH, description="The `id`."
)
COMPONENTS: Final[dict[str, Json]] = {
    "HandedInvitation": record(
        [
            *("id", "kind", "state", "case", "language", "due_at", "handed_at", "expires_at"),
            *("reason", "link", "unsubscribe_link"),
        ],
        id={"type": "integer"},
        kind=text("The first message of a survey, or its reminder.", enum=Delivery.Kind.values),
        state=text(
            "`waiting`: not handed over yet. `handed`: open. `closed`: its time is over, or the "
            "case was reopened. `withdrawn`: not to be delivered any more. `failed`: the link "
            "could not be made, or it did not arrive.",
            enum=list(STATES),
        ),
        case=record(["source", "external_id"], source=text(""), external_id=text("")),
        language=text("The language the survey opens in."),
        due_at=text("When it may be delivered.", **_TIME),
        handed_at=maybe(text("When the link was handed over.", **_TIME)),
        expires_at=maybe(text("Until when the link opens the survey.", **_TIME)),
        reason=text("In words, why it is not to be delivered; else empty."),
        link=maybe(
            text("The survey, of what is `handed` and not suppressed since. Keep it secret.")
        ),
        unsubscribe_link=maybe(text("Where the customer says no to further surveys.")),
        customer=record(
            ["email", "name", "external_id"],
            email=text("Only with scope `admin`."),
            phone=text("Only with scope `admin`; empty where it is not known."),
            name=text(""),
            external_id=text(""),
        ),
    ),
    "ClaimIn": record([], limit={"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
    "DeliveryNews": record(
        ["outcome"],
        outcome=text(
            "`delivered`; `failed`: not this time; `bounced`: cannot be delivered; `complained`: "
            "the customer does not want this.",
            enum=["delivered", "failed", "bounced", "complained"],
        ),
        words=text("What was said, without personal data.", 300),
    ),
    "DeliveryEffect": record(
        ["id", "outcome", "effect"],
        id={"type": "integer"},
        outcome=text("As sent."),
        effect=text("What that did.", enum=DeliveryReport.Effect.values),
    ),
}
LIST: Final[dict[str, Any]] = {
    "operation_id": "list_invitations",
    "tags": ["invitations"],
    "summary": "List the surveys that you deliver",
    "description": (
        "Of policies whose `channel` is `api`, the latest due first. Those `handed` carry their "
        "link again. Scope `invitations:deliver`."
    ),
    "parameters": [query("state", "Only those in this state.", enum=list(STATES)), *PAGING],
    "responses": answers(200, schema=page_schema(ref("HandedInvitation")), problems=(400,)),
}
CLAIM: Final[dict[str, Any]] = {
    "operation_id": "claim_invitations",
    "tags": ["invitations"],
    "summary": "Fetch the links that are due",
    "description": (
        "Hands over up to `limit` links, each to one claim only; ask again until none comes. "
        "Suppressed customers, reopened cases, cool-down and quiet hours are looked at in the "
        "claim, so deliver at once. From then on the survey counts as sent. Where the answer was "
        "lost, the same `Idempotency-Key` gets it again, and so does "
        "`GET /api/v1/invitations/?state=handed`. What nobody claims within the policy's "
        "`close_days` is given up. Scope `invitations:deliver`."
    ),
    "parameters": [IDEMPOTENCY],
    "request": {"application/json": ref("ClaimIn")},
    "responses": answers(
        200,
        schema=record(["results"], results={"type": "array", "items": ref("HandedInvitation")}),
        problems=ADDED,
    ),
    "examples": [Example("Up to fifty", value={"limit": 50}, request_only=True)],
}
READ: Final[dict[str, Any]] = {
    "operation_id": "read_invitation",
    "tags": ["invitations"],
    "summary": "Read one again, with its link",
    "description": "As in the list. Scope `invitations:deliver`.",
    "parameters": [_NUMBER],
    "responses": answers(200, schema=ref("HandedInvitation"), problems=(404,)),
}
REPORT: Final[dict[str, Any]] = {
    "operation_id": "report_on_invitation",
    "tags": ["invitations"],
    "summary": "Say what became of a link",
    "description": (
        "Shown beside the case and counted on the deliverability page. `bounced` marks the survey "
        "as not delivered; the address stays, for it was not mailed to. `complained` suppresses "
        "the customer for good. Each outcome is taken once (201), again it changes nothing (200). "
        "Scope `invitations:deliver`."
    ),
    "parameters": [_NUMBER, IDEMPOTENCY],
    "request": {"application/json": ref("DeliveryNews")},
    "responses": answers(200, 201, schema=ref("DeliveryEffect"), problems=POSTED),
    "examples": [Example("It arrived", value={"outcome": "delivered"}, request_only=True)],
}
