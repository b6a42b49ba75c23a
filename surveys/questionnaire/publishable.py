"""What of a draft is published: everything but languages that are not ready.

A language that need not be complete and is not is left out rather than shown half in English; the
draft keeps what is translated already.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from .schema import Block, Definition, Item, Option, walk_texts

_ITEM_TEXTS = ("stem", "hint", "stem_several", "low_label", "high_label")


def incomplete_languages(definition: Definition) -> tuple[str, ...]:
    """The languages in which a text is missing or blank, in the order of the definition."""
    texts = [text for _, text in walk_texts(definition)]
    return tuple(
        language
        for language in definition.languages
        if not all(text.get(language, "").strip() for text in texts)
    )


def publishable(definition: Definition) -> tuple[Definition, tuple[str, ...]]:
    """The definition as it would be published, and the languages that are left out of it.

    A required language stays also where it is incomplete: lint refuses it by name.
    """
    required = definition.required_languages or definition.languages
    left_out = tuple(
        language for language in incomplete_languages(definition) if language not in required
    )
    if not left_out:
        return definition, ()
    languages = tuple(one for one in definition.languages if one not in left_out)
    return (
        msgspec.structs.replace(
            definition,
            languages=languages,
            lead_in=_without(definition.lead_in, left_out),
            thanks=_without(definition.thanks, left_out),
            blocks=tuple(_block(block, left_out) for block in definition.blocks),
        ),
        left_out,
    )


def _block(block: Block, left_out: Iterable[str]) -> Block:
    comment = block.comment
    if comment is not None:
        comment = msgspec.structs.replace(comment, label=_without(comment.label, left_out))
    items = tuple(_item(item, left_out) for item in block.items)
    return msgspec.structs.replace(block, items=items, comment=comment)


def _item(item: Item, left_out: Iterable[str]) -> Item:
    texts = {
        name: _without(text, left_out)
        for name in _ITEM_TEXTS
        if (text := getattr(item, name)) is not None
    }
    options = tuple(_option(option, left_out) for option in item.options)
    return msgspec.structs.replace(item, options=options, **texts)


def _option(option: Option, left_out: Iterable[str]) -> Option:
    return msgspec.structs.replace(option, label=_without(option.label, left_out))


def _without(text: Mapping[str, str], left_out: Iterable[str]) -> dict[str, str]:
    return {language: words for language, words in text.items() if language not in left_out}
