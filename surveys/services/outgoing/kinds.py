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
}
