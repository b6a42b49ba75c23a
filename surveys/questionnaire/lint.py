"""What must be right with a definition before it may be published.

``documents.faults`` finds what cannot work at all; this adds what would mix the two ratings up,
leave a customer without words, or change what a figure means.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .documents import faults
from .schema import STANDARD_ITEMS, Block, Definition, Item, walk_texts
from .texts import QUESTIONNAIRE_PLACEHOLDERS, placeholders

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, in words for the designer. ``path`` is the place in the definition's JSON."""

    code: str
    path: str
    message: str
    severity: Severity = "error"


def lint(definition: Definition) -> tuple[Finding, ...]:
    """All findings, in reading order. Publishing is refused while one of them is an error."""
    return tuple(_findings(definition))


def _findings(definition: Definition) -> Iterator[Finding]:
    for path, message in faults(definition):
        yield Finding("unusable", path, f"{message[0].upper()}{message[1:]}.")
    present = {block.id for block in definition.blocks}
    for needed in ("fix", "cause"):
        if needed not in present:
            yield Finding(
                "no_block", "$.blocks", f"There is no {needed} block: both sides must be asked."
            )
    for number, block in enumerate(definition.blocks):
        yield from _block_findings(block, f"$.blocks[{number}]")
    yield from _text_findings(definition)


def _block_findings(block: Block, path: str) -> Iterator[Finding]:
    closing = block.id == "closing"
    n_headlines = sum(item.headline for item in block.items)
    if closing and n_headlines:
        yield Finding("headline", path, "A closing block has no headline question.")
    if not closing and n_headlines != 1:
        yield Finding(
            "headline", path, f"The {block.id} block needs exactly one headline question."
        )
    sides = {item.dimension.partition(".")[0] for item in block.items}
    if not closing and sides != {block.dimension}:
        yield Finding(
            "mixed_page",
            path,
            f"The {block.id} page may hold {block.id} questions only, or the ratings bleed.",
        )
    elif {"fix", "cause"} <= sides:
        yield Finding("mixed_page", path, "Fix and cause questions stand on one page.")
    if block.dimension != ("outcome" if closing else block.id):
        yield Finding(
            "dimension", f"{path}.dimension", f"The {block.id} block has the wrong dimension."
        )
    yield from _comment_findings(block, path)
    for index, item in enumerate(block.items):
        yield from _item_findings(item, f"{path}.items[{index}]")


def _comment_findings(block: Block, path: str) -> Iterator[Finding]:
    """A comment is filed under one side, in a column of its own."""
    if block.comment is None:
        return
    if block.id == "closing":
        yield Finding(
            "not_storable", f"{path}.comment", "A closing comment belongs to neither report."
        )
    elif block.comment.id != f"{block.id}_comment":
        yield Finding(
            "not_storable",
            f"{path}.comment.id",
            f"The comment of the {block.id} block must be called {block.id}_comment.",
        )


def _item_findings(item: Item, path: str) -> Iterator[Finding]:
    """The standard items feed the reports from typed columns: each must mean the same for ever."""
    standard = STANDARD_ITEMS.get(item.id)
    if standard is not None and (item.dimension, item.type, len(item.options)) != standard:
        dimension, type_, count = standard
        yield Finding(
            "not_storable",
            path,
            f"{item.id} is stored as {type_}, {dimension}, with {count} options; anything else "
            "would change what its figures mean.",
        )
    if item.headline and item.id not in ("F1", "C1"):
        yield Finding(
            "headline",
            f"{path}.headline",
            "The headline questions are F1 and C1: reports count them.",
        )


def _text_findings(definition: Definition) -> Iterator[Finding]:
    for path, text in walk_texts(definition):
        for language in definition.languages:
            if language not in text:
                yield Finding(
                    "missing_text", f"{path}.{language}", f"The text in {language} is missing."
                )
        for language, wording in text.items():
            unknown = placeholders(wording) - QUESTIONNAIRE_PLACEHOLDERS
            if unknown:
                yield Finding(
                    "unknown_placeholder",
                    f"{path}.{language}",
                    f"{{{min(unknown)}}} is not known; only {{company}} can be filled in.",
                )
