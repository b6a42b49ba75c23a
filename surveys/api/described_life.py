"""How what becomes of a questionnaire is described in the OpenAPI schema."""

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
from surveys.api.described_operations import CHANGED, NUMBER, POSTED, WHEN, Operations
from surveys.mail.skeleton import KINDS
from surveys.questionnaire.rendering import ARMS
from surveys.services.preview_links import LONGEST_DAYS

__all__ = ["ARMS", "KINDS"]

SLUG: Final = OpenApiParameter("slug", str, OpenApiParameter.PATH)
_VERSION_NUMBER: Final = OpenApiParameter("number", int, OpenApiParameter.PATH)
_CHANGES: Final[Json] = {"type": "array", "items": ref("QuestionnaireChange")}
_VERSION: Final[Json] = {"type": ["integer", "null"], "minimum": 1}
_LINK: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "version": _VERSION | {"description": "What it shows; null: the draft."},
    "created_at": WHEN,
    "expires_at": WHEN,
    "revoked_at": maybe(WHEN),
}
_SUMMARY: Final = ref("QuestionnaireSummary")
COMPONENTS: Final[dict[str, Json]] = {
    "QuestionnaireName": record(["name"], name=text("For people.", 200, minLength=1)),
    "QuestionnaireReview": record(
        [
            *("has_unpublished_changes", "findings", "revision", "newest", "left_out"),
            *("unread", "changes"),
        ],
        has_unpublished_changes={"type": "boolean"},
        findings={"type": "array", "items": ref("QuestionnaireFinding")},
        revision={"type": ["integer", "null"], "description": "Of the draft; null: there is none."},
        newest={"type": ["integer", "null"], "description": "Number of the newest version."},
        left_out={
            "type": "array",
            "items": {"type": "string"},
            "description": "Languages that are not complete, and would not be published.",
        },
        unread=text("What lint does not look at, in words; empty where it reads everything."),
        changes=_CHANGES,
    ),
    "QuestionnaireChanges": record(["changes"], changes=_CHANGES),
    "VersionLine": record(
        ["number", "published_at", "published_by", "n_changes"],
        number={"type": "integer", "minimum": 1},
        published_at=WHEN,
        published_by=maybe(text("E-mail address; null: a program, or somebody who left.")),
        n_changes={"type": "integer", "minimum": 0},
    ),
    "PreviewLink": record(list(_LINK), **_LINK),
    "PreviewLinkWithAddress": record(
        [*_LINK, "address"],
        **_LINK,
        address=maybe(text("Whoever has it sees the questionnaire, and can answer nothing.")),
    ),
    "PreviewLinkIn": record(
        [],
        version=_VERSION | {"description": "What it shows; null: the draft as it stands."},
        days={"type": "integer", "minimum": 1, "maximum": LONGEST_DAYS},
    ),
    "TestMailIn": record(
        ["to"],
        to=text("Of a member of staff; nobody else is written to.", 254, format="email"),
        version=_VERSION | {"description": "Whose mail; null: the draft's."},
        kind=text("Which mail.", enum=list(KINDS)),
        arm=text("Which page comes first.", enum=list(ARMS)),
        asks=text("What it asks.", enum=["both", "fix", "cause"]),
        language=text("Empty: the default one.", 35),
    ),
    "TestMailOutcome": record(
        ["outcome", "words"],
        outcome=text("How far it came.", enum=["success", "warning", "error"]),
        words=text("What the mail server said."),
    ),
}
operation: Final = Operations("questionnaires", "questionnaires:write")
_CONFLICT: Final[tuple[int, ...]] = (404, 409)


def _acting(name: str, summary: str, description: str, schema: Json, **more: Any) -> Any:
    found: dict[str, Any] = {
        "parameters": [SLUG, IDEMPOTENCY],
        "responses": answers(200, schema=schema, problems=POSTED),
    }
    return operation.posting(name, summary, description, **(found | more))


