"""Take in a webhook from a file, as if its helpdesk had sent it now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from surveys.helpdesks.base import Call, UnreadableError
from surveys.models import Connection
from surveys.services import connections, hook_door, hook_saved, hook_work
from surveys.services.hook_saved import Saved

EXAMPLE = "manage.py replay_webhook delivery.json --connection zendesk-x7k2m9q4w3ab --dry-run"


class Command(BaseCommand):
    help = (
        "Read a webhook from a file: its body as the helpdesk sent it, or a delivery saved from a "
        "connection's page. No signature is asked for, and what is known changes nothing. "
        f"Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the body, or a saved delivery")
        parser.add_argument(
            "--connection", metavar="SLUG", default="", help="whose it is; a saved one knows it"
        )
        parser.add_argument(
            "--header",
            action="append",
            default=[],
            metavar="'NAME: VALUE'",
            help="a header that belongs to the body; repeatable",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be made of it")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            saved = hook_saved.read(path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}") from None
        connection = _connection(options["connection"] or saved.connection)
        headers = saved.headers | _headers(options["header"])
        try:
            made = _made(connection, saved, headers, is_dry=options["dry_run"])
        except UnreadableError as error:
            raise CommandError(f"{path}: {error}") from None
        if options["json"]:
            told = {"results": made, "dry_run": options["dry_run"]}
            self.stdout.write(json.dumps(told))
            return
        for one in made:
            reason = f" ({one['reason']})" if one["reason"] else ""
            self.stdout.write(f"{one['outcome']}: case {one['case'] or 'unknown'}{reason}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was stored.")


def _made(
    connection: Connection, saved: Saved, headers: dict[str, str], *, is_dry: bool
) -> list[dict[str, Any]]:
    now = timezone.now()
    if is_dry:
        call = Call("POST", connections.address_of(connection), headers, saved.body)
        wiring = connections.wiring_of(connection)
        reads = hook_door.read_again(connection.kind, call, wiring, connection.slug, now)
        return [
            {"outcome": read.outcome, "case": read.external_id, "reason": read.reason}
            for read in reads
        ]
    received = hook_door.replay_file(connection, saved.body, headers, now)
    hook_work.work_off()
    return [one.as_json() for one in received.made]


def _connection(slug: str) -> Connection:
    if not slug:
        raise CommandError(f"say whose it is by --connection SLUG. Example: {EXAMPLE}")
    found = connections.find(slug)
    if found is None:
        known = ", ".join(
            Connection.objects.filter(deleted_at=None).values_list("slug", flat=True)[:20]
        )
        raise CommandError(f"there is no connection {slug!r}; there are: {known or 'none yet'}")
    return found


def _headers(told: list[str]) -> dict[str, str]:
    headers = {}
    for line in told:
        name, colon, value = line.partition(":")
        if not (colon and name.strip()):
            raise CommandError(f"--header {line!r} is not written as 'NAME: VALUE'")
        headers[name.strip().lower()] = value.strip()
    return headers
