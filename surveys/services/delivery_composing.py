"""What leaves by each channel that sends from here: a mail, or a short message."""

from __future__ import annotations

import datetime as dt

from surveys.channels.base import BY_NUMBER, USUAL, Message
from surveys.services import delivery_mail, delivery_texts
from surveys.services.delivery_claims import Due


def prepare(channel: str) -> None:
    """Raises: MessageError where nothing could be composed as things are set up."""
    if channel == USUAL:
        delivery_mail.sender()


def compose(due: Due, date: dt.datetime) -> Message:
    """The message of a delivery. Raises: MessageError for what can never be sent as it is."""
    if due.channel in BY_NUMBER:
        return delivery_texts.compose(due)
    return delivery_mail.compose(due, date)
