"""The left pane: pages and questions in their order, with what the lint says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from surveys.builder.editor.findings import Shown, of_desk
from surveys.questionnaire import operations as ops
from surveys.questionnaire.editing_items import HEADLINES
from surveys.questionnaire.new_items import TYPE_NAMES, standard_block
from surveys.questionnaire.places import Document, items_of
from surveys.questionnaire.schema import STANDARD_ITEMS

BLOCK_NAMES = {"fix": "The fix", "cause": "The cause", "closing": "Closing"}
#: The standard questions in a few words.
STANDARD_WORDS = {
    "F1": "Satisfied with the handling",
    "F2": "Treated by the person",
    "F3": "What they had to do",
    "S1": "Sorted out now",
    "C1": "Bothered by the problem",
    "C2": "Could have been prevented",
    "C3": "Had it before",
    "C4": "Clear what to expect",
    "O1": "Would choose again",
    "O2": "Opinion changed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the outline."""

    place: str
    label: str
    detail: str
    is_current: bool
    n_errors: int
    n_warnings: int
    is_headline: bool = False
    up: str = ""
    down: str = ""


@dataclass(frozen=True, slots=True)
class Addition:
    """One kind of question that can be added; `operation` is what its button posts."""

    label: str
    code: str
    operation: str


@dataclass(frozen=True, slots=True)
class OutlineBlock:
    """One page of the survey."""

    id: str
    name: str
    head: Row
    rows: list[Row]
    order: str
    types: list[Addition]
    standard: list[Addition]


@dataclass(frozen=True, slots=True)
class Outline:
    start: Row
    blocks: list[OutlineBlock]
    thanks: Row
    settings: Row
    n_errors: int
    n_warnings: int


def outline_of(
    document: Document, findings: Sequence[Shown], current: str, language: str
) -> Outline:
    """The whole outline; `current` is the place that the editor shows."""

    def row(place: str, label: str, detail: str = "", **more: Any) -> Row:
        about = of_desk(findings, place)
        n_errors = sum(finding.is_error for finding in about)
        n_warnings = len(about) - n_errors
        return Row(place, label, detail, place == current, n_errors, n_warnings, **more)

    def item_row(block: Document, index: int) -> Row:
        item = block["items"][index]
        stem = item["stem"].get(language) or item["stem"].get(document["default_language"], "")
        return row(
            item["id"],
            stem or "No question yet",
            TYPE_NAMES[item["type"]],
            is_headline=item["id"] in HEADLINES,
            up=step(block, index, -1),
            down=step(block, index, 1),
        )

    return Outline(
        start=row("start", "Lead-in"),
        blocks=[
            OutlineBlock(
                id=block["id"],
                name=BLOCK_NAMES[block["id"]],
                head=row(block["id"], BLOCK_NAMES[block["id"]]),
                rows=[item_row(block, index) for index in range(len(block["items"]))],
                order=" ".join(item["id"] for item in block["items"]),
                types=_types(block["id"]),
                standard=_standard(document, block["id"]),
            )
            for block in document["blocks"]
        ],
        thanks=row("thanks", "Thank-you text"),
        settings=row("settings", "Languages and pages"),
        n_errors=sum(finding.is_error for finding in findings),
        n_warnings=sum(not finding.is_error for finding in findings),
    )


def step(block: Document, index: int, by: int) -> str:
    """The operation that moves a question one place up or down its page; "" where it cannot."""
    items = [item["id"] for item in block["items"]]
    target = index + by
    if not 0 <= target < len(items):
        return ""
    before = target - 1 if by < 0 else target
    after = items[before] if before >= 0 else None
    return ops.encode_operation(
        ops.MoveItem(item=items[index], block=block["id"], after=after, was=tuple(items))
    )


def _types(block: Any) -> list[Addition]:
    return [
        Addition(name, "", ops.encode_operation(ops.AddItem(block=block, kind=kind)))
        for kind, name in TYPE_NAMES.items()
    ]


def _standard(document: Document, block: Any) -> list[Addition]:
    """The standard questions that are at home on this page and not asked yet."""
    asked = {item["id"] for item in items_of(document)}
    return [
        Addition(
            STANDARD_WORDS[item_id],
            item_id,
            ops.encode_operation(ops.AddItem(block=block, kind=item_id)),
        )
        for item_id in STANDARD_ITEMS
        if item_id not in asked and standard_block(item_id) == block
    ]
