"""The ways by which a survey reaches a customer, one file each; `base` says what they share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from surveys.channels import caller, link, smtp
from surveys.channels.base import Channel, Session

CHANNELS: Final[Mapping[str, Channel]] = {
    channel.name: channel for channel in (smtp.CHANNEL, caller.CHANNEL, link.CHANNEL)
}
#: Those that a policy may choose.
OFFERED: Final[Mapping[str, Channel]] = {
    name: channel for name, channel in CHANNELS.items() if channel.is_offered
}
#: Those that know a customer by a telephone number.
BY_NUMBER: Final = ("sms", "whatsapp")


def open_session(name: str, seconds: float | None = None) -> Session:
    """A session of a channel that sends by itself, in which a message may take that many seconds.
    Raises: LookupError for any other."""
    make = CHANNELS[name].session
    if make is None:
        raise LookupError(f"nothing is sent from here by {name}")
    return make(seconds)
