"""Say what is wrong with this installation and how to mend it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import doctor
from config.findings import Finding


class Command(BaseCommand):
    help = (
        "Check every dependency and setting, and say the mend of each fault; "
        "exit 1 where there is one. Example: manage.py doctor --json"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(doctor.examine())
        faults = [finding for finding in findings if finding.status == "fault"]
        if options["json"]:
            status = "fault" if faults else "ok"
            listed = [asdict(finding) for finding in findings]
            self.stdout.write(json.dumps({"status": status, "checks": listed}, indent=1))
        else:
            for finding in findings:
                self._print(finding)
        if faults:
            sys.exit(1)

    def _print(self, finding: Finding) -> None:
        style = {"ok": self.style.SUCCESS, "warn": self.style.WARNING, "fault": self.style.ERROR}
        mark = style[finding.status](f"{finding.status:<5}")
        self.stdout.write(f"{mark} {finding.name:<13} {finding.found}")
        if finding.mend:
            self.stdout.write(f"{'':<19} → {finding.mend}")
