"""The ways by which a survey reaches a customer, one file each; `base` says what they share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.conf import settings

from surveys.channels import caller, link, sms, smtp, whatsapp
from surveys.channels.base import USUAL, Channel, Session

CHANNELS: Final[Mapping[str, Channel]] = {
    channel.name: channel
    for channel in (
        smtp.CHANNEL,
        sms.CHANNEL,
        whatsapp.CHANNEL,
        caller.CHANNEL,
        link.CHANNEL,
    )
}
#: Those that a policy may choose.
OFFERED: Final[Mapping[str, Channel]] = {
    name: channel for name, channel in CHANNELS.items() if channel.is_offered
}


def is_configured(name: str) -> bool:
    """Whether a channel has all that it needs here."""
    return not CHANNELS[name].needs or name in settings.GATEWAYS


def sending_besides_mail() -> list[str]:
    """The configured channels that send by themselves, but the usual one."""
    return [
        name
        for name, channel in CHANNELS.items()
        if name != USUAL and channel.session is not None and is_configured(name)
    ]


def open_session(name: str, seconds: float | None = None) -> Session:
    """A session of a channel that sends by itself, in which a message may take that many seconds.
    Raises: LookupError for any other."""
    make = CHANNELS[name].session
    if make is None:
        raise LookupError(f"nothing is sent from here by {name}")
    return make(seconds)
