"""A definition as a document: read from JSON, checked, written back.

Types are checked while reading; `faults` finds what types cannot say. A draft may be incomplete
and is read without those checks, so that a half-typed question can be stored and shown; what is
published passes them all.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from .repeated_keys import repeated_key
from .schema import (
    CHOICE_TYPES,
    MAX_DEFINITION_BYTES,
    MAX_ITEMS_OF_A_BLOCK,
    MAX_ROTATIONS,
    RATING_POINTS,
    REFUSED_TEXT,
    AnswerRule,
    Block,
    CaseRule,
    Definition,
    DefinitionError,
    Item,
    walk_texts,
)

Fault = tuple[str, str]
_DECODER: Final = msgspec.json.Decoder(Definition)


def decode(document: bytes | str, *, draft: bool = False) -> Definition:
    """Read and check one definition from JSON.

    Raises: DefinitionError naming the path of the first fault.
    """
    raw = _as_bytes(document)
    if len(raw) > MAX_DEFINITION_BYTES:
        raise DefinitionError("$", f"larger than {MAX_DEFINITION_BYTES // 1024} KiB")
    repeated = repeated_key(raw)
    if repeated is not None:
        raise DefinitionError(repeated[0], f"the key {repeated[1]!r} stands twice in it")
    try:
        definition = _DECODER.decode(raw)
    except msgspec.ValidationError as error:
        raise _with_path(error) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise DefinitionError("$", f"not readable as JSON ({error})") from error
    return _checked(definition, draft)


def from_builtins(document: object, *, draft: bool = False) -> Definition:
    """Read and check a definition already parsed from JSON, as a JSON database column gives it.

    Raises: DefinitionError.
    """
    try:
        definition = msgspec.convert(document, Definition)
    except msgspec.ValidationError as error:
        raise _with_path(error) from error
    except RecursionError as error:
        raise DefinitionError("$", "nested too deeply") from error
    return _checked(definition, draft)


def encode(definition: Definition) -> bytes:
    """The JSON of a definition; equal definitions give equal bytes."""
    return msgspec.json.encode(definition, order="deterministic")


def to_builtins(definition: Definition) -> dict[str, object]:
    """The definition as plain dicts and lists, for a JSON database column."""
    plain: dict[str, object] = msgspec.json.decode(encode(definition))
    return plain


def check(definition: Definition) -> None:
    """What types cannot say: unique ids, option values 1…k, sane rules, harmless text.

    Raises: DefinitionError naming the path of the first fault.
    """
    for path, message in faults(definition):
        raise DefinitionError(path, message)


def faults(definition: Definition) -> Iterator[Fault]:
    """Every fault of a definition that types cannot say, as (path, message)."""
    yield from _language_faults(definition)
    yield from _twice("$.blocks", [block.id for block in definition.blocks])
    yield from _repeated_items(definition)
    yield from _twice("$.blocks", definition.comment_ids)
    for number, block in enumerate(definition.blocks):
        path = f"$.blocks[{number}].items"
        if not block.items:
            yield path, "the page has no question"
        if len(block.items) > MAX_ITEMS_OF_A_BLOCK:
            yield (
                f"{path}[{MAX_ITEMS_OF_A_BLOCK}]",
                f"a page holds at most {MAX_ITEMS_OF_A_BLOCK} questions; this is one too many",
            )
        for index, item in enumerate(block.items):
            yield from _item_faults(definition, block, item, f"{path}[{index}]")
    if not definition.blocks:
        yield "$.blocks", "there is no page"
    for path, text in walk_texts(definition):
        yield from _wording_faults(path, text, definition.default_language)
        yield from _harmful_text(path, text)


def _checked(definition: Definition, draft: bool) -> Definition:
    if not draft:
        check(definition)
    for path, message in _never_stored(definition):
        raise DefinitionError(path, message)
    return definition


def _never_stored(definition: Definition) -> Iterator[Fault]:
    """What not even a draft may have: the pages that show a draft would break or take for ever."""
    if definition.default_language not in definition.languages:
        yield "$.default_language", "is not among the languages"
    yield from _twice("$.languages", definition.languages)
    yield from _twice("$.blocks", [block.id for block in definition.blocks])
    yield from _too_many_rotations(definition)
    for path, text in walk_texts(definition):
        yield from _harmful_text(path, text)
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            yield from _harmful_values(item, f"$.blocks[{number}].items[{index}].skip_when")


def _too_many_rotations(definition: Definition) -> Iterator[Fault]:
    """Counted by multiplication: listing them is what must not happen."""
    sizes: dict[str, int] = {}
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            if item.rotation is None:
                continue
            sizes[item.rotation] = sizes.get(item.rotation, 0) + 1
            if math.prod(sizes.values()) > MAX_ROTATIONS:
                path = f"$.blocks[{number}].items[{index}].rotation"
                yield path, f"the rotation groups have more than {MAX_ROTATIONS} outcomes in all"
                return


def _harmful_values(item: Item, path: str) -> Iterator[Fault]:
    for position, rule in enumerate(item.skip_when):
        if isinstance(rule, CaseRule):
            for place, value in enumerate(rule.values):
                yield from _harmful_wording(f"{path}[{position}].values[{place}]", value)


def _as_bytes(document: bytes | str) -> bytes:
    if isinstance(document, bytes):
        return document
    try:
        return document.encode()
    except UnicodeEncodeError as error:
        raise DefinitionError("$", "contains characters that are not valid Unicode") from error


def _with_path(error: msgspec.ValidationError) -> DefinitionError:
    """Split msgspec's ``message - at `path``` into its two halves."""
    message, _, path = str(error).partition(" - at `")
    return DefinitionError(path.rstrip("`") or "$", message)


