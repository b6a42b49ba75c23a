"""Start everything."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.stack import supervisor


class Command(BaseCommand):
    """`manage.py` starts the supervisor before Django is loaded; this is its help."""

    help = (
        "Start the web server, background workers, beat and, where no address is configured, "
        "PostgreSQL, Redis and a mail catcher; serve until Ctrl-C. "
        "Example: manage.py up --demo --port 8001"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        supervisor.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(supervisor.main(sys.argv[2:]))
