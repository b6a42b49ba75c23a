"""How the operations on rules of causes and on what waits unmapped are described."""

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
    NUMBER,
    POSTED,
    REMOVED,
    WHEN,
    Operations,
)
from surveys.models import CauseRule
from surveys.services.cause_queue import MOST_AT_ONCE

_CODE: Final = text("Code of a cause.", 200, minLength=1)
_WHAT: Final = text("What of a case is looked at.", enum=list(CauseRule.What.values))
_HOW: Final = text(
    "How; `matches` knows `*` for any letters and `?` for one.", enum=list(CauseRule.How.values)
)
_TEXT: Final = text("What is looked for; case, accents and blanks do not matter.", 200, minLength=1)
_SOURCE: Final = text("Only cases of this source; empty: of any.", 100)
_RULE: Final[dict[str, Json]] = {
    "what": _WHAT,
    "how": _HOW,
    "text": _TEXT,
    "cause": _CODE | {"description": "Code of the cause that it gives."},
    "source": _SOURCE,
    "within": text(
        "Empty: for cases that came without a known cause. Else the code of the cause it splits.",
        200,
    ),
}
_REQUIRED: Final = ["what", "how", "text", "cause"]
_PAST: Final[dict[str, Json]] = {
    "external_id": text("Of the case."),
    "subject": text("Of the case."),
    "cause": text("Name of the cause it has; empty for none."),
}
_PAIR: Final = record(["code", "into"], code=_CODE, into=_CODE)
COMPONENTS: Final[dict[str, Json]] = {
    "CauseRule": record(
        ["id", *_RULE, "words"],
        id={"type": "integer"},
        **_RULE,
        words=text("The rule as a sentence."),
    ),
    "CauseRuleIn": record(_REQUIRED, **_RULE),
    "CauseRuleChange": record([], **_RULE),
    "CauseRuleTried": record(
        _REQUIRED,
        **_RULE,
        instead_of={
            "type": ["integer", "null"],
            "minimum": 1,
            "description": "Id of the rule in whose place it is tried; null: as the last one.",
        },
    ),
    "CauseRuleTrial": record(
        ["n_tried", "n_without", "n_changed", "changed"],
        n_tried=COUNT,
        n_without=COUNT | {"description": "Of these came without a known cause."},
        n_changed=COUNT,
        changed={
            "type": "array",
            "items": record([*_PAST, "becomes"], **_PAST, becomes=text("Name of the cause.")),
        },
    ),
    "CauseReach": record(
        ["n_cases", "n_answers", "examples"],
        n_cases=COUNT,
        n_answers=COUNT,
        examples={"type": "array", "items": record([*_PAST], **_PAST)},
    ),
    "CauseSplit": record(
        ["what", "how", "text", "into"],
        what=_WHAT,
        how=_HOW,
        text=_TEXT,
        into=_CODE | {"description": "Code of the other cause, made where there is none."},
        name=text("Its name where it is made.", 200),
        source=_SOURCE,
    ),
    "WaitingCause": record(
        ["code", "name", "n_cases", "first_at", "last_at", "examples", "suggestions"],
        code=text("By which it arrives."),
        name=text("As it arrived."),
        n_cases=COUNT,
        first_at=WHEN,
        last_at=WHEN,
        examples={
            "type": "array",
            "items": record(
                ["external_id", "subject"], external_id=text("Of a case."), subject=text("Of it.")
            ),
        },
        suggestions={
            "type": "array",
            "items": record(
                ["code", "name", "likeness", "is_obvious"],
                code=text("Of a known cause."),
                name=text("Of it."),
                likeness={"type": "number", "description": "How alike they are, to 100."},
                is_obvious={"type": "boolean", "description": "Nothing else comes near."},
            ),
        },
    ),
    "CauseTaking": record(
        ["take"],
        take={"type": "array", "items": _PAIR, "minItems": 1, "maxItems": MOST_AT_ONCE},
    ),
    "CausesTaken": record(
        ["batch", "changes"],
        batch=text("By which all of it is undone at once."),
        changes={"type": "array", "items": ref("CauseChange")},
    ),
    "CauseBatch": record(["batch"], batch=text("As the taking answered.", 16, minLength=1)),
    "CausesUndone": record(["n_undone"], n_undone=COUNT),
}
_CAUSE: Final = OpenApiParameter("code", str, OpenApiParameter.PATH, description="Of the cause.")
_operation: Final = Operations("causes")
_DESCRIPTION: Final[Json] = {"what": "tag", "how": "equals", "text": "roaming"}

