"""The questionnaire definition: versioned JSON in, frozen structs out.

A published version is one of these documents and never changes. Everything a customer reads in
the questions stands in it, in every language, so that an answer can always be read beside the
words it answered. Page furniture (buttons, errors, mail texts) lives in the locale files instead.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec

SCHEMA_VERSION: Final = 1
MAX_DEFINITION_BYTES: Final = 256 * 1024
MAX_COMMENT_CHARACTERS: Final = 4_000

BlockId = Literal["fix", "cause", "closing"]
BlockDimension = Literal["fix", "cause", "outcome"]
ItemType = Literal["rating", "single", "multiple"]
FactName = Literal["human_handled", "n_agents"]

LanguageTag = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
ItemId = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
CommentId = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{0,30}$")]
Dimension = Annotated[str, msgspec.Meta(pattern=r"^(fix|cause|outcome)\.[a-z_]{1,30}$")]
Stem = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Texts = Annotated[dict[LanguageTag, Stem], msgspec.Meta(min_length=1, max_length=40)]
Labels = Annotated[dict[LanguageTag, Label], msgspec.Meta(min_length=1, max_length=40)]

# Characters that reorder, hide or break text wherever it is shown: control characters, the
# direction overrides and isolates, line separators, lone surrogates, and the mail skeleton's
# own placeholder brackets.
_REFUSED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
    r"|\[\[|\]\]"
)


class DefinitionError(ValueError):
    """A definition that cannot be used; ``path`` says where, as ``$.blocks[0].items[1].id``."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown fields are refused: a misspelt ``headlin`` must not silently mean false."""


class FactRule(_Strict, frozen=True, kw_only=True, tag_field="on", tag="fact"):
    """Skips an item by what is known of the case before anything is asked.

    ``human_handled`` compares as 0 or 1; ``n_agents`` as the number of people who worked on it.
    """

    fact: FactName
    op: Literal["eq", "lt", "gt"]
    value: Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class AnswerRule(_Strict, frozen=True, kw_only=True, tag_field="on", tag="answer"):
    """Skips an item when an earlier item was answered with one of ``values``."""

    item: ItemId
    values: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=11)], ...],
        msgspec.Meta(min_length=1, max_length=11),
    ]


