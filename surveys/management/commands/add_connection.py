"""Connect a helpdesk."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.services import connections
from surveys.services.connections import KINDS, ConnectionFault

EXAMPLE = 'manage.py add_connection zendesk --name "Service desk"'


class Command(BaseCommand):
    help = (
        "Connect a helpdesk: prints the address that its webhooks are sent to, and the secret that "
        f"proves them. Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(KINDS), help="which helpdesk")
        parser.add_argument("--name", default="", help="what staff will know it by")
        parser.add_argument(
            "--secret", default="", help="the one the helpdesk made; without it one is made"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = connections.make(options["kind"], options["name"], options["secret"])
        except ConnectionFault as error:
            raise CommandError(f"{error} Example: {EXAMPLE}") from None
        url, secret = connections.address_of(made), connections.secrets_of(made)[0]
        if options["json"]:
            told = {"slug": made.slug, "url": url, "secret": secret}
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(f"Address: {url}")
        self.stdout.write(f"Secret:  {secret}")
        self.stderr.write(f"What to click there, and what arrives: /connections/{made.slug}/")
