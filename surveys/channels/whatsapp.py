"""WhatsApp, by the gateway of WHATSAPP_URL (`gateway` says how a provider is spoken to).

WhatsApp takes a first message only as a template that it approved: `template` in WHATSAPP_URL names
it. Without one the text goes as it is, which a trial account may do.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from surveys.channels.base import Channel
from surveys.channels.gateway import open_gateway

CHANNEL: Final = Channel(
    name="whatsapp",
    label="WhatsApp",
    carries="By WhatsApp, sent from here",
    address="phone",
    session=partial(open_gateway, "whatsapp"),
    needs="WHATSAPP_URL",
)
