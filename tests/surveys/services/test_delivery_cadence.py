"""A cause is not asked about twice in its period, whatever was planned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.models import Cause, Customer, Delivery, Invitation, Policy
from surveys.services.delivery import dispatch_round
from surveys.services.delivery_claims import Scope, claim
from tests.factories import NOW, CauseFactory, CustomerFactory, InvitationFactory, ResolutionFactory
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def customer() -> Customer:
    made: Customer = CustomerFactory(email="ada@example.com")
    return made


@pytest.fixture
def cause() -> Cause:
    made: Cause = CauseFactory()
    return made


def due(customer: Customer, cause: Cause | None, **fields: Any) -> Delivery:
    """A mail that is due and was planned to ask about fix and cause."""
    delivery = queued(
        invitation__customer=customer,
        invitation__resolution__case__customer=customer,
        invitation__resolution__cause=cause,
        invitation__arm="cause_first",
        **fields,
    )
    Policy.objects.update(cooldown_days=0, cause_days=90)
    return delivery


def asked(customer: Customer, cause: Cause | None, days_ago: int, **fields: Any) -> None:
    resolution = ResolutionFactory(case__customer=customer, cause=cause)
    sent = {"status": "sent", "sent_at": NOW - days_ago * DAY} | fields
    InvitationFactory(resolution=resolution, customer=customer, **sent)


def test_of_two_that_are_due_together_one_asks_the_cause(customer: Customer, cause: Cause) -> None:
    first, second = due(customer, cause), due(customer, cause)
    mails = claim(Scope(NOW), 10).mails
    assert [(m.delivery_id, m.asks, m.arm) for m in mails] == [
        (first.pk, "both", "cause_first"),
        (second.pk, "fix", "fix_first"),
    ]
    stored = dict(Invitation.objects.values_list("pk", "asks"))
    assert stored == {first.invitation_id: "both", second.invitation_id: "fix"}


def test_one_claimed_while_the_other_is_being_sent_asks_the_fix_alone(
    customer: Customer, cause: Cause
) -> None:
    due(customer, cause)
    assert [mail.asks for mail in claim(Scope(NOW), 1).mails] == ["both"]
    due(customer, cause)
    assert [mail.asks for mail in claim(Scope(NOW), 1).mails] == ["fix"]


@pytest.mark.parametrize(
    ("days_ago", "fields", "asks"),
    [
        (89, {}, "fix"),
        (90, {}, "both"),
        (1, {"asks": "fix"}, "both"),
        (1, {"asks": "cause"}, "fix"),
        (1, {"status": "expired"}, "fix"),
        (1, {"status": "unknown", "sent_at": None, "due_at": NOW - DAY}, "fix"),
        (1, {"status": "cancelled", "sent_at": None, "due_at": NOW - DAY}, "both"),
    ],
)
def test_what_was_really_asked_decides(
    customer: Customer, cause: Cause, days_ago: int, fields: dict[str, Any], asks: str
) -> None:
    asked(customer, cause, days_ago, **fields)
    due(customer, cause)
    assert [mail.asks for mail in claim(Scope(NOW), 10).mails] == [asks]


def test_another_cause_another_customer_and_an_unknown_cause_are_asked(
    customer: Customer, cause: Cause
) -> None:
    asked(customer, CauseFactory(), 1)
    asked(customer, None, 1)
    asked(CustomerFactory(), cause, 1)
    due(customer, cause)
    due(customer, None)
    due(customer, None)
    assert [mail.asks for mail in claim(Scope(NOW), 10).mails] == ["both", "both", "both"]


def test_the_mail_carries_the_fix_alone(customer: Customer, cause: Cause, smtp: SmtpServer) -> None:
    asked(customer, cause, 5)
    due(customer, cause)
    assert dispatch_round(NOW).sent == 1
    [mail] = smtp.received
    content = str(mail)
    assert "F1=" in content or "F1=3D" in content
    assert "C1=" not in content


def test_without_a_period_nothing_more_is_read(customer: Customer, cause: Cause) -> None:
    counted = {}
    for cause_days in (None, 90):
        due(customer, cause)
        Policy.objects.update(cause_days=cause_days)
        with CaptureQueriesContext(connection) as queries:
            claim(Scope(NOW), 10)
        counted[cause_days] = len(queries)
    assert counted[90] == counted[None] + 1
