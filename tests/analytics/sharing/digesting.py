"""What the tests of digests share: readers, subscriptions, rounds and the mail that arrived."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from email.message import EmailMessage
from typing import Any

from analytics.kept import DigestMail, DigestSubscription
from analytics.sharing.digests import planning, sending
from surveys.models import User
from tests.analytics.sharing.conftest import MONDAY
from tests.factories import UserFactory
from tests.smtp_server import Received, SmtpServer
from tests.surveys.staff import NO_PASSWORD

Role = User.Role
Status = DigestMail.Status


def reader(role: str, **fields: Any) -> User:
    user: User = UserFactory(role=role, password=NO_PASSWORD, **fields)
    return user


def subscribed(
    user: User, cadence: str = "weekly", *, due_at: dt.datetime = MONDAY
) -> DigestSubscription:
    found = planning.subscribe(user, cadence, 8, due_at - dt.timedelta(days=40))
    DigestSubscription.objects.filter(pk=found.pk).update(next_due_at=due_at)
    found.refresh_from_db()
    return found


def send(at: dt.datetime = MONDAY) -> sending.Counts:
    return sending.send_due(clock=lambda: at)


def opened(received: Received) -> EmailMessage:
    found = email.message_from_bytes(received.content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def the_mail(smtp: SmtpServer) -> EmailMessage:
    (received,) = smtp.received
    return opened(received)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())
