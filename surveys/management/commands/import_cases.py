"""Import cases from a CSV file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from surveys.management.explained import ExplainedCommand
from surveys.services import importing
from surveys.services.importing import Counts
from surveys.services.importing_csv import (
    CASE_COLUMNS,
    CsvFile,
    Source,
    UnreadableFileError,
    count_lines,
    read_mapping,
)

Open = Callable[[Path, Mapping[str, Source] | None], CsvFile]
EXAMPLE = "manage.py import_cases closed_tickets.csv --mapping mapping.json --dry-run"


class Command(ExplainedCommand):
    help = (
        "Import cases from a CSV file (UTF-8, comma or semicolon, header row) and plan their "
        "surveys. Columns: " + ", ".join(CASE_COLUMNS) + ". "
        "--mapping names a JSON object: our column -> their header, or -> an object with 'header' "
        "or 'row_number': true and any of format (strptime), map, default, prefix, suffix. "
        "Times without a zone are in UTC. Rejected rows go to FILE.rejected.csv: mend them there "
        "and import that file as you did the first, with the same mapping. The same file again "
        f"changes nothing.\n\nExample:\n  {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser)
        parser.add_argument(
            "--no-invitations",
            action="store_true",
            help="import as history: nobody is written to",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        take = importing.case_taker(options["source"], now, is_history=options["no_invitations"])
        counts = run_import(options, CASE_COLUMNS, take)
        tell(self, options, counts)
        if options["json"] or options["no_invitations"]:
            return
        verb = "would be planned" if options["dry_run"] else "planned"
        self.stdout.write(
            f"{counts.invitations:,} surveys {verb}, {counts.invitations_over_30_days:,} of them "
            "for cases resolved more than 30 days ago."
        )
        if counts.invitations_over_30_days and options["dry_run"]:
            self.stdout.write("With --no-invitations nobody is written to.")


def add_file_arguments(parser: CommandParser, *, needs_file: bool = True) -> None:
    """The arguments that all imports share."""
    nargs = None if needs_file else "?"
    parser.add_argument("file", type=Path, nargs=nargs, help="the CSV file")
    parser.add_argument("--mapping", type=Path, help="JSON file: our columns from theirs")
    parser.add_argument("--source", default="csv", help="name of the helpdesk (default: csv)")
    parser.add_argument("--dry-run", action="store_true", help="say what would change; undo it")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")


def run_import(
    options: dict[str, Any],
    columns: tuple[str, ...],
    take: importing.TakeBatch,
    required: tuple[str, ...] = ("external_id", "status", "resolved_at"),
    *,
    opened: Open | None = None,
    counts: Counts | None = None,
) -> Counts:
    """Read and import the file of the options, with a progress bar on a terminal. `opened` opens
    files whose columns have other names; `counts` is what is counted into.

    Raises: CommandError with one line that says the mend.
    """
    path: Path = options["file"]
    try:
        mapping = read_mapping(options["mapping"], columns) if options["mapping"] else None
        lines = count_lines(path)
        file = opened(path, mapping) if opened else CsvFile(path, mapping, columns, required)
        with tqdm(total=lines, unit=" rows", disable=not sys.stderr.isatty()) as bar:
            return importing.run(
                file,
                take,
                timezone.now(),
                dry=options["dry_run"],
                progress=bar.update,
                counts=counts,
            )
    except UnreadableFileError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{error.filename or path}: {error.strerror or error}") from None


def tell(command: BaseCommand, options: dict[str, Any], counts: Counts) -> None:
    """Print the counts. Raises: CommandError where not one row could be taken."""
    if options["json"]:
        command.stdout.write(json.dumps(counts.as_json() | {"dry_run": options["dry_run"]}))
    else:
        names = ["read", "created", "updated", "unchanged", "rejected"]
        names += [name for name in ("unrated",) if hasattr(counts, name)]
        command.stdout.write(", ".join(f"{getattr(counts, n):,} {n}" for n in names))
        if options["dry_run"]:
            command.stdout.write("Dry run: nothing was stored.")
        for line, reason in counts.examples:
            command.stderr.write(f"line {line}: {reason}")
    if counts.rejected and not options["dry_run"] and not options["json"]:
        command.stderr.write(f"Rejected rows: {importing.rejected_path(options['file'])}")
    if counts.rejected and counts.rejected == counts.read:
        raise CommandError("not one row could be taken; see the reasons")
