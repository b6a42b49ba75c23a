"""The rules for the build of a questionnaire: pages, headlines, what reports can store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..schema import STANDARD_ITEMS, Block, Definition, Item
from .findings import Finding, finding

_HEADLINES: Final = {"fix": "F1", "cause": "C1"}


def findings(definition: Definition) -> Iterator[Finding]:
    """What is wrong with pages and questions, whatever their words."""
    present = [block.id for block in definition.blocks]
    for needed in _HEADLINES:
        if needed not in present and definition.blocks:
            message = f"There is no {needed} page: both sides must be asked."
            yield finding("no_block", "$.blocks", message)
    if not definition.lead_in.get(definition.default_language, "").strip():
        yield finding("lead_in", "$.lead_in", "There is no lead-in.")
    if not definition.randomise:
        message = "Everybody meets the pages in the same order."
        yield finding("not_randomised", "$.randomise", message)
    for number, block in enumerate(definition.blocks):
        path = f"$.blocks[{number}]"
        if block.id == "closing" and {"fix", "cause"} & {*present[number + 1 :]}:
            message = "The closing page stands before a page with a headline question."
            yield finding("closing_early", path, message)
        yield from _block_findings(block, path)


def _block_findings(block: Block, path: str) -> Iterator[Finding]:
    needed = "outcome" if block.id == "closing" else block.id
    if block.dimension != needed:
        message = f"The {block.id} page counts for {needed}, not for {block.dimension}."
        yield finding("dimension", f"{path}.dimension", message)
    if block.items:
        yield from _headline_findings(block, path)
        yield from _side_findings(block, path)
    yield from _comment_findings(block, path)
    for index, item in enumerate(block.items):
        yield from _item_findings(item, f"{path}.items[{index}]")


def _headline_findings(block: Block, path: str) -> Iterator[Finding]:
    own = _HEADLINES.get(block.id)
    marked = [(n, item) for n, item in enumerate(block.items) if item.headline]
    for index, item in marked:
        if item.id == own or (own and _side(item) not in (block.id, "outcome")):
            continue  # a question of the other side is reported for standing here at all
        message = (
            f"The headline of the {block.id} page is {own}, and it has only one."
            if own
            else "A closing page has no headline question."
        )
        yield finding("headline", f"{path}.items[{index}].headline", message)
    if own and not any(_side(item) == block.id for _, item in marked):
        message = f"The {block.id} page has no headline question; it is {own}."
        yield finding("headline", path, message)


def _side_findings(block: Block, path: str) -> Iterator[Finding]:
    sides = [_side(item) for item in block.items]
    if block.id == "closing":
        if {"fix", "cause"} <= {*sides}:
            message = "Fix and cause questions stand on one page."
            yield finding("mixed_page", path, message)
        return
    for index, side in enumerate(sides):
        where = f"{path}.items[{index}].dimension"
        if side == "outcome":
            message = "It asks about the outcome before both headline questions are answered."
            yield finding("closing_early", where, message)
        elif side != block.id:
            message = f"It counts for the {side} but stands on the {block.id} page."
            yield finding("mixed_page", where, message)


def _comment_findings(block: Block, path: str) -> Iterator[Finding]:
    """A comment is filed under one side, in a column of its own."""
    if block.comment is None:
        return
    if block.id == "closing":
        message = "A closing comment belongs to neither report."
        yield finding("not_storable", f"{path}.comment", message)
    elif block.comment.id != f"{block.id}_comment":
        message = f"The comment of the {block.id} page must be called {block.id}_comment."
        yield finding("not_storable", f"{path}.comment.id", message)
    if block.comment.required:
        yield finding("required_comment", f"{path}.comment.required", "The comment is required.")


def _item_findings(item: Item, path: str) -> Iterator[Finding]:
    """The standard items feed the reports from typed columns: each must mean the same for ever."""
    standard = STANDARD_ITEMS.get(item.id)
    if standard is not None and (item.dimension, item.type, len(item.options)) != standard:
        dimension, type_, count = standard
        message = f"{item.id} is stored as {type_}, {dimension}, with {count} options."
        yield finding("not_storable", path, message)
    if item.type == "long_text" and item.required:
        yield finding("required_comment", f"{path}.required", "A free text is required.")
    if item.type == "nps":
        yield finding("nps", f"{path}.type", "It asks for a recommendation score.")


def _side(item: Item) -> str:
    return item.dimension.partition(".")[0]
