"""A digest as a mail: text and HTML, its pictures inside, one click to stop it (RFC 8058)."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from analytics import printing
from analytics.kept import DigestMail
from analytics.sharing.digests.content import Digest
from analytics.sharing.digests.planning import token_of
from surveys.console.figures import plural
from surveys.mail.message import Mailbox, MessageError, parse_mailbox
from surveys.services.delivery_mail import sender as own_sender

#: A phone shows the picture as large as its own words.
_WIDTH: Final = 420
CADENCES: Final = {"daily": "every day", "weekly": "every Monday", "monthly": "every month"}


@dataclass(frozen=True)
class Mail:
    """One mail ready for the server: the envelope's two addresses and the content."""

    sender: str
    recipient: str
    content: bytes


def build(mail: DigestMail, digest: Digest, now: dt.datetime) -> Mail:
    """The bytes of a digest, with CRLF line ends, 7-bit clean.

    Raises: MessageError for an address or key that no mail can be built with.
    """
    token = token_of(mail.subscription)
    if token is None:
        raise MessageError("the link to unsubscribe was made with a former SECRET_KEY")
    unsubscribe = f"{settings.SITE_URL}{reverse('digest_off', args=[token])}"
    own, to = own_sender(), parse_mailbox(mail.subscription.user.email)
    domain = own.address.rpartition("@")[2]
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = _address(own)
    message["To"] = _address(to)
    message["Subject"] = subject(digest)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = _message_id(mail, domain)
    message["List-Unsubscribe"] = f"<{unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "en"
    _write(message, digest, unsubscribe, domain)
    return Mail(own.address, to.address, bytes(message))


def subject(digest: Digest) -> str:
    """What it tells of, and whether something left the limits of chance."""
    told = f"{digest.title}, {digest.period}"
    return f"{told}: {plural(digest.alarms.n_new, 'new alarm')}" if digest.alarms.n_new else told


def _write(message: EmailMessage, digest: Digest, unsubscribe: str, domain: str) -> None:
    """Text and HTML, with the pictures inside the mail: nothing is fetched when it is read."""
    pictures = [(picture, f"{picture.name}@{domain}") for picture in digest.pictures]
    context = {
        "digest": digest,
        "pictures": [{"picture": picture, "cid": cid} for picture, cid in pictures],
        "unsubscribe": unsubscribe,
        "settings_url": f"{settings.SITE_URL}{reverse('digests')}",
        "cadence": CADENCES[digest.cadence],
        "company": settings.COMPANY_NAME,
        "width": _WIDTH,
    }
    message.set_content(render_to_string("emails/digest.txt", context), cte="quoted-printable")
    html = render_to_string("emails/digest.html", context)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    related = message.get_payload()[1]  # type: ignore[index]  # the HTML part, just added
    for picture, cid in pictures:
        related.add_related(  # type: ignore[union-attr]
            printing.png(picture.svg, width=_WIDTH),
            maintype="image",
            subtype="png",
            cid=f"<{cid}>",
            filename=f"{picture.name}.png",
            disposition="inline",
        )


def _address(mailbox: Mailbox) -> Address:
    return Address(mailbox.name, addr_spec=mailbox.address)


def _message_id(mail: DigestMail, domain: str) -> str:
    """The same for every attempt, so that a mail which arrives twice can be told to be one."""
    told = f"{mail.subscription.nonce}{mail.to_date}".encode()
    return f"<{hashlib.sha256(told).hexdigest()[:32]}@{domain}>"
