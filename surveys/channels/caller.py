"""The customer's own system delivers: it fetches links over the API (`surveys.services.handing`).

Nothing is sent from here, so there is no session. A customer is known by the e-mail address all the
same: suppression, cool-down and erasure go by it, whoever delivers.
"""

from __future__ import annotations

from typing import Final

from surveys.channels.base import Channel

CHANNEL: Final = Channel(
    name="api",
    label="Your own system",
    carries="By your own system, over the API",
    address="email",
)
