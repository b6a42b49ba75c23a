"""Rename a cause, or merge it into another."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from surveys.models import Cause
from surveys.services import causes

EXAMPLE = "manage.py change_cause outage-old --into outage --dry-run"


class Command(BaseCommand):
    help = (
        "Rename a cause (--name), or merge it into another (--into): its cases and answers, and "
        "what still arrives under its code, belong to that one from then on. What was changed is "
        f"kept in the log of causes. Example: {EXAMPLE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the code of the cause")
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("--name", help="what people call it from now on")
        wanted.add_argument("--into", help="the code of the cause it becomes part of")
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = self._change(**options)
        except causes.CauseError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(told | {"dry_run": options["dry_run"]}))
            return
        would = "Would have " if options["dry_run"] else ""
        n = told["resolutions"]
        moved = f", {n:,} resolution{'s' * (n != 1)} with it" if options["into"] else ""
        said = f"{would}{told['kind']} {told['code']} to {told['after']}{moved}."
        self.stdout.write(said[0].upper() + said[1:])

    def _change(self, **options: Any) -> dict[str, Any]:
        code, name, into = options["code"], options["name"], options["into"]
        if options["dry_run"]:
            for one in filter(None, (code, into)):
                if not Cause.objects.filter(code=one).exists():
                    raise causes.CauseError(f"There is no cause “{one}”.")
            kind = "merged" if into else "renamed"
            n = causes.count(code) if into else 0
            return {"kind": kind, "code": code, "after": into or name, "resolutions": n}
        done = causes.merge(code, into, timezone.now()) if into else causes.rename(code, name)
        return {
            "kind": done.kind,
            "code": code,
            "after": done.after,
            "resolutions": done.n_resolutions,
        }
