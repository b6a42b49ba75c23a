"""What can be done to a questionnaire that is being written, one small change each.

An operation says what it changes by names that survive every reordering (`F1.stem`,
`F1.options.2.label`, `fix.comment.label`, `lead_in`) and, in `was`, what its author saw there. So
changes of different things made at the same time both hold, and of two changes of the same thing
the later one is found out instead of winning silently. `editing.perform` carries them out.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from .schema import BlockId, ItemId, ItemType, LanguageTag, Rule

#: Names of a place: items begin with a capital, blocks and the rest with a small letter.
Place = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[A-Za-z][A-Za-z0-9_.]*$(?!\n)")]
Fingerprint = Annotated[str, msgspec.Meta(max_length=64)]
Ids = Annotated[tuple[str, ...], msgspec.Meta(max_length=250)]
#: How long a posted text may be before it is not even looked at.
MAX_POSTED_CHARACTERS: Final = 20_000
PostedText = Annotated[str, msgspec.Meta(max_length=MAX_POSTED_CHARACTERS)]


class _Operation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown fields are refused, as everywhere."""


class SetText(_Operation, frozen=True, kw_only=True, tag_field="op", tag="set_text"):
    """Write one text in one language; a blank takes an optional text or a translation away."""

    at: Place
    language: LanguageTag
    text: PostedText
    was: PostedText


class SetField(_Operation, frozen=True, kw_only=True, tag_field="op", tag="set_field"):
    """Change what is not a text: a flag, a bound, a rotation group, the default language."""

    at: Place
    value: bool | int | str | list[str] | None
    was: bool | int | str | list[str] | None


class AddItem(_Operation, frozen=True, kw_only=True, tag_field="op", tag="add_item"):
    """A new question after another, or last. `kind` is a type, or the id of a standard question."""

    block: BlockId
    kind: str
    after: ItemId | None = None


class DuplicateItem(_Operation, frozen=True, kw_only=True, tag_field="op", tag="duplicate_item"):
    """A copy, with an id of its own, right after the item."""

    item: ItemId


class DeleteItem(_Operation, frozen=True, kw_only=True, tag_field="op", tag="delete_item"):
    """Take a question out, and the skip rules that name it; `was` is its fingerprint."""

    item: ItemId
    was: Fingerprint | None = None


class MoveItem(_Operation, frozen=True, kw_only=True, tag_field="op", tag="move_item"):
    """Put a question after another of the block, or first; `was`: the ids of the block it stood in,
    in the order seen."""

    item: ItemId
    block: BlockId
    after: ItemId | None = None
    was: Ids | None = None


class ChangeType(_Operation, frozen=True, kw_only=True, tag_field="op", tag="change_type"):
    item: ItemId
    type: ItemType
    was: ItemType


class SetPoints(_Operation, frozen=True, kw_only=True, tag_field="op", tag="set_points"):
    """Give a rating's scale another length; the words of the points that stay are kept."""

    item: ItemId
    points: Literal[5, 7, 11]
    was: int


class AddOption(_Operation, frozen=True, kw_only=True, tag_field="op", tag="add_option"):
    """A further option; before the last where that shuts out others or stands outside the scale."""

    item: ItemId


class RemoveOption(_Operation, frozen=True, kw_only=True, tag_field="op", tag="remove_option"):
    """`value` is the option's number, `was` its fingerprint."""

    item: ItemId
    value: int
    was: Fingerprint


class MoveOption(_Operation, frozen=True, kw_only=True, tag_field="op", tag="move_option"):
    """Put option `value` in the place of option `to`; `was` is its fingerprint."""

    item: ItemId
    value: int
    to: int
    was: Fingerprint


class SetComment(_Operation, frozen=True, kw_only=True, tag_field="op", tag="set_comment"):
    """Give a block its free text, or take it away; `was`: whether it was there."""

    block: BlockId
    on: bool
    was: bool


class AddRule(_Operation, frozen=True, kw_only=True, tag_field="op", tag="add_rule"):
    item: ItemId
    rule: Rule


class RemoveRule(_Operation, frozen=True, kw_only=True, tag_field="op", tag="remove_rule"):
    """`was` is the rule's fingerprint, which also finds it."""

    item: ItemId
    was: Fingerprint


class AddLanguage(_Operation, frozen=True, kw_only=True, tag_field="op", tag="add_language"):
    language: LanguageTag


class RemoveLanguage(_Operation, frozen=True, kw_only=True, tag_field="op", tag="remove_language"):
    """Take a language out with all its texts."""

    language: LanguageTag


class AddBlock(_Operation, frozen=True, kw_only=True, tag_field="op", tag="add_block"):
    block: BlockId


class RemoveBlock(_Operation, frozen=True, kw_only=True, tag_field="op", tag="remove_block"):
    """`was` is the block's fingerprint."""

    block: BlockId
    was: Fingerprint


Operation = (
    SetText
    | SetField
    | AddItem
    | DuplicateItem
    | DeleteItem
    | MoveItem
    | ChangeType
    | SetPoints
    | AddOption
    | RemoveOption
    | MoveOption
    | SetComment
    | AddRule
    | RemoveRule
    | AddLanguage
    | RemoveLanguage
    | AddBlock
    | RemoveBlock
)

BLOCK_ORDER: Final[tuple[Literal["fix", "cause", "closing"], ...]] = ("fix", "cause", "closing")

_DECODER: Final = msgspec.json.Decoder(Operation)


def decode_operation(raw: str | bytes) -> Operation:
    """Read one operation from JSON. Raises: ValueError with what is wrong."""
    try:
        operation: Operation = _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ValueError(str(error)) from error
    return operation


def encode_operation(operation: Operation) -> str:
    """The operation as JSON, as a button carries it."""
    return msgspec.json.encode(operation).decode()
