"""Count answers, or count everything again."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from kombu.exceptions import OperationalError
from tqdm import tqdm

from analytics import aggregates
from analytics.models import RebuildPart
from analytics.tasks import rebuild_range

logger = logging.getLogger(__name__)


def day(text: str) -> dt.date:
    """A date of the command line."""
    return dt.date.fromisoformat(text)


class Command(BaseCommand):
    help = (
        "Count what was answered since the last time. With --rebuild count the days again, all or "
        "from --from to --to; workers take part where they run, and answers may keep arriving. "
        "Example: manage.py aggregate --rebuild --from 2026-01-01 --to 2026-03-31"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="count again, do not just add")
        parser.add_argument("--from", dest="from_", type=day, metavar="DATE", help="first day")
        parser.add_argument("--to", type=day, metavar="DATE", help="last day, included")
        parser.add_argument(
            "--alone", action="store_true", help="count in this process only, wake no worker"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["rebuild"]:
            if options["from_"] or options["to"]:
                raise CommandError("--from and --to go with --rebuild")
            applied = aggregates.apply_all(most=1_000_000)
            self._say(
                {"applied": applied.n, "version": applied.version},
                f"{applied.n:,} changes counted.",
                as_json=options["json"],
            )
            return
        if options["from_"] and options["to"] and options["to"] < options["from_"]:
            raise CommandError("--to lies before --from")
        rebuilt = self._rebuild(options)
        self._say(
            {
                "parts": rebuilt.parts,
                "responses": rebuilt.n,
                "changed": rebuilt.changed,
                "version": rebuilt.version,
            },
            f"{rebuilt.n:,} responses counted again in {rebuilt.parts:,} ranges; "
            f"{rebuilt.changed:,} had been counted otherwise.",
            as_json=options["json"],
        )

    def _rebuild(self, options: dict[str, Any]) -> aggregates.Rebuilt:
        # None: a bar only on a terminal.
        with tqdm(unit=" ranges", disable=None, file=self.stderr) as bar:

            def progress(done: int, of: int) -> None:
                bar.total = of
                bar.update(done - bar.n)

            wake = _leave_asleep if options["alone"] else _wake
            return aggregates.rebuild(options["from_"], options["to"], wake=wake, progress=progress)

    def _say(self, found: dict[str, Any], sentence: str, *, as_json: bool) -> None:
        self.stdout.write(json.dumps(found) if as_json else sentence)


def _wake(part: RebuildPart) -> None:
    try:
        rebuild_range.apply_async(kwargs={"run": str(part.run)}, retry=False)
    except OperationalError as error:
        # Whatever no worker takes is counted here.
        logger.warning("no worker could be woken: %s", error)


def _leave_asleep(part: RebuildPart) -> None:
    """Count alone."""