class Option(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    """One answer. ``exclusive`` shuts out all others ("None of these"); ``outside_scale`` marks an
    answer that is no point of a rating scale ("Doesn't apply") and enters no mean or share."""

    value: Annotated[int, msgspec.Meta(ge=1, le=11)]
    label: Labels
    exclusive: bool = False
    outside_scale: bool = False


class Item(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    """One question. ``rotation`` names a group of which each respondent is asked one item."""

    id: ItemId
    dimension: Dimension
    type: ItemType
    stem: Texts
    options: Annotated[tuple[Option, ...], msgspec.Meta(min_length=2, max_length=11)]
    headline: bool = False
    stem_several: Texts | None = None
    rotation: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,30}$")] | None = None
    skip_when: Annotated[tuple[FactRule | AnswerRule, ...], msgspec.Meta(max_length=10)] = ()


class Comment(_Strict, frozen=True, kw_only=True):
    """The optional free text at the end of a block."""

    id: CommentId
    label: Texts


class Block(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    """What stands on one page."""

    id: BlockId
    dimension: BlockDimension
    items: Annotated[tuple[Item, ...], msgspec.Meta(min_length=1, max_length=20)]
    comment: Comment | None = None


class Definition(_Strict, frozen=True, kw_only=True):
    """A whole questionnaire. ``version`` is the version of this schema, not of the wording."""

    version: Literal[1]
    default_language: LanguageTag
    languages: Annotated[tuple[LanguageTag, ...], msgspec.Meta(min_length=1, max_length=40)]
    lead_in: Texts
    thanks: Texts
    blocks: Annotated[tuple[Block, ...], msgspec.Meta(min_length=1, max_length=3)]

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in the order written, whatever the arm."""
        return tuple(item for block in self.blocks for item in block.items)

    @property
    def comment_ids(self) -> tuple[str, ...]:
        return tuple(block.comment.id for block in self.blocks if block.comment is not None)

    def block(self, block_id: str) -> Block:
        """Raises KeyError for a block that is not in this definition."""
        for block in self.blocks:
            if block.id == block_id:
                return block
        raise KeyError(block_id)

    def item(self, item_id: str) -> Item:
        """Raises KeyError for an item that is not in this definition."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)


_DECODER: Final = msgspec.json.Decoder(Definition)


def decode(document: bytes | str) -> Definition:
    """Read and check one definition from JSON.

    Raises: DefinitionError naming the path of the first fault.
    """
    raw = _as_bytes(document)
    if len(raw) > MAX_DEFINITION_BYTES:
        raise DefinitionError("$", f"larger than {MAX_DEFINITION_BYTES // 1024} KiB")
    try:
        definition = _DECODER.decode(raw)
    except msgspec.ValidationError as error:
        raise _with_path(error) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise DefinitionError("$", f"not readable as JSON ({error})") from error
    check(definition)
    return definition


def from_builtins(document: object) -> Definition:
    """Read and check a definition already parsed from JSON, as a JSON database column gives it.

    Raises: DefinitionError.
    """
    try:
        definition = msgspec.convert(document, Definition)
    except msgspec.ValidationError as error:
        raise _with_path(error) from error
    except RecursionError as error:
        raise DefinitionError("$", "nested too deeply") from error
    check(definition)
    return definition


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
    _check_unique("$.languages", definition.languages)
    if definition.default_language not in definition.languages:
        raise DefinitionError("$.default_language", "is not among the languages")
    _check_unique("$.blocks", [block.id for block in definition.blocks])
    _check_unique("$.blocks", [item.id for item in definition.items])
    _check_unique("$.blocks", definition.comment_ids)
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            _check_item(definition, block, item, f"$.blocks[{number}].items[{index}]")
    for path, text in walk_texts(definition):
        _check_text(path, text, definition.default_language)


def walk_texts(definition: Definition) -> Iterator[tuple[str, dict[str, str]]]:
    """Every translated text with its path, in reading order."""
    yield "$.lead_in", definition.lead_in
    yield "$.thanks", definition.thanks
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            path = f"$.blocks[{number}].items[{index}]"
            yield f"{path}.stem", item.stem
            if item.stem_several is not None:
                yield f"{path}.stem_several", item.stem_several
            for position, option in enumerate(item.options):
                yield f"{path}.options[{position}].label", option.label
        if block.comment is not None:
            yield f"$.blocks[{number}].comment.label", block.comment.label


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


def _check_unique(path: str, values: tuple[str, ...] | list[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise DefinitionError(path, f"{value!r} stands twice")
        seen.add(value)


def _check_item(definition: Definition, block: Block, item: Item, path: str) -> None:
    values = [option.value for option in item.options]
    if values != list(range(1, len(values) + 1)):
        raise DefinitionError(f"{path}.options", "values must be 1, 2, 3 … in order")
    for position, option in enumerate(item.options):
        if option.exclusive and item.type != "multiple":
            raise DefinitionError(
                f"{path}.options[{position}].exclusive",
                "only multiple items have exclusive options",
            )
    if item.headline and (item.type != "rating" or item.rotation or item.skip_when):
        raise DefinitionError(f"{path}.headline", "a headline is a rating that everyone is asked")
    for position, rule in enumerate(item.skip_when):
        if isinstance(rule, AnswerRule):
            _check_answer_rule(definition, block, item, rule, f"{path}.skip_when[{position}]")


def _check_answer_rule(
    definition: Definition, block: Block, item: Item, rule: AnswerRule, path: str
) -> None:
    """An answer may steer only what comes after it in either arm; so a fix answer never decides
    whether a cause item is asked, nor the other way round."""
    own = [other.id for other in block.items]
    earlier = own[: own.index(item.id)]
    if block.id == "closing":
        earlier += [o.id for b in definition.blocks if b.id != "closing" for o in b.items]
    if rule.item not in earlier:
        raise DefinitionError(f"{path}.item", f"{rule.item!r} is no earlier item of the same block")
    if max(rule.values) > len(definition.item(rule.item).options):
        raise DefinitionError(f"{path}.values", f"{rule.item} has no such option")


def _check_text(path: str, text: dict[str, str], default_language: str) -> None:
    if default_language not in text:
        raise DefinitionError(path, f"has no text in the default language {default_language!r}")
    for language, wording in text.items():
        if not wording.strip():
            raise DefinitionError(f"{path}.{language}", "is blank")
        found = _REFUSED.search(wording)
        if found:
            raise DefinitionError(
                f"{path}.{language}",
                f"contains {found.group().encode('unicode_escape').decode()!r}, which is not "
                "allowed in a text",
            )
