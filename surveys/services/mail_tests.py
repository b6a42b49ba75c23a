"""Sends one mail of a questionnaire, or one short message, to the person who asks for it.

It goes through the configured mail server or gateway as every one does, but through no outbox:
there is no invitation, no delivery and nothing to count. Its links lead to a preview, and say so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, replace
from html import escape
from typing import Final
from uuid import uuid4

import msgspec
from django.conf import settings

from surveys import channels
from surveys.channels.base import (
    USUAL,
    Interrupted,
    Message,
    OutcomeUnknown,
    Refused,
    Unreachable,
)
from surveys.channels.gateway import Words
from surveys.mail.message import Mailbox, MessageError, Values, build_message, parse_mailbox
from surveys.mail.skeleton import Skeleton
from surveys.questionnaire import gallery
from surveys.questionnaire.branding import Look
from surveys.services.delivery_mail import presented, sender
from surveys.services.delivery_texts import body_of

MARK: Final = "[Test] "
# A person waits for the answer, and the web server does not wait for ever.
LONGEST_SECONDS: Final = 12.0
_BODY: Final = re.compile(r"<body\b[^>]*>")


@dataclass(frozen=True, slots=True)
class MergeData:
    """What a case brings to a mail."""

    name: str
    subject: str
    product: str


SAMPLE: Final = MergeData(name="Alex", subject="No signal at home", product="Fibre 100")


def sample_for(template: str, language: str) -> MergeData:
    """A made-up case of the trade whose template it is, told as its customer would; `SAMPLE` where
    the trade is not known."""
    try:
        known = gallery.template(template)
    except KeyError:
        return SAMPLE
    subject = known.subject.get(language.partition("-")[0], known.subject["en"])
    return MergeData(SAMPLE.name, subject, known.product)


@dataclass(frozen=True, slots=True)
class Links:
    """Where a mail's links lead."""

    survey: str
    unsubscribe: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test ended, in words. ``level`` is success, warning or error."""

    level: str
    words: str


def marked(skeleton: Skeleton, words: str) -> Skeleton:
    """The mail with a banner that says what it is, in both of its parts."""
    plain = words.replace("[[", "[").replace("]]", "]")
    banner = (
        '<div lang="en" dir="ltr" style="background-color:#7d5500;color:#ffffff;padding:10px 24px;'
        "font-family:'Segoe UI', 'Helvetica Neue', Arial, sans-serif;font-size:14px;"
        f'line-height:20px;text-align:left">{escape(plain)}</div>'
    )
    html = _BODY.sub(lambda body: body.group() + banner, skeleton.html, count=1)
    return replace(skeleton, html=html, text=f"*** {plain} ***\n\n{skeleton.text}")


def compose(
    skeleton: Skeleton,
    data: MergeData,
    look: Look | None,
    links: Links,
    *,
    to: str,
    now: dt.datetime,
    mark: str = "",
) -> bytes:
    """The bytes of a mail about a case, as the outbox would send it.

    Raises: MessageError.
    """
    own = sender()
    digest = hashlib.sha256(uuid4().bytes).hexdigest()[:32]
    return build_message(
        skeleton,
        Values(
            company=settings.COMPANY_NAME,
            survey_url=links.survey,
            name=data.name,
            subject=data.subject,
            brand=look.name if look else "",
            product=data.product,
            mark=mark,
        ),
        sender=presented(own, look),
        to=Mailbox("", parse_mailbox(to).address),
        message_id=f"<test.{digest}@{own.address.rpartition('@')[2]}>",
        unsubscribe_url=links.unsubscribe,
        date=now,
        reply_to=Mailbox("", look.reply_to) if look and look.reply_to else None,
    )


def send(content: bytes, to: str) -> Outcome:
    """Hand a mail over now, and say in words how far it came."""
    try:
        message = Message(sender().address, parse_mailbox(to).address, content)
    except MessageError as error:
        return Outcome("error", f"Not sent to {to}: {error}.")
    return _hand_over(message, USUAL, "The mail server", "Look into the mailbox")


def send_text(language: str, number: str, channel: str) -> Outcome:
    """Hand a short message, marked as a test, over now, and say in words how far it came. Its link
    leads to the front page."""
    link = f"{settings.SITE_URL}/"
    body = MARK + body_of("invitation", language, settings.COMPANY_NAME, link)
    words = Words(body, f"{MARK}{settings.COMPANY_NAME}", link)
    message = Message("", number, msgspec.json.encode(words))
    return _hand_over(message, channel, "The gateway", "Look at the telephone")


def _hand_over(message: Message, channel: str, by: str, look: str) -> Outcome:
    to = message.recipient
    try:
        with channels.open_session(channel, LONGEST_SECONDS) as session:
            said = session.deliver(message).said
    except (Refused, Unreachable, Interrupted) as error:
        return Outcome("error", f"Not sent to {to}: {error}.")
    except OutcomeUnknown as error:
        return Outcome("warning", f"Perhaps sent to {to}: {error}. {look} before you send another.")
    return Outcome("success", f"Sent to {to}. {by} said: {said}")
