"""One round of digests by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from analytics.sharing.digests import planning, sending
from surveys.mail.message import MessageError
from surveys.management.explained import ExplainedCommand


class Command(ExplainedCommand):
    help = (
        "Send every digest that is due now, then stop. Works beside running workers: no digest is "
        "sent twice.\n\n"
        "Prints how many were planned (due since the last round), sent, skipped (nobody answered "
        "in the period, or the reader stopped it), failed, unknown (the connection was lost while "
        "the mail was being sent: it may have arrived), retried (queued again after a pause).\n\n"
        "Example:\n  manage.py send_digests --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many digests are due, and send none"
        )
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if dry_run:
            n_due = planning.how_many_due(timezone.now())
            due = "1 digest is due" if n_due == 1 else f"{n_due} digests are due"
            self._show({"due": n_due}, f"{due}; none was sent.", options["json"])
            return
        try:
            counts = sending.send_due()
        except MessageError as error:
            raise CommandError(f"DEFAULT_FROM_EMAIL is no usable sender: {error}") from error
        shown = asdict(counts)
        stopped = shown.pop("stopped")
        line = ", ".join(f"{n} {name}" for name, n in shown.items())
        if stopped:
            shown["stopped"] = stopped
        self._show(shown, line, options["json"])
        if stopped:
            raise CommandError(stopped)

    def _show(self, shown: dict[str, object], line: str, as_json: bool) -> None:
        self.stdout.write(json.dumps(shown) if as_json else line)
