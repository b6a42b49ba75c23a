"""What changed from one version of a questionnaire to the next, in words, and what that means for
the trends.

A figure can be compared across versions only while its question stays the same question: its
wording and scale, what stands before it on its page, who is asked. Whether a mended typing error or
a better translation leaves the meaning as it was no program can tell; such a change is
``excusable``: whoever publishes may say so, with a reason.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from .describing import rules_in_words, shortened
from .schema import Block, Comment, Definition, Item

Kind = Literal[
    "added", "removed", "wording", "translation", "labels", "scale", "type", "dimension", "order",
    "rule", "rotation", "setting", "language", "lead_in", "thanks", "comment", "pages",
]  # fmt: skip
Texts = Mapping[str, str] | None

_QUOTES: Final = str.maketrans("’‘“”„«»–—\u00a0\u202f", '\'\'"""""--  ')
_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``path`` is its place in the new definition, in the old one for what is gone.

    ``item`` is empty where the change belongs to no single question. ``comparable``: figures of the
    item (without an item: of every question) before and after can be compared. ``excusable``: the
    publisher may declare that the meaning stayed. ``before`` and ``after`` are texts to be shown.
    """

    path: str
    item: str
    kind: Kind
    sentence: str
    comparable: bool = True
    excusable: bool = False
    language: str = ""
    before: str = ""
    after: str = ""


def differences(old: Definition, new: Definition) -> tuple[Change, ...]:
    """All changes in the reading order of the new definition, what is gone last."""
    return tuple(_differences(old, new))


def restarted(changes: Iterable[Change]) -> dict[str, tuple[Change, ...]]:
    """Item id → the changes because of which its trend starts anew; "" for every question's."""
    found: dict[str, tuple[Change, ...]] = {}
    for change in changes:
        if not change.comparable:
            found[change.item] = (*found.get(change.item, ()), change)
    return found


def _differences(old: Definition, new: Definition) -> Iterator[Change]:
    yield from _of_the_whole(old, new)
    before = {item.id: (block, item) for block in old.blocks for item in block.items}
    shared = tuple(language for language in new.languages if language in old.languages)
    for number, block in enumerate(new.blocks):
        for index, item in enumerate(block.items):
            path = f"$.blocks[{number}].items[{index}]"
            if item.id not in before:
                yield Change(path, item.id, "added", f"{item.id} is new.")
                continue
            was_in, was = before[item.id]
            yield from _of_an_item(was, item, path, shared, new.default_language)
            yield from _of_its_place(was_in, block, was, item, path)
        yield from _of_a_comment(old, block, f"$.blocks[{number}].comment", shared, new)
    yield from _gone(old, new)


def _of_the_whole(old: Definition, new: Definition) -> Iterator[Change]:
    yield from _languages(old, new)
    if old.default_language != new.default_language:
        words = f"The default language is now {new.default_language}."
        yield Change("$.default_language", "", "language", words, language=new.default_language)
    if old.randomise != new.randomise:
        told = "is drawn by lot again" if new.randomise else "is no longer drawn by lot"
        yield Change(
            "$.randomise", "", "pages", f"Which page comes first {told}.", comparable=False
        )
    if [block.id for block in old.blocks] != [block.id for block in new.blocks]:
        pages = ", ".join(block.id for block in new.blocks) or "none"
        yield Change("$.blocks", "", "pages", f"The pages are now: {pages}.")
    shared = tuple(language for language in new.languages if language in old.languages)
    for name, kind, label in (
        ("lead_in", "lead_in", "The lead-in"),
        ("thanks", "thanks", "The thank-you text"),
    ):
        for language, was, is_ in _changed(getattr(old, name), getattr(new, name), shared):
            yield Change(
                f"$.{name}.{language}", "", kind,  # type: ignore[arg-type]
                f"{label} reads differently{_in(language, new.default_language)}.",
                language=language, before=was, after=is_,
            )  # fmt: skip


def _languages(old: Definition, new: Definition) -> Iterator[Change]:
    come = [language for language in new.languages if language not in old.languages]
    gone = [language for language in old.languages if language not in new.languages]
    if come:
        yield Change("$.languages", "", "language", f"Newly offered: {', '.join(come)}.")
    if gone:
        yield Change("$.languages", "", "language", f"No longer offered: {', '.join(gone)}.")


