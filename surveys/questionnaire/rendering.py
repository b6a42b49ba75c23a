"""What a respondent's pages say: the questions asked, in one language and order, answers marked.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from .asking import (
    ARMS,
    Answer,
    Answers,
    Arm,
    Asks,
    CauseName,
    Facts,
    Rotation,
    asked_items,
    headline_item,
    is_asked,
    is_complete,
    narrowed,
    not_sorted_out,
    ordered_blocks,
    rotations,
)
from .parsing import (
    ErrorKey,
    Parsed,
    Posted,
    bounds,
    clean_comment,
    parse_answers,
    parse_preselect,
)
from .schema import (
    MAX_COMMENT_CHARACTERS,
    MAX_LONG_TEXT_CHARACTERS,
    MAX_SHORT_TEXT_CHARACTERS,
    NPS_POINTS,
    Block,
    BlockId,
    Definition,
    Item,
    ItemType,
)
from .texts import fill

# What is asked, what is shown and what is understood are one subject to everybody outside.
__all__ = [
    "ARMS", "SECONDS_PER_CLOSED_ITEM", "Answer", "Answers", "Arm", "Asks", "CauseName", "ErrorKey",
    "Facts", "Page", "Parsed", "Posted", "Rotation", "ShownComment", "ShownItem", "ShownOption",
    "clean_comment", "headline_item", "is_asked", "is_complete", "narrowed",
    "not_sorted_out", "ordered_blocks", "pages", "parse_answers", "parse_preselect", "rotations",
    "thanks",
]  # fmt: skip

SECONDS_PER_CLOSED_ITEM: Final = 10
#: Up to so many causes stand on the page as options; more of them fold into a list.
MOST_CAUSES_AS_OPTIONS: Final = 8

Control = Literal["radio", "checkbox", "select", "line", "area", "number", "date"]
_CONTROLS: Final[Mapping[ItemType, Control]] = {
    "multiple": "checkbox",
    "short_text": "line",
    "long_text": "area",
    "number": "number",
    "date": "date",
}


@dataclass(frozen=True, slots=True)
class ShownOption:
    """``value`` is the option's number, or the code of a cause."""

    value: int | str
    label: str
    selected: bool
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One question as it stands on the page. ``number`` counts questions from 1 over all pages.

    ``value`` is what stands in a typed item's field. ``ends`` say what the two ends of an NPS
    mean. ``low`` and ``high`` bound a number, ``max_length`` a text; 0 otherwise.
    """

    id: str
    dimension: str
    type: ItemType
    control: Control
    headline: bool
    required: bool
    stem: str
    hint: str
    options: tuple[ShownOption, ...]
    number: int
    preselected: bool
    value: str = ""
    ends: tuple[str, str] = ("", "")
    low: int = 0
    high: int = 0
    max_length: int = 0

    @property
    def multiple(self) -> bool:
        return self.type == "multiple"

    @property
    def is_choice(self) -> bool:
        """Whether it is answered by ticking; else something is typed or chosen from a list."""
        return self.control in {"radio", "checkbox"}


@dataclass(frozen=True, slots=True)
class ShownComment:
    id: str
    label: str
    value: str
    max_length: int
    required: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``number`` of ``total`` pages; ``n_questions`` counts those of the whole survey.

    ``lead_in`` is empty but on the first page; ``next_block`` is None on the last.
    """

    block: BlockId
    number: int
    total: int
    n_questions: int
    lead_in: str
    items: tuple[ShownItem, ...]
    comment: ShownComment | None
    previous_block: BlockId | None
    next_block: BlockId | None

    @property
    def last(self) -> bool:
        return self.next_block is None


