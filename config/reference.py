"""The reference pages that are written from the code, so that they cannot lag behind it."""

from __future__ import annotations

import argparse
import re

from django.conf import settings
from django.core.management import get_commands, load_command_class

from analytics.metrics import definitions
from config import env, questionnaire_reference
from surveys import helpdesks
from surveys.console import helpdesk_guide
from surveys.console.helpdesk_guide import GUIDES

OURS = ("config", "surveys", "analytics")
GENERAL = {
    "help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color",
    "force_color", "skip_checks",
}  # fmt: skip
NOTE = "<!-- Written by `manage.py write_reference`; changes belong into the code. -->\n"
FORMULAS, END_OF_FORMULAS = "<!-- formulas -->", "<!-- /formulas -->"
STEPS, END_OF_STEPS = "<!-- steps -->", "<!-- /steps -->"
ABOUT_VARIABLES = (
    "Everything is set by environment variables. Each may also be given as `NAME_FILE`, the path "
    "of a file that holds the value, as Docker and Kubernetes mount secrets. An empty value counts "
    "as unset. A wrong value stops the start with one line: the variable's name, what was wrong, "
    "an example. `manage.py doctor` examines what is set."
)
ABOUT_COMMANDS = (
    "Run them as `.venv/bin/python manage.py NAME`. Every command finds the services of its "
    "`STABLEDOOR_HOME`: those that run, else it starts what it needs and stops it again. "
    "The exit code is 0 only on success."
)


def pages() -> dict[str, str]:
    """The text of each page by its path."""
    return {
        "docs/configuration.md": configuration(),
        "docs/commands.md": commands(),
        "docs/questionnaires.md": f"{NOTE}\n{questionnaire_reference.page()}",
        "docs/metrics.md": metrics(),
        **{f"docs/helpdesks/{kind}.md": recipe(kind) for kind in GUIDES},
    }


def metrics() -> str:
    """The page of metrics with its formulas as they are defined; what else it holds stays."""
    return _between("docs/metrics.md", (FORMULAS, END_OF_FORMULAS), f"{definitions.markdown()}\n")


def recipe(kind: str) -> str:
    """The page of a helpdesk with the steps that the connection's page shows; what else it holds
    stays."""
    template: str = getattr(helpdesks.ADAPTERS[kind], "TEMPLATE", "")
    steps = helpdesk_guide.markdown(kind, template)
    return _between(f"docs/helpdesks/{kind}.md", (STEPS, END_OF_STEPS), f"{steps}\n")


def _between(page: str, marks: tuple[str, str], text: str) -> str:
    """A page with this text between its marks."""
    begin, end = marks
    before, rest = (settings.BASE_DIR / page).read_text("utf-8").split(begin, 1)
    return f"{before}{begin}\n\n{text}{end}{rest.split(end, 1)[1]}"


def configuration() -> str:
    """Every variable of the table."""
    lines = [NOTE, "# Configuration", "", ABOUT_VARIABLES, ""]
    for variable in env.TABLE:
        lines += [
            f"## `{variable.name}`",
            "",
            variable.help,
            "",
            "| | |",
            "|---|---|",
            f"| kind | {variable.kind} |",
            f"| default | {variable.default} |",
            f"| example | `{variable.name}={variable.example}` |",
            "",
        ]
    return "\n".join(lines)


def commands() -> str:
    """The help of every command of ours, as `--help` prints it."""
    lines = [NOTE, "# Commands", "", ABOUT_COMMANDS, ""]
    for name, app in sorted(get_commands().items()):
        if app in OURS:
            lines += [f"## `{name}`", "", *_described(app, name), ""]
    return "\n".join(lines)


def _described(app: str, name: str) -> list[str]:
    """What a command does and takes; written out, for argparse's own layout varies by Python."""
    parser = load_command_class(app, name).create_parser("manage.py", name)
    rows = [_row(action) for action in parser._actions if action.dest not in GENERAL]
    lines = [_marked(f"{parser.description or ''}\n\n{parser.epilog or ''}".strip())]
    return [*lines, "", "| argument | meaning |", "|---|---|", *rows] if rows else lines


def _row(action: argparse.Action) -> str:
    value = "|".join(map(str, action.choices)) if action.choices else action.dest.upper()
    takes = "" if action.nargs == 0 else f" {action.metavar or value}".replace("|", "\\|")
    names = [f"`{option}{takes}`" for option in action.option_strings]
    shown = ", ".join(names) or f"`{action.metavar or action.dest}`"
    required = " (required)" if action.required and action.option_strings else ""
    return f"| {shown} | {(action.help or '').replace('|', '/') % vars(action)}{required} |"


def _marked(description: str) -> str:
    """The example of a command's help as code."""
    text, found, examples = re.sub("(?i)example:", "Example:", description).partition("Example:")
    code = ", ".join(f"`{line.strip()}`" for line in examples.strip().splitlines())
    return f"{text}Example: {code}" if found else text