def _of_an_item(
    was: Item, item: Item, path: str, languages: tuple[str, ...], default: str
) -> Iterator[Change]:
    if was.type != item.type:
        words = f"{item.id} is now a {_type(item)} question; it was {_type(was)}."
        yield Change(f"{path}.type", item.id, "type", words, comparable=False)
    if was.dimension != item.dimension:
        words = f"{item.id} now counts as {item.dimension}; it was {was.dimension}."
        yield Change(f"{path}.dimension", item.id, "dimension", words, comparable=False)
    for name, label in _TEXTS.items():
        yield from _of_a_text(was, item, name, label, path, languages, default)
    yield from _of_the_scale(was, item, path, languages, default)
    if was.skip_when != item.skip_when:
        yield Change(
            f"{path}.skip_when", item.id, "rule",
            f"{item.id} is now asked of other people: {rules_in_words(item.skip_when)}.",
            comparable=False, excusable=True,
            before=rules_in_words(was.skip_when), after=rules_in_words(item.skip_when),
        )  # fmt: skip
    if was.rotation != item.rotation:
        told = (
            f"is now drawn by lot, in the group {item.rotation}"
            if item.rotation
            else "is now asked of everyone, no longer drawn by lot"
        )
        yield Change(f"{path}.rotation", item.id, "rotation", f"{item.id} {told}.")
    for name, yes, no in _SETTINGS:
        if getattr(was, name) != getattr(item, name):
            told = yes if getattr(item, name) else no
            yield Change(f"{path}.{name}", item.id, "setting", f"{item.id} {told}.")


_TEXTS: Final = {
    "stem": "wording",
    "hint": "hint",
    "stem_several": "wording for several people",
    "low_label": "label of the low end",
    "high_label": "label of the high end",
}
_SETTINGS: Final = (
    ("required", "must now be answered", "may now be left out"),
    ("agent_visible", "is now shown to agents", "is no longer shown to agents"),
    ("headline", "is now the headline of its page", "is no longer the headline of its page"),
)


def _of_a_text(
    was: Item,
    item: Item,
    name: str,
    label: str,
    path: str,
    languages: tuple[str, ...],
    default: str,
) -> Iterator[Change]:
    """A text that is changed, or for one language given or taken away."""
    for language, before, after in _changed(getattr(was, name), getattr(item, name), languages):
        place = f"{path}.{name}.{language}"
        if bool(before) != bool(after) and name in ("stem", "low_label", "high_label"):
            told = "was added" if after else "was taken away"
            words = f"The {label} of {item.id} in {language} {told}."
            yield Change(
                place, item.id, "translation", words, language=language, before=before, after=after
            )
            continue
        alike = _alike(before, after)
        yield Change(
            place, item.id, "labels" if name.endswith("_label") else "wording",
            f"The {label} of {item.id} changed{_in(language, default)}"
            + (", in spaces or quotation marks only." if alike else "."),
            comparable=alike, excusable=not alike, language=language, before=before, after=after,
        )  # fmt: skip


def _of_the_scale(
    was: Item, item: Item, path: str, languages: tuple[str, ...], default: str
) -> Iterator[Change]:
    if _scale(was) != _scale(item):
        words = f"The scale of {item.id} has {len(item.options)} options; it had {len(was.options)}"
        if len(was.options) == len(item.options):
            words = f"Options of {item.id} now count in another way"
        yield Change(f"{path}.options", item.id, "scale", f"{words}.", comparable=False)
    if (was.low, was.high) != (item.low, item.high):
        words = f"The bounds of {item.id} changed."
        yield Change(f"{path}.low", item.id, "scale", words, comparable=False, excusable=True)
    if _is_reordered(was, item, default):
        words = f"The options of {item.id} stand in another order."
        yield Change(f"{path}.options", item.id, "scale", words, comparable=False)
    for position, (before, after) in enumerate(zip(was.options, item.options, strict=False)):
        for language, old, new in _changed(before.label, after.label, languages):
            place = f"{path}.options[{position}].label.{language}"
            told = f"Option {after.value} of {item.id}"
            if bool(old) != bool(new):
                told += f" in {language} {'was added' if new else 'was taken away'}."
                yield Change(
                    place, item.id, "translation", told, language=language, before=old, after=new
                )
                continue
            alike = _alike(old, new)
            yield Change(
                place, item.id, "labels", f"{told} reads differently{_in(language, default)}.",
                comparable=alike, excusable=not alike, language=language, before=old, after=new,
            )  # fmt: skip


