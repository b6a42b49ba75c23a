"""Make a key of the API."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.models import ApiKey
from surveys.services import keys

EXAMPLE = "manage.py create_api_key helpdesk --scope cases:write --scope cases:read"


class Command(BaseCommand):
    help = (
        f"Make a key of the API and print it once; it is stored only as a hash. Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what it is for")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            metavar="SCOPE",
            help="one of " + ", ".join(ApiKey.Scope.values) + "; repeatable; admin implies all",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key, secret = keys.create(options["name"], options["scope"])
        except ValueError as error:
            raise CommandError(f"{error}. Example: {EXAMPLE}") from None
        if options["json"]:
            told = {"key": secret, "name": key.name, "scopes": key.scopes}
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(secret)
        self.stderr.write("Keep it: it is shown this once.")
