"""How long a questionnaire is for the one who is asked most.

Source: ten seconds for a closed item, 45 for an open one. The comment of a page is not counted, as
most leave it empty; one that is required is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from ..rendering import Facts, is_asked
from ..schema import AnswerRule, CaseRule, Definition, FactRule, Item
from .findings import Finding, finding

MAX_ITEMS: Final = 9
MAX_SECONDS: Final = 90
SECONDS_CLOSED: Final = 10
SECONDS_OPEN: Final = 45
OPEN_TYPES: Final = frozenset({"short_text", "long_text"})
#: So many ways are tried; with more, every item that any of them could show is counted.
_MAX_WAYS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Length:
    """The longest way through: how many items, how many seconds."""

    items: int
    seconds: int


def longest(definition: Definition) -> Length:
    """What the respondent with the most questions meets, by number and by time separately."""
    items = definition.items
    ruled = [item for item in items if item.skip_when]
    always = [item for item in items if not item.skip_when and item.rotation is None]
    ways = list(islice(_ways(definition, ruled), _MAX_WAYS + 1)) if ruled else []
    if not ruled or len(ways) > _MAX_WAYS:
        shown = [ruled]
    else:
        shown = [_shown(definition, ruled, facts, answers) for facts, answers in ways]
    best_items, best_seconds = 0, 0
    for some in shown:
        seconds, count = _with_rotation(items, [*always, *some])
        best_items, best_seconds = max(best_items, count), max(best_seconds, seconds)
    return Length(best_items, best_seconds)


def findings(definition: Definition) -> Iterator[Finding]:
    """One finding where it is too long, by number or else by time."""
    length = longest(definition)
    if length.items > MAX_ITEMS:
        message = f"Up to {length.items} questions are shown; {MAX_ITEMS} is the most."
    elif length.seconds > MAX_SECONDS:
        message = f"It takes up to {length.seconds} seconds; {MAX_SECONDS} is the most."
    else:
        return
    yield finding("too_long", "$.blocks", message)


def _seconds(item: Item) -> int:
    return SECONDS_OPEN if item.type in OPEN_TYPES else SECONDS_CLOSED


def _with_rotation(items: tuple[Item, ...], shown: list[Item]) -> tuple[int, int]:
    """Seconds and number of the items shown, of each rotation group the longest one."""
    chosen = {item.id for item in shown}
    groups: dict[str, int] = {}
    seconds = count = 0
    for item in items:
        if item.rotation is not None:
            if item.id in chosen or not item.skip_when:
                groups[item.rotation] = max(groups.get(item.rotation, 0), _seconds(item))
        elif item.id in chosen:
            seconds, count = seconds + _seconds(item), count + 1
    return seconds + sum(groups.values()), count + len(groups)


def _ways(definition: Definition, ruled: list[Item]) -> Iterator[tuple[Facts, dict[str, int]]]:
    """Every combination of facts and answers that the rules tell apart."""
    rules = [rule for item in ruled for rule in item.skip_when]
    near = {r.value + d for r in rules if isinstance(r, FactRule) for d in (-1, 0, 1)}
    agents = {1, *(value for value in near if value >= 0)}
    cases = {
        fact: [
            "\0",
            *{v for r in rules if isinstance(r, CaseRule) and r.fact == fact for v in r.values},
        ]
        for fact in ("channel", "product")
    }
    asked = sorted({rule.item for rule in rules if isinstance(rule, AnswerRule)})
    known = {item.id: item.answer_values for item in definition.items}
    values = [known.get(item_id) or (0,) for item_id in asked]
    facts = product((True, False), sorted(agents), cases["channel"], cases["product"])
    for human, n_agents, channel, sold in facts:
        for given in product(*values):
            known_facts = Facts(human, n_agents, channel, sold)
            yield known_facts, dict(zip(asked, given, strict=True))


def _shown(
    definition: Definition, ruled: list[Item], facts: Facts, answers: dict[str, int]
) -> list[Item]:
    """The items with rules that are asked; the answer to one that is not asked steers nothing."""
    given = dict(answers)
    shown = []
    for item in ruled:
        if is_asked(item, item.id, facts, given):
            shown.append(item)
        else:
            given.pop(item.id, None)
    return shown
