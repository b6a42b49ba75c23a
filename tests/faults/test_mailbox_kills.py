"""A reader of the mailbox killed at any SQL statement, commit or IMAP verb loses no report and
doubles none."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from surveys.models import DeliveryReport, Suppression
from surveys.services import report_mailbox
from tests.factories import NOW
from tests.faults.doomed import Worker, Zygote
from tests.imap_server import PASSWORD, VERBS, ImapServer
from tests.surveys.services.came_back import ADDRESS, HARD, bounce, sent

pytestmark = [pytest.mark.xdist_group("kills"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def imap(settings: Settings) -> Iterator[ImapServer]:
    with ImapServer() as server:
        settings.BOUNCE_ADDRESS = ADDRESS
        settings.IMAP_HOST, settings.IMAP_PORT = "127.0.0.1", server.port
        settings.IMAP_USER, settings.IMAP_PASSWORD = "bounce", PASSWORD
        settings.IMAP_SECURITY, settings.IMAP_FOLDER = "", "INBOX"
        yield server


@pytest.fixture
def reader(zygote: Zygote, imap: ImapServer) -> Worker:
    return Worker(
        zygote,
        "mailbox",
        imap,
        BOUNCE_ADDRESS=ADDRESS,
        IMAP_HOST="127.0.0.1",
        IMAP_PORT=imap.port,
        IMAP_USER="bounce",
        IMAP_PASSWORD=PASSWORD,
        IMAP_FOLDER="INBOX",
    )


def check_after_restart(imap: ImapServer, emails: list[str], where: str) -> None:
    report_mailbox.read(lambda: NOW)
    assert imap.folders == {"INBOX": {}}, where
    reports = DeliveryReport.objects.filter(delivery__invitation__customer__email__in=emails)
    assert reports.count() == len(emails), where
    told = Suppression.objects.filter(email__in=emails)
    assert [each.reason for each in told] == ["bounced"] * len(emails), where


def put(imap: ImapServer, name: str, n: int = 2) -> list[str]:
    emails = [f"{name}-{number}@example.com" for number in range(n)]
    for email in emails:
        imap.put(bounce(sent(email), *HARD))
    return emails


def test_reader_killed_at_any_step_loses_and_doubles_nothing(
    imap: ImapServer, reader: Worker
) -> None:
    emails = put(imap, "nobody-dies", 1)
    n_steps = reader.round()
    assert n_steps > 15
    check_after_restart(imap, emails, "nobody died")
    for step in range(n_steps):
        emails = put(imap, f"step{step}", 1)
        assert reader.round(before=step) == -signal.SIGKILL
        check_after_restart(imap, emails, f"killed before step {step}")


def test_reader_killed_at_any_verb_loses_and_doubles_nothing(
    imap: ImapServer, reader: Worker
) -> None:
    for verb in VERBS:
        emails = put(imap, verb.lower())
        assert reader.round(at_verb=verb) == -signal.SIGKILL
        check_after_restart(imap, emails, f"killed at {verb}")
