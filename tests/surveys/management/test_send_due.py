"""`manage.py send_due`: one dispatch round by hand."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.smtp_server import ACCEPT_AND_DROP, SmtpServer
from tests.surveys.services.outbox import queued, story

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("send_due", *arguments, stdout=out)
    return out.getvalue()


def tomorrow() -> dict[str, Any]:
    return {"due_at": timezone.now() + timedelta(days=1)}


def test_send_due_prints_what_became_of_all(smtp: SmtpServer) -> None:
    for name in ("a", "b", "refused", "lost", "later"):
        queued(f"{name}@example.com")
    queued("tomorrow@example.com", **tomorrow())
    smtp.on("RCPT", "550 5.7.1 no", recipient="refused@example.com")
    smtp.on("RCPT", "450 4.7.1 later", recipient="later@example.com")
    smtp.on("DOT", ACCEPT_AND_DROP, recipient="lost@example.com")

    assert run() == "2 sent, 1 failed, 1 unknown, 0 skipped, 2 queued\n"
    assert run("--json") == ('{"sent": 0, "failed": 0, "unknown": 0, "skipped": 0, "queued": 2}\n')


def test_ignore_delay_sends_what_is_not_due_yet_once(smtp: SmtpServer) -> None:
    delivery = queued(**tomorrow())
    assert json.loads(run("--json"))["sent"] == 0
    assert json.loads(run("--ignore-delay", "--json")) == {
        "sent": 1,
        "failed": 0,
        "unknown": 0,
        "skipped": 0,
        "queued": 0,
    }
    assert json.loads(run("--ignore-delay", "--json"))["sent"] == 0
    assert story(delivery) == ("sent", "sent")


@pytest.mark.django_db(transaction=True)  # a backlog is worked off by several connections
def test_send_due_works_through_more_than_one_batch(smtp: SmtpServer) -> None:
    for number in range(105):
        queued(f"customer{number}@example.com")
    assert run().startswith("105 sent, ")
    assert len(set(smtp.recipients)) == len(smtp.received) == 105
    assert smtp.verbs.count("CONNECT") <= 2


def test_dry_run_sends_nothing(smtp: SmtpServer) -> None:
    queued()
    queued("tomorrow@example.com", **tomorrow())
    assert run("--dry-run") == "1 mail is due; none was sent.\n"
    assert run("--dry-run", "--ignore-delay") == "2 mails are due; none was sent.\n"
    assert run("--dry-run", "--json") == '{"due": 1}\n'
    assert smtp.verbs == []


def test_unreachable_mail_server_is_one_clear_line(smtp: SmtpServer) -> None:
    queued()
    smtp.close()
    with pytest.raises(CommandError) as error:
        run()
    where = f"127.0.0.1:{smtp.port}"
    assert str(error.value) == f"the mail server {where} cannot be used: Connection refused"


def test_unusable_sender_is_named(smtp: SmtpServer, settings: Settings) -> None:
    delivery = queued()
    settings.DEFAULT_FROM_EMAIL = "nobody"
    with pytest.raises(CommandError, match="DEFAULT_FROM_EMAIL"):
        run()
    assert story(delivery) == ("queued", "scheduled")
