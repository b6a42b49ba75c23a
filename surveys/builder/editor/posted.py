"""What the editor's form says, as operations: every field that differs from what its author saw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.http import QueryDict

from surveys.questionnaire import operations as ops
from surveys.questionnaire.editing import EditError, clean
from surveys.questionnaire.schema import Rule

_CHECKS: Final = frozenset({"required", "agent_visible", "randomise", "exclusive", "outside_scale"})
_NUMBERS: Final = frozenset({"low", "high"})
MAX_BUTTON: Final = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """One field that was changed: its name in the form, and the operation that it asks for."""

    name: str
    operation: ops.Operation
    value: str
    was: str


def changes(post: QueryDict, language: str) -> Iterator[Change | tuple[str, EditError]]:
    """The fields that differ from what was seen; beside a field that cannot be read stands why."""
    over, theirs = post.getlist("over"), post.getlist("theirs")
    for key in post:
        if not key.startswith(("w:t:", "w:f:")):
            continue
        name = key[2:]
        if name in theirs:
            continue
        was = post.get(f"now:{name}", "") if name in over else post.get(key, "")
        try:
            change = _change(post, name, was, language)
        except EditError as error:
            yield name, error
            continue
        if change is not None:
            yield change


def _change(post: QueryDict, name: str, was: str, language: str) -> Change | None:
    kind, _, place = name.partition(":")
    if kind == "t":
        text = post.get(name, "")
        if clean(text) == clean(was):
            return None
        fields = {"op": "set_text", "at": place, "language": language, "text": text, "was": was}
        return Change(name, _operation(place, fields), text, was)
    value, seen = _value(post, name, place), _json(place, was)
    if value == seen:
        return None
    fields = {"op": "set_field", "at": place, "value": value, "was": seen}
    return Change(name, _operation(place, fields), ", ".join(post.getlist(name)), was)


def _value(post: QueryDict, name: str, place: str) -> Any:
    """A field's value in the definition's JSON. Raises: EditError."""
    key = place.rpartition(".")[2]
    if key in _CHECKS:
        return name in post
    if key == "required_languages":
        return post.getlist(name) or None
    raw = post.get(name, "").strip()
    if key not in _NUMBERS:
        return raw or None
    if not raw:
        return None
    try:
        return int(raw[:12])
    except ValueError:
        raise EditError(place, "This must be a whole number.") from None


def _json(place: str, raw: str) -> Any:
    try:
        return json.loads(raw or "null")
    except (ValueError, RecursionError):
        raise EditError(place, "The page is damaged; load it again.") from None


def _operation(place: str, fields: dict[str, Any]) -> ops.Operation:
    try:
        operation: ops.Operation = msgspec.convert(fields, ops.Operation)
    except msgspec.ValidationError as error:
        raise EditError(place, f"{error}.") from error
    return operation


def button(post: QueryDict) -> ops.Operation | str | None:
    """What the button asks for: an operation, "undo" or "redo"; None for none.

    Raises: EditError for what no button of ours says.
    """
    if "add_rule" in post:
        return ops.AddRule(
            item=post.get("item", "")[:8], rule=_rule(post, post.get("add_rule", ""))
        )
    if "add_language" in post:
        tag = post.get("new_language", "").strip()[:20]
        if not tag:
            raise EditError("languages", "Choose a language first.")
        return _operation("languages", {"op": "add_language", "language": tag})
    raw = post.get("do", "")[:MAX_BUTTON]
    if raw in {"", "undo", "redo"}:
        return raw or None
    if raw == "change_type":
        fields = {"item": post.get("item"), "type": post.get("type"), "was": post.get("type_was")}
        return _operation("type", {"op": "change_type", **fields})
    try:
        return ops.decode_operation(raw)
    except ValueError as error:
        raise EditError("", f"This cannot be done: {error}.") from error


def _rule(post: QueryDict, kind: str) -> Rule:
    """A skip rule as the form's fields say. Raises: EditError."""
    place = f"{post.get('item', '')[:8]}.skip_when"
    if kind == "answer":
        item, _, value = post.get("rule_answer", "")[:20].partition(":")
        if not value.isascii() or not value.isdigit():
            raise EditError(place, "Choose an answer first.")
        rule: dict[str, Any] = {"on": "answer", "item": item, "values": [int(value)]}
    elif kind == "people":
        rule = {"on": "fact", **_PEOPLE.get(post.get("rule_people", ""), _PEOPLE["several"])}
    else:
        names = [name.strip() for name in post.get("rule_names", "")[:4000].split(",")]
        rule = {
            "on": "case",
            "fact": post.get("rule_fact", ""),
            "op": post.get("rule_op", ""),
            "values": [name for name in names if name],
        }
        if not rule["values"]:
            raise EditError(place, "Name at least one channel or product.")
    try:
        made: Rule = msgspec.convert(rule, Rule)
    except msgspec.ValidationError as error:
        raise EditError(place, f"{error}.") from error
    return made


_PEOPLE: Final[dict[str, dict[str, Any]]] = {
    "none": {"fact": "human_handled", "op": "eq", "value": 0},
    "one": {"fact": "n_agents", "op": "lt", "value": 2},
    "several": {"fact": "n_agents", "op": "gt", "value": 1},
}
