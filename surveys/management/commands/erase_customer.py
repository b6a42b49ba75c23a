"""Erase a person on request."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from surveys.services import privacy
from surveys.services.addresses import NOT_AN_ADDRESS, address_of

EXAMPLE = "manage.py erase_customer ada@example.com --dry-run"


class Command(BaseCommand):
    help = (
        "Erase what identifies a customer: address, name, subjects, tags, answers and comments. "
        "Reports no longer count their answers, their links open nothing, and they are never "
        f"written to again. Erasing again changes nothing. Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the customer's e-mail address, or telephone number")
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        address = address_of(options["email"])
        if address is None:
            raise CommandError(f"{options['email']!r} {NOT_AN_ADDRESS}. Example: {EXAMPLE}")
        erased = privacy.erase(address, timezone.now(), dry=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps(erased.as_json() | {"dry_run": options["dry_run"]}))
            return
        verb = "Would erase" if options["dry_run"] else "Erased"
        told = ", ".join(f"{count:,} {name}" for name, count in erased.as_json().items())
        self.stdout.write(f"{verb}: {told}.")
        if not erased.customers:
            self.stdout.write("No customer has this address; it will not be taken in from now on.")
