"""A worker killed at any SQL statement, commit or SMTP verb loses no mail and doubles none."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import timedelta

import pytest

from surveys.models import Delivery, Invitation
from surveys.services.delivery import dispatch_all
from surveys.services.delivery_claims import LEASE
from surveys.services.expiry import waiting_silently
from tests.factories import NOW
from tests.faults.conftest import Note
from tests.faults.doomed import Worker, Zygote
from tests.smtp_server import VERBS, SmtpServer
from tests.surveys.services.outbox import queued, queued_reminder

pytestmark = [pytest.mark.xdist_group("kills"), pytest.mark.django_db(transaction=True)]

LATER = NOW + LEASE + timedelta(seconds=5)


@pytest.fixture
def worker(zygote: Zygote, smtp: SmtpServer) -> Worker:
    return Worker(
        zygote,
        "dispatch",
        smtp,
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=smtp.port,
        SITE_URL="https://survey.northline.example",
    )


def outcome(smtp: SmtpServer, delivery: Delivery) -> tuple[str, str, int]:
    delivery.refresh_from_db()
    invitation = Invitation.objects.select_related("customer").get(pk=delivery.invitation_id)
    assert invitation.customer is not None
    return delivery.status, invitation.status, Counter(smtp.recipients)[invitation.customer.email]


# However often and wherever a worker dies.
ALLOWED = {
    "invitation": {("sent", "sent", 1), ("unknown", "unknown", 0), ("unknown", "unknown", 1)},
    "reminder": {("sent", "sent", 1), ("unknown", "sent", 0), ("unknown", "sent", 1)},
}


def flow_of(mail: Delivery) -> str:
    return "dispatch" if mail.kind == "invitation" else "reminder, expiry"


def check_after_restart(smtp: SmtpServer, mails: list[Delivery], where: str) -> list[str]:
    """The next worker comes when the lease has run out; twice, for nothing may be left to do."""
    dispatch_all(clock=lambda: LATER)
    dispatch_all(clock=lambda: LATER)
    for mail in mails:
        assert outcome(smtp, mail) in ALLOWED[mail.kind], where
    assert list(waiting_silently(LATER, timedelta(0))) == [], where
    return [mail.status for mail in mails]


@pytest.mark.parametrize("kind", ["one invitation", "one reminder", "two invitations"])
def test_worker_killed_at_any_step_loses_and_doubles_nothing(
    smtp: SmtpServer, worker: Worker, note: Note, kind: str
) -> None:
    def due(name: str) -> list[Delivery]:
        if kind == "one reminder":
            return [queued_reminder(f"{name}@example.com")]
        emails = [f"{name}-{n}@example.com" for n in range(2 if kind == "two invitations" else 1)]
        return [queued(email) for email in emails]

    mails = due("nobody-dies")
    n_steps = worker.round()
    assert [outcome(smtp, mail) for mail in mails] == [("sent", "sent", 1)] * len(mails)

    ends = []
    for step in range(n_steps):
        mails = due(f"step{step}")
        assert worker.round(before=step) == -signal.SIGKILL
        ends.append(check_after_restart(smtp, mails, f"killed before step {step}"))
    # Only between "in flight" and "sent", one after the other, can a mail's fate be unknown.
    expected = {"one invitation": 1, "one reminder": 1, "two invitations": 2}[kind]
    assert sum("unknown" in end for end in ends) == expected
    assert max(end.count("unknown") for end in ends) == 1
    note("kill -9 at a statement", flow_of(mails[0]), n_steps, unknown=expected)


@pytest.mark.parametrize("make", [queued, queued_reminder])
def test_worker_killed_at_any_verb_loses_and_doubles_nothing(
    smtp: SmtpServer, worker: Worker, note: Note, make: object
) -> None:
    assert callable(make)
    ends = {}
    for verb in VERBS:
        mail = make(f"{verb.lower()}@example.com")
        assert worker.round(at_verb=verb) == -signal.SIGKILL
        (ends[verb],) = check_after_restart(smtp, [mail], f"killed at {verb}")
    assert ends == {
        "CONNECT": "sent",
        "EHLO": "sent",
        "MAIL": "sent",
        "RCPT": "sent",
        "DATA": "unknown",
        "CONTENT": "unknown",
        "DOT": "unknown",
    }
    unknown = list(ends.values()).count("unknown")
    note("kill -9 at an SMTP verb", flow_of(mail), len(ends), unknown=unknown)
