"""How the operations on connections are described in the OpenAPI schema."""

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
    COUNT,
    POSTED,
    REMOVED,
    WHEN,
    Operations,
)
from surveys.helpdesks import ADAPTERS
from surveys.helpdesks.telling import FIELDS
from surveys.models import HookDelivery
from surveys.services import connections as service
from surveys.services.writing.choosing import CHOICES, LONGEST_FIELD, LONGEST_PREFIX, PREFIX

_KIND: Final = text("The helpdesk.", enum=list(ADAPTERS))
_NAME: Final = text("As staff know it.", service.LONGEST_NAME)
_SECRET: Final = text("What proves a call genuine.", service.LONGEST_SECRET)
_STATUSES: Final[Json] = {
    "type": "object",
    "additionalProperties": {"type": "string", "enum": ["", *service.MEANINGS]},
    "maxProperties": service.MOST_STATUSES,
    "description": "What the helpdesk's own statuses mean, by id or name; beside these its usual "
    "ones are known.",
}
_PLACES: Final[Json] = {
    "type": "object",
    "propertyNames": {"enum": sorted(FIELDS)},
    "additionalProperties": {"type": "string", "maxLength": service.LONGEST_PATH},
    "description": "Where our fields stand in the body, where not in their usual places.",
}
_CHANGEABLE: Final[dict[str, Json]] = {
    "name": _NAME,
    "enabled": {"type": "boolean", "description": "`false`: its helpdesk is told to stop (410)."},
    "statuses": _STATUSES,
    "fields": _PLACES,
    "cause_path": text("Where the cause stands; empty: in its usual place.", service.LONGEST_PATH),
    "organization": text(
        "Of Salesforce: the id of the one organisation that is heard; empty: any.",
        18,
        pattern="^([A-Za-z0-9]{15}|[A-Za-z0-9]{18})?$",
    ),
    "notes": text(
        "What is written into the helpdesk, as a private note of the case. Needs its access.",
        enum=list(CHOICES),
    ),
    "writes_tags": {
        "type": "boolean",
        "description": "Whether the ratings are written as tags of the case, beside those of "
        "others, such as `stabledoor_fix_5`. Refused where cases have none.",
    },
    "tag_prefix": text(
        "What the tags begin with; changed only while they are written.",
        LONGEST_PREFIX,
        pattern=f"^{PREFIX}$",
    ),
    "fix_field": text(
        "The id of the number field of the case that the rating of the fix is written into, such "
        "as `customfield_10050`; empty: into none.",
        LONGEST_FIELD,
    ),
    "cause_field": text("The same for the rating of the cause: another field.", LONGEST_FIELD),
}
_FIELDS: Final[dict[str, Json]] = {
    "slug": text("The source of its cases."),
    "kind": _KIND,
    **_CHANGEABLE,
    "is_rotating": {"type": "boolean", "description": "The former secret is valid, too."},
    "secret_since": WHEN,
    "created_at": WHEN,
}
_LINE: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "received_at": WHEN,
    "method": text("Of the call."),
    "verdict": text("What became of it.", enum=list(HookDelivery.Verdict.values)),
    "status": {"type": "integer", "description": "What was answered."},
    "reason": text("Why, in words."),
    "n_bytes": {"type": "integer"},
    "made": {
        "type": "array",
        "items": {"type": "object"},
        "description": "What was made of it: `outcome`, `case`, `reason`, `event`.",
    },
    "replay_of": {"type": ["integer", "null"]},
}
COMPONENTS: Final[dict[str, Json]] = {
    "Connection": record(list(_FIELDS), **_FIELDS),
    "ConnectionWithSecret": record(
        [*_FIELDS, "address", "secret", "template"],
        **_FIELDS,
        address=maybe(text("Where the helpdesk is to send its webhooks.")),
        secret=maybe(text("Null where the SECRET_KEY it was sealed with is gone.")),
        template=text("The body to paste into the helpdesk; empty where it sends its own."),
    ),
    "ConnectionIn": record(["kind"], kind=_KIND, name=_NAME, secret=_SECRET),
    "ConnectionChange": record([], **_CHANGEABLE),
    "ConnectionSecretIn": record([], secret=_SECRET),
    "ConnectionHealth": record(
        ["last_at", "n_calls", "n_failed", "n_waiting", "n_aside", "n_unaddressed"],
        last_at=maybe(text("The last genuine call.", format="date-time")),
        n_calls=COUNT,
        n_failed=COUNT | {"description": "Forged or unreadable within a day."},
        n_waiting=COUNT,
        n_aside=COUNT | {"description": "Events set aside after failing."},
        n_unaddressed=COUNT | {"description": "Events that lack the customer's address."},
    ),
    "HookCall": record(list(_LINE), **_LINE),
    "HookCallWhole": record(
        [*_LINE, "headers", "body", "is_whole"],
        **_LINE,
        headers={"type": "object", "description": "Without what could prove a call."},
        body=text("As it came; empty where it was not kept."),
        is_whole={"type": "boolean"},
    ),
}
_SLUG: Final = OpenApiParameter("slug", str, OpenApiParameter.PATH)
_CALL: Final = OpenApiParameter("delivery", int, OpenApiParameter.PATH, description="Its `id`.")
_WHOLE: Final = ref("ConnectionWithSecret")
_operation: Final = Operations("connections")

