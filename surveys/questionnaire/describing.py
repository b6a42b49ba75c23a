"""Parts of a questionnaire as people would say them.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .schema import AnswerRule, CaseRule, FactRule, Rule

_COMPARED = {"eq": "exactly", "lt": "fewer than", "gt": "more than"}


def rules_in_words(rules: Sequence[Rule]) -> str:
    """When an item is left out: "skipped where no person handled the case, or where …"."""
    if not rules:
        return "everyone is asked"
    return "skipped " + ", or ".join(rule_in_words(rule) for rule in rules)


def rule_in_words(rule: Rule) -> str:
    """One skip rule, from "where" on."""
    if isinstance(rule, AnswerRule):
        chosen = " or ".join(map(str, rule.values))
        return f"where {rule.item} was answered with option {chosen}"
    if isinstance(rule, CaseRule):
        names = " or ".join(f"“{value}”" for value in rule.values)
        return f"where the {rule.fact} is {'not ' if rule.op == 'not_in' else ''}{names}"
    return f"where {_fact(rule)}"


def _fact(rule: FactRule) -> str:
    if rule.fact == "human_handled" and rule.op == "eq":
        return "a person handled the case" if rule.value else "no person handled the case"
    if rule.fact == "human_handled":
        return f"human_handled is {_COMPARED[rule.op]} {rule.value}"
    return f"{_COMPARED[rule.op]} {rule.value} people handled the case"


def shortened(text: Mapping[str, str], language: str, most: int = 120) -> str:
    """A text in the language, else in any; cut where it is long."""
    words = text.get(language) or next(iter(text.values()), "")
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
