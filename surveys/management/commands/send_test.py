"""One mail to yourself: does the mail server take it, and does it arrive?"""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from surveys.mail.message import MessageError, parse_mailbox
from surveys.mail.skeleton import compile_skeleton
from surveys.models import QuestionnaireVersion
from surveys.questionnaire.documents import from_builtins
from surveys.services import mail_tests
from surveys.services.mail_tests import SAMPLE, Links


class Command(BaseCommand):
    help = (
        "Send one survey mail, marked as a test, to an address, by the configured mail server and "
        "past the queue; say what the server answered. Its links lead to the front page and "
        "answer nothing. No limit, suppression or cool-down is asked.\n\n"
        "Example:\n  manage.py send_test ada@example.com"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="where to send it")
        parser.add_argument(
            "--questionnaire", default="default", metavar="SLUG", help="whose mail (default)"
        )
        parser.add_argument("--language", default="", help="of the mail, as de; else the usual one")

    def handle(self, *args: Any, address: str, questionnaire: str, **options: Any) -> None:
        try:
            to = parse_mailbox(address).address
            content = _mail(to, questionnaire, options["language"])
        except MessageError as error:
            raise CommandError(str(error)) from error
        outcome = mail_tests.send(content, to)
        if outcome.level != "success":
            raise CommandError(outcome.words)
        self.stdout.write(outcome.words)
        if settings.CAUGHT_MAIL:
            self.stdout.write(f"It was caught, not sent out: see {settings.SITE_URL}/demo/inbox/")
        else:
            self.stdout.write(
                "Look into the mailbox, also among spam, and at “Authentication-Results” in its "
                "source: spf, dkim and dmarc should all pass (manage.py doctor looks them up)."
            )


def _mail(to: str, slug: str, language: str) -> bytes:
    version = (
        QuestionnaireVersion.objects.filter(questionnaire__slug=slug).order_by("-number").first()
    )
    if version is None:
        raise MessageError(f"there is no published questionnaire “{slug}”")
    definition = from_builtins(version.definition)
    chosen = language or definition.default_language
    if chosen not in definition.languages:
        known = ", ".join(definition.languages)
        raise MessageError(f"“{slug}” has no mail in “{chosen}”; its languages are {known}")
    skeleton = compile_skeleton(definition, chosen, "fix_first", "invitation")
    words = "A test of the mail server. Its links answer nothing."
    front = f"{settings.SITE_URL}/"
    return mail_tests.compose(
        mail_tests.marked(skeleton, words),
        SAMPLE,
        None,
        Links(survey=front, unsubscribe=front),
        to=to,
        now=timezone.now(),
        mark=mail_tests.MARK,
    )
