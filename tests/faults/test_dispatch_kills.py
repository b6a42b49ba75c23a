"""A worker killed at any SQL statement, commit or SMTP verb loses no mail and doubles none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from surveys.models import Delivery, Invitation
from surveys.services.delivery import dispatch_all
from surveys.services.delivery_claims import LEASE
from surveys.services.expiry import waiting_silently
from tests.factories import NOW
from tests.faults import databases
from tests.imap_server import ImapServer
from tests.smtp_server import VERBS, SmtpServer
from tests.surveys.services.outbox import queued, queued_reminder

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + LEASE + timedelta(seconds=5)
SESSION = "doomed worker"


def count_its_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [SESSION],
        )
        (count,) = cursor.fetchone()
    return int(count)


def wait_until_its_sessions_end() -> None:
    """The server notices a killed client a moment later, and holds its row locks until then."""
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at:
        if count_its_sessions() == 0:
            return
        time.sleep(0.005)
    raise AssertionError("the killed worker's session did not end")


class Worker:
    """Runs rounds in processes of their own that can be killed."""

    def __init__(self, server: SmtpServer | ImapServer, *flow: str, **environ: str) -> None:
        self._server = server
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", *flow],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ
            | {
                # In the address, for there it overrules the name that settings give.
                "DATABASE_URL": databases.url(application_name=SESSION),
                "SITE_URL": "https://survey.northline.example",
            }
            | environ,
        )

    def close(self) -> None:
        self._process.communicate(timeout=20)

    def round(self, *, dies_before_step: int = -1, dies_at_verb: str = "") -> int:
        """Run one round; minus the signal it died of, else the number of its steps."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{dies_before_step}\n")
        process.stdin.flush()
        pid = int(process.stdout.readline())
        assert count_its_sessions() == 1

        def kill(verb: str) -> None:
            if verb == dies_at_verb:
                self._server.watch = None
                os.kill(pid, signal.SIGKILL)

        self._server.watch = kill
        os.kill(pid, signal.SIGCONT)
        status = int(process.stdout.readline())
        self._server.watch = None
        if status < 0:
            wait_until_its_sessions_end()
        return status


@pytest.fixture
def worker(smtp: SmtpServer) -> Iterator[Worker]:
    worker = Worker(smtp, EMAIL_URL=f"smtp://127.0.0.1:{smtp.port}")
    yield worker
    worker.close()


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
    smtp: SmtpServer, worker: Worker, kind: str
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
        assert worker.round(dies_before_step=step) == -signal.SIGKILL
        ends.append(check_after_restart(smtp, mails, f"killed before step {step}"))
    # Only between "in flight" and "sent", one after the other, can a mail's fate be unknown.
    expected = {"one invitation": 1, "one reminder": 1, "two invitations": 2}[kind]
    assert sum("unknown" in end for end in ends) == expected
    assert max(end.count("unknown") for end in ends) == 1


@pytest.mark.parametrize("make", [queued, queued_reminder])
def test_worker_killed_at_any_verb_loses_and_doubles_nothing(
    smtp: SmtpServer, worker: Worker, make: object
) -> None:
    assert callable(make)
    ends = {}
    for verb in VERBS:
        mail = make(f"{verb.lower()}@example.com")
        assert worker.round(dies_at_verb=verb) == -signal.SIGKILL
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
