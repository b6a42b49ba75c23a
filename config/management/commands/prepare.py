"""Bring database and static files up to this version."""

from __future__ import annotations

import io
import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import preparing
from config.stack.home import write_private
from surveys.models import User
from surveys.services import sample
from surveys.services.refreshing import refresh_mails


class Command(BaseCommand):
    help = (
        "Apply migrations, compile stored mails again where our own words changed, collect static "
        "files where they changed, and with --demo load the sample data once. `up` runs it at "
        "every start. Example: manage.py prepare --demo"
    )

    requires_system_checks: list[str] = []  # they load every page; the suite runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the sample data once")
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            preparing.reach_services()
        except preparing.UnreachableError as error:
            raise CommandError(str(error)) from error
        migrated = preparing.migrate()
        refreshed = refresh_mails()
        collected = preparing.collect_static()
        if options["demo"]:
            call_command("load_demo", stdout=io.StringIO())
        lines = self._greeting()
        if (settings.HOME / "run").is_dir():
            write_private(settings.HOME / "run" / "greeting", "\n".join(lines))
        done = {
            "migrated": migrated,
            "refreshed_mails": refreshed,
            "collected": collected,
            "greeting": lines,
        }
        self.stdout.write(json.dumps(done) if options["json"] else "\n".join(lines))

    def _greeting(self) -> list[str]:
        """What `up` tells whoever sits before the terminal: logins, and where caught mail shows."""
        inbox = (
            [f"Inbox            {settings.SITE_URL}/demo/inbox/"] if settings.CAUGHT_MAIL else []
        )
        known = set(User.objects.filter(is_sample=True).values_list("email", flat=True))
        logins = [
            f"{email}, password {sample.PASSWORD}" for _, email in sample.logins() if email in known
        ]
        if not User.objects.exists():
            logins = ["nobody yet: .venv/bin/python manage.py create_user YOU --role admin"]
        labels = ["Sign in as", *["        or"] * (len(logins) - 1)]
        return [f"{label:<17}{login}" for label, login in zip(labels, logins, strict=False)] + inbox
