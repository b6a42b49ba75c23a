"""How the operations on logins and keys are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

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
from surveys.api.described_operations import ADDED, CHANGED, NUMBER, POSTED, WHEN, Operations
from surveys.models import ApiKey, User
from surveys.services.staff_list import LONGEST_NAME

_EMAIL: Final = text("What they sign in with.", 254, format="email")
_ROLE: Final = text("What they see and may do.", enum=list(User.Role.values))
_SCOPES: Final[Json] = {
    "type": "array",
    "items": {"type": "string", "enum": list(ApiKey.Scope.values)},
    "minItems": 1,
    "description": "What it opens; `admin` implies all others.",
}
_CHANGEABLE: Final[dict[str, Json]] = {
    "role": _ROLE,
    "name": text("As shown on pages.", LONGEST_NAME),
    "team": maybe(text("Name of a team lead's team.", 200)),
    "agent": maybe(text("An agent's id in the helpdesk.", 200)),
    "active": {"type": "boolean", "description": "`false`: shut out."},
}
_STAFF: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "email": _EMAIL,
    **_CHANGEABLE,
    "joined_at": WHEN,
}
_KEY: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "name": text("What it is for."),
    "prefix": text("How it begins."),
    "scopes": _SCOPES,
    "created_at": WHEN,
    "last_used_at": maybe(WHEN),
    "revoked_at": maybe(WHEN),
}
_ONCE: Final = "Shown this once; null where the answer is repeated for an `Idempotency-Key`."
COMPONENTS: Final[dict[str, Json]] = {
    "Staff": record(list(_STAFF), **_STAFF),
    "StaffWithPassword": record([*_STAFF, "password"], **_STAFF, password=maybe(text(_ONCE))),
    "StaffIn": record(
        ["email", "role"],
        email=_EMAIL,
        **{name: shape for name, shape in _CHANGEABLE.items() if name != "active"},
    ),
    "StaffChange": record([], **_CHANGEABLE),
    "Key": record(list(_KEY), **_KEY),
    "KeyWithSecret": record([*_KEY, "key"], **_KEY, key=maybe(text(_ONCE))),
    "KeyIn": record(
        ["name", "scopes"], name=text("What it is for.", 200, minLength=1), scopes=_SCOPES
    ),
}
_staff: Final = Operations("staff")
_keys: Final = Operations("keys")

LIST: Final = _staff(
    "list_staff",
    "List logins",
    "By e-mail address, those that were shut out, too.",
    parameters=[
        query("role", "Only of this role.", enum=list(User.Role.values)),
        query("active", "Only those who may sign in, or may not.", enum=["true", "false"]),
        query("q", "Words in address or name."),
        *PAGING,
    ],
    responses=answers(200, schema=page_schema(ref("Staff")), problems=(400,)),
)
ADD: Final = _staff.posting(
    "add_staff",
    "Add a login",
    "With a password that is made, and shown in this answer alone.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("StaffIn")},
    responses=answers(201, schema=ref("StaffWithPassword"), problems=ADDED),
    examples=[
        Example(
            "A manager",
            value={"email": "grace@example.com", "name": "Grace", "role": "manager"},
            request_only=True,
        )
    ],
)
READ: Final = _staff(
    "read_staff",
    "Look up a login",
    "Never its password.",
    parameters=[NUMBER],
    responses=answers(200, schema=ref("Staff"), problems=(404,)),
)
CHANGE: Final = _staff(
    "change_staff",
    "Change a login's role, team, agent or name, or shut it out",
    "What is not named stays. The last admin who may sign in stays one (400).",
    parameters=[NUMBER, IF_MATCH],
    request={"application/json": ref("StaffChange")},
    responses=answers(200, schema=ref("Staff"), problems=CHANGED),
    examples=[Example("Shut out", value={"active": False}, request_only=True)],
)
KEYS: Final = _keys(
    "list_keys",
    "List keys",
    "Newest first, those that were revoked, too. No secret is told.",
    parameters=PAGING,
    responses=answers(200, schema=page_schema(ref("Key")), problems=(400,)),
)
ADD_KEY: Final = _keys.posting(
    "add_key",
    "Make a key",
    "The key stands in this answer alone; only its hash is stored.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("KeyIn")},
    responses=answers(201, schema=ref("KeyWithSecret"), problems=ADDED),
    examples=[
        Example(
            "For a helpdesk",
            value={"name": "Helpdesk", "scopes": ["cases:write"]},
            request_only=True,
        )
    ],
)
REVOKE_KEY: Final = _keys.posting(
    "revoke_key",
    "Revoke a key",
    "It opens nothing any more, for good. Again changes nothing.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(200, schema=ref("Key"), problems=POSTED),
)