LIST: Final = _operation(
    "list_connections",
    "List connections",
    "Newest first, without secrets.",
    parameters=[query("kind", "Only of this helpdesk.", enum=["", *ADAPTERS]), *PAGING],
    responses=answers(200, schema=page_schema(ref("Connection")), problems=(400,)),
)
ADD: Final = _operation.posting(
    "add_connection",
    "Connect a helpdesk",
    "Answers with the address and the secret to set there.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("ConnectionIn")},
    responses=answers(201, schema=_WHOLE, problems=ADDED),
    examples=[Example("Zendesk", value={"kind": "zendesk", "name": "Support"}, request_only=True)],
)
READ: Final = _operation(
    "read_connection",
    "Look up a connection",
    "With its address and secret.",
    parameters=[_SLUG],
    responses=answers(200, schema=_WHOLE, problems=(404,)),
)
CHANGE: Final = _operation(
    "change_connection",
    "Change a connection",
    "What is not named stays; all of it is taken, or nothing. Calls are read so from then on, and "
    "answers written back so.",
    parameters=[_SLUG, IF_MATCH],
    request={"application/json": ref("ConnectionChange")},
    responses=answers(200, schema=_WHOLE, problems=CHANGED),
    examples=[
        Example(
            "Own status and place of the cause",
            value={"statuses": {"Done": "resolved"}, "cause_path": "detail.custom_cause"},
            request_only=True,
        ),
        Example(
            "Ratings as tags and numbers of the case",
            value={
                "writes_tags": True,
                "tag_prefix": "csat",
                "fix_field": "1234567890",
                "cause_field": "1234567891",
            },
            request_only=True,
        ),
    ],
)
REMOVE: Final = _operation(
    "remove_connection",
    "Delete a connection",
    "Its cases stay; within 30 days it can be restored.",
    parameters=[_SLUG, IF_MATCH],
    responses=REMOVED,
)
RESTORE: Final = _operation.posting(
    "restore_connection",
    "Bring a deleted connection back",
    "With its address and secret. Of one that was not deleted nothing changes.",
    parameters=[_SLUG, IDEMPOTENCY],
    responses=answers(200, schema=_WHOLE, problems=POSTED),
)
ROTATE: Final = _operation.posting(
    "rotate_connection_secret",
    "Rotate the secret",
    "Both secrets are valid until the former one is retired.",
    parameters=[_SLUG, IDEMPOTENCY],
    request={"application/json": ref("ConnectionSecretIn")},
    responses=answers(200, schema=_WHOLE, problems=POSTED),
)
RETIRE: Final = _operation.posting(
    "retire_connection_secret",
    "Retire the former secret",
    "From then on only the newest proves anything.",
    parameters=[_SLUG, IDEMPOTENCY],
    responses=answers(200, schema=_WHOLE, problems=POSTED),
)
HEALTH: Final = _operation(
    "read_connection_health",
    "How a connection is doing",
    "The last call, failures of a day, and what waits.",
    parameters=[_SLUG],
    responses=answers(200, schema=ref("ConnectionHealth"), problems=(404,)),
)
DELIVERIES: Final = _operation(
    "list_connection_deliveries",
    "List the calls of a connection",
    "Newest first, without their bodies; the newest 200 are kept.",
    parameters=[
        _SLUG,
        query("verdict", "Only these.", enum=["", *HookDelivery.Verdict.values]),
        *PAGING,
    ],
    responses=answers(200, schema=page_schema(ref("HookCall")), problems=(400, 404)),
)
DELIVERY: Final = _operation(
    "read_connection_delivery",
    "Look up a call",
    "With its headers and its body.",
    parameters=[_SLUG, _CALL],
    responses=answers(200, schema=ref("HookCallWhole"), problems=(404,)),
)
REPLAY: Final = _operation.posting(
    "replay_connection_delivery",
    "Read a call again",
    "As the connection is set now. Answers with the new line of its log. 409 where the call was "
    "not kept whole.",
    parameters=[_SLUG, _CALL, IDEMPOTENCY],
    responses=answers(201, schema=ref("HookCall"), problems=POSTED),
)
