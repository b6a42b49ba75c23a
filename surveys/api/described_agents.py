"""How the operations on agents are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

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
from surveys.api.described_operations import (
    COUNT,
    NUMBER,
    POSTED,
    Operations,
    log_entry,
)
from surveys.models import AgentChange

_ID: Final = text("The helpdesk's id of them.")
_INTO: Final = text("Another id of the same person, which stays.", 200, minLength=1)
_AGENT: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "external_id": _ID,
    "name": text("As shown in reports."),
    "email": text("As the helpdesk told it; may be empty."),
    "team": maybe(text("Its name.")),
    "is_bot": {"type": "boolean"},
    "other_ids": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Ids of the same person; what comes under them is theirs.",
    },
    "joined_into": maybe(text("Whose other id this is; null: an agent of its own.")),
}
COMPONENTS: Final[dict[str, Json]] = {
    "Agent": record(list(_AGENT), **_AGENT),
    "AgentJoin": record(["into"], into=_INTO),
    "AgentJoinPreview": record(
        ["external_id", "into", "n_cases", "n_answers", "n_both", "takes_login"],
        external_id=_ID,
        into=_ID,
        n_cases=COUNT,
        n_answers=COUNT,
        n_both=COUNT | {"description": "Cases that both handled; their shares add up."},
        takes_login={"type": "boolean", "description": "The login goes along."},
    ),
    "AgentChange": log_entry(
        AgentChange.Kind.values, external_id=_ID, into=text("The id that it was joined with.")
    ),
}
_operation: Final = Operations("agents")

LIST: Final = _operation(
    "list_agents",
    "List agents",
    "By id, each person once, with their other ids.",
    parameters=[
        query("q", "Words in name or id, other ids included."),
        query("team", "Only of the team of this name."),
        *PAGING,
    ],
    responses=answers(200, schema=page_schema(ref("Agent")), problems=(400,)),
)
READ: Final = _operation(
    "read_agent",
    "Look up an agent",
    "One that is another's id says whose.",
    parameters=[NUMBER],
    responses=answers(200, schema=ref("Agent"), problems=(404,)),
)
PREVIEW: Final = _operation(
    "preview_agent_join",
    "What joining two ids would move",
    "Nothing is changed.",
    parameters=[NUMBER, query("into", "The id that stays.", required=True)],
    responses=answers(200, schema=ref("AgentJoinPreview"), problems=(400, 404, 409)),
)
JOIN: Final = _operation.posting(
    "join_agent",
    "Make an id another id of the same person",
    "With its history, and with whatever still comes under it. It can be undone.",
    parameters=[NUMBER, IDEMPOTENCY],
    request={"application/json": ref("AgentJoin")},
    responses=answers(201, schema=ref("AgentChange"), problems=POSTED),
    examples=[Example("Into another id", value={"into": "a-18"}, request_only=True)],
)
CHANGES: Final = _operation(
    "list_agent_changes",
    "List joinings and their undoings",
    "Newest first, kept for good.",
    parameters=[query("external_id", "Only of this id."), *PAGING],
    responses=answers(200, schema=page_schema(ref("AgentChange")), problems=(400,)),
)
UNDO: Final = _operation.posting(
    "undo_agent_change",
    "Part what was joined",
    "With the history that was moved. 409 where something later stands in the way.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(201, schema=ref("AgentChange"), problems=POSTED),
)
