"""Mail, by a provider's HTTP API through django-anymail: the other session of the mail channel.

Nothing is known of a mail before it is wholly sent, so there is no offer. A call that broke before
the request could leave never was; one that broke after that is unknown, as is an answer that came
from a proxy on the way or cannot be read. Clicks and openings are not tracked.
"""

from __future__ import annotations

import email.encoders
import email.policy
import time
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.parser import BytesParser
from typing import Any, Final

import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused, AnymailRequestsAPIError
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import get_connection

from surveys.channels.base import (
    Message,
    NotAccepted,
    OutcomeUnknown,
    Receipt,
    Refused,
    Session,
    Unreachable,
)
from surveys.channels.calls import BUSY, FROM_A_PROXY, NO_CREDENTIALS, never_left

#: Names the message in what the provider tells of it later.
MARK: Final = "stabledoor"
_OWN_HEADERS: Final = frozenset(
    {"from", "to", "subject", "date", "reply-to", "mime-version", "return-path"}
)
_PARSER: Final = BytesParser(EmailMessage, policy=email.policy.SMTP)
# A connection kept longer may have been closed by the other side, which looks like a lost mail.
_KEPT_SECONDS: Final = 5.0


class EspRefused(Refused):
    """The provider's definite no."""

    def __init__(self, words: str, *, permanent: bool, bad: bool = False, busy: bool = False):
        super().__init__(words)
        self.permanent, self.bad_address, self.ends_session = permanent, bad, busy


class EspSession(Session):
    """HTTP calls to the provider that EMAIL_URL names."""

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._backend: Any = None
        self._used_at = 0.0

    def connect(self) -> None:
        if self._backend is not None and time.monotonic() - self._used_at < _KEPT_SECONDS:
            return
        self.close()
        options: dict[str, Any] = {"timeout": (5, self._seconds)} if self._seconds else {}
        self._backend = get_connection(
            f"anymail.backends.{settings.EMAIL_ESP}.EmailBackend", **options
        )
        self._backend.open()

    def deliver(self, message: Message, following: Message | None = None) -> Receipt:
        self.connect()
        mail = as_anymail(message)
        try:
            self._backend.send_messages([mail])
        except AnymailRecipientsRefused as error:
            said = mail.anymail_status.status or set()
            words = f"the mail provider refused the address ({', '.join(sorted(map(str, said)))})"
            raise EspRefused(words, permanent=True, bad=said == {"invalid"}) from error
        except AnymailRequestsAPIError as error:
            self.close()
            raise _judged(error) from _cause(error)
        except AnymailError as error:
            raise EspRefused(f"the mail cannot be told to the provider: {error}"[:400],
                             permanent=True) from error  # fmt: skip
        self._used_at = time.monotonic()
        named = mail.anymail_status.message_id
        name = named if isinstance(named, str) else ""
        return Receipt(f"taken by the mail provider ({name})", name)

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
            self._backend = None


def as_anymail(message: Message) -> AnymailMessage:
    """Our mail as anymail takes one: the same parts, headers and pictures."""
    parsed = _PARSER.parsebytes(message.content)
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    mail = AnymailMessage(
        subject=str(parsed["Subject"]),
        body=_text(text),
        from_email=str(parsed["From"]),
        to=[message.recipient],
        reply_to=[str(parsed["Reply-To"])] if parsed["Reply-To"] else None,
        headers={
            name: str(value)
            for name, value in parsed.items()
            if name.lower() not in _OWN_HEADERS and not name.lower().startswith("content-")
        },
    )
    if html is not None:
        mail.attach_alternative(_text(html), "text/html")
    for part in parsed.walk():
        if not part.is_multipart() and part.get_content_maintype() != "text":
            mail.attach(_attachment(part))
    if message.mark:
        mail.metadata = {MARK: message.mark}
    return mail


def _text(part: Any) -> str:
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def _attachment(part: Any) -> MIMEBase:
    made = MIMEBase(part.get_content_maintype(), part.get_content_subtype())
    made.set_payload(part.get_payload(decode=True))
    email.encoders.encode_base64(made)
    for name in ("Content-ID", "Content-Disposition"):
        if part[name]:
            made[name] = str(part[name])
    return made


def _judged(error: AnymailRequestsAPIError) -> NotAccepted:
    """What a call that failed says of the mail."""
    answer: requests.Response | None = getattr(error, "response", None)
    if answer is None:
        if never_left(error.__cause__):
            return Unreachable("the mail provider cannot be reached")
        return OutcomeUnknown("the connection was lost after the mail was sent to the provider")
    status = answer.status_code
    said = " ".join(answer.text.split())[:200]
    words = f"the mail provider answered {status} {said}"
    if status in NO_CREDENTIALS:
        return Unreachable(f"{words}; check the key in EMAIL_URL")
    if status < 400 or status in FROM_A_PROXY:
        return OutcomeUnknown(words)
    later = status in BUSY or status >= 500
    return EspRefused(words, permanent=not later, busy=status in BUSY)


def _cause(error: AnymailRequestsAPIError) -> BaseException:
    """A time-out as such: dispatch then takes the provider for hanging and ends the round."""
    return TimeoutError("no answer in time") if isinstance(error, requests.Timeout) else error
