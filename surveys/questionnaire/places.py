"""Names of the places in a definition's plain JSON that survive reordering, and what stands there.

`F1` is the item, `F1.stem` its wording in all languages, `F1.options.2.label` an option's, `fix`
the block, `fix.comment.label` what its free text asks; `lead_in`, `thanks` and `languages` are the
definition's own. Item ids begin with a capital and block ids with a small letter, so no name is
ambiguous.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

Document = dict[str, Any]

MAX_STEM: Final = 500
MAX_LABEL: Final = 80
_ITEM_TEXTS: Final = {
    "stem": MAX_STEM,
    "hint": MAX_STEM,
    "stem_several": MAX_STEM,
    "low_label": MAX_LABEL,
    "high_label": MAX_LABEL,
}
#: Texts that may be missing altogether.
OPTIONAL_TEXTS: Final = frozenset({"hint", "stem_several", "low_label", "high_label"})
TOP_TEXTS: Final = ("lead_in", "thanks")
BLOCK_IDS: Final = frozenset({"fix", "cause", "closing"})


class EditError(ValueError):
    """A change that cannot be made; ``path`` names the place. The draft stays as it was."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class StaleError(EditError):
    """What the change's author saw is no longer there: somebody else changed the same thing.

    ``mine`` is what was to stand there, ``theirs`` what does; None where one is nothing to show.
    """

    def __init__(
        self, path: str, message: str, *, mine: str | None = None, theirs: str | None = None
    ) -> None:
        super().__init__(path, message)
        self.mine = mine
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where a translated text stands: ``holder[key]`` is its dict of languages, or missing."""

    holder: Document
    key: str
    limit: int
    optional: bool

    @property
    def texts(self) -> dict[str, str]:
        return self.holder.get(self.key) or {}


def fingerprint(value: object) -> str:
    """Short and the same for equal JSON: tells whether something is still what somebody saw."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def is_item(name: str) -> bool:
    """Whether the first part of a place's name is an item's."""
    return name[:1].isupper()


def items_of(document: Document) -> list[Document]:
    return [item for block in document["blocks"] for item in block["items"]]


def item_at(document: Document, item_id: str) -> tuple[Document, int]:
    """The block and the position in it. Raises: StaleError where there is no such item."""
    for block in document["blocks"]:
        for index, item in enumerate(block["items"]):
            if item["id"] == item_id:
                return block, index
    raise StaleError(item_id, f"The question {item_id} is not there.")


def item_named(document: Document, item_id: str) -> Document:
    """Raises: StaleError."""
    block, index = item_at(document, item_id)
    found: Document = block["items"][index]
    return found


def block_named(document: Document, block_id: str) -> Document:
    """Raises: StaleError."""
    for block in document["blocks"]:
        if block["id"] == block_id:
            found: Document = block
            return found
    raise StaleError(block_id, f"There is no {block_id} page.")


def option_named(item: Document, value: int) -> tuple[Document, int]:
    """The option with this number, and its position. Raises: StaleError."""
    for index, option in enumerate(item.get("options", [])):
        if option["value"] == value:
            return option, index
    raise StaleError(f"{item['id']}.options.{value}", f"{item['id']} has no option {value}.")


def text_place(document: Document, name: str) -> TextPlace:
    """Where a text stands.

    Raises: EditError for what is no name of a text; StaleError for what is not there any more.
    """
    parts = name.split(".")
    if len(parts) == 1 and name in TOP_TEXTS:
        return TextPlace(document, name, MAX_STEM, optional=False)
    if len(parts) == 3 and parts[0] in BLOCK_IDS and parts[1:] == ["comment", "label"]:
        comment = block_named(document, parts[0]).get("comment")
        if comment is None:
            raise StaleError(name, f"The {parts[0]} page has no comment.")
        return TextPlace(comment, "label", MAX_STEM, optional=False)
    if len(parts) == 2 and is_item(name) and parts[1] in _ITEM_TEXTS:
        item = item_named(document, parts[0])
        return TextPlace(item, parts[1], _ITEM_TEXTS[parts[1]], parts[1] in OPTIONAL_TEXTS)
    if len(parts) == 4 and is_item(name) and parts[1] == "options" and parts[3] == "label":
        option, _ = option_named(item_named(document, parts[0]), _number(name, parts[2]))
        return TextPlace(option, "label", MAX_LABEL, optional=False)
    raise EditError(name, "There is no such text.")


def field_place(document: Document, name: str) -> tuple[Document, str]:
    """Holder and key of what is not a text. Raises: EditError, StaleError."""
    parts = name.split(".")
    if len(parts) == 1 and name in {"randomise", "default_language", "required_languages"}:
        return document, name
    if len(parts) == 2 and is_item(name):
        if parts[1] in {"required", "agent_visible", "rotation", "low", "high"}:
            return item_named(document, parts[0]), parts[1]
    elif len(parts) == 3 and parts[0] in BLOCK_IDS and parts[1:] == ["comment", "required"]:
        comment = block_named(document, parts[0]).get("comment")
        if comment is None:
            raise StaleError(name, f"The {parts[0]} page has no comment.")
        return comment, "required"
    elif name.endswith((".exclusive", ".outside_scale")) and len(parts) == 4 and is_item(name):
        item = item_named(document, parts[0])
        return option_named(item, _number(name, parts[2]))[0], parts[3]
    raise EditError(name, "There is no such field.")


def value_at(document: Document, name: str) -> Any:
    """What stands at a place, in JSON; None for nothing, also for a name that means nothing."""
    found: Any = document
    parts = name.split(".") if name else []
    try:
        if parts and is_item(name):
            found = item_named(document, parts.pop(0))
        elif parts and parts[0] in BLOCK_IDS:
            found = block_named(document, parts.pop(0))
        for part in parts:
            if isinstance(found, list):
                found = next((o for o in found if str(o.get("value")) == part), None)
            else:
                found = found.get(part)
            if found is None:
                return None
    except (StaleError, AttributeError):
        return None
    return found


def _number(name: str, part: str) -> int:
    if not (part.isascii() and part.isdigit() and len(part) < 3):
        raise EditError(name, "There is no such option.")
    return int(part)
