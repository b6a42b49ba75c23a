"""How the operations on screens and links at the desk are described."""

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
    record,
    ref,
    text,
)
from surveys.api.described_operations import ADDED, NUMBER, POSTED, WHEN, Operations
from surveys.models import Invitation

_KIOSK: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "name": text("As staff know it."),
    "state": text(
        "`waiting`: a survey is shown and nobody has begun.",
        enum=["free", "waiting", "answering"],
    ),
    "until": maybe(text("How long it shows the survey.", format="date-time")),
    "created_at": WHEN,
}
_CASE: Final = {"source": "helpdesk", "external_id": "4711"}
COMPONENTS: Final[dict[str, Json]] = {
    "Kiosk": record(list(_KIOSK), **_KIOSK),
    "KioskWithAddress": record(
        [*_KIOSK, "address"],
        **_KIOSK,
        address=maybe(
            text("To be opened on the screen; null where the SECRET_KEY it was made with is gone.")
        ),
    ),
    "KioskIn": record(["name"], name=text("As staff know it.", 100, minLength=1)),
    "OfCase": record(
        ["source", "external_id"],
        source=text("Of the case.", 100, minLength=1),
        external_id=text("Of the case.", 200, minLength=1),
    ),
    "SurveyLink": record(
        ["id", "status", "language", "expires_at", "address"],
        id={"type": "integer"},
        status=text("Of the survey.", enum=list(Invitation.Status.values)),
        language=text("It opens in."),
        expires_at=maybe(WHEN),
        address=text("Whoever has it can answer; it is stored and logged nowhere."),
    ),
}
_kiosks: Final = Operations("kiosks")
_cases: Final = Operations("cases")

LIST: Final = _kiosks(
    "list_kiosks",
    "List screens at the desk",
    "Newest first, without their addresses.",
    parameters=PAGING,
    responses=answers(200, schema=page_schema(ref("Kiosk")), problems=(400,)),
)
ADD: Final = _kiosks.posting(
    "add_kiosk",
    "Add a screen",
    "Answers with the address to be opened on it.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("KioskIn")},
    responses=answers(201, schema=ref("KioskWithAddress"), problems=ADDED),
    examples=[Example("In a shop", value={"name": "Counter 2"}, request_only=True)],
)
READ: Final = _kiosks(
    "read_kiosk",
    "Look up a screen",
    "With its address.",
    parameters=[NUMBER],
    responses=answers(200, schema=ref("KioskWithAddress"), problems=(404,)),
)
REVOKE: Final = _kiosks(
    "revoke_kiosk",
    "Take a screen out of use",
    "For good: its address opens nothing any more.",
    parameters=[NUMBER],
    responses={204: None} | answers(schema={}, problems=(404,)),
)
SHOW: Final = _kiosks.posting(
    "show_on_kiosk",
    "Show a case's survey on a screen",
    "It waits 15 minutes for somebody to begin, and counts as handed over: nothing is sent as "
    "well. 409 with the reason where it cannot be.",
    parameters=[NUMBER, IDEMPOTENCY],
    request={"application/json": ref("OfCase")},
    responses=answers(200, schema=ref("Kiosk"), problems=POSTED),
    examples=[Example("Of a case", value=_CASE, request_only=True)],
)
LINK: Final = _cases.posting(
    "hand_over_survey",
    "Hand a case's survey over by its link",
    "Of the newest resolution. It counts as handed over: what was planned is not sent as well. "
    "Again answers with the same link. 409 with the reason where it cannot be.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("OfCase")},
    responses=answers(200, schema=ref("SurveyLink"), problems=ADDED),
    examples=[Example("Of a case", value=_CASE, request_only=True)],
)
