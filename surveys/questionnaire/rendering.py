"""What one respondent is asked, in which order and words, and what their post means.

Everything here is a function of the published definition and a few facts stored with the
invitation: the arm, the rotation, who handled the case. The same input always gives the same
page, so a page can be shown again after a fault and a post can be checked without a session.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

from .schema import (
    MAX_COMMENT_CHARACTERS,
    AnswerRule,
    Block,
    BlockId,
    CaseRule,
    Definition,
    Item,
    ItemType,
    Rule,
)
from .texts import fill

Arm = Literal["fix_first", "cause_first"]
# The items that the lot chose, one of each rotation group, separated by blanks.
Rotation = str
ARMS: Final[tuple[Arm, ...]] = ("fix_first", "cause_first")

Answer = int | tuple[int, ...] | str
Answers = Mapping[str, Answer]
ErrorKey = Literal["invalid_option", "none_with_others", "comment_too_long"]
Posted = Mapping[str, "str | Sequence[str]"]

SECONDS_PER_CLOSED_ITEM: Final = 10

_OPTION_VALUE: Final = re.compile(r"[1-9][0-9]?")
# A comment keeps every character but those no store or reader can hold: control characters
# other than tab and line feed, and lone surrogates.
_COMMENT_REMOVED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What of the case decides which questions make sense.

    ``human_handled``: a person, not only a machine, handled it. ``n_agents``: how many people.
    ``channel`` and ``product`` are names, empty where not known.
    """

    human_handled: bool
    n_agents: int
    channel: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class ShownOption:
    value: int
    label: str
    selected: bool
    exclusive: bool


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One question as it stands on the page. ``number`` counts questions from 1 over all pages."""

    id: str
    dimension: str
    type: ItemType
    headline: bool
    stem: str
    options: tuple[ShownOption, ...]
    number: int
    preselected: bool

    @property
    def multiple(self) -> bool:
        return self.type == "multiple"


@dataclass(frozen=True, slots=True)
class ShownComment:
    id: str
    label: str
    value: str
    max_length: int


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


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a post says.

    ``answers``: only what was posted, is asked of this respondent and is valid. An empty comment
    is ``""`` and a multiple item with nothing ticked ``()``: both take an earlier answer back.
    ``errors``: item or comment id → key in the locale group ``error``; the valid rest stands.
    ``kept``: long or refused text as typed, to be shown again in its field.
    """

    answers: dict[str, Answer]
    errors: dict[str, ErrorKey]
    kept: dict[str, str]


def ordered_blocks(definition: Definition, arm: Arm) -> tuple[Block, ...]:
    """The blocks as this arm sees them; closing items always come last."""
    first = "fix" if arm == "fix_first" else "cause"
    rank = {first: 0, "closing": 2}
    return tuple(sorted(definition.blocks, key=lambda block: rank.get(block.id, 1)))


def headline_item(definition: Definition, arm: Arm) -> Item:
    """The question that stands in the mail: the headline of the arm's first block.

    Raises: LookupError where the block has none; ``lint`` refuses to publish such a thing.
    """
    for item in ordered_blocks(definition, arm)[0].items:
        if item.headline:
            return item
    raise LookupError(f"the first block of arm {arm} has no headline item")


def rotations(definition: Definition) -> tuple[Rotation, ...]:
    """Every outcome of the lot, one item of each rotation group; ``("",)`` if nothing rotates."""
    groups: dict[str, list[str]] = {}
    for item in definition.items:
        if item.rotation is not None:
            groups.setdefault(item.rotation, []).append(item.id)
    return tuple(" ".join(chosen) for chosen in product(*groups.values()))


def is_asked(item: Item, rotation: Rotation, facts: Facts, answers: Answers) -> bool:
    """Whether this respondent is asked the item, as far as their answers so far tell."""
    if item.rotation is not None and item.id not in rotation.split():
        return False
    return not any(_applies(rule, facts, answers) for rule in item.skip_when)


def pages(
    definition: Definition,
    arm: Arm,
    rotation: Rotation,
    facts: Facts,
    language: str,
    answers: Answers,
    *,
    company: str,
    preselect: Answers | None = None,
) -> tuple[Page, ...]:
    """The respondent's pages in their order, answers so far marked.

    ``preselect`` (from ``parse_preselect``) marks a tapped rating instead of what was answered
    before, the tap being the later word, and says so on the item; it is never an answer.
    """
    shown = [
        (block, items)
        for block in ordered_blocks(definition, arm)
        if (items := [i for i in block.items if is_asked(i, rotation, facts, answers)])
    ]
    words = _Words(definition, language, company)
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


def thanks(definition: Definition, language: str, *, company: str) -> str:
    """The sentence of the last page."""
    return _Words(definition, language, company).of(definition.thanks)


