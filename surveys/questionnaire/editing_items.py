"""Changes of whole questions, their options and their skip rules; `editing.perform` calls these.

Each changes the document given and says what it did.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from . import operations as ops
from .new_items import SIDES, TYPE_NAMES, fresh_id, new_item, new_options, standard_item
from .places import (
    Document,
    EditError,
    StaleError,
    block_named,
    fingerprint,
    item_at,
    item_named,
    items_of,
    option_named,
)
from .schema import MAX_ITEMS_OF_A_BLOCK, REFUSED_TEXT, STANDARD_ITEMS, CaseRule

MAX_OPTIONS: Final = 20
MAX_RULES: Final = 10
#: These open the mail and the page of their side; each is at home there alone.
HEADLINES: Final = {"F1": "fix", "C1": "cause"}


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words, and the place it is about."""

    summary: str
    place: str


def add(
    document: Document, operation: ops.AddItem | ops.DuplicateItem, taken: Iterable[str]
) -> Done:
    """A new question, or the copy of one."""
    if isinstance(operation, ops.DuplicateItem):
        block, index = item_at(document, operation.item)
        item = copy.deepcopy(block["items"][index])
        item["id"] = fresh_id(document, taken)
        item.pop("headline", None)
        _put(block, item, after=operation.item)
        return Done(f"Duplicated {operation.item} as {item['id']}", item["id"])
    block = block_named(document, operation.block)
    if operation.kind in STANDARD_ITEMS:
        if any(item["id"] == operation.kind for item in items_of(document)):
            raise EditError(operation.kind, f"{operation.kind} is asked already.")
        item = standard_item(operation.kind, document)
        refuse_page(item, operation.block)
    else:
        item = new_item(operation.kind, operation.block, fresh_id(document, taken), document)
    _put(block, item, after=operation.after or (block["items"][-1:] or [{"id": ""}])[0]["id"])
    return Done(f"Added {item['id']} to the {operation.block} page", item["id"])


def delete(document: Document, operation: ops.DeleteItem) -> Done:
    block, index = item_at(document, operation.item)
    item = block["items"][index]
    if operation.was is not None and fingerprint(item) != operation.was:
        raise StaleError(operation.item, f"{operation.item} was changed meanwhile.")
    del block["items"][index]
    n_rules = sum(drop_rules(other, [operation.item]) for other in items_of(document))
    words = f" and {n_rules} skip rule{'' if n_rules == 1 else 's'} that named it"
    return Done(f"Deleted {operation.item}{words if n_rules else ''}", block["id"])


def move(document: Document, operation: ops.MoveItem) -> Done:
    block, index = item_at(document, operation.item)
    if operation.was is not None:
        _refuse_moved(block, operation)
    target = block_named(document, operation.block)
    item = block["items"][index]
    del block["items"][index]
    if target["id"] != block["id"]:
        refuse_page(item, target["id"])
        if item["id"] not in STANDARD_ITEMS:
            suffix = item["dimension"].partition(".")[2]
            item["dimension"] = f"{SIDES[target['id']]}.{suffix}"
    _put(target, item, after=operation.after)
    place = target["items"].index(item) + 1
    return Done(
        f"Moved {operation.item} to place {place} of {len(target['items'])} "
        f"on the {target['id']} page",
        operation.item,
    )


def _refuse_moved(block: Document, operation: ops.MoveItem) -> None:
    """Raises: StaleError where somebody moved the question; what was added or deleted around it
    is no contradiction."""
    now = [item["id"] for item in block["items"]]
    seen = list(operation.was or ())
    common = set(now) & set(seen)
    moved = f"{operation.item} was moved meanwhile."
    if operation.item not in seen:
        raise StaleError(operation.item, moved)
    before = [name for name in seen[: seen.index(operation.item)] if name in common]
    before_now = [name for name in now[: now.index(operation.item)] if name in common]
    if set(before) != set(before_now):
        raise StaleError(operation.item, moved)


