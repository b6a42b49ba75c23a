"""Check a questionnaire in a file before it is imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.questionnaire.documents import decode
from surveys.questionnaire.lint import Finding, coverage, lint
from surveys.questionnaire.schema import MAX_DEFINITION_BYTES, Definition, DefinitionError

EXAMPLE = "manage.py lint_questionnaire questionnaire.json --previous published.json"


class Command(BaseCommand):
    help = (
        "Check a questionnaire in a JSON file: errors refuse publication, warnings need a reason. "
        "With --previous say also which wording changed. Exit 1 on an error. "
        f"Example: {EXAMPLE}"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the questionnaire, as exported")
        parser.add_argument("--previous", type=Path, help="the version published before it")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        definition = read(options["file"])
        previous = read(options["previous"]) if options["previous"] else None
        findings = lint(definition, previous)
        n_errors = sum(finding.severity == "error" for finding in findings)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(definition, findings), ensure_ascii=False))
        else:
            for finding in findings:
                self.stdout.write(
                    f"{finding.severity}: {finding.path}: {finding.message} [{finding.code}]\n"
                    f"    {finding.why}"
                )
            note = coverage(definition).sentence
            self.stdout.write(_counted(n_errors, len(findings) - n_errors))
            if note:
                self.stdout.write(note)
        if n_errors:
            raise CommandError(f"{options['file']} cannot be published: {_counted(n_errors, 0)}")


def read(path: Path) -> Definition:
    """The definition in a file, which may be a draft.

    Raises: CommandError with one line that says what is wrong.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_DEFINITION_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from None
    try:
        return decode(raw, draft=True)
    except DefinitionError as error:
        raise CommandError(f"{path}: {error}") from None


def as_json(definition: Definition, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The result for a script."""
    covered = coverage(definition)
    return {
        "errors": sum(finding.severity == "error" for finding in findings),
        "warnings": sum(finding.severity == "warning" for finding in findings),
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "path": finding.path,
                "message": finding.message,
                "why": finding.why,
            }
            for finding in findings
        ],
        "languages": {
            "wording_and_structure": list(covered.wording),
            "structure_only": list(covered.structure_only),
        },
    }


def _counted(errors: int, warnings: int) -> str:
    parts = [
        f"{n} {word}" if n == 1 else f"{n} {word}s"
        for n, word in ((errors, "error"), (warnings, "warning"))
        if n
    ]
    return " and ".join(parts) if parts else "No findings."
