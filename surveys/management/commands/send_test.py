"""One mail or short message to yourself: does the server take it, and does it arrive?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from surveys.channels.base import BY_NUMBER
from surveys.mail.message import MessageError, parse_mailbox
from surveys.mail.skeleton import compile_skeleton
from surveys.management.explained import ExplainedCommand
from surveys.models import QuestionnaireVersion
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.schema import Definition
from surveys.services import mail_tests
from surveys.services.mail_tests import SAMPLE, Links, Outcome
from surveys.services.phones import NOT_A_NUMBER, is_phone, phone_of


class Command(ExplainedCommand):
    help = (
        "Send one survey mail to an address, or one short message to a telephone number, marked as "
        "a test, by the configured mail server or gateway and past the queue; say what it "
        "answered. Its links lead to the front page and answer nothing. No limit, suppression or "
        "cool-down is asked.\n\n"
        "Example:\n  manage.py send_test ada@example.com\n"
        "  manage.py send_test '+49 30 901820' --by whatsapp"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="where to send it: an address, or a number with a +")
        parser.add_argument(
            "--questionnaire", default="default", metavar="SLUG", help="whose mail (default)"
        )
        parser.add_argument("--language", default="", help="of the mail, as de; else the usual one")
        parser.add_argument(
            "--by", choices=BY_NUMBER, default="sms", help="how to reach a number (sms)"
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        is_number = is_phone(address.strip())
        try:
            definition = _definition(options["questionnaire"])
            language = _language(definition, options["language"] or definition.default_language)
            outcome = (
                _send_text(address, language, options["by"])
                if is_number
                else _send_mail(address, definition, language)
            )
        except MessageError as error:
            raise CommandError(str(error)) from error
        if outcome.level != "success":
            raise CommandError(outcome.words)
        self.stdout.write(outcome.words)
        if is_number:
            self.stdout.write("Look at the telephone: the gateway may still fail to deliver it.")
        elif settings.CAUGHT_MAIL:
            self.stdout.write(f"It was caught, not sent out: see {settings.SITE_URL}/demo/inbox/")
        else:
            self.stdout.write(
                "Look into the mailbox, also among spam, and at “Authentication-Results” in its "
                "source: spf, dkim and dmarc should all pass (manage.py doctor looks them up)."
            )


def _definition(slug: str) -> Definition:
    version = (
        QuestionnaireVersion.objects.filter(questionnaire__slug=slug).order_by("-number").first()
    )
    if version is None:
        raise MessageError(f"there is no published questionnaire “{slug}”")
    return from_builtins(version.definition)


def _language(definition: Definition, wanted: str) -> str:
    if wanted not in definition.languages:
        known = ", ".join(definition.languages)
        raise MessageError(f"there is no mail in “{wanted}”; the languages are {known}")
    return wanted


def _send_text(address: str, language: str, channel: str) -> Outcome:
    number = phone_of(address)
    if number is None:
        raise MessageError(f"“{address}” {NOT_A_NUMBER}")
    return mail_tests.send_text(language, number, channel)


def _send_mail(address: str, definition: Definition, language: str) -> Outcome:
    to = parse_mailbox(address).address
    skeleton = compile_skeleton(definition, language, "fix_first", "invitation")
    words = "A test of the mail server. Its links answer nothing."
    front = f"{settings.SITE_URL}/"
    content = mail_tests.compose(
        mail_tests.marked(skeleton, words),
        SAMPLE,
        None,
        Links(survey=front, unsubscribe=front),
        to=to,
        now=timezone.now(),
        mark=mail_tests.MARK,
    )
    return mail_tests.send(content, to)
