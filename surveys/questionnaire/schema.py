"""The questionnaire definition: versioned JSON in, frozen structs out.

A published version is one of these documents and never changes. Everything a customer reads in
the questions stands in it, in every language, so that an answer can always be read beside the
words it answered. Page furniture (buttons, errors, mail texts) lives in the locale files instead.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec

SCHEMA_VERSION: Final = 1
MAX_DEFINITION_BYTES: Final = 256 * 1024
MAX_COMMENT_CHARACTERS: Final = 4_000

MAX_LONG_TEXT_CHARACTERS: Final = MAX_COMMENT_CHARACTERS
MAX_SHORT_TEXT_CHARACTERS: Final = 200
MAX_ITEMS_OF_A_BLOCK: Final = 20
#: Outcomes of the lot that draws one item of each rotation group. Each is listed where a survey is
#: planned; groups multiply, and twenty pairs would be a million.
MAX_ROTATIONS: Final = 500
NPS_POINTS: Final = tuple(range(11))

BlockId = Literal["fix", "cause", "closing"]
BlockDimension = Literal["fix", "cause", "outcome"]
ItemType = Literal[
    "rating", "yes_no", "single", "multiple", "short_text", "long_text", "number", "date", "nps",
    "cause_picker",
]  # fmt: skip
#: Types whose answers are options that stand in the definition.
CHOICE_TYPES: Final[frozenset[ItemType]] = frozenset({"rating", "yes_no", "single", "multiple"})
#: Types whose answers are text, a number or a day, typed in.
TYPED_TYPES: Final[frozenset[ItemType]] = frozenset({"short_text", "long_text", "number", "date"})
RATING_POINTS: Final = (5, 7, 11)
FactName = Literal["human_handled", "n_agents"]
CaseFact = Literal["channel", "product"]

#: The items whose answers have typed columns and feed the reports: dimension, type and number of
#: options are given, wording is the designer's. Any other id is an item of the designer's own.
STANDARD_ITEMS: Final[dict[str, tuple[str, ItemType, int]]] = {
    "F1": ("fix.overall", "rating", 5),
    "F2": ("fix.agent", "rating", 5),
    "F3": ("fix.process", "multiple", 5),
    "S1": ("fix.outcome", "single", 4),
    "C1": ("cause.overall", "rating", 5),
    "C2": ("cause.avoidable", "rating", 5),
    "C3": ("cause.recurrence", "single", 4),
    "C4": ("cause.expectation", "rating", 6),
    "O1": ("outcome.repurchase", "rating", 5),
    "O2": ("outcome.forgiveness", "rating", 5),
}

# `$` alone also matches before a line break at the end.
LanguageTag = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$(?!\n)")]
ItemId = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9]{0,7}$(?!\n)")]
CommentId = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{0,30}$(?!\n)")]
Dimension = Annotated[str, msgspec.Meta(pattern=r"^(fix|cause|outcome)\.[a-z_]{1,30}$(?!\n)")]
# A draft's texts may still be blank; `documents.check` refuses that in what is published.
Stem = Annotated[str, msgspec.Meta(max_length=500)]
Label = Annotated[str, msgspec.Meta(max_length=80)]
Texts = Annotated[dict[LanguageTag, Stem], msgspec.Meta(max_length=40)]
Labels = Annotated[dict[LanguageTag, Label], msgspec.Meta(max_length=40)]
OptionValue = Annotated[int, msgspec.Meta(ge=0, le=20)]
FactValue = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

# Characters that reorder, hide or break text wherever it is shown: control characters, the
# direction overrides and isolates, line separators, lone surrogates, and the mail skeleton's
# own placeholder brackets.
REFUSED_TEXT: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
    r"|\[\[|\]\]"
)


class DefinitionError(ValueError):
    """A definition that cannot be used; ``path`` says where, as ``$.blocks[0].items[1].id``."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown fields are refused: a misspelt ``headlin`` must not silently mean false."""


class FactRule(_Strict, frozen=True, kw_only=True, tag_field="on", tag="fact"):
    """Skips an item by what is known of the case before anything is asked.

    ``human_handled`` compares as 0 or 1; ``n_agents`` as the number of people who worked on it.
    """

    fact: FactName
    op: Literal["eq", "lt", "gt"]
    value: Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class AnswerRule(_Strict, frozen=True, kw_only=True, tag_field="on", tag="answer"):
    """Skips an item when an earlier item was answered with one of ``values``."""

    item: ItemId
    values: Annotated[tuple[OptionValue, ...], msgspec.Meta(min_length=1, max_length=20)]


