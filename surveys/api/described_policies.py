"""How the operations on policies are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Any, Final

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
    record,
    ref,
    text,
)
from surveys.api.described_operations import ADDED, CHANGED, COUNT, EMPTY, POSTED
from surveys.channels import OFFERED
from surveys.services.conditions import HUMAN, MOST_AGENTS, MOST_VALUES, N_AGENTS, TAGS, WORD_FACTS

_HOURS: Final = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
_VALUES: Final = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 200},
    "minItems": 1,
    "maxItems": MOST_VALUES,
}
_WANTED: Final = {
    "oneOf": [
        _VALUES,
        {
            "type": "object",
            "properties": {"not": _VALUES},
            "required": ["not"],
            "additionalProperties": False,
        },
    ]
}
_POLICY_FIELDS: Final[dict[str, Json]] = {
    "name": text("For people.", 200, minLength=1),
    "questionnaire": text("Slug of the questionnaire; it must have a published version."),
    "enabled": {"type": "boolean"},
    "conditions": {
        "type": "object",
        "description": "Facts of the case at its resolution that must all hold. A list: the fact "
        'is one of these; `{"not": [...]}`: it is none of them. Empty: every case.',
        "properties": {
            **dict.fromkeys((*WORD_FACTS, TAGS), _WANTED),
            HUMAN: {"type": "boolean", "description": "Whether a person handled it."},
            N_AGENTS: {
                "type": "object",
                "description": "How many agents handled it.",
                "properties": {
                    end: {"type": "integer", "minimum": 0, "maximum": MOST_AGENTS}
                    for end in ("min", "max")
                },
                "minProperties": 1,
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
    "delay_minutes": {"type": "integer", "minimum": 0, "maximum": 4320},
    "sample_rate": {"type": "number", "minimum": 0, "maximum": 1},
    "cooldown_days": {"type": "integer", "minimum": 0, "maximum": 3650},
    "quiet_hours": {
        "type": ["object", "null"],
        "description": "Nothing falls due in these hours where the customer lives.",
        "properties": {"start": _HOURS, "end": _HOURS},
        "required": ["start", "end"],
        "additionalProperties": False,
    },
    "weekdays": {
        "type": ["array", "null"],
        "description": "Days on which mail may go out where the customer lives, 1 Monday to "
        "7 Sunday; null: every day.",
        "items": {"type": "integer", "minimum": 1, "maximum": 7},
        "minItems": 1,
    },
    "agent_target": {
        "type": ["integer", "null"],
        "description": "Complete answers a month that each agent should reach: where few are "
        "expected, more cases than `sample_rate` are drawn, never fewer. null: one rate for all.",
        "minimum": 1,
        "maximum": 1000,
    },
    "cause_days": {
        "type": ["integer", "null"],
        "description": "The cause is asked about at most once per customer and cause in so many "
        "days; in between a survey asks about the fix alone. null: every survey asks both.",
        "minimum": 1,
        "maximum": 3650,
    },
    "channel": text(
        "How the survey reaches the customer: `mail`, sent from here, or `api`, where your own "
        "system fetches the links (`POST /api/v1/invitations/claim/`) and delivers them. `sms` and "
        "`whatsapp` only where `SMS_URL` or `WHATSAPP_URL` is set.",
        enum=list(OFFERED),
    ),
    "brand": maybe(text("Slug of the brand that mails and pages carry; null: our own look.")),
    "reminder_days": {"type": ["integer", "null"], "minimum": 1, "maximum": 364},
    "close_days": {"type": "integer", "minimum": 1, "maximum": 365},
}
COMPONENTS: Final[dict[str, Json]] = {
    "Policy": record(["slug", *_POLICY_FIELDS], slug={"type": "string"}, **_POLICY_FIELDS),
    "PolicyPatch": record([], **_POLICY_FIELDS),
    "PolicyIn": record(["name", "questionnaire"], **_POLICY_FIELDS),
    "PolicyMove": record(
        ["step", "place"],
        step={"type": "integer", "enum": [-1, 1], "description": "-1: earlier; 1: later."},
        place={"type": "integer", "description": "Where it was seen in the list, from 0."},
    ),
}
_SLUG: Final = OpenApiParameter("slug", str, OpenApiParameter.PATH)
LIST_POLICIES: Final[dict[str, Any]] = {
    "operation_id": "list_policies",
    "tags": ["policies"],
    "summary": "List policies",
    "description": "In their order: the first enabled one that fits a case decides. Scope "
    "`cases:read` or `questionnaires:write`.",
    "parameters": PAGING,
    "responses": answers(200, schema=page_schema(ref("Policy")), problems=(400,)),
}
ADD_POLICY: Final[dict[str, Any]] = {
    "operation_id": "add_policy",
    "tags": ["policies"],
    "summary": "Add a policy",
    "description": "It is tried first; what is not named is as in a new policy of the pages. "
    "Honours `Idempotency-Key`. Scope `questionnaires:write`.",
    "parameters": [IDEMPOTENCY],
    "request": {"application/json": ref("PolicyIn")},
    "responses": answers(201, schema=ref("Policy"), problems=ADDED),
    "examples": [
        Example(
            "Chats at once",
            value={
                "name": "Chats",
                "questionnaire": "default",
                "conditions": {"channel": ["chat"]},
                "delay_minutes": 0,
            },
            request_only=True,
        )
    ],
}
DUPLICATE_POLICY: Final[dict[str, Any]] = {
    "operation_id": "duplicate_policy",
    "tags": ["policies"],
    "summary": "Copy a policy",
    "description": "Just before the original, switched off. Honours `Idempotency-Key`. Scope "
    "`questionnaires:write`.",
    "parameters": [_SLUG, IDEMPOTENCY],
    "request": {"application/json": EMPTY},
    "responses": answers(201, schema=ref("Policy"), problems=POSTED),
    "examples": [Example("Nothing to say", value={}, request_only=True)],
}
MOVE_POLICY: Final[dict[str, Any]] = {
    "operation_id": "move_policy",
    "tags": ["policies"],
    "summary": "Try a policy earlier or later",
    "description": "One place. 409 where it stands elsewhere by now. Honours `Idempotency-Key`. "
    "Scope `questionnaires:write`.",
    "parameters": [_SLUG, IDEMPOTENCY],
    "request": {"application/json": ref("PolicyMove")},
    "responses": answers(200, schema=ref("Policy"), problems=POSTED),
    "examples": [Example("Later", value={"step": 1, "place": 0}, request_only=True)],
}
_COUNTED: Final = (*("n_read", "n_cases", "n_ours", "n_surveyed", "n_both", "n_fix", "n_moved"),)
_REASONS: Final[Json] = {
    "type": "array",
    "items": record(["words", "n_cases"], words={"type": "string"}, n_cases={"type": "integer"}),
}
_LINES: Final[Json] = {
    "type": "array",
    "items": record(
        ["code", "name", "cases", "surveys", "answers"],
        code={"type": "string"},
        name={"type": "string"},
        cases={"type": "integer"},
        surveys={"type": "integer"},
        answers={"type": "number", "description": "To expect."},
    ),
}
COMPONENTS["PolicyTrial"] = record(
    ["since", "part", *_COUNTED, "skipped", "elsewhere", "response", "agents", "causes"],
    since=text("The first moment of the period.", format="date-time"),
    part={"type": "number", "description": "Below 1 the counts are projected from that part."},
    **dict.fromkeys(_COUNTED, COUNT),
    skipped=_REASONS | {"description": "Why cases of this policy would not be surveyed."},
    elsewhere=_REASONS | {"description": "Which policy took the others, or why none did."},
    response=record(
        ["share", "source"],
        share={"type": "number"},
        source=text("Where that is from.", enum=["policy", "company", "assumed"]),
    ),
    agents=_LINES,
    causes=_LINES,
)
TRY_POLICY: Final[dict[str, Any]] = {
    "operation_id": "try_policy",
    "tags": ["policies"],
    "summary": "What a policy would have made of the last 30 days",
    "description": "With what is sent in place of what is stored, and as if it were on. Nothing is "
    "changed. Honours `Idempotency-Key`. Scope `questionnaires:write`.",
    "parameters": [_SLUG, IDEMPOTENCY],
    "request": {"application/json": ref("PolicyPatch")},
    "responses": answers(200, schema=ref("PolicyTrial"), problems=POSTED),
    "examples": [Example("A smaller share", value={"sample_rate": 0.2}, request_only=True)],
}
REMOVE_POLICY: Final[dict[str, Any]] = {
    "operation_id": "remove_policy",
    "tags": ["policies"],
    "summary": "Delete a policy",
    "description": "Only one that no case came to (409): others say why somebody was asked. Scope "
    "`questionnaires:write`.",
    "parameters": [_SLUG, IF_MATCH],
    "responses": {204: None} | answers(schema={}, problems=(404, 409, 412)),
}
READ_POLICY: Final[dict[str, Any]] = {
    "operation_id": "read_policy",
    "tags": ["policies"],
    "summary": "Read a policy",
    "description": "Who is surveyed and when. Scope `cases:read` or `questionnaires:write`.",
    "parameters": [OpenApiParameter("slug", str, OpenApiParameter.PATH)],
    "responses": answers(200, schema=ref("Policy"), problems=(404,)),
}
CHANGE_POLICY: Final[dict[str, Any]] = {
    "operation_id": "change_policy",
    "tags": ["policies"],
    "summary": "Change a policy",
    "description": (
        "What is not sent stays; unknown fields are refused. Surveys already scheduled keep "
        "their time, but none goes out in quiet hours. With the `ETag` of a policy that was read "
        "as `If-Match`, nothing is overwritten that was changed since. "
        "Scope `questionnaires:write`."
    ),
    "parameters": [
        OpenApiParameter("slug", str, OpenApiParameter.PATH),
        IF_MATCH,
    ],
    "request": {"application/json": ref("PolicyPatch")},
    "responses": answers(200, schema=ref("Policy"), problems=CHANGED),
    "examples": [
        Example(
            "Fibre by phone or chat unless harmless, 30 answers an agent, workdays by day",
            value={
                "conditions": {
                    "product": ["Fibre"],
                    "channel": ["phone", "chat"],
                    "severity": {"not": ["low"]},
                },
                "sample_rate": 0.2,
                "agent_target": 30,
                "cause_days": 90,
                "quiet_hours": {"start": "21:00", "end": "08:00"},
                "weekdays": [1, 2, 3, 4, 5],
            },
            request_only=True,
        )
    ],
}
