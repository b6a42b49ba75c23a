"""The rules for skip rules: no circle, and somebody is left to ask."""

from __future__ import annotations

from collections.abc import Iterator

from ..schema import AnswerRule, CaseRule, Definition, FactRule, Item
from .findings import Finding, finding


def findings(definition: Definition) -> Iterator[Finding]:
    """Circles of rules, and items that every respondent would skip."""
    paths = {
        item.id: f"$.blocks[{number}].items[{index}]"
        for number, block in enumerate(definition.blocks)
        for index, item in enumerate(block.items)
    }
    for circle in _circles(definition):
        told = " → ".join((*circle, circle[0]))
        message = (
            f"{circle[0]} is skipped by its own answer."
            if len(circle) == 1
            else f"These skip each other in a circle: {told}."
        )
        yield finding("skip_circle", f"{paths[circle[0]]}.skip_when", message)
    for item in definition.items:
        reason = _unreachable(definition, item)
        if reason:
            yield finding("unreachable", f"{paths[item.id]}.skip_when", reason)


def circular_items(definition: Definition) -> frozenset[str]:
    """The items that stand in a circle."""
    return frozenset(item_id for circle in _circles(definition) for item_id in circle)


def _circles(definition: Definition) -> Iterator[tuple[str, ...]]:
    """Each circle once, from its first item in reading order along "waits for"."""
    items = {item.id: item for item in definition.items}
    waits = {
        item_id: [
            rule.item
            for rule in item.skip_when
            if isinstance(rule, AnswerRule) and rule.item in items
        ]
        for item_id, item in items.items()
    }
    in_circle: set[str] = set()
    for start in waits:
        if start in in_circle:
            continue
        circle = _way_back(start, waits)
        if circle:
            in_circle.update(circle)
            yield circle


def _way_back(start: str, waits: dict[str, list[str]]) -> tuple[str, ...]:
    """The shortest way along ``waits`` from an item to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for following in waits[way[-1]]:
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return ()


def _unreachable(definition: Definition, item: Item) -> str:
    """Any one rule skips an item, so it is lost as soon as one fact or answer leaves no way."""
    for fact in ("channel", "product"):
        rules = [r for r in item.skip_when if isinstance(r, CaseRule) and r.fact == fact]
        if rules and not _some_case(rules):
            return f"Its rules skip it for every {fact}."
    for name, values in (("human_handled", range(2)), ("n_agents", range(1_002))):
        facts = [r for r in item.skip_when if isinstance(r, FactRule) and r.fact == name]
        if facts and all(any(_holds(rule, value) for rule in facts) for value in values):
            return f"Its rules skip it whatever {name} is."
    named: dict[str, set[int]] = {}
    for rule in item.skip_when:
        if isinstance(rule, AnswerRule):
            named.setdefault(rule.item, set()).update(rule.values)
    known = {other.id: other for other in definition.items}
    for other, skipping in named.items():
        possible = known[other].answer_values if other in known else ()
        if possible and other != item.id and {*possible} <= skipping:
            return f"Its rules skip it whatever is answered to {other}."
    return ""


def _some_case(rules: list[CaseRule]) -> bool:
    """Whether a value exists that no rule skips: one that is named, or one named nowhere."""
    named = {value.casefold() for rule in rules for value in rule.values}
    return any(
        not any(
            (value in {v.casefold() for v in rule.values}) == (rule.op == "in") for rule in rules
        )
        for value in (*named, "\0")
    )


def _holds(rule: FactRule, value: int) -> bool:
    if rule.op == "eq":
        return value == rule.value
    return value < rule.value if rule.op == "lt" else value > rule.value
