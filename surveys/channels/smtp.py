"""Mail, by the server of EMAIL_URL: the session of `transport` behind the common interface.

Where EMAIL_URL names a provider instead of a server, mails go by the session of `esp`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.conf import settings

from surveys.channels.base import Channel, Message, Receipt, Session
from surveys.channels.transport import MailServer, Server


class SmtpSession(Session):
    """One session with the mail server. A message's ``content`` is the whole mail as
    `surveys.mail` builds it, its addresses those of the envelope."""

    def __init__(self, server: MailServer | None = None) -> None:
        self._server = server or MailServer()

    def connect(self) -> None:
        self._server.connect()

    def deliver(self, message: Message, following: Message | None = None) -> Receipt:
        next_one = (following.sender, following.recipient) if following else None
        return Receipt(
            self._server.deliver(message.sender, message.recipient, message.content, next_one)
        )

    def offer(self, message: Message) -> None:
        self._server.offer(message.sender, message.recipient)

    def hand_over(self, message: Message) -> Receipt:
        return Receipt(self._server.hand_over(message.content))

    def withdraw(self) -> None:
        self._server.withdraw()

    def close(self) -> None:
        self._server.close()


def _session(seconds: float | None) -> Session:
    if settings.EMAIL_ESP:
        # Only whoever has a provider pays for loading what speaks to it.
        from surveys.channels.esp import EspSession

        return EspSession(seconds)
    server = Server.configured()
    return SmtpSession(MailServer(replace(server, seconds=seconds) if seconds else server))


CHANNEL: Final = Channel(
    name="mail",
    label="Mail",
    carries="By mail, sent from here",
    address="email",
    session=_session,
)
