"""Write the reference pages of docs/ from the code."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import reference


class Command(BaseCommand):
    help = (
        "Write the reference pages in docs/ from the code, or with --check say "
        "whether they are up to date. Example: manage.py write_reference --check"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing, exit 1 if outdated"
        )
        parser.add_argument("--json", action="store_true", help="print the outdated pages as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        outdated = [
            page
            for page, text in reference.pages().items()
            if not (settings.BASE_DIR / page).exists()
            or (settings.BASE_DIR / page).read_text(encoding="utf-8") != text
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"outdated": outdated}))
        if options["check"]:
            if outdated:
                raise CommandError(
                    f"outdated: {', '.join(outdated)}; run manage.py write_reference"
                )
            return
        for page in outdated:
            (settings.BASE_DIR / page).write_text(reference.pages()[page], encoding="utf-8")
            if not options["json"]:
                self.stdout.write(f"wrote {page}")