def pages(
    definition: Definition,
    arm: Arm,
    rotation: Rotation,
    facts: Facts,
    language: str,
    answers: Answers,
    *,
    company: str,
    brand: str = "",
    preselect: Answers | None = None,
) -> tuple[Page, ...]:
    """The respondent's pages in their order, answers so far marked.

    ``preselect`` (from ``parse_preselect``) marks a tapped rating instead of what was answered
    before, the tap being the later word, and says so on the item; it is never an answer.
    Without a ``brand``, or where the case names no product, the company's name stands instead.
    """
    shown = [
        (block, items)
        for block in ordered_blocks(definition, arm)
        if (items := asked_items(block, rotation, facts, answers))
    ]
    words = _Words(definition, language, _values(company, facts.product, brand))
    n_questions = sum(len(items) for _, items in shown)
    built: list[Page] = []
    question = 1
    for index, (block, items) in enumerate(shown):
        built.append(
            Page(
                block=block.id,
                number=index + 1,
                total=len(shown),
                n_questions=n_questions,
                lead_in=words.of(definition.lead_in) if index == 0 else "",
                items=tuple(
                    _shown_item(item, words, facts, question + offset, answers, preselect or {})
                    for offset, item in enumerate(items)
                ),
                comment=_shown_comment(block, words, answers),
                previous_block=shown[index - 1][0].id if index else None,
                next_block=shown[index + 1][0].id if index + 1 < len(shown) else None,
            )
        )
        question += len(items)
    return tuple(built)


def thanks(
    definition: Definition, language: str, *, company: str, product: str = "", brand: str = ""
) -> str:
    """The sentence of the last page."""
    values = _values(company, product, brand)
    return _Words(definition, language, values).of(definition.thanks)


def _values(company: str, product: str, brand: str) -> dict[str, str]:
    return {"company": company, "product": product or company, "brand": brand or company}


@dataclass(frozen=True, slots=True)
class _Words:
    """Resolves texts to one language, with the names filled in."""

    definition: Definition
    language: str
    values: Mapping[str, str]

    def of(self, text: Mapping[str, str] | None) -> str:
        if not text:
            return ""
        # A draft may have no text at all yet.
        wording = text.get(self.language) or text.get(self.definition.default_language, "")
        return fill(wording, self.values)


def _shown_item(
    item: Item,
    words: _Words,
    facts: Facts,
    number: int,
    answers: Answers,
    preselect: Answers,
) -> ShownItem:
    several = item.stem_several if facts.n_agents > 1 else None
    preselected = item.id in preselect
    given = preselect[item.id] if preselected else answers.get(item.id)
    low, high = bounds(item) if item.type == "number" else (0, 0)
    control = _control(item, facts)
    return ShownItem(
        id=item.id,
        dimension=item.dimension,
        type=item.type,
        control=control,
        headline=item.headline,
        required=item.required,
        stem=words.of(several or item.stem),
        hint=words.of(item.hint),
        options=_shown_options(item, words, facts, given),
        number=number,
        preselected=preselected,
        value="" if given is None or isinstance(given, tuple) else str(given),
        ends=(words.of(item.low_label), words.of(item.high_label)),
        low=low,
        high=high,
        max_length={"line": MAX_SHORT_TEXT_CHARACTERS, "area": MAX_LONG_TEXT_CHARACTERS}.get(
            control, 0
        ),
    )


def _control(item: Item, facts: Facts) -> Control:
    if item.type == "cause_picker":
        n_shown = sum(cause.is_shown for cause in facts.causes)
        return "select" if n_shown > MOST_CAUSES_AS_OPTIONS else "radio"
    return _CONTROLS.get(item.type, "radio")


def _shown_options(
    item: Item, words: _Words, facts: Facts, given: Answer | None
) -> tuple[ShownOption, ...]:
    chosen = given if isinstance(given, tuple) else (given,)
    if item.type == "cause_picker":
        offered = [(c.called(words.language), c) for c in facts.causes if c.is_shown]
        if any(c.names for _, c in offered):  # in the order of the names that are read
            offered.sort(key=lambda pair: (pair[0].casefold(), pair[1].code))
        return tuple(ShownOption(c.code, name, c.code in chosen) for name, c in offered)
    if item.type == "nps":
        return tuple(ShownOption(point, str(point), point in chosen) for point in NPS_POINTS)
    return tuple(
        ShownOption(option.value, words.of(option.label), option.value in chosen, option.exclusive)
        for option in item.options
    )


def _shown_comment(block: Block, words: _Words, answers: Answers) -> ShownComment | None:
    if block.comment is None:
        return None
    return ShownComment(
        id=block.comment.id,
        label=words.of(block.comment.label),
        value=str(answers.get(block.comment.id, "")),
        max_length=MAX_COMMENT_CHARACTERS,
        required=block.comment.required,
    )
