"""How the operations on webhooks are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

from surveys.api.described import (
    IDEMPOTENCY,
    IF_MATCH,
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
from surveys.api.described_operations import (
    ADDED,
    CHANGED,
    NUMBER,
    POSTED,
    REMOVED,
    WHEN,
    Operations,
)
from surveys.models import WebhookDelivery
from surveys.services.outgoing import kinds
from surveys.services.outgoing.endpoints import LONGEST_NAME

_EVENTS: Final[Json] = {
    "type": "array",
    "items": {"type": "string", "enum": list(kinds.EVENTS)},
    "minItems": 1,
    "description": "What it is told of; see docs/webhooks.md.",
}
_NAME: Final = text("As staff know it.", LONGEST_NAME, minLength=1)
_URL: Final = text("A public `https` address.", 2000, format="uri")
_PERSONAL: Final[Json] = {
    "type": "boolean",
    "description": "Whether it is told who the customer is, and what they wrote.",
}
_FIELDS: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "name": _NAME,
    "url": _URL,
    "events": _EVENTS,
    "with_personal_data": _PERSONAL,
    "state": text(
        "`paused` by staff: what happens waits. `disabled` after failing: it is told of nothing.",
        enum=["active", "paused", "disabled"],
    ),
    "disabled_reason": text("Why it was switched off, in words."),
    "n_failing": {"type": "integer", "description": "Failures since the last success."},
    "last_success_at": maybe(WHEN),
    "last_failure": text("In words."),
    "former_secret_until": maybe(text("How long the former secret signs.", format="date-time")),
    "created_at": WHEN,
}
COMPONENTS: Final[dict[str, Json]] = {
    "Webhook": record(list(_FIELDS), **_FIELDS),
    "WebhookWithSecret": record(
        [*_FIELDS, "secret"],
        **_FIELDS,
        secret=maybe(text("`whsec_…`; null where the SECRET_KEY it was made with is gone.")),
    ),
    "WebhookIn": record(
        ["name", "url", "events"],
        name=_NAME,
        url=_URL,
        events=_EVENTS,
        with_personal_data=_PERSONAL,
    ),
    "WebhookChange": record(
        [],
        name=_NAME,
        url=_URL,
        events=_EVENTS,
        with_personal_data=_PERSONAL,
        paused={"type": "boolean", "description": "`false` resumes a disabled one as well."},
    ),
    "WebhookAttempt": record(
        ["started_at", "milliseconds", "status", "words", "answer"],
        started_at=WHEN,
        milliseconds={"type": "integer"},
        status={"type": ["integer", "null"], "description": "Null where nothing was answered."},
        words=text("Why it did not count, in words."),
        answer=text("The first kilobyte."),
    ),
    "WebhookDelivery": record(
        ["id", "webhook_id", "type", "occurred_at", "status", "due_at", "words", "attempts"],
        id={"type": "integer"},
        webhook_id=text("The header `webhook-id`, the same whenever it is sent."),
        type=text("Of the event."),
        occurred_at=WHEN,
        status=text("How far it is.", enum=list(WebhookDelivery.Status.values)),
        due_at=maybe(text("When it is tried next.", format="date-time")),
        words=text("How the last attempt failed."),
        attempts={"type": "array", "items": ref("WebhookAttempt")},
    ),
}
_NEW: Final = {
    "name": "CRM",
    "url": "https://crm.example.com/hooks/stabledoor",
    "events": ["response.completed", "response.changed"],
}
_operation: Final = Operations("webhooks")

LIST: Final = _operation(
    "list_webhooks",
    "List endpoints",
    "Newest first, with their health; without secrets.",
    parameters=PAGING,
    responses=answers(200, schema=page_schema(ref("Webhook")), problems=(400,)),
)
ADD: Final = _operation.posting(
    "add_webhook",
    "Add an endpoint",
    "Answers with its secret.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("WebhookIn")},
    responses=answers(201, schema=ref("WebhookWithSecret"), problems=ADDED),
    examples=[Example("Answers for a CRM", value=_NEW, request_only=True)],
)
READ: Final = _operation(
    "read_webhook",
    "Look up an endpoint",
    "With its secret.",
    parameters=[NUMBER],
    responses=answers(200, schema=ref("WebhookWithSecret"), problems=(404,)),
)
CHANGE: Final = _operation(
    "change_webhook",
    "Change, pause or resume an endpoint",
    "What is not named stays. What is queued goes to the new address.",
    parameters=[NUMBER, IF_MATCH],
    request={"application/json": ref("WebhookChange")},
    responses=answers(200, schema=ref("Webhook"), problems=CHANGED),
    examples=[Example("Hold it", value={"paused": True}, request_only=True)],
)
REMOVE: Final = _operation(
    "remove_webhook",
    "Remove an endpoint",
    "With its log, and with what was still to be told to it.",
    parameters=[NUMBER, IF_MATCH],
    responses=REMOVED,
)
ROTATE: Final = _operation.posting(
    "rotate_webhook_secret",
    "Rotate the secret",
    "For 24 hours every request is signed with both secrets.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(200, schema=ref("WebhookWithSecret"), problems=POSTED),
)
TEST: Final = _operation.posting(
    "test_webhook",
    "Send a test event",
    "Of type `webhook.test`, whatever it is subscribed to.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(202, schema=ref("WebhookDelivery"), problems=POSTED),
)
DELIVERIES: Final = _operation(
    "list_webhook_deliveries",
    "List what was told to an endpoint",
    "Newest first, with every attempt. Kept for 30 days.",
    parameters=[
        NUMBER,
        query("status", "Only in this state.", enum=list(WebhookDelivery.Status.values)),
        *PAGING,
    ],
    responses=answers(200, schema=page_schema(ref("WebhookDelivery")), problems=(400, 404)),
)
RESEND: Final = _operation.posting(
    "resend_webhook_delivery",
    "Send a delivery again",
    "At once, under the same `webhook-id`, and if need be for another three days. 409 while it is "
    "being sent.",
    parameters=[
        NUMBER,
        OpenApiParameter("delivery", int, OpenApiParameter.PATH, description="Its `id`."),
        IDEMPOTENCY,
    ],
    responses=answers(202, schema=ref("WebhookDelivery"), problems=POSTED),
)
