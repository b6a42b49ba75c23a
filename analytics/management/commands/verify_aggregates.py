"""Compare the aggregates with a recount from the raw answers."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics import aggregates


class Command(BaseCommand):
    help = (
        "Recount every aggregate from the raw answers; print the first differences and exit with 1 "
        "where there are any. Answers that wait to be counted are no difference. "
        "Example: manage.py verify_aggregates --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--most", type=int, default=20, help="print at most so many differences (20)"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = aggregates.verify(options["most"])
        if options["json"]:
            differences = [
                {
                    "table": one.table,
                    "key": one.key,
                    "expected": one.expected,
                    "found": one.found,
                }
                for one in found
            ]
            result = {"equal": not found, "differences": differences}
            self.stdout.write(json.dumps(result, default=str))
        elif found:
            for one in found:
                self.stdout.write(str(one))
            self.stdout.write("Mend them with: manage.py aggregate --rebuild")
        else:
            self.stdout.write("Every aggregate equals the recount from the raw answers.")
        if found:
            sys.exit(1)
