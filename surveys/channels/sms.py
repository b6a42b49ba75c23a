"""SMS, by the gateway of SMS_URL (`gateway` says how a provider is spoken to)."""

from __future__ import annotations

from functools import partial
from typing import Final

from surveys.channels.base import Channel
from surveys.channels.gateway import open_gateway

CHANNEL: Final = Channel(
    name="sms",
    label="SMS",
    carries="By SMS, sent from here",
    address="phone",
    session=partial(open_gateway, "sms"),
    needs="SMS_URL",
)