class CaseRule(_Strict, frozen=True, kw_only=True, tag_field="on", tag="case"):
    """Skips an item by the case's channel or product: where it is one of ``values``, or with
    ``op`` "not_in" where it is none of them. Compared without regard to upper and lower case."""

    fact: CaseFact
    op: Literal["in", "not_in"]
    values: Annotated[tuple[FactValue, ...], msgspec.Meta(min_length=1, max_length=50)]


Rule = FactRule | AnswerRule | CaseRule


class Option(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    """One answer. ``exclusive`` shuts out all others ("None of these"); ``outside_scale`` marks an
    answer that is no point of a rating scale ("Doesn't apply") and enters no mean or share."""

    value: Annotated[int, msgspec.Meta(ge=1, le=20)]
    label: Labels
    exclusive: bool = False
    outside_scale: bool = False


class Item(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    """One question.

    ``options`` belong to the choice types alone. ``low`` and ``high`` bound a number;
    ``low_label`` and ``high_label`` say what the ends of an NPS scale mean. ``rotation`` names a
    group of which each respondent is asked one item. ``skip_when`` leaves the item out where any
    of its rules applies. ``agent_visible``: agents may read the answers to their own cases.
    """

    id: ItemId
    dimension: Dimension
    type: ItemType
    stem: Texts
    options: Annotated[tuple[Option, ...], msgspec.Meta(max_length=20)] = ()
    headline: bool = False
    required: bool = False
    agent_visible: bool = False
    hint: Texts | None = None
    stem_several: Texts | None = None
    low: Annotated[int, msgspec.Meta(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    high: Annotated[int, msgspec.Meta(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    low_label: Labels | None = None
    high_label: Labels | None = None
    rotation: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,30}$(?!\n)")] | None = None
    skip_when: Annotated[tuple[Rule, ...], msgspec.Meta(max_length=10)] = ()

    @property
    def answer_values(self) -> tuple[int, ...]:
        """The numbers an answer may be, for a rule to name; empty for what is typed or picked."""
        if self.type == "nps":
            return NPS_POINTS
        return tuple(option.value for option in self.options)


class Comment(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    """The optional free text at the end of a block."""

    id: CommentId
    label: Texts
    required: bool = False


class Block(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    """What stands on one page."""

    id: BlockId
    dimension: BlockDimension
    items: Annotated[tuple[Item, ...], msgspec.Meta(max_length=250)]
    comment: Comment | None = None


class Definition(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    """A whole questionnaire. ``version`` is the version of this schema, not of the wording.

    ``required_languages`` must be complete to publish (None: all); an incomplete other language is
    not offered to customers. ``randomise``: half of the customers meet the cause first.
    """

    version: Literal[1]
    default_language: LanguageTag
    languages: Annotated[tuple[LanguageTag, ...], msgspec.Meta(min_length=1, max_length=40)]
    lead_in: Texts
    thanks: Texts
    blocks: Annotated[tuple[Block, ...], msgspec.Meta(max_length=3)]
    required_languages: (
        Annotated[tuple[LanguageTag, ...], msgspec.Meta(min_length=1, max_length=40)] | None
    ) = None
    randomise: bool = True

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in the order written, whatever the arm."""
        return tuple(item for block in self.blocks for item in block.items)

    @property
    def comment_ids(self) -> tuple[str, ...]:
        return tuple(block.comment.id for block in self.blocks if block.comment is not None)

    def block(self, block_id: str) -> Block:
        """Raises KeyError for a block that is not in this definition."""
        for block in self.blocks:
            if block.id == block_id:
                return block
        raise KeyError(block_id)

    def item(self, item_id: str) -> Item:
        """Raises KeyError for an item that is not in this definition."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)


def walk_texts(definition: Definition) -> Iterator[tuple[str, dict[str, str]]]:
    """Every translated text with its path, in reading order."""
    yield "$.lead_in", definition.lead_in
    yield "$.thanks", definition.thanks
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            path = f"$.blocks[{number}].items[{index}]"
            yield f"{path}.stem", item.stem
            for name in ("hint", "stem_several", "low_label", "high_label"):
                text = getattr(item, name)
                if text is not None:
                    yield f"{path}.{name}", text
            for position, option in enumerate(item.options):
                yield f"{path}.options[{position}].label", option.label
        if block.comment is not None:
            yield f"$.blocks[{number}].comment.label", block.comment.label
