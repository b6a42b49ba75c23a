"""How the operations on questionnaires are described in the OpenAPI schema."""

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
    record,
    ref,
    text,
)
from surveys.api.described_operations import ADDED, POSTED
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.diff import Kind
from surveys.questionnaire.documents import to_builtins

_SLUG: Final = OpenApiParameter("slug", str, OpenApiParameter.PATH)
_SCOPE: Final = " Scope `questionnaires:write`."
_DEFINITION: Final = ref("Questionnaire")
_MOMENT: Final = text("RFC 3339.", format="date-time")
_REVISION: Final[Json] = {
    "type": "integer",
    "minimum": 0,
    "description": "Grows with every change of the draft, an undone one included.",
}
_FINDING: Final = record(
    ["code", "path", "severity", "message", "why"],
    code=text("A stable name of the rule, such as `double_barrelled`."),
    path=text("Its place in the definition, such as `$.blocks[0].items[1].stem.en`."),
    severity=text(
        "An error refuses publishing, a warning wants a reason.", enum=["error", "warning"]
    ),
    message=text("What is wrong."),
    why=text("Why it matters and what to do."),
)
_CHANGE: Final = record(
    ["item", "kind", "path", "change", "comparable"],
    item=text("Id of the question; empty where it belongs to none."),
    kind=text("What kind of change it is.", enum=list(Kind.__args__)),  # type: ignore[attr-defined]
    path=text("Its place in the definition."),
    change=text("The change in words."),
    comparable={
        "type": "boolean",
        "description": "Whether figures before and after can be compared.",
    },
    reason=text("Why the meaning was declared unchanged."),
    language=text("The language of a text that changed."),
    before=text("The text before."),
    after=text("The text after."),
)
_REASON: Final = record(
    ["code", "path", "reason"],
    code=text("Code of the warning."),
    path=text("Its path, as the draft's `findings` give it."),
    reason=text("Why it is right as it is; kept with the version.", 500, minLength=1),
)
_DRAFT_STATE: Final[dict[str, Json]] = {
    "revision": _REVISION,
    "changed_at": _MOMENT,
    "based_on": {"type": ["integer", "null"], "description": "Number of the version it began as."},
    "has_unpublished_changes": {"type": "boolean"},
    "findings": {"type": "array", "items": ref("QuestionnaireFinding")},
}
_VERSION_HEAD: Final[dict[str, Json]] = {
    "number": {"type": "integer", "minimum": 1},
    "published_at": _MOMENT,
}
COMPONENTS: Final[dict[str, Json]] = {
    "QuestionnaireFinding": _FINDING,
    "QuestionnaireChange": _CHANGE,
    "QuestionnaireDraft": record(
        [*_DRAFT_STATE, "definition"], **_DRAFT_STATE, definition=_DEFINITION
    ),
    "QuestionnaireSummary": record(
        ["slug", "name", "archived_at", "policies", "draft", "versions"],
        slug={"type": "string"},
        name={"type": "string"},
        archived_at=maybe(_MOMENT),
        policies={"type": "array", "items": {"type": "string"}},
        draft=maybe(record([*_DRAFT_STATE], **_DRAFT_STATE)),
        versions={"type": "array", "items": record([*_VERSION_HEAD], **_VERSION_HEAD)},
    ),
    "QuestionnaireVersion": record(
        [*_VERSION_HEAD, "accepted_warnings", "changes", "definition"],
        **_VERSION_HEAD,
        accepted_warnings={
            "type": "array",
            "items": {"type": "object", "description": "code, path, message, reason"},
        },
        changes={"type": "array", "items": ref("QuestionnaireChange")},
        definition=_DEFINITION,
    ),
}


def _example() -> Json:
    """Two questions in one language: short enough to be read."""
    whole: Any = to_builtins(default_definition())

    def english(part: Any) -> Any:
        if isinstance(part, dict):
            if isinstance(part.get("en"), str):
                return {"en": part["en"]}
            return {key: english(value) for key, value in part.items()}
        return [english(one) for one in part] if isinstance(part, list) else part

    short: Json = english(whole)
    short["languages"] = ["en"]
    short["blocks"] = short["blocks"][:2]
    for block in short["blocks"]:
        del block["items"][1:], block["comment"]
    return short