LIST: Final = _operation(
    "list_cause_rules",
    "List the rules of causes",
    "In the order they are tried; the first that fits decides.",
    parameters=PAGING,
    responses=answers(200, schema=page_schema(ref("CauseRule")), problems=(400,)),
)
ADD: Final = _operation.posting(
    "add_cause_rule",
    "Add a rule",
    "Tried last, on every case that arrives from now on; the past stays until it is applied.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("CauseRuleIn")},
    responses=answers(201, schema=ref("CauseRule"), problems=ADDED),
    examples=[
        Example("By a tag", value={**_DESCRIPTION, "cause": "billing-error"}, request_only=True)
    ],
)
TRY: Final = _operation.posting(
    "try_cause_rule",
    "Try a rule on the newest 200 cases",
    "Nothing is stored and nothing moved.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("CauseRuleTried")},
    responses=answers(200, schema=ref("CauseRuleTrial"), problems=ADDED),
    examples=[
        Example("By a tag", value={**_DESCRIPTION, "cause": "billing-error"}, request_only=True)
    ],
)
READ: Final = _operation(
    "read_cause_rule",
    "Look up a rule",
    "As it decides now.",
    parameters=[NUMBER],
    responses=answers(200, schema=ref("CauseRule"), problems=(404,)),
)
CHANGE: Final = _operation(
    "change_cause_rule",
    "Change a rule",
    "What is not named stays, and so does its place.",
    parameters=[NUMBER, IF_MATCH],
    request={"application/json": ref("CauseRuleChange")},
    responses=answers(200, schema=ref("CauseRule"), problems=CHANGED),
    examples=[Example("Another word", value={"text": "roaming abroad"}, request_only=True)],
)
REMOVE: Final = _operation(
    "remove_cause_rule",
    "Delete a rule",
    "What it decided stays. Undoing its entry in `/cause-changes/` brings it back.",
    parameters=[NUMBER, IF_MATCH],
    responses=REMOVED,
)
MOVE: Final = _operation.posting(
    "move_cause_rule",
    "Try a rule earlier or later",
    "At the end of the list nothing changes.",
    parameters=[NUMBER, IDEMPOTENCY],
    request={
        "application/json": record(
            ["step"],
            step={"type": "integer", "enum": [-1, 1], "description": "-1: earlier, 1: later."},
        )
    },
    responses=answers(200, schema=ref("CauseRule"), problems=POSTED),
    examples=[Example("Earlier", value={"step": -1}, request_only=True)],
)
REACH: Final = _operation(
    "preview_cause_rule",
    "What applying a rule to the past would move",
    "Nothing is changed.",
    parameters=[NUMBER],
    responses=answers(200, schema=ref("CauseReach"), problems=(404,)),
)
APPLY: Final = _operation.posting(
    "apply_cause_rule",
    "Apply a rule to the past",
    "As it would have decided when the cases were resolved. It can be undone. 409 where no case "
    "is left for it.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(201, schema=ref("CauseChange"), problems=POSTED),
)
SPLIT_REACH: Final = _operation(
    "preview_cause_split",
    "What a split would move",
    "Nothing is changed.",
    parameters=[
        _CAUSE,
        query("what", "What is looked at.", enum=list(CauseRule.What.values), required=True),
        query("how", "How.", enum=list(CauseRule.How.values), required=True),
        query("text", "What is looked for.", required=True),
        query("into", "Code of the other cause.", required=True),
        query("name", "Its name where it is made."),
        query("source", "Only cases of this source."),
    ],
    responses=answers(200, schema=ref("CauseReach"), problems=(400, 404)),
)
SPLIT: Final = _operation.posting(
    "split_cause",
    "Make two causes of one",
    "What a rule fits becomes the other cause, in the past and from now on. It can be undone. 409 "
    "where no case fits.",
    parameters=[_CAUSE, IDEMPOTENCY],
    request={"application/json": ref("CauseSplit")},
    responses=answers(201, schema=ref("CauseChange"), problems=POSTED),
    examples=[
        Example(
            "By a tag",
            value={**_DESCRIPTION, "into": "roaming", "name": "Roaming"},
            request_only=True,
        )
    ],
)
QUEUE: Final = _operation(
    "list_waiting_causes",
    "List codes that wait unmapped, with suggestions",
    f"Those with the most cases first, at most {MOST_AT_ONCE} in a page.",
    parameters=PAGING,
    responses=answers(200, schema=page_schema(ref("WaitingCause")), problems=(400,)),
)
TAKE: Final = _operation.posting(
    "take_waiting_causes",
    "Map codes at once",
    "Each becomes part of the cause beside it; all of them, or none (409).",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("CauseTaking")},
    responses=answers(201, schema=ref("CausesTaken"), problems=ADDED),
    examples=[
        Example(
            "One of them",
            value={"take": [{"code": "plan-change", "into": "billing-error"}]},
            request_only=True,
        )
    ],
)
UNDO_TAKEN: Final = _operation.posting(
    "undo_taken_causes",
    "Take back what was mapped at once",
    "409 where all of it was undone already.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("CauseBatch")},
    responses=answers(200, schema=ref("CausesUndone"), problems=ADDED),
    examples=[Example("As answered", value={"batch": "5f1d3c2b4a69788f"}, request_only=True)],
)
