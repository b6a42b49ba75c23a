"""How the operations on cases are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from surveys.services.events import STATUSES

Json = dict[str, Any]
Example = OpenApiExample
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ref(name: str) -> Json:
    """A reference to one of `COMPONENTS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(required: list[str], **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def text(description: str, limit: int | None = None, **more: Any) -> Json:
    found: Json = {"type": "string", "description": description}
    return found | ({"maxLength": limit} if limit else {}) | more


def maybe(schema: Json) -> Json:
    """The same, or null."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]}


def _time(description: str) -> Json:
    return text(description + " RFC 3339 with an offset.", format="date-time")


_STATUS: Final = text("What happened to the case.", enum=list(STATUSES))
_ID: Final = {
    "type": ["string", "integer"],
    "maxLength": 200,
    "minLength": 1,
    "description": "The sender's own id; a number is taken as its digits.",
}

CUSTOMER_IN: Final = record(
    [],
    email=maybe(
        text(
            "Where the survey is sent. Taken in lower case.",
            254,
            anyOf=[{"format": "email"}, {"maxLength": 0}],
        )
    ),
    name=maybe(text("For the salutation.", 200)),
    external_id=_ID | {"type": ["string", "integer", "null"], "minLength": 0},
    language=maybe(text("BCP 47 (`de`, `pt-BR`) or an English name (`German`).", 100)),
    timezone=maybe(text("IANA (`Europe/Berlin`); for quiet hours.", 64)),
    phone=maybe(
        text("With its country (`+49 30 901820`); spaces, dashes, dots and parentheses go.", 40)
    ),
)
AGENT_IN: Final = record(
    [],
    external_id=_ID | {"type": ["string", "integer", "null"], "minLength": 0},
    name=maybe(text("As shown in reports. Created where unknown.", 200)),
    email=maybe(text("Stands in for a missing external_id, as does the name.", 254)),
    share={
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "maximum": 1.01,
        "description": "How much of the case was theirs. Given for all agents, summing to 1, or "
        "for none: then all have equal shares.",
    },
)
CASE_IN: Final = record(
    ["external_id", "status"],
    source=maybe(text("Which helpdesk; `api` where not given. No slash.", 100)),
    external_id=_ID,
    status=_STATUS,
    resolved_at=maybe(_time("Required where resolved; at most a day ahead, from 2000 on.")),
    opened_at=maybe(_time("When the case was opened.")),
    occurred_at=maybe(
        _time(
            "When this event occurred: the newest wins. Without it a resolved or reopened event "
            "occurred at `resolved_at`, an open one at `opened_at`, else on receipt."
        )
    ),
    customer=maybe(ref("CustomerIn")),
    agents={"type": ["array", "null"], "items": ref("AgentIn"), "maxItems": 50},
    team=maybe(text("Created where unknown.", 200)),
    product=maybe(text("Created where unknown.", 200)),
    cause=maybe(text("A cause code. One never seen before is kept and waits unmapped.", 200)),
    channel=maybe(text("Such as `phone`.", 50)),
    subject=maybe(text("In the customer's words; shown in the survey mail.", 500)),
    severity={"type": ["string", "integer", "null"], "maxLength": 50},
    tags={
        "type": ["array", "null"],
        "items": {"type": "string", "maxLength": 100},
        "maxItems": 100,
    },
    fields={
        "type": ["object", "null"],
        "description": "Other fields of the helpdesk by their path, such as "
        "`ticket.custom.reason`. Of these only those are kept that a rule for causes names.",
        "maxProperties": 100,
        "propertyNames": {"type": "string", "maxLength": 200},
        "additionalProperties": {
            "type": ["string", "number", "boolean", "array", "null"],
            "maxLength": 200,
            "maxItems": 20,
            "items": {"type": "string", "maxLength": 200},
        },
    },
)
_FAULT: Final = record(
    ["field", "message"],
    field=text("Path of the field, such as `cases[3].customer.email`; empty for the whole."),
    message=text("What is wrong with it."),
)
INVITATION: Final = record(
    ["status", "due_at", "reason"],
    status=text(
        "What became of the survey.",
        enum=[
            *("scheduled", "sending", "sent", "unknown"),
            *("failed", "skipped", "cancelled", "expired"),
        ],
    ),
    due_at=maybe(text("When it is sent.", format="date-time")),
    reason=text("Why nothing is sent, in words; empty where something is."),
)
OUTCOME: Final = record(
    ["external_id", "outcome", "errors", "invitation"],
    external_id=maybe(text("As sent; null where it could not be read.")),
    outcome=text("What was made of it.", enum=["created", "updated", "unchanged", "rejected"]),
    errors={"type": "array", "items": ref("Fault")},
    invitation={"oneOf": [ref("Invitation"), {"type": "null"}]},
)
CASE: Final[Json] = {
    "type": "object",
    "properties": {
        "source": {"type": "string"},
        "external_id": {"type": "string"},
        "status": _STATUS,
        "opened_at": {"type": ["string", "null"], "format": "date-time"},
        "last_event_at": {"type": "string", "format": "date-time"},
        "subject": {"type": "string"},
        "severity": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "customer": {
            "type": ["object", "null"],
            "description": "Language and time zone; email, phone, name and id only with admin.",
        },
        "resolutions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "resolved_at": {"type": "string", "format": "date-time"},
                    "reopened_at": {"type": ["string", "null"], "format": "date-time"},
                    "team": {"type": ["string", "null"]},
                    "product": {"type": ["string", "null"]},
                    "cause": {"type": ["string", "null"]},
                    "channel": {"type": "string"},
                    "severity": {"type": "string"},
                    "agents": {"type": "array", "items": {"type": "object"}},
                    "invitation": {
                        "type": ["object", "null"],
                        "description": "status, due_at, sent_at, reason, policy, language, "
                        "asks (`both`, or `fix` or `cause` alone)",
                    },
                },
            },
        },
    },
}
COMPONENTS: Final[dict[str, Json]] = {
    "CustomerIn": CUSTOMER_IN,
    "AgentIn": AGENT_IN,
    "CaseIn": CASE_IN,
    "Fault": _FAULT,
    "Invitation": INVITATION,
    "Outcome": OUTCOME,
    "Case": CASE,
    "Problem": {
        "type": "object",
        "description": "RFC 9457",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": ref("Fault")},
        },
        "required": ["type", "title", "status", "detail"],
    },
}
PROBLEMS: Final = {
    400: "The request has faults; each is named with its field.",
    401: "No key, or one that is unknown or revoked.",
    403: "The key has not the scope this needs.",
    404: "There is no such thing, or it may not be seen.",
    409: "The Idempotency-Key belongs to another request, or to one still being worked on.",
    412: "It was changed since it was read.",
    413: "More than 10 MB, or more than 1,000 cases; of a questionnaire more than 1 MB.",
    415: "Not JSON, or compressed.",
    428: "It must be said which revision this was made from.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "The database cannot be reached; nothing was stored. Send it again.",
}


def answers(*good: int, schema: Json, problems: tuple[int, ...]) -> dict[Any, Any]:
    """The responses of an operation: its own, and the problems it may answer with."""
    found: dict[Any, Any] = {(status, "application/json"): schema for status in good}
    for status in sorted({*problems, 401, 403, 429, 503}):
        problem = {"allOf": [ref("Problem")], "description": PROBLEMS[status]}
        found[status, "application/problem+json"] = problem
    return found


def with_files(responses: dict[Any, Any]) -> dict[Any, Any]:
    """The same where `format` can ask for a file: no JSON, so bytes as far as a schema can say."""
    file: Json = {"type": "string"}
    return responses | {(200, "text/csv"): file, (200, XLSX): file}


def page_schema(item: Json) -> Json:
    """A page of a list."""
    properties = {
        "results": {"type": "array", "items": item},
        "next": {"type": ["string", "null"], "description": "Address of the next page."},
    }
    return {"type": "object", "properties": properties, "required": ["results", "next"]}


def query(name: str, description: str, **more: Any) -> OpenApiParameter:
    """A parameter of the query; forms send what was left empty, which asks for nothing."""
    if "enum" in more and not more.get("many") and not more.get("required"):
        more["enum"] = list(dict.fromkeys(["", *more["enum"]]))
    return OpenApiParameter(name, str, OpenApiParameter.QUERY, description=description, **more)


PAGING: Final = [
    query("cursor", "The place to go on from; follow `next` instead of making one."),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
        OpenApiParameter.QUERY,
        description="Rows in a page.",
    ),
]
#: Of every operation that reads; as it stands in the schema, which adds it to each.
IF_NONE_MATCH: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The `ETag` of what was read before: 304 without a body where it is the same.",
}
HEADERS: Final[Json] = {
    "ETag": {"schema": {"type": "string"}, "description": "Changes when the answer does."},
    "RateLimit": {
        "schema": {"type": "string"},
        "description": "`r` requests are left, `t` seconds until all are again.",
    },
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": "`q` requests in `w` seconds, by key or member of staff.",
    },
    "Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait."},
}
IDEMPOTENCY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="Makes a retry safe: the same key and body get the same answer for 24 hours.",
)
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": '^((W/)?"[!#-~]{0,100}")?$'},
    OpenApiParameter.HEADER,
    description="The `ETag` of what was read: 412 where it was changed since, and nothing is done.",
)
_SENT_CASE: Final = {
    "source": "helpdesk",
    "external_id": "4711",
    "status": "resolved",
    "opened_at": "2026-11-18T09:12:00Z",
    "resolved_at": "2026-11-20T14:30:00Z",
    "customer": {
        "email": "ada@example.com",
        "name": "Ada",
        "language": "de",
        "timezone": "Europe/Berlin",
        "phone": "+493090182000",
    },
    "agents": [{"external_id": "a-17", "name": "Grace", "share": 1}],
    "team": "Mobile",
    "product": "Prepaid",
    "cause": "plan-change",
    "channel": "phone",
    "subject": "No signal since the plan change",
}
_ANSWER: Final = {
    "results": [
        {
            "external_id": "4711",
            "outcome": "created",
            "errors": [],
            "invitation": {"status": "scheduled", "due_at": "2026-11-20T18:30:00Z", "reason": ""},
        }
    ]
}
_BATCH: Final = {
    "type": "object",
    "properties": {"cases": {"type": "array", "items": ref("CaseIn"), "maxItems": 1000}},
    "required": ["cases"],
    "additionalProperties": False,
}

TAKE_CASES: Final[dict[str, Any]] = {
    "operation_id": "take_cases",
    "tags": ["cases"],
    "summary": "Send cases",
    "description": (
        'One case, or `{"cases": [...]}` with up to 1,000. Events may come twice and in any '
        "order: the newest wins, a known one is `unchanged`. A bad case in a batch rejects itself "
        "alone; a single bad case is answered with 400. Unknown fields are refused. Answers 201 "
        "where a case was created, else 200. Scope `cases:write`."
    ),
    "parameters": [IDEMPOTENCY],
    "request": {"application/json": {"oneOf": [ref("CaseIn"), _BATCH]}},
    "responses": answers(
        200,
        201,
        schema=record(["results"], results={"type": "array", "items": ref("Outcome")}),
        problems=(400, 409, 413, 415),
    ),
    "examples": [
        Example("A resolved case", value=_SENT_CASE, request_only=True),
        Example(
            "A batch with a reopening",
            value={
                "cases": [
                    _SENT_CASE,
                    {
                        "source": "helpdesk",
                        "external_id": "4711",
                        "status": "reopened",
                        "occurred_at": "2026-11-20T16:00:00Z",
                    },
                ]
            },
            request_only=True,
        ),
        Example("Created and scheduled", value=_ANSWER, response_only=True, status_codes=["201"]),
    ],
}
LIST_CASES: Final[dict[str, Any]] = {
    "operation_id": "list_cases",
    "tags": ["cases"],
    "summary": "List cases",
    "description": "The newest event first. Scope `cases:read`.",
    "parameters": [
        query("source", "Only of this source; repeatable.", many=True),
        query("external_id", "Only with this id; repeatable.", many=True),
        query("status", "Only in this status; repeatable.", enum=list(STATUSES), many=True),
        query("q", "Number or subject; with scope `admin` also who the customer is."),
        query("format", "A file of all of them instead of a page.", enum=["json", "csv", "xlsx"]),
        query("notes", "With `1` a CSV ends with lines that say what it is of.", enum=["", "1"]),
        *PAGING,
    ],
    "responses": with_files(answers(200, schema=page_schema(ref("Case")), problems=(400,))),
}
READ_CASE: Final[dict[str, Any]] = {
    "operation_id": "read_case",
    "tags": ["cases"],
    "summary": "Look up a case",
    "description": (
        "The case, its resolutions, and for each the survey with its status and, where nothing "
        "was sent, the reason in words. Scope `cases:read`."
    ),
    "parameters": [
        OpenApiParameter("source", str, OpenApiParameter.PATH),
        OpenApiParameter("external_id", str, OpenApiParameter.PATH),
    ],
    "responses": answers(200, schema=ref("Case"), problems=(404,)),
}
