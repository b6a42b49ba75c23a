"""One dispatch round by hand."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from surveys.mail.message import MessageError
from surveys.management.explained import ExplainedCommand
from surveys.services.delivery import Counts
from surveys.services.delivery_lanes import (
    dispatch_backlog,
    dispatch_messages,
    how_many_wait,
    still_queued,
)


class Command(ExplainedCommand):
    help = (
        "Send every mail that is due now, then stop. Works beside running workers: no mail is "
        "sent twice.\n\n"
        "Prints how many mails were sent, failed, unknown (the connection was lost while the mail "
        "was being sent: it may have arrived), skipped (the customer must not be written to any "
        "more), and how many are still queued (reminders that are not due yet not counted).\n\n"
        "Example:\n  manage.py send_due --ignore-delay"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ignore-delay",
            action="store_true",
            help="also send invitations that are not due yet, for trying things out "
            "(reminders still wait their days)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many mails are due, and send none"
        )
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, ignore_delay: bool, dry_run: bool, **options: Any) -> None:
        n_due = how_many_wait(timezone.now(), ignore_delay=ignore_delay)
        if dry_run:
            due = "1 mail is due" if n_due == 1 else f"{n_due} mails are due"
            self._show({"due": n_due}, f"{due}; none was sent.", options["json"])
            return
        try:
            counts = self._dispatch(n_due, ignore_delay)
        except MessageError as error:
            raise CommandError(f"DEFAULT_FROM_EMAIL is no usable sender: {error}") from error
        shown: dict[str, object] = {
            "sent": counts.sent,
            "failed": counts.failed,
            "unknown": counts.unknown,
            "skipped": counts.skipped,
            "queued": still_queued(timezone.now()),
        }
        if counts.stopped:
            shown["stopped"] = counts.stopped
        line = ", ".join(f"{n} {name}" for name, n in shown.items() if name != "stopped")
        self._show(shown, line, options["json"])
        if counts.stopped:
            raise CommandError(counts.stopped)

    def _dispatch(self, n_due: int, ignore_delay: bool) -> Counts:
        with tqdm(total=n_due, unit="mail", disable=not sys.stderr.isatty(), leave=False) as bar:

            def advance(counts: Counts) -> None:
                bar.update(counts.sent + counts.failed + counts.unknown + counts.skipped)

            counts = dispatch_backlog(ignore_delay=ignore_delay, after_round=advance)
            counts += dispatch_messages(ignore_delay=ignore_delay, after_round=advance)
            return counts

    def _show(self, shown: dict[str, object], line: str, as_json: bool) -> None:
        self.stdout.write(json.dumps(shown) if as_json else line)
