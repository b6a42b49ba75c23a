"""What the descriptions of what admins do by API have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from surveys.api.described import Example, Json, answers, maybe, record, text

#: How a POST that honours an Idempotency-Key can fail: of something, and of something new.
POSTED: Final = (400, 404, 409, 413, 415)
ADDED: Final = (400, 409, 413, 415)
#: How a PATCH with If-Match can fail.
CHANGED: Final = (400, 404, 412, 413, 415)
#: What a DELETE with If-Match answers.
REMOVED: Final[dict[Any, Any]] = {204: None} | answers(schema={}, problems=(404, 412))
COUNT: Final[Json] = {"type": "integer", "minimum": 0}
WHEN: Final = text("When.", format="date-time")
NUMBER: Final = OpenApiParameter("number", int, OpenApiParameter.PATH, description="Its `id`.")
#: Who made a change that is logged.
BY: Final[dict[str, Json]] = {
    "by": maybe(text("E-mail address of the member of staff who did it.")),
    "by_key": maybe(text("Name of the key that did it. Neither: the command line.")),
}
EMPTY: Final[Json] = {"type": "object", "additionalProperties": False}
NOTHING: Final = Example("Nothing to say", value={}, request_only=True)


def log_entry(kinds: Sequence[str], **own: Json) -> Json:
    """An entry of a log that can be undone (`doing.logged`), with what it is about."""
    fields: dict[str, Json] = {
        "id": {"type": "integer"},
        "kind": text("What was done.", enum=list(kinds)),
        **own,
        "n_cases": COUNT,
        "n_answers": COUNT,
        "made_at": WHEN,
        **BY,
        "undoes": {"type": ["integer", "null"], "description": "The change that it took back."},
        "can_undo": {"type": "boolean"},
    }
    return record(list(fields), **fields)


@dataclass(frozen=True)
class Operations:
    """Those under one tag and of one scope."""

    tag: str
    scope: str = "admin"

    def __call__(self, name: str, summary: str, description: str, **more: Any) -> dict[str, Any]:
        return {
            "operation_id": name,
            "tags": [self.tag],
            "summary": summary,
            "description": f"{description} Scope `{self.scope}`.",
            **more,
        }

    def posting(
        self, name: str, summary: str, description: str = "", **more: Any
    ) -> dict[str, Any]:
        """A POST, without content of its own unless `more` says so."""
        more = {"request": {"application/json": EMPTY}, "examples": [NOTHING], **more}
        return self(name, summary, f"{description} Honours `Idempotency-Key`.".lstrip(), **more)