def refuse_page(item: Mapping[str, Any], block: str) -> None:
    """Raises: EditError where a standard question has no place on the page."""
    item_id = item["id"]
    side = item["dimension"].partition(".")[0]
    home = HEADLINES.get(item_id)
    if home is not None and block != home:
        raise EditError(item_id, f"{item_id} opens the {home} page and cannot stand elsewhere.")
    if item_id in STANDARD_ITEMS and block not in ("closing", side):
        raise EditError(
            item_id, f"{item_id} is a {side} question; on the {block} page the ratings would bleed."
        )


def refuse_fixed(document: Document, place: str) -> None:
    """Raises: EditError where options of a standard question would get another meaning."""
    head, _, rest = place.partition(".")
    if head in STANDARD_ITEMS and rest.startswith("options."):
        raise EditError(place, _fixed(head))


def change_type(document: Document, operation: ops.ChangeType) -> Done:
    item = item_named(document, operation.item)
    done = Done(
        f"Made {operation.item} a question of type “{TYPE_NAMES[operation.type]}”", operation.item
    )
    if item["type"] == operation.type:
        return done
    if operation.item in STANDARD_ITEMS:
        raise EditError(operation.item, _fixed(operation.item))
    if item["type"] != operation.was:
        raise StaleError(
            operation.item,
            f"The type of {operation.item} was changed meanwhile.",
            mine=TYPE_NAMES[operation.type],
            theirs=TYPE_NAMES[item["type"]],
        )
    for key in ("options", "low", "high", "low_label", "high_label"):
        item.pop(key, None)
    item["type"] = operation.type
    options = new_options(operation.type, document["languages"], document["default_language"])
    if options:
        item["options"] = options
    return done


def n_points(item: Document) -> int:
    """How many points the scale of a rating has."""
    return sum(not option.get("outside_scale") for option in item.get("options", []))


def set_points(document: Document, operation: ops.SetPoints) -> Done:
    """The scale grows and shrinks at its upper end."""
    item = _with_options(document, operation.item)
    done = Done(f"Gave {operation.item} {operation.points} points", operation.item)
    if item["type"] != "rating":
        raise EditError(operation.item, "Only a rating has points.")
    found = n_points(item)
    if found == operation.points:
        return done
    if found != operation.was:
        raise StaleError(
            operation.item,
            f"The scale of {operation.item} was changed meanwhile.",
            mine=str(operation.points),
            theirs=str(found),
        )
    options = item.get("options", [])
    scale = [option for option in options if not option.get("outside_scale")]
    blank = {"value": 0, "label": {document["default_language"]: ""}}
    scale = scale[: operation.points] + [
        copy.deepcopy(blank) for _ in range(operation.points - len(scale))
    ]
    item["options"] = scale + [option for option in options if option.get("outside_scale")]
    _count_again(document, item)
    return done


def add_option(document: Document, operation: ops.AddOption) -> Done:
    item = _with_options(document, operation.item)
    options = item.setdefault("options", [])
    if len(options) >= MAX_OPTIONS:
        raise EditError(f"{operation.item}.options", f"A question has at most {MAX_OPTIONS}.")
    place = len(options)
    while place and (
        options[place - 1].get("exclusive") or options[place - 1].get("outside_scale")
    ):
        place -= 1
    # The new option has no number yet: every other keeps its own until all are counted again.
    options.insert(place, {"value": 0, "label": {document["default_language"]: ""}})
    _count_again(document, item)
    return Done(f"Added option {place + 1} to {operation.item}", operation.item)


def remove_option(document: Document, operation: ops.RemoveOption) -> Done:
    item = _with_options(document, operation.item)
    index = _seen_option(item, operation.value, operation.was)
    del item["options"][index]
    _count_again(document, item)
    return Done(f"Removed option {operation.value} of {operation.item}", operation.item)