def _twice(path: str, values: Sequence[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield path, f"{value!r} stands twice"
        seen.add(value)


def _repeated_items(definition: Definition) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            if item.id in seen:
                yield f"$.blocks[{number}].items[{index}].id", f"{item.id!r} stands twice"
            seen.add(item.id)


def _language_faults(definition: Definition) -> Iterator[Fault]:
    yield from _twice("$.languages", definition.languages)
    if definition.default_language not in definition.languages:
        yield "$.default_language", "is not among the languages"
    required = definition.required_languages
    if required is None:
        return
    yield from _twice("$.required_languages", required)
    if definition.default_language not in required:
        yield "$.required_languages", "must name the default language"
    for language in required:
        if language not in definition.languages:
            yield "$.required_languages", f"{language!r} is not among the languages"


def _item_faults(definition: Definition, block: Block, item: Item, path: str) -> Iterator[Fault]:
    yield from _option_faults(item, path)
    if item.headline and (item.type != "rating" or item.rotation or item.skip_when):
        yield f"{path}.headline", "a headline is a rating that everyone is asked"
    if item.type == "number" and None not in (item.low, item.high) and item.low >= item.high:  # type: ignore[operator]
        yield f"{path}.high", "must be above the lowest number"
    if item.type != "number" and (item.low, item.high) != (None, None):
        yield f"{path}.low", "only a number has bounds"
    for position, rule in enumerate(item.skip_when):
        if isinstance(rule, AnswerRule):
            yield from _answer_rule_faults(
                definition, block, item, rule, f"{path}.skip_when[{position}]"
            )


def _option_faults(item: Item, path: str) -> Iterator[Fault]:
    values = [option.value for option in item.options]
    if item.type not in CHOICE_TYPES:
        if values:
            yield f"{path}.options", f"a {item.type} question has no options"
        return
    if values != list(range(1, len(values) + 1)):
        yield f"{path}.options", "values must be 1, 2, 3 … in order"
    points = sum(not option.outside_scale for option in item.options)
    if item.type == "rating" and points not in RATING_POINTS:
        yield f"{path}.options", "a rating has 5, 7 or 11 points"
    if item.type == "yes_no" and len(values) != 2:
        yield f"{path}.options", "a yes/no question has exactly two options"
    if len(values) < 2:
        yield f"{path}.options", "needs at least two options"
    for position, option in enumerate(item.options):
        if option.exclusive and item.type != "multiple":
            yield (
                f"{path}.options[{position}].exclusive",
                "only multiple items have exclusive options",
            )


def _answer_rule_faults(
    definition: Definition, block: Block, item: Item, rule: AnswerRule, path: str
) -> Iterator[Fault]:
    """An answer may steer only what comes after it in either arm; so a fix answer never decides
    whether a cause item is asked, nor the other way round. A circle is impossible then."""
    own = [other.id for other in block.items]
    earlier = own[: own.index(item.id)]
    if block.id == "closing":
        earlier += [o.id for b in definition.blocks if b.id != "closing" for o in b.items]
    if rule.item not in earlier:
        yield f"{path}.item", f"{rule.item!r} is no earlier item of the same block"
        return
    possible = definition.item(rule.item).answer_values
    if not possible:
        yield f"{path}.item", f"{rule.item} has no options that a rule could name"
    elif not set(rule.values) <= set(possible):
        yield f"{path}.values", f"{rule.item} has no such option"


def _wording_faults(path: str, text: dict[str, str], default_language: str) -> Iterator[Fault]:
    if default_language not in text:
        yield path, f"has no text in the default language {default_language!r}"
    for language, wording in text.items():
        # Characters that show nothing, such as U+200B, are as blank as blanks.
        if not any(char.isprintable() and not char.isspace() for char in wording):
            yield f"{path}.{language}", "is blank"


def _harmful_text(path: str, text: dict[str, str]) -> Iterator[Fault]:
    for language, wording in text.items():
        yield from _harmful_wording(f"{path}.{language}", wording)


def _harmful_wording(path: str, wording: str) -> Iterator[Fault]:
    found = REFUSED_TEXT.search(wording)
    if found:
        character = found.group().encode("unicode_escape").decode()
        yield path, f"contains {character!r}, which is not allowed in a text"