LIST: Final[Json] = {
    "operation_id": "list_questionnaires",
    "tags": ["questionnaires"],
    "summary": "List questionnaires",
    "description": "By slug, the archived ones too." + _SCOPE,
    "parameters": PAGING,
    "responses": answers(200, schema=page_schema(ref("QuestionnaireSummary")), problems=(400,)),
}
CREATE: Final[Json] = {
    "operation_id": "begin_questionnaire",
    "tags": ["questionnaires"],
    "summary": "Begin a questionnaire",
    "description": "A draft; nobody is asked before it is published and a policy names it. Texts "
    "may still be missing. Faults carry the path within `definition`." + _SCOPE,
    "parameters": [IDEMPOTENCY],
    "request": {
        "application/json": record(
            ["name"],
            name=text("For people.", 200, minLength=1),
            slug=text("Its address; made of the name where not given.", 100),
            definition={"oneOf": [_DEFINITION, {"type": "null"}]},
        )
    },
    "responses": answers(201, schema=ref("QuestionnaireSummary"), problems=ADDED),
    "examples": [
        Example(
            "Two questions",
            value={"name": "After a field visit", "slug": "visits", "definition": _example()},
            request_only=True,
        )
    ],
}
READ: Final[Json] = {
    "operation_id": "read_questionnaire",
    "tags": ["questionnaires"],
    "summary": "Read a questionnaire",
    "description": "The state of its draft, and its versions, the newest first." + _SCOPE,
    "parameters": [_SLUG],
    "responses": answers(200, schema=ref("QuestionnaireSummary"), problems=(404,)),
}
READ_DRAFT: Final[Json] = {
    "operation_id": "read_draft",
    "tags": ["questionnaires"],
    "summary": "Read a draft",
    "description": "As it stands, with what lint finds. Where nobody has begun one: what it would "
    "begin as. The `ETag` is the revision." + _SCOPE,
    "parameters": [_SLUG],
    "responses": answers(200, schema=ref("QuestionnaireDraft"), problems=(404,)),
}
WRITE_DRAFT: Final[Json] = {
    "operation_id": "write_draft",
    "tags": ["questionnaires"],
    "summary": "Replace a draft",
    "description": "One step, which people can undo. Say which revision it was made from, by "
    "`If-Match` (412 where the draft moved on) or by `revision` (409): nobody's work is "
    "overwritten unseen." + _SCOPE,
    "parameters": [
        _SLUG,
        OpenApiParameter(
            "If-Match",
            {"type": "string", "pattern": '^((W/)?"[0-9]{1,9}")?$'},
            OpenApiParameter.HEADER,
            description='The `ETag`, such as `"7"`.',
        ),
    ],
    "request": {
        "application/json": record(
            ["definition"], definition=_DEFINITION, revision=maybe(_REVISION)
        )
    },
    "responses": answers(
        200,
        schema=ref("QuestionnaireDraft"),
        problems=(400, 404, 409, 412, 413, 415, 428),
    ),
    "examples": [
        Example(
            "Made from revision 3",
            value={"revision": 3, "definition": _example()},
            request_only=True,
        )
    ],
}
PUBLISH: Final[Json] = {
    "operation_id": "publish_questionnaire",
    "tags": ["questionnaires"],
    "summary": "Publish the draft",
    "description": "Makes a version that never changes. Errors refuse it; each warning needs a "
    "reason. `unchanged` names reworded questions whose meaning stayed, with the reason, so that "
    "their trend goes on. `expected` is the number of the newest version you saw, 0 for none: "
    "where somebody published meanwhile the answer is 409 and the draft is kept." + _SCOPE,
    "parameters": [_SLUG, IDEMPOTENCY],
    "request": {
        "application/json": record(
            ["revision"],
            revision=_REVISION,
            expected={"type": ["integer", "null"], "minimum": 0},
            reasons={"type": "array", "items": _REASON},
            unchanged={"type": "object", "additionalProperties": {"type": "string"}},
        )
    },
    "responses": answers(201, schema=ref("QuestionnaireVersion"), problems=POSTED),
    "examples": [
        Example(
            "A mended typing error",
            value={
                "revision": 4,
                "expected": 1,
                "reasons": [
                    {
                        "code": "wording_changed",
                        "path": "$.blocks[0].items[0]",
                        "reason": "A typing error was mended.",
                    }
                ],
                "unchanged": {"F1": "A typing error was mended."},
            },
            request_only=True,
        )
    ],
}
READ_VERSION: Final[Json] = {
    "operation_id": "read_version",
    "tags": ["questionnaires"],
    "summary": "Read a version",
    "description": "A published version with its definition, what changed with it, and the "
    "reasons for which warnings were accepted." + _SCOPE,
    "parameters": [_SLUG, OpenApiParameter("number", int, OpenApiParameter.PATH)],
    "responses": answers(200, schema=ref("QuestionnaireVersion"), problems=(404,)),
}
