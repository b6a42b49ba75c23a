"""`manage.py send_test`: one marked mail past the queue, and what became of it in words."""

from __future__ import annotations

from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from surveys.models import Delivery, Invitation, Suppression
from surveys.services.publishing import ensure_defaults
from surveys.services.suppressions import suppress
from tests.smtp_server import ACCEPT_AND_DROP, SmtpServer, Verb

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    ensure_defaults()
    out = StringIO()
    call_command("send_test", *arguments, stdout=out)
    return out.getvalue()


def test_marked_mail_leaves_past_queue_limits_and_suppressions(
    smtp: SmtpServer, settings: Settings
) -> None:
    settings.MAIL_LIMITS = {"": 1 / 3600}
    settings.CAUGHT_MAIL = None
    suppress("ada@example.com", Suppression.Reason.MANUAL)
    for _ in range(2):
        said = run("ada@example.com")
    assert said.startswith("Sent to ada@example.com. The mail server said: ")
    assert "Authentication-Results" in said
    assert [mail.recipient for mail in smtp.received] == ["ada@example.com"] * 2
    message = message_from_bytes(smtp.received[0].content, policy=policy.default)
    assert message["Subject"].startswith("[Test] ")
    text = message.get_body(("plain",))
    assert text is not None
    assert "Its links answer nothing." in text.get_content()
    assert "/s/" not in text.get_content()
    assert (Invitation.objects.count(), Delivery.objects.count()) == (0, 0)


def test_trial_installation_says_where_the_mail_was_caught(
    smtp: SmtpServer, settings: Settings, tmp_path: Path
) -> None:
    settings.CAUGHT_MAIL = tmp_path
    assert "/demo/inbox/" in run("ada@example.com", "--language", "de")
    message = message_from_bytes(smtp.received[0].content, policy=policy.default)
    text = message.get_body(("html",))
    assert text is not None
    assert 'lang="de"' in text.get_content()


@pytest.mark.parametrize(
    ("verb", "reaction", "said"),
    [
        ("RCPT", "550 5.1.1 nobody here", "550 5.1.1 nobody here"),
        ("MAIL", "451 4.7.1 later", "451 4.7.1 later"),
        ("DOT", ACCEPT_AND_DROP, "Perhaps sent to ada@example.com"),
    ],
)
def test_refusal_is_told_in_the_servers_words(
    smtp: SmtpServer, verb: Verb, reaction: str, said: str
) -> None:
    smtp.on(verb, reaction)
    with pytest.raises(CommandError, match=said):
        run("ada@example.com")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "nonsense"),
        (["ada@example.com", "--questionnaire", "none"], "no published questionnaire “none”"),
        (["ada@example.com", "--language", "xx"], "its languages are en"),
    ],
)
def test_wrong_arguments_are_named(smtp: SmtpServer, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)
    assert smtp.received == []
