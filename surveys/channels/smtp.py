"""Mail, by the server of EMAIL_URL: the session of `transport` behind the common interface."""

from __future__ import annotations

from typing import Final

from surveys.channels.base import Channel, Message, Receipt, Session
from surveys.channels.transport import MailServer


class SmtpSession(Session):
    """One session with the mail server. A message's ``content`` is the whole mail as
    `surveys.mail` builds it, its addresses those of the envelope."""

    def __init__(self, server: MailServer | None = None) -> None:
        self._server = server or MailServer()

    def connect(self) -> None:
        self._server.connect()

    def deliver(self, message: Message) -> Receipt:
        return Receipt(self._server.deliver(message.sender, message.recipient, message.content))

    def offer(self, message: Message) -> None:
        self._server.offer(message.sender, message.recipient)

    def hand_over(self, message: Message) -> Receipt:
        return Receipt(self._server.hand_over(message.content))

    def withdraw(self) -> None:
        self._server.withdraw()

    def close(self) -> None:
        self._server.close()


CHANNEL: Final = Channel(
    name="mail",
    label="Mail",
    carries="By mail, sent from here",
    address="email",
    session=SmtpSession,
)
