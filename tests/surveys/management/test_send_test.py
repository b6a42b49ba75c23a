"""`manage.py send_test`: one marked mail past the queue, and what became of it in words."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from surveys.channels.standin import DROP, Reaction, Refusal, StandIn
from surveys.models import Delivery, Invitation, Suppression
from surveys.services.publishing import ensure_defaults
from surveys.services.suppressions import suppress
from tests.smtp_server import ACCEPT_AND_DROP, SmtpServer, Verb
from tests.surveys.services.gateways import use_gateway

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


def test_address_that_begins_with_a_plus_is_no_number(smtp: SmtpServer) -> None:
    run("+surveys@example.com")
    assert [mail.recipient for mail in smtp.received] == ["+surveys@example.com"]


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
        (["ada@example.com", "--language", "xx"], "the languages are en"),
    ],
)
def test_wrong_arguments_are_named(smtp: SmtpServer, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)
    assert smtp.received == []


NUMBER = "+49 (30) 901820-00"


def test_marked_message_leaves_for_a_number_past_limits_and_suppressions(
    sms_server: StandIn, settings: Settings
) -> None:
    settings.MESSAGE_LIMITS = {"sms": 1 / 3600}
    suppress("+493090182000", Suppression.Reason.MANUAL)
    for _ in range(2):
        said = run(NUMBER, "--language", "de")
    assert said.startswith("Sent to +493090182000. The gateway said: ")
    assert [(one.to, one.sender) for one in sms_server.received] == [
        ("+493090182000", "+15550100")
    ] * 2
    body = sms_server.received[0].body
    assert body.startswith("[Test] Northline: ")
    assert "\nhttps://survey.northline.example/\n" in body
    assert "STOP" in body
    assert "StatusCallback" not in sms_server.received[0].form
    assert (Invitation.objects.count(), Delivery.objects.count()) == (0, 0)


def test_message_by_whatsapp_fills_the_template(sms_server: StandIn, settings: Settings) -> None:
    use_gateway(settings, sms_server.url, "whatsapp", f"&template=HX{'0' * 32}")
    run(NUMBER, "--by", "whatsapp")
    [taken] = sms_server.received
    assert taken.form["ContentSid"] == f"HX{'0' * 32}"
    assert json.loads(taken.form["ContentVariables"]) == {
        "1": "[Test] Northline",
        "2": "https://survey.northline.example/",
    }


@pytest.mark.parametrize(
    ("reaction", "said"),
    [
        (Refusal(400, 21211), "Not sent to .*21211"),
        (Refusal(401, 20003), "Not sent to .*20003"),
        (DROP, "Perhaps sent to .*. Look at the telephone before you send another"),
    ],
)
def test_refused_message_is_told_in_the_gateways_words(
    sms_server: StandIn, reaction: Reaction, said: str
) -> None:
    sms_server.always = reaction
    with pytest.raises(CommandError, match=said):
        run(NUMBER)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["+49 30 9x"], "is no telephone number; write it with its country"),
        ([NUMBER, "--by", "whatsapp"], "WHATSAPP_URL is not set"),
        ([NUMBER, "--language", "xx"], "the languages are en"),
    ],
)
def test_what_keeps_a_message_from_leaving_is_named(
    sms_server: StandIn, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)
    assert sms_server.received == []
