"""Import answers that another tool collected."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from surveys.management.commands.import_cases import add_file_arguments, run_import, tell
from surveys.services import importing_responses
from surveys.services.importing_csv import UnreadableFileError

EXAMPLE = "manage.py import_responses old_surveys.csv --mapping mapping.json"


class Command(BaseCommand):
    help = (
        "Import answers that another tool collected, with their cases. Columns as for "
        "import_cases, and: answered_at, one per item (F1, F2, F3 as 1|3, S1, C1 ... with option "
        "numbers, and the ids of your own questions), fix_comment, cause_comment. No mail is sent. "
        f"The same file again changes nothing. Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            columns = importing_responses.all_columns()
            take = importing_responses.response_taker(options["source"], timezone.now())
        except UnreadableFileError as error:
            raise CommandError(str(error)) from None
        tell(self, options, run_import(options, columns, take, importing_responses.NEEDED))