def _of_its_place(
    was_in: Block, block: Block, was: Item, item: Item, path: str
) -> Iterator[Change]:
    if was_in.id != block.id:
        words = f"{item.id} moved from the {was_in.id} page to the {block.id} page."
        yield Change(path, item.id, "order", words, comparable=False)
        return
    before, after = _ahead(was_in, was), _ahead(block, item)
    if before == after:
        return
    told = f"after {after[-1]}" if after else f"first on the {block.id} page"
    if (before[-1:], set(before)) == (after[-1:], set(after)):
        told = "behind the same questions in another order"
    elif before[-1:] == after[-1:]:
        told = f"at place {len(after) + 1}, no longer at place {len(before) + 1}"
    yield Change(
        path, item.id, "order", f"{item.id} now stands {told}.", comparable=False, excusable=True
    )


def _of_a_comment(
    old: Definition, block: Block, path: str, languages: tuple[str, ...], new: Definition
) -> Iterator[Change]:
    was = _comment_of(old, block.id)
    if (was is None) != (block.comment is None):
        told = "has no comment field any more" if block.comment is None else "has a comment field"
        yield Change(path, "", "comment", f"The {block.id} page now {told}.")
        return
    if was is None or block.comment is None:
        return
    if was.required != block.comment.required:
        told = "must now be filled in" if block.comment.required else "may now be left empty"
        yield Change(f"{path}.required", "", "comment", f"The comment of {block.id} {told}.")
    for language, before, after in _changed(was.label, block.comment.label, languages):
        yield Change(
            f"{path}.label.{language}", "", "comment",
            f"The comment's question on the {block.id} page reads differently"
            f"{_in(language, new.default_language)}.",
            language=language, before=before, after=after,
        )  # fmt: skip


def _gone(old: Definition, new: Definition) -> Iterator[Change]:
    kept = {item.id for item in new.items}
    for number, block in enumerate(old.blocks):
        for index, item in enumerate(block.items):
            if item.id not in kept:
                yield Change(
                    f"$.blocks[{number}].items[{index}]", item.id, "removed",
                    f"{item.id} is no longer asked.",
                    before=shortened(item.stem, old.default_language),
                )  # fmt: skip


def _comment_of(definition: Definition, block_id: str) -> Comment | None:
    return next((block.comment for block in definition.blocks if block.id == block_id), None)


def _changed(was: Texts, now: Texts, languages: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for language in languages:
        before, after = (was or {}).get(language, ""), (now or {}).get(language, "")
        if before != after:
            yield language, before, after


def _alike(before: str, after: str) -> bool:
    """Whether two texts differ in nothing that a reader would read otherwise."""
    return _plain(before) == _plain(after)


def _plain(text: str) -> str:
    straight = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return _BLANKS.sub(" ", straight).strip()


def _scale(item: Item) -> tuple[tuple[int, bool, bool], ...]:
    return tuple((option.value, option.exclusive, option.outside_scale) for option in item.options)


def _is_reordered(was: Item, item: Item, language: str) -> bool:
    before = [option.label.get(language, "") for option in was.options]
    after = [option.label.get(language, "") for option in item.options]
    return before != after and sorted(before) == sorted(after)


def _ahead(block: Block, item: Item) -> list[str]:
    """What is asked before the item on its page; what shares its place by lot is never."""
    ids: list[str] = []
    for other in block.items:
        if other.id == item.id:
            break
        if other.rotation is None or other.rotation != item.rotation:
            ids.append(other.id)
    return ids


def _type(item: Item) -> str:
    return item.type.replace("_", " ")


def _in(language: str, default: str) -> str:
    return "" if language == default else f" in {language}"
