"""What must be right with a definition before it may be published.

``schema.check`` refuses what cannot be read; this refuses what can be read but would mix the two
ratings up, leave a customer without words, or ask what cannot be stored.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .default import default_definition
from .schema import Block, Definition, Item, walk_texts
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
    """Answers have typed columns with ranges: an item must be one of those, meaning the same."""
    known = {other.id: other for other in default_definition().items}.get(item.id)
    if known is None:
        yield Finding(
            "not_storable", f"{path}.id", f"There is no place to store answers to {item.id}."
        )
        return
    if (item.dimension, item.type, len(item.options)) != (
        known.dimension,
        known.type,
        len(known.options),
    ):
        yield Finding(
            "not_storable",
            path,
            f"{item.id} is stored as {known.type}, {known.dimension}, with "
            f"{len(known.options)} options; anything else would change what its figures mean.",
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