def parse_answers(
    definition: Definition,
    rotation: Rotation,
    facts: Facts,
    posted: Posted,
    *,
    answers: Answers | None = None,
    block: str | None = None,
) -> Parsed:
    """What a post means for this respondent; never raises whatever is posted.

    Any item the respondent is asked is accepted, whichever page it stands on. Unknown fields and
    items not asked of them (rotation, skip) are ignored: an old tab must not lose the rest. A
    rating posted twice counts as its last value. ``answers`` are those stored already; ``block``
    is the page posted: only then can unticking everything be told from not having been shown.

    "None of these" together with something else is an error and not silently resolved: either
    tick may be the slip, and guessing would put words into the customer's mouth.
    """
    parsed = Parsed({}, {}, {})
    merged: dict[str, Answer] = dict(answers or {})
    for own in definition.blocks:
        for item in own.items:
            if not is_asked(item, rotation, facts, merged):
                continue
            values = _values(posted, item.id)
            if not values and not (item.type == "multiple" and own.id == block):
                continue
            _parse_item(item, values, parsed)
            if item.id in parsed.answers:
                merged[item.id] = parsed.answers[item.id]
        if own.comment is not None and own.comment.id in posted:
            _parse_comment(own.comment.id, posted, parsed)
    return parsed


def parse_preselect(
    definition: Definition, rotation: Rotation, facts: Facts, query: Posted
) -> dict[str, Answer]:
    """The rating tapped in the mail (``?F1=4``), checked like a post but never stored.

    Only headline items: a longer link could otherwise arrive with a whole survey filled in.
    """
    parsed = parse_answers(definition, rotation, facts, query)
    headlines = {item.id for item in definition.items if item.headline}
    return {item_id: value for item_id, value in parsed.answers.items() if item_id in headlines}


def is_complete(definition: Definition, rotation: Rotation, facts: Facts, answers: Answers) -> bool:
    """Whether both headlines asked of everyone are answered: what counts as a complete response."""
    return all(item.id in answers for item in definition.items if item.headline)


def not_sorted_out(answers: Answers) -> bool:
    """S1 says Partly or No: the case should be offered for reopening after the survey."""
    return answers.get("S1") in (2, 3)


def clean_comment(raw: str) -> str:
    """A comment as stored: line ends as LF, unstorable characters removed, blank ends trimmed."""
    return _COMMENT_REMOVED.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()


@dataclass(frozen=True, slots=True)
class _Words:
    """Resolves texts to one language, with the company's name filled in."""

    definition: Definition
    language: str
    company: str

    def of(self, text: Mapping[str, str]) -> str:
        # A draft may have no text at all yet.
        wording = text.get(self.language) or text.get(self.definition.default_language, "")
        return fill(wording, {"company": self.company})


def _applies(rule: Rule, facts: Facts, answers: Answers) -> bool:
    if isinstance(rule, AnswerRule):
        given = answers.get(rule.item)
        chosen = given if isinstance(given, tuple) else (given,)
        return any(value in rule.values for value in chosen)
    if isinstance(rule, CaseRule):
        fact = (facts.channel if rule.fact == "channel" else facts.product).casefold()
        return (fact in {value.casefold() for value in rule.values}) == (rule.op == "in")
    actual = int(facts.human_handled) if rule.fact == "human_handled" else facts.n_agents
    if rule.op == "eq":
        return actual == rule.value
    return actual < rule.value if rule.op == "lt" else actual > rule.value


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
    chosen = given if isinstance(given, tuple) else (given,)
    return ShownItem(
        id=item.id,
        dimension=item.dimension,
        type=item.type,
        headline=item.headline,
        stem=words.of(several or item.stem),
        options=tuple(
            ShownOption(
                value=option.value,
                label=words.of(option.label),
                selected=option.value in chosen,
                exclusive=option.exclusive,
            )
            for option in item.options
        ),
        number=number,
        preselected=preselected,
    )


def _shown_comment(block: Block, words: _Words, answers: Answers) -> ShownComment | None:
    if block.comment is None:
        return None
    return ShownComment(
        id=block.comment.id,
        label=words.of(block.comment.label),
        value=str(answers.get(block.comment.id, "")),
        max_length=MAX_COMMENT_CHARACTERS,
    )


def _values(posted: Posted, name: str) -> list[str]:
    """The non-empty values posted under a name."""
    found = posted.get(name, ())
    return [value for value in ([found] if isinstance(found, str) else found) if value]


def _parse_item(item: Item, values: list[str], parsed: Parsed) -> None:
    valid = {str(option.value): option for option in item.options}
    if item.type != "multiple":
        values = values[-1:]
    if not all(_OPTION_VALUE.fullmatch(value) and value in valid for value in values):
        parsed.errors[item.id] = "invalid_option"
        return
    chosen = sorted({int(value) for value in values})
    if item.type != "multiple":
        parsed.answers[item.id] = chosen[0]
    elif len(chosen) > 1 and any(valid[str(value)].exclusive for value in chosen):
        parsed.errors[item.id] = "none_with_others"
    else:
        parsed.answers[item.id] = tuple(chosen)


def _parse_comment(comment_id: str, posted: Posted, parsed: Parsed) -> None:
    found = posted[comment_id]
    raw = found if isinstance(found, str) else (found[-1] if found else "")
    comment = clean_comment(raw)
    if len(comment) > MAX_COMMENT_CHARACTERS:
        parsed.errors[comment_id] = "comment_too_long"
        parsed.kept[comment_id] = comment
    else:
        parsed.answers[comment_id] = comment
