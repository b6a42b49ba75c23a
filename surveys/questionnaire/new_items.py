"""What a question begins as when a designer adds one: sensible answers, in every language there is.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, get_args

from .default import default_definition
from .documents import to_builtins
from .places import Document, EditError, items_of
from .schema import STANDARD_ITEMS, ItemType
from .texts import catalogue
from .texts import languages as shipped_languages

#: The types in the order in which they are offered, with their names in words.
TYPE_NAMES: Final[dict[ItemType, str]] = {
    "rating": "Rating",
    "yes_no": "Yes or no",
    "single": "One of several",
    "multiple": "Several of several",
    "short_text": "Short text",
    "long_text": "Long text",
    "number": "Number",
    "date": "Date",
    "cause_picker": "Cause picker",
    "nps": "Likelihood to recommend (0–10)",
}
#: Whose labels a new question borrows from the standard ones: option by option, "" to be written.
_OPTION_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "rating": ("C4_1", "C4_2", "C4_3", "C4_4", "C4_5"),
    "yes_no": ("S1_1", "S1_3"),
    "single": ("", ""),
    "multiple": ("", "", "F3_5"),
}
OWN_PREFIX: Final = "X"
#: The side of the report that a question of the designer's own belongs to, by its page.
SIDES: Final = {"fix": "fix", "cause": "cause", "closing": "outcome"}


def fresh_id(document: Document, taken: Iterable[str] = ()) -> str:
    """X1, X2 … : the first that neither the document nor any published version ever used, for an
    answer must never be read beside another question's words."""
    used = {item["id"] for item in items_of(document)} | set(taken)
    return next(f"{OWN_PREFIX}{n}" for n in range(1, 10_000) if f"{OWN_PREFIX}{n}" not in used)


def new_item(kind: str, block: str, item_id: str, document: Document) -> Document:
    """A question of the designer's own. Raises: EditError for an unknown type."""
    if kind not in get_args(ItemType):
        raise EditError(block, f"There is no type of question called {kind!r}.")
    languages = document["languages"]
    item: Document = {
        "id": item_id,
        "dimension": f"{SIDES[block]}.own",
        "type": kind,
        "stem": {document["default_language"]: ""},
    }
    options = new_options(kind, languages, document["default_language"])
    if options:
        item["options"] = options
    if kind == "number":
        item["low"] = 0
    if kind == "nps":
        item["low_label"] = _labels("O1_1", languages)
        item["high_label"] = _labels("O1_5", languages)
    return item


def new_options(kind: str, languages: Sequence[str], default: str) -> list[Document]:
    """The answers a type begins with; none for what is typed or picked."""
    keys = _OPTION_KEYS.get(kind, ())
    options: list[Document] = [
        {"value": value, "label": _labels(key, languages) or {default: ""}}
        for value, key in enumerate(keys, start=1)
    ]
    if kind == "multiple":
        options[-1]["exclusive"] = True
    return options


def standard_item(item_id: str, document: Document) -> Document:
    """A standard question in its standard words. Raises: EditError for an id that is none."""
    if item_id not in STANDARD_ITEMS:
        raise EditError(item_id, f"{item_id} is no standard question.")
    plain: Any = to_builtins(default_definition())
    found = next(item for item in items_of(plain) if item["id"] == item_id)
    return dict(_only(found, set(document["languages"])))


def standard_comment(block_id: str, document: Document) -> Document:
    """The free text of a page in its standard words. Raises: EditError for a page without."""
    plain: Any = to_builtins(default_definition())
    for block in plain["blocks"]:
        if block["id"] == block_id and "comment" in block:
            return dict(_only(block["comment"], set(document["languages"])))
    raise EditError(block_id, "A closing comment belongs to neither report.")


def standard_block(block_id: str) -> str | None:
    """The page on which a standard question stands by itself; None for no standard question."""
    side = STANDARD_ITEMS[block_id][0].partition(".")[0] if block_id in STANDARD_ITEMS else None
    return {"fix": "fix", "cause": "cause", "outcome": "closing", None: None}[side]


def _labels(key: str, languages: Sequence[str]) -> dict[str, str]:
    """A standard label in those of the languages that have it."""
    known = shipped_languages()
    return {
        language: catalogue(language)["questionnaire"][key]
        for language in languages
        if key and (language in known or language.partition("-")[0] in known)
    }


def _only(node: Any, languages: set[str]) -> Any:
    """A copy whose texts are in these languages alone."""
    if isinstance(node, list):
        return [_only(part, languages) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: (
            {code: text for code, text in part.items() if code in languages}
            if key in _TEXT_KEYS
            else _only(part, languages)
        )
        for key, part in node.items()
    }


_TEXT_KEYS: Final = frozenset({"stem", "label", "hint", "stem_several", "low_label", "high_label"})
