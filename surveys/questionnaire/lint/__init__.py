"""What must be right with a definition before it may be published, and what had better be.

``documents.faults`` finds what cannot work at all; this adds what would mix the two ratings up,
bend the answers, leave a customer without words, or change what a figure means. Errors refuse
publication; a warning can be overridden with a reason.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..documents import faults
from ..schema import Definition
from . import changes, languages, length, scales, skips, structure, wording
from .findings import RULES, Finding, Rule, Severity, finding
from .languages import Coverage, coverage

__all__ = ["RULES", "Coverage", "Finding", "Rule", "Severity", "coverage", "finding", "lint"]

_INDEX: Final = re.compile(r"\d+")


def lint(definition: Definition, previous: Definition | None = None) -> tuple[Finding, ...]:
    """All findings in reading order, errors before warnings at the same place.

    ``previous``: the version published last, for what has changed since. The definition may be a
    draft: blank texts and empty pages are findings, never faults of the lint.
    """
    found = [
        *structure.findings(definition),
        *skips.findings(definition),
        *scales.findings(definition),
        *languages.findings(definition),
        *wording.findings(definition),
        *length.findings(definition),
    ]
    if previous is not None:
        found += changes.findings(definition, previous)
    found += _unusable(definition, found)
    return tuple(sorted(found, key=_place))


def _unusable(definition: Definition, found: list[Finding]) -> Iterator[Finding]:
    """The faults that no rule has told in better words already."""
    told = {other.path for other in found if other.severity == "error"}
    circular = skips.circular_items(definition)
    paths = {
        f"$.blocks[{number}].items[{index}].skip_when["
        for number, block in enumerate(definition.blocks)
        for index, item in enumerate(block.items)
        if item.id in circular
    }
    for path, message in faults(definition):
        item_path = path.rpartition(".")[0]
        if path in told or (item_path == "$.lead_in" and item_path in told):
            continue
        if path.endswith(".options") and item_path in told:
            continue
        if path.endswith("].item") and any(path.startswith(own) for own in paths):
            continue
        if path.endswith((".options", ".items")):
            told.add(path)
        yield finding("unusable", path, f"{message[0].upper()}{message[1:]}.")


def _place(found: Finding) -> tuple[list[tuple[int, str]], str]:
    """Reading order: numbers in a path compare as numbers, blocks after what stands before them."""
    parts = [
        (int(part), "") if part.isdigit() else (0, part)
        for part in re.split(r"[.\[\]]+", found.path)
        if part
    ]
    head = {"lead_in": "0", "thanks": "~"}
    ranked = [(number, head.get(part, part)) for number, part in parts]
    return ranked, found.severity