RENAME: Final = operation(
    "rename_questionnaire",
    "Rename a questionnaire",
    "Its slug stays, so that links and filters go on working.",
    parameters=[SLUG, IF_MATCH],
    request={"application/json": ref("QuestionnaireName")},
    responses=answers(200, schema=_SUMMARY, problems=CHANGED),
    examples=[Example("Another name", value={"name": "After a visit"}, request_only=True)],
)
DUPLICATE: Final = _acting(
    "duplicate_questionnaire",
    "Begin a copy",
    "Of the draft, else of the newest version, under a name and slug of its own.",
    _SUMMARY,
    responses=answers(201, schema=_SUMMARY, problems=POSTED),
)
ARCHIVE: Final = _acting(
    "archive_questionnaire",
    "Archive a questionnaire",
    "It is offered nowhere any more; what was asked and answered stays. 409 while a policy asks "
    "it.",
    _SUMMARY,
)
RESTORE: Final = _acting(
    "restore_questionnaire",
    "Bring an archived questionnaire back",
    "Again changes nothing.",
    _SUMMARY,
)
REVIEW: Final = operation(
    "review_questionnaire",
    "What publishing would mean",
    "What stands against it, and what changes beside the newest version.",
    parameters=[SLUG],
    responses=answers(200, schema=ref("QuestionnaireReview"), problems=_CONFLICT),
)
VERSIONS: Final = operation(
    "list_versions",
    "List versions",
    "Newest first, without their definitions.",
    parameters=[SLUG, *PAGING],
    responses=answers(200, schema=page_schema(ref("VersionLine")), problems=(400, 404)),
)
RESTORE_VERSION: Final = _acting(
    "restore_version",
    "Put an old version in the draft's place",
    "One step, which people can undo; nothing is published yet.",
    ref("QuestionnaireDraft"),
    parameters=[SLUG, _VERSION_NUMBER, IDEMPOTENCY],
)
_STEP: Final = record(
    ["revision"],
    revision={"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
)


def _stepping(name: str, summary: str) -> Any:
    return _acting(
        name,
        summary,
        "`revision` is the draft's as it was read. 409 where there is no such step, or it is "
        "somebody else's of meanwhile.",
        ref("QuestionnaireDraft"),
        request={"application/json": _STEP},
        examples=[Example("As it was read", value={"revision": 4}, request_only=True)],
    )


UNDO_DRAFT: Final = _stepping("undo_draft", "Take the draft's last step back")
REDO_DRAFT: Final = _stepping("redo_draft", "Make the step again that was taken back")


def _definition(name: str) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "string", "pattern": "^(draft|[0-9]{1,7})$"},
        OpenApiParameter.QUERY,
        description="Number of a version, or `draft`.",
        required=True,
    )


COMPARE: Final = operation(
    "compare_versions",
    "Compare two versions",
    "What changes from `old` to `new`.",
    parameters=[
        SLUG,
        _definition("old"),
        _definition("new"),
    ],
    responses=answers(200, schema=ref("QuestionnaireChanges"), problems=(400, *_CONFLICT)),
)
LINKS: Final = operation(
    "list_preview_links",
    "List links that show a questionnaire",
    "Newest first, without their addresses.",
    parameters=[SLUG, *PAGING],
    responses=answers(200, schema=page_schema(ref("PreviewLink")), problems=(400, 404)),
)
ADD_LINK: Final = _acting(
    "add_preview_link",
    "Make a link that shows a questionnaire",
    f"Read-only and without a login, for at most {LONGEST_DAYS} days.",
    ref("PreviewLinkWithAddress"),
    request={"application/json": ref("PreviewLinkIn")},
    responses=answers(201, schema=ref("PreviewLinkWithAddress"), problems=POSTED),
    examples=[Example("For three days", value={"days": 3}, request_only=True)],
)
REVOKE_LINK: Final = _acting(
    "revoke_preview_link",
    "Close a link for good",
    "Again changes nothing.",
    ref("PreviewLink"),
    parameters=[SLUG, NUMBER, IDEMPOTENCY],
)
TEST: Final = _acting(
    "send_test_mail",
    "Send a questionnaire's mail to a member of staff",
    "Handed over now; its links lead to a preview, and nothing answered there counts.",
    ref("TestMailOutcome"),
    request={"application/json": ref("TestMailIn")},
    examples=[Example("The draft's", value={"to": "lead@example.com"}, request_only=True)],
)
