"""Carries out one small change of a questionnaire that is being written.

A document goes in as plain JSON and comes out as another one; the one that went in is not touched,
and a change that cannot be made leaves it as it was. What comes out can always be read as a draft.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from . import editing_items as items
from . import operations as ops
from .documents import from_builtins, to_builtins
from .editing_items import Done
from .new_items import standard_comment
from .places import (
    Document,
    EditError,
    StaleError,
    block_named,
    field_place,
    fingerprint,
    items_of,
    text_place,
    value_at,
)
from .schema import MAX_DEFINITION_BYTES, REFUSED_TEXT, DefinitionError

MAX_LANGUAGES: Final = 40
_LINE_BREAKS: Final = re.compile(r"[ \t]*[\r\n]+[ \t]*")
#: What the parts of a place's name are called in a sentence.
_WORDS: Final = {
    "lead_in": "the lead-in",
    "thanks": "the thank-you text",
    "stem": "the question",
    "hint": "the hint",
    "stem_several": "the question for several people",
    "low_label": "the label of the low end",
    "high_label": "the label of the high end",
    "low": "the lowest number",
    "high": "the highest number",
    "required": "whether it is required",
    "agent_visible": "whether agents see the answers",
    "rotation": "the rotation",
    "randomise": "the order of the pages",
    "default_language": "the default language",
    "required_languages": "the required languages",
    "exclusive": "whether it shuts out others",
    "outside_scale": "whether it stands outside the scale",
}


@dataclass(frozen=True, slots=True)
class Edited:
    """The document after a change, the change in words, and the place it is about."""

    document: Document
    summary: str
    place: str


def perform(document: Document, operation: ops.Operation, *, taken: Iterable[str] = ()) -> Edited:
    """Make the change. ``taken``: ids that a new question must not get.

    Raises: StaleError where what the author saw is not there any more; EditError where the change
    cannot be made at all.
    """
    changed = copy.deepcopy(document)
    if isinstance(operation, ops.AddItem | ops.DuplicateItem):
        done = items.add(changed, operation, taken)
    else:
        done = _PERFORMERS[type(operation)](changed, operation)
    return Edited(_readable(changed, done.place), done.summary[:200], done.place)


def _readable(document: Document, place: str) -> Document:
    """The document as it is stored. Raises: EditError where it could not be read any more."""
    try:
        plain = to_builtins(from_builtins(document, draft=True))
    except DefinitionError as error:
        raise EditError(place, f"{error.message[0].upper()}{error.message[1:]}.") from error
    size = len(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MAX_DEFINITION_BYTES:
        raise EditError(
            place, f"The questionnaire would be larger than {MAX_DEFINITION_BYTES // 1024} KiB."
        )
    return plain


def clean(text: str) -> str:
    """A text as it is kept: on one line, without blank ends."""
    return _LINE_BREAKS.sub(" ", text).strip()


def name_of(place: str) -> str:
    """A place in words, for a sentence: ``the question of F1``."""
    head, _, rest = place.partition(".")
    parts = rest.split(".")
    if not rest:
        return _WORDS.get(head, f"the {head} page" if head.islower() else head)
    if parts[0] == "options" and len(parts) > 2:
        what = "label" if parts[2] == "label" else _WORDS.get(parts[2], parts[2])
        return (
            f"the {what} of option {parts[1]} of {head}"
            if what == "label"
            else (f"{what}: option {parts[1]} of {head}")
        )
    if parts[0] == "comment":
        return f"the comment of the {head} page"
    return f"{_WORDS.get(parts[0], parts[0])} of {head}"


def _set_text(document: Document, operation: ops.SetText) -> Done:
    name, language = operation.at, operation.language
    if language not in document["languages"]:
        raise EditError(name, f"{language} is not among the languages.")
    place = text_place(document, name)
    found, text = place.texts.get(language, ""), clean(operation.text)
    suffix = "" if language == document["default_language"] else f" ({language})"
    done = Done(f"Changed {name_of(name)}{suffix}", name)
    if found == text:
        return done
    if found != clean(operation.was):
        raise StaleError(
            name, f"{_capital(name_of(name))} was changed meanwhile.", mine=text, theirs=found
        )
    _refuse_text(name, text, place.limit)
    texts = dict(place.texts)
    if text or (language == document["default_language"] and not place.optional):
        texts[language] = text
    else:
        texts.pop(language, None)
    if place.optional and not texts:
        place.holder.pop(place.key, None)
    else:
        place.holder[place.key] = texts
    return done


def _refuse_text(name: str, text: str, limit: int) -> None:
    """Raises: EditError for a text too long, or with characters that turn or hide text."""
    if len(text) > limit:
        raise EditError(name, f"This has {len(text):,} characters; at most {limit} fit.")
    found = REFUSED_TEXT.search(text)
    if found:
        character = found.group().encode("unicode_escape").decode()
        raise EditError(
            name, f"This contains {character!r}, which turns or hides text; take it out."
        )


def _set_field(document: Document, operation: ops.SetField) -> Done:
    holder, key = field_place(document, operation.at)
    items.refuse_fixed(document, operation.at)
    empty = {"randomise": True}.get(key, _EMPTY.get(key))
    found = holder.get(key, empty)
    value = operation.value if operation.value != "" else None
    done = Done(f"Changed {name_of(operation.at)}", operation.at)
    if value == found:
        return done
    if found != operation.was:
        raise StaleError(
            operation.at,
            f"{_capital(name_of(operation.at))} was changed meanwhile.",
            mine=_shown(value),
            theirs=_shown(found),
        )
    if value is None:
        holder.pop(key, None)
    else:
        holder[key] = value
    if key == "default_language" and value not in document["languages"]:
        raise EditError(operation.at, f"{value} is not among the languages.")
    return done


_EMPTY: Final[dict[str, Any]] = dict.fromkeys(
    ("required", "agent_visible", "exclusive", "outside_scale"), False
)


def _set_comment(document: Document, operation: ops.SetComment) -> Done:
    block = block_named(document, operation.block)
    there = "comment" in block
    place = f"{operation.block}.comment"
    done = Done(
        f"{'Added' if operation.on else 'Removed'} the comment of the {operation.block} page",
        operation.block,
    )
    if there == operation.on:
        return done
    if there != operation.was:
        raise StaleError(place, "The comment was changed meanwhile.")
    if operation.on:
        block["comment"] = standard_comment(operation.block, document)
    else:
        del block["comment"]
    return done


def _add_language(document: Document, operation: ops.AddLanguage) -> Done:
    languages = document["languages"]
    done = Done(f"Added the language {operation.language}", "settings")
    if operation.language in languages:
        return done
    if len(languages) >= MAX_LANGUAGES:
        raise EditError("languages", f"There are at most {MAX_LANGUAGES} languages.")
    languages.append(operation.language)
    return done


def _remove_language(document: Document, operation: ops.RemoveLanguage) -> Done:
    language = operation.language
    done = Done(f"Removed the language {language} with its texts", "settings")
    if language not in document["languages"]:
        return done
    if language == document["default_language"]:
        raise EditError(
            "languages", "This is the default language; make another one the default first."
        )
    document["languages"].remove(language)
    required = document.get("required_languages")
    if required and language in required:
        required.remove(language)
        if not required:
            del document["required_languages"]
    _drop_language(document, language)
    return done


def _drop_language(node: Any, language: str) -> None:
    """Take a language out of every text below; a text left with nothing goes, where it may."""
    if isinstance(node, list):
        for part in node:
            _drop_language(part, language)
    elif isinstance(node, dict):
        for key in list(node):
            part = node[key]
            if key in _TEXTS and isinstance(part, dict):
                part.pop(language, None)
                if not part and key in _MAY_GO:
                    del node[key]
            else:
                _drop_language(part, language)


_MAY_GO: Final = frozenset({"hint", "stem_several", "low_label", "high_label"})
_TEXTS: Final = _MAY_GO | {"lead_in", "thanks", "stem", "label"}


def _add_block(document: Document, operation: ops.AddBlock) -> Done:
    blocks = document["blocks"]
    done = Done(f"Added the {operation.block} page", operation.block)
    if any(block["id"] == operation.block for block in blocks):
        return done
    dimension = "outcome" if operation.block == "closing" else operation.block
    blocks.append({"id": operation.block, "dimension": dimension, "items": []})
    blocks.sort(key=lambda block: ops.BLOCK_ORDER.index(block["id"]))
    return done


def _remove_block(document: Document, operation: ops.RemoveBlock) -> Done:
    block = block_named(document, operation.block)
    if fingerprint(block) != operation.was:
        raise StaleError(operation.block, f"The {operation.block} page was changed meanwhile.")
    gone = [item["id"] for item in block["items"]]
    document["blocks"].remove(block)
    for item in items_of(document):
        items.drop_rules(item, gone)
    n = len(gone)
    words = f" with {n} question{'' if n == 1 else 's'}" if n else ""
    return Done(f"Deleted the {operation.block} page{words}", "settings")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


_Performer = Callable[[Document, Any], Done]
_PERFORMERS: Final[dict[type, _Performer]] = cast(
    "dict[type, _Performer]",
    {
        ops.SetText: _set_text,
        ops.SetField: _set_field,
        ops.SetComment: _set_comment,
        ops.AddLanguage: _add_language,
        ops.RemoveLanguage: _remove_language,
        ops.AddBlock: _add_block,
        ops.RemoveBlock: _remove_block,
        ops.DeleteItem: items.delete,
        ops.MoveItem: items.move,
        ops.ChangeType: items.change_type,
        ops.SetPoints: items.set_points,
        ops.AddOption: items.add_option,
        ops.RemoveOption: items.remove_option,
        ops.MoveOption: items.move_option,
        ops.AddRule: items.add_rule,
        ops.RemoveRule: items.remove_rule,
    },
)

__all__ = [
    "EditError",
    "Edited",
    "StaleError",
    "clean",
    "fingerprint",
    "name_of",
    "perform",
    "value_at",
]  # fmt: skip
