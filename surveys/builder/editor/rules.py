"""Skip rules in words, and the answers that a new one may name."""

from __future__ import annotations

from typing import Any

from surveys.builder.editor.fields import Choice, Maker
from surveys.questionnaire.places import Document, items_of
from surveys.questionnaire.schema import NPS_POINTS


def answers_before(
    block: Document, index: int, maker: Maker
) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """The answers that a skip rule may name, question by question, as ``F3:5``."""
    earlier = list(block["items"][:index])
    if block["id"] == "closing":
        others = [b for b in maker.document["blocks"] if b["id"] != "closing"]
        earlier = [item for other in others for item in other["items"]] + earlier
    groups = []
    for item in earlier:
        choices = tuple(
            (f"{item['id']}:{option['value']}", _words(option["label"], maker) or "No words yet")
            for option in item.get("options", [])
        )
        if item["type"] == "nps":
            choices = tuple((f"{item['id']}:{point}", str(point)) for point in NPS_POINTS)
        if choices:
            groups.append((f"{item['id']} {_words(item['stem'], maker)}"[:80], choices))
    return tuple(groups)


def rule_words(rule: dict[str, Any], maker: Maker) -> str:
    """A skip rule as a sentence."""
    if rule["on"] == "answer":
        known = [i for i in items_of(maker.document) if i["id"] == rule["item"]]
        labels = {
            option["value"]: f"“{_words(option['label'], maker)}”"
            for item in known
            for option in item.get("options", [])
        }
        named = " or ".join(labels.get(value, str(value)) for value in rule["values"])
        return f"the answer to {rule['item']} is {named}"
    if rule["on"] == "case":
        are = "is" if rule["op"] == "in" else "is not"
        return f"the {rule['fact']} {are} {' or '.join(rule['values'])}"
    value, op = rule["value"], rule["op"]
    if rule["fact"] == "human_handled":
        person = (value == 0) == (op == "eq")
        return "no person handled the case" if person else "a person handled the case"
    than = {"eq": "exactly", "lt": "fewer than", "gt": "more than"}[op]
    return f"{than} {value} {'person' if value == 1 else 'people'} handled the case"


def _words(texts: dict[str, str], maker: Maker) -> str:
    return texts.get(maker.language) or texts.get(maker.document["default_language"], "")
