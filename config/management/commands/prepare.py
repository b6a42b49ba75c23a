"""Bring database and static files up to this version."""

from __future__ import annotations

import io
import json
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import preparing
from config.stack.home import write_private


class Command(BaseCommand):
    help = (
        "Apply migrations, collect static files where they changed, and with --demo load the "
        "sample data once. `up` runs it at every start. Example: manage.py prepare --demo"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the sample data once")
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        migrated = preparing.migrate()
        collected = preparing.collect_static()
        lines = self._load_demo() if options["demo"] else self._first_steps()
        if settings.CAUGHT_MAIL:
            lines.append(f"Inbox       {settings.SITE_URL}/demo/inbox/")
        if (settings.HOME / "run").is_dir():
            write_private(settings.HOME / "run" / "greeting", "\n".join(lines))
        done = {"migrated": migrated, "collected": collected, "greeting": lines}
        self.stdout.write(json.dumps(done) if options["json"] else "\n".join(lines))

    def _load_demo(self) -> list[str]:
        if "load_demo" not in get_commands():
            raise CommandError("there is no sample data in this version")
        said = io.StringIO()
        call_command("load_demo", stdout=said)
        return said.getvalue().strip().splitlines()

    def _first_steps(self) -> list[str]:
        from surveys.models import User

        if User.objects.exists():
            return []
        return ["No login yet: .venv/bin/python manage.py create_user you@example.org --role admin"]
