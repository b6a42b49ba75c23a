"""Link and QR code: handed to the customer at the desk, on paper or on a screen.

Nothing is sent, so there is no session and no address is needed. No policy chooses it: a person
does, for one case (`surveys.services.in_person`).
"""

from __future__ import annotations

from typing import Final

from surveys.channels.base import Channel

CHANNEL: Final = Channel(
    name="link",
    label="Link or QR code",
    carries="By a link or QR code, handed over at the desk",
    address="",
    is_offered=False,
)
