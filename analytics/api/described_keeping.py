"""How saved views, links and digests stand in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from analytics.kept import DigestSubscription
from analytics.sharing.links import LONGEST_DAYS, USUAL_DAYS
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
    text,
)
from surveys.api.described_operations import CHANGED, NUMBER, POSTED, REMOVED, WHEN, Operations

_WHO: Final = text("Address of an active member of staff, whose view of the figures it is.", 254)
_PATH: Final = text("Path of a report that they may open, such as `/causes/`.", 400, minLength=1)
_QUERY: Final = text(
    "Its filters as in the page's address; a relative period stays relative. A search is not kept.",
    4000,
)
_NAME: Final = text("Not used by them yet.", 80, minLength=1, pattern=r"\S")
_YES: Final[Json] = {"type": "boolean"}
_SHARED: Final = _YES | {"description": "Whether colleagues whose role may open it see it, too."}
_THEIRS: Final = (
    "A key is nobody, so a member of staff is named: it is theirs as if they had made it, and "
    "shows what they may see; the log names the key."
)

_VIEW: Final = record(
    ["id", "owner", "name", "path", "query", "url", "is_shared", "created_at"],
    id={"type": "integer"},
    owner=_WHO,
    name=_NAME,
    path=_PATH,
    query=_QUERY,
    url=text("Its address.", format="uri"),
    is_shared=_SHARED,
    created_at=WHEN,
)
_views: Final = Operations("saved views")
LIST_VIEWS: Final = _views(
    "list_saved_views",
    "List saved views",
    "Newest first, without deleted ones.",
    parameters=[query("owner", "Only of this member of staff, by address."), *PAGING],
    responses=answers(200, schema=page_schema(_VIEW), problems=(400,)),
)
ADD_VIEW: Final = _views.posting(
    "add_saved_view",
    "Save a view",
    f"{_THEIRS} The report is opened as its owner first.",
    parameters=[IDEMPOTENCY],
    request={
        "application/json": record(
            ["owner", "name", "path"],
            owner=_WHO,
            name=_NAME,
            path=_PATH,
            query=_QUERY,
            is_shared=_SHARED,
        )
    },
    responses=answers(201, schema=_VIEW, problems=POSTED),
    examples=[
        Example(
            "Causes of the last four weeks",
            value={
                "owner": "manager@example.com",
                "name": "Causes, four weeks",
                "path": "/causes/",
                "query": "period=28d",
                "is_shared": True,
            },
            request_only=True,
        )
    ],
)
READ_VIEW: Final = _views(
    "read_saved_view",
    "Look up a saved view",
    "One of anybody.",
    parameters=[NUMBER],
    responses=answers(200, schema=_VIEW, problems=(404,)),
)
CHANGE_VIEW: Final = _views(
    "change_saved_view",
    "Rename a saved view, or share it",
    "What is not named stays.",
    parameters=[NUMBER, IF_MATCH],
    request={"application/json": record([], name=_NAME, is_shared=_SHARED)},
    responses=answers(200, schema=_VIEW, problems=CHANGED),
    examples=[Example("For oneself", value={"is_shared": False}, request_only=True)],
)
REMOVE_VIEW: Final = _views(
    "remove_saved_view",
    "Delete a saved view",
    "For a day it can be brought back.",
    parameters=[NUMBER, IF_MATCH],
    responses=REMOVED,
)
RESTORE_VIEW: Final = _views.posting(
    "restore_saved_view",
    "Bring a deleted view back",
    "Under a new name where its own was given to another one meanwhile.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(200, schema=_VIEW, problems=POSTED),
)

_LINK_FIELDS: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "sharer": _WHO,
    "path": _PATH,
    "query": _QUERY | {"description": "With the days that were meant when it was made."},
    "title": text("Of the report."),
    "with_comments": _YES | {"description": "Whether it shows what customers wrote."},
    "with_names": _YES | {"description": "Whether it names agents."},
    "state": text(
        "Closed: its sharer's access changed.", enum=["open", "expired", "closed", "revoked"]
    ),
    "created_at": WHEN,
    "expires_at": WHEN,
    "revoked_at": maybe(text("When.", format="date-time")),
}
_LINK: Final = record(list(_LINK_FIELDS), **_LINK_FIELDS)
_links: Final = Operations("share links")
LIST_LINKS: Final = _links(
    "list_share_links",
    "List links to reports",
    "Newest first, closed ones too; without their addresses.",
    parameters=[query("sharer", "Only of this member of staff, by address."), *PAGING],
    responses=answers(200, schema=page_schema(_LINK), problems=(400,)),
)
ADD_LINK: Final = _links.posting(
    "add_share_link",
    "Make a link to a report",
    f"For whoever has no login. {_THEIRS} Days not over yet are left out. `address` is told in "
    "this answer alone.",
    parameters=[IDEMPOTENCY],
    request={
        "application/json": record(
            ["sharer", "path"],
            sharer=_WHO,
            path=_PATH,
            query=_QUERY,
            days={
                "type": "integer",
                "minimum": 1,
                "maximum": LONGEST_DAYS,
                "default": USUAL_DAYS,
                "description": "How long it is open.",
            },
            with_comments=_YES,
            with_names=_YES,
        )
    },
    responses=answers(
        201,
        schema=record(
            [*_LINK_FIELDS, "address"],
            **_LINK_FIELDS,
            address=maybe(
                text("What to hand on; null where the key it was made with is gone.", format="uri")
            ),
        ),
        problems=POSTED,
    ),
    examples=[
        Example(
            "Causes of last month, for a week",
            value={
                "sharer": "manager@example.com",
                "path": "/causes/",
                "query": "period=last_month",
                "days": 7,
            },
            request_only=True,
        )
    ],
)
READ_LINK: Final = _links(
    "read_share_link",
    "Look up a link",
    "Without its address.",
    parameters=[NUMBER],
    responses=answers(200, schema=_LINK, problems=(404,)),
)
REVOKE_LINK: Final = _links.posting(
    "revoke_share_link",
    "Revoke a link",
    "It opens nothing any more, for good.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(200, schema=_LINK, problems=POSTED),
)

_HOUR: Final[Json] = {
    "type": "integer",
    "minimum": 0,
    "maximum": 23,
    "description": "Of the reader's own clock.",
}
_CADENCE: Final = text(
    "Every day, every Monday, or on the first of the month.",
    enum=list(DigestSubscription.Cadence.values),
)
_DIGEST: Final = record(
    ["id", "reader", "cadence", "hour", "time_zone", "next_due_at", "created_at"],
    id={"type": "integer"},
    reader=_WHO,
    cadence=_CADENCE,
    hour=_HOUR,
    time_zone=text("The reader's, else the company's."),
    next_due_at=WHEN,
    created_at=WHEN,
)
_digests: Final = Operations("digests")
LIST_DIGESTS: Final = _digests(
    "list_digests",
    "List digests",
    "Who gets the figures by mail; newest first, without those that were stopped.",
    parameters=[query("reader", "Only of this member of staff, by address."), *PAGING],
    responses=answers(200, schema=page_schema(_DIGEST), problems=(400,)),
)
ADD_DIGEST: Final = _digests.posting(
    "add_digest",
    "Order a digest for somebody",
    "They get what their role may see, and can stop it by the link in each mail. One of each "
    "cadence; again with another hour moves it, and answers 200.",
    parameters=[IDEMPOTENCY],
    request={
        "application/json": record(
            ["reader", "cadence"], reader=_WHO, cadence=_CADENCE, hour=_HOUR | {"default": 8}
        )
    },
    responses=answers(200, 201, schema=_DIGEST, problems=POSTED),
    examples=[
        Example(
            "On Mondays at nine",
            value={"reader": "manager@example.com", "cadence": "weekly", "hour": 9},
            request_only=True,
        )
    ],
)
READ_DIGEST: Final = _digests(
    "read_digest",
    "Look up a digest",
    "One of anybody.",
    parameters=[NUMBER],
    responses=answers(200, schema=_DIGEST, problems=(404,)),
)
CHANGE_DIGEST: Final = _digests(
    "change_digest",
    "Send a digest at another hour",
    "From the next one on.",
    parameters=[NUMBER, IF_MATCH],
    request={"application/json": record(["hour"], hour=_HOUR)},
    responses=answers(200, schema=_DIGEST, problems=CHANGED),
    examples=[Example("At seven", value={"hour": 7}, request_only=True)],
)
REMOVE_DIGEST: Final = _digests(
    "remove_digest",
    "Stop a digest",
    "No mail leaves after this.",
    parameters=[NUMBER, IF_MATCH],
    responses=REMOVED,
)