def move_option(document: Document, operation: ops.MoveOption) -> Done:
    item = _with_options(document, operation.item)
    index = _seen_option(item, operation.value, operation.was)
    if not 1 <= operation.to <= len(item["options"]):
        raise EditError(f"{operation.item}.options", f"There is no place {operation.to}.")
    item["options"].insert(operation.to - 1, item["options"].pop(index))
    _count_again(document, item)
    return Done(
        f"Moved option {operation.value} of {operation.item} to place {operation.to}",
        operation.item,
    )


def _with_options(document: Document, item_id: str) -> Document:
    item = item_named(document, item_id)
    if item_id in STANDARD_ITEMS:
        raise EditError(f"{item_id}.options", _fixed(item_id))
    if item["type"] not in {"rating", "yes_no", "single", "multiple"}:
        raise EditError(f"{item_id}.options", f"{item_id} has no options.")
    return item


def _fixed(item_id: str) -> str:
    return (
        f"{item_id} is a standard question: its wording is yours, its type and number of options "
        "are not, or its figures would change their meaning. Duplicate it to go another way."
    )


def _seen_option(item: Document, value: int, was: str) -> int:
    """Position of the option. Raises: StaleError where it is not what the author saw."""
    option, index = option_named(item, value)
    if fingerprint(option) != was:
        raise StaleError(f"{item['id']}.options.{value}", f"Option {value} was changed meanwhile.")
    return index


def _count_again(document: Document, item: Document) -> None:
    """Number the options 1, 2, 3 … and let the rules that name one follow it."""
    follow = {}
    for value, option in enumerate(item["options"], start=1):
        follow[option["value"]] = value
        option["value"] = value
    for other in items_of(document):
        rules = []
        for rule in other.get("skip_when", []):
            if rule["on"] == "answer" and rule["item"] == item["id"]:
                values = sorted(follow[value] for value in rule["values"] if value in follow)
                rule = {**rule, "values": values}
            if rule.get("values", [0]):
                rules.append(rule)
        if other.get("skip_when"):
            other["skip_when"] = rules


def add_rule(document: Document, operation: ops.AddRule) -> Done:
    item = item_named(document, operation.item)
    place = f"{operation.item}.skip_when"
    rule = msgspec.json.decode(msgspec.json.encode(operation.rule))
    rules = item.setdefault("skip_when", [])
    done = Done(f"Added a skip rule to {operation.item}", operation.item)
    if rule in rules:
        return done
    if len(rules) >= MAX_RULES:
        raise EditError(place, f"A question has at most {MAX_RULES} skip rules.")
    if isinstance(operation.rule, CaseRule):
        for value in operation.rule.values:
            if REFUSED_TEXT.search(value):
                raise EditError(place, "A value contains characters that turn or hide text.")
    rules.append(rule)
    return done


def remove_rule(document: Document, operation: ops.RemoveRule) -> Done:
    item = item_named(document, operation.item)
    kept = [rule for rule in item.get("skip_when", []) if fingerprint(rule) != operation.was]
    if len(kept) == len(item.get("skip_when", [])):
        raise StaleError(f"{operation.item}.skip_when", "The skip rule is not there any more.")
    item["skip_when"] = kept
    return Done(f"Removed a skip rule of {operation.item}", operation.item)


def drop_rules(item: Document, names: Iterable[str]) -> int:
    """Take out the rules that name one of these questions; how many there were."""
    gone = set(names)
    rules = item.get("skip_when", [])
    kept = [rule for rule in rules if not (rule["on"] == "answer" and rule["item"] in gone)]
    if rules:
        item["skip_when"] = kept
    return len(rules) - len(kept)


def _put(block: Document, item: Document, *, after: str | None) -> None:
    """After another question; first without one, last where that one has gone. Raises: EditError
    where the page is full."""
    if len(block["items"]) >= MAX_ITEMS_OF_A_BLOCK:
        raise EditError(
            block["id"],
            f"A page holds at most {MAX_ITEMS_OF_A_BLOCK} questions; delete or move one first.",
        )
    names = [other["id"] for other in block["items"]]
    if after is None:
        place = 0
    else:
        place = names.index(after) + 1 if after in names else len(names)
    block["items"].insert(place, item)
