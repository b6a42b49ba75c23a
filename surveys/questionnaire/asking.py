"""Which questions one respondent is asked: the arm, the lot, the facts of the case, the answers.

The same input always asks the same, so a page can be shown again after a fault and a post can be
checked without a session.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, NamedTuple

import msgspec

from .schema import AnswerRule, Block, CaseRule, Definition, Item, Rule, walk_texts
from .texts import placeholders

Arm = Literal["fix_first", "cause_first"]
ARMS: Final[tuple[Arm, ...]] = ("fix_first", "cause_first")
#: Which of the two headline blocks a survey carries.
Asks = Literal["both", "fix", "cause"]
# The items that the lot chose, one of each rotation group, separated by blanks.
Rotation = str

Answer = int | tuple[int, ...] | str
Answers = Mapping[str, Answer]


class CauseName(NamedTuple):
    """A cause of the taxonomy, as a respondent may pick it. Where there are too many for a page,
    some are not shown; whoever names one of them is understood all the same."""

    code: str
    name: str
    is_shown: bool = True
    # What it is called in other languages, as (language, name).
    names: tuple[tuple[str, str], ...] = ()

    def called(self, language: str) -> str:
        """Its name in a language, else in that language's wider form, else the usual one."""
        known = dict(self.names)
        return known.get(language) or known.get(language.partition("-")[0]) or self.name


@dataclass(frozen=True, slots=True)
class Facts:
    """What of the case decides which questions make sense, and what they are called.

    ``human_handled``: a person, not only a machine, handled it. ``n_agents``: how many people.
    ``channel`` and ``product`` are names, empty where not known; ``product_was``: names that the
    product had before, which rules may still call it by. ``causes``: what a cause picker
    offers, in its order; without any it is not asked.
    """

    human_handled: bool
    n_agents: int
    channel: str = ""
    product: str = ""
    causes: tuple[CauseName, ...] = ()
    product_was: tuple[str, ...] = ()


def narrowed(definition: Definition, asks: Asks) -> Definition:
    """The definition without the headline block that is not asked.

    The lead-in announces two topics, so it goes with the second. Closing items stay.
    """
    if asks == "both":
        return definition
    left_out = "cause" if asks == "fix" else "fix"
    kept = tuple(block for block in definition.blocks if block.id != left_out)
    return msgspec.structs.replace(definition, blocks=kept, lead_in={})


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
    if item.type == "cause_picker" and not facts.causes:
        return False
    return not any(_applies(rule, facts, answers) for rule in item.skip_when)


def asked_items(
    block: Block, rotation: Rotation, facts: Facts, answers: Answers
) -> tuple[Item, ...]:
    """The items of a block that this respondent is asked."""
    return tuple(item for item in block.items if is_asked(item, rotation, facts, answers))


def missing(block: Block, rotation: Rotation, facts: Facts, answers: Answers) -> tuple[str, ...]:
    """The required items and comment of a page that are asked and have no answer."""
    found = [
        item.id
        for item in block.items
        if item.required
        and answers.get(item.id) in (None, "", ())
        and is_asked(item, rotation, facts, answers)
    ]
    comment = block.comment
    if comment is not None and comment.required and not answers.get(comment.id):
        found.append(comment.id)
    return tuple(found)


def is_complete(definition: Definition, rotation: Rotation, facts: Facts, answers: Answers) -> bool:
    """Whether all headlines are answered: what counts as a complete response."""
    return all(item.id in answers for item in definition.items if item.headline)


def not_sorted_out(answers: Answers) -> bool:
    """S1 says Partly or No: the case should be offered for reopening after the survey."""
    return answers.get("S1") in (2, 3)


def steering_items(definition: Definition) -> frozenset[str]:
    """The items whose answer decides whether another is asked."""
    return frozenset(rule.item for rule in _rules(definition) if isinstance(rule, AnswerRule))


def facts_that_matter(definition: Definition) -> frozenset[str]:
    """Which of channel, product and causes this definition asks by or speaks of."""
    found: set[str] = {rule.fact for rule in _rules(definition) if isinstance(rule, CaseRule)}
    if any("product" in placeholders(text) for text in _wordings(definition)):
        found.add("product")
    if any(item.type == "cause_picker" for item in definition.items):
        found.add("causes")
    return frozenset(found)


def _rules(definition: Definition) -> Sequence[Rule]:
    return [rule for item in definition.items for rule in item.skip_when]


def _wordings(definition: Definition) -> Sequence[str]:
    return [wording for _, text in walk_texts(definition) for wording in text.values()]


def _applies(rule: Rule, facts: Facts, answers: Answers) -> bool:
    if isinstance(rule, AnswerRule):
        given = answers.get(rule.item)
        chosen = given if isinstance(given, tuple) else (given,)
        return any(value in rule.values for value in chosen)
    if isinstance(rule, CaseRule):
        sold = (facts.product, *facts.product_was)
        called = {
            name.casefold() for name in ((facts.channel,) if rule.fact == "channel" else sold)
        }
        return any(value.casefold() in called for value in rule.values) == (rule.op == "in")
    actual = int(facts.human_handled) if rule.fact == "human_handled" else facts.n_agents
    if rule.op == "eq":
        return actual == rule.value
    return actual < rule.value if rule.op == "lt" else actual > rule.value
