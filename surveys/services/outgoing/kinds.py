"""What can be told. A type is added here, noted where it happens, and shown in docs/webhooks.md."""

from __future__ import annotations

from typing import Final

#: Of the body's form. Fields may be added under the same number; none changes its meaning.
VERSION: Final = 1

SENT: Final = "invitation.sent"
FAILED: Final = "invitation.failed"
BOUNCED: Final = "invitation.bounced"
COMPLETED: Final = "response.completed"
CHANGED: Final = "response.changed"
SIGNAL: Final = "signal.raised"
FOLLOW_UP_OPENED: Final = "follow_up.opened"
FOLLOW_UP_CHANGED: Final = "follow_up.changed"
FOLLOW_UP_CLOSED: Final = "follow_up.closed"
OF_FOLLOW_UPS: Final = frozenset({FOLLOW_UP_OPENED, FOLLOW_UP_CHANGED, FOLLOW_UP_CLOSED})
OF_ANSWERS: Final = frozenset({COMPLETED, CHANGED})
#: Only ever sent by hand, to one endpoint.
TEST: Final = "webhook.test"

EVENTS: Final[dict[str, str]] = {
    SENT: "A survey left: its mail or message was accepted, its link fetched or handed over.",
    FAILED: "A survey could not be sent, for good.",
    BOUNCED: "A survey came back: every message of it so far.",
    COMPLETED: "A customer answered to the end, or every headline question.",
    CHANGED: "A customer changed an answer after that.",
    SIGNAL: "A cause left the limits of chance: more dismay, or more cases, than usual.",
    FOLLOW_UP_OPENED: "A customer asked to be called back, or to hear when the cause is fixed.",
    FOLLOW_UP_CHANGED: "A follow-up was given to somebody else, opened again, or worded anew.",
    FOLLOW_UP_CLOSED: "A follow-up is done, or the customer has taken the wish back.",
}
