"""Import answers that another tool collected."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from surveys.management.commands.import_cases import add_file_arguments, run_import, tell
from surveys.services import history, history_files, history_list, importing_responses
from surveys.services.history_list import NothingImportedError
from surveys.services.history_tools import SCALES, TOOLS
from surveys.services.importing_csv import UnreadableFileError, moment_of
from surveys.services.intake_words import timezone_of

EXAMPLE = "manage.py import_responses ratings.csv --from delighted --dry-run"


class Command(BaseCommand):
    help = (
        "Import answers that another tool collected, with their cases. Columns as for "
        "import_cases, and: answered_at, one per item (F1, F2, F3 as 1|3, S1, C1 ... with option "
        "numbers, and the ids of your own questions), fix_comment, cause_comment. No mail is sent. "
        "With --from the file is an export of a tool that asked one question: its ratings are "
        "about fix and cause in one, are kept apart, and are never counted with yours (see "
        "docs/history.md). Times without a zone are in UTC, or in --timezone. Rejected rows go to "
        "FILE.rejected.csv: mend them there and import that file as you did the first. The same "
        "file again changes nothing. --remove TOOL takes away what was read with --from TOOL. "
        f"Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser, needs_file=False)
        parser.set_defaults(source=None)
        parser.add_argument(
            "--from", dest="tool", choices=sorted(TOOLS), help="the tool that asked one question"
        )
        parser.add_argument(
            "--scale", choices=list(SCALES), help="with --from: the scale, where the file says none"
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="with --from: correct what was read earlier with a wrong scale or zone",
        )
        parser.add_argument("--timezone", help="with --from: the zone of times without one")
        parser.add_argument(
            "--remove", choices=sorted(TOOLS), help="no file: delete what was read with --from"
        )
        parser.add_argument(
            "--imported-at", help="with --remove: only that import, by its moment as ISO 8601"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self._remove(options)
            return
        if options["file"] is None:
            raise CommandError("give the CSV file, or --remove TOOL")
        if options["imported_at"]:
            raise CommandError("--imported-at belongs to --remove")
        if options["tool"]:
            self._history(options)
            return
        if options["scale"] or options["timezone"] or options["replace"]:
            raise CommandError("--scale, --timezone and --replace belong to --from")
        try:
            columns = importing_responses.all_columns()
            source = options["source"] or "csv"
            take = importing_responses.response_taker(source, timezone.now())
        except UnreadableFileError as error:
            raise CommandError(str(error)) from None
        tell(self, options, run_import(options, columns, take, importing_responses.NEEDED))

    def _remove(self, options: dict[str, Any]) -> None:
        if options["file"] is not None or options["tool"]:
            raise CommandError("--remove takes neither a file nor --from")
        at = moment_of(options["imported_at"] or "")
        if options["imported_at"] and at is None:
            raise CommandError("--imported-at is no time; write it as 2026-11-20T14:30:00Z")
        try:
            n = history_list.remove(options["remove"], at, dry=options["dry_run"])
        except NothingImportedError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps({"removed": n, "dry_run": options["dry_run"]}))
            return
        self.stdout.write(f"{n:,} {'would be ' if options['dry_run'] else ''}removed")

    def _history(self, options: dict[str, Any]) -> None:
        tool = TOOLS[options["tool"]]
        zone = timezone_of(options["timezone"] or "UTC")
        if not zone:
            raise CommandError(
                f"{options['timezone']!r} is no time zone; write it as in --timezone Europe/Berlin"
            )
        reading = history.Reading(
            tool,
            source=options["source"] or "",
            scale=options["scale"],
            zone=ZoneInfo(zone),
            replaces=options["replace"],
        )
        take = history.rating_taker(reading, timezone.now())
        counts = run_import(
            options,
            history_files.COLUMNS,
            take,
            opened=lambda path, mapping: history_files.opened(path, tool, mapping),
            counts=history.HistoryCounts(),
        )
        tell(self, options, counts)
