"""Help of several paragraphs, as a terminal shows it."""

import pytest

from surveys.management.commands import send_due
from surveys.management.explained import ExplainedCommand


class _Command(ExplainedCommand):
    help = (
        "One paragraph that is longer than this terminal is wide.\n\nAnother.\n\n"
        "Example:\n  manage.py one --with an --example that-is-longer-than-that\n  manage.py two"
    )


def test_paragraphs_are_wrapped_and_examples_left_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = _Command().create_parser("manage.py", "one").format_help()

    assert (
        "One paragraph that is longer than this\nterminal is wide.\n\nAnother.\n\n"
        "Example:\n  manage.py one --with an --example that-is-longer-than-that\n"
        "  manage.py two\n" in shown
    )


def test_a_commands_own_options_come_before_those_of_every_command() -> None:
    shown = send_due.Command().create_parser("manage.py", "send_due").format_help()

    assert shown.index("--ignore-delay ") < shown.rindex("--settings")
