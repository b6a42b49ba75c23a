"""Commands with more help than one paragraph."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter


class _Formatter(DjangoHelpFormatter):
    """Wraps each paragraph to the terminal and leaves indented lines, the examples, as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        found = []
        for kept, lines in groupby(text.splitlines(), lambda line: line[:1] in {"", " "}):
            if kept:
                found += [f"{indent}{line}" for line in lines]
            else:
                found.append(super()._fill_text("\n".join(lines), width, indent))
        return "\n".join(found)


class ExplainedCommand(BaseCommand):
    """A command whose ``help`` has paragraphs, and examples in indented lines."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=_Formatter, **kwargs)
