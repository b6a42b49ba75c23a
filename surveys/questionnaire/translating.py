"""A questionnaire's texts as translators see them: source beside translation, one line each.

Works on the plain JSON of a draft, under the names of `places` (`F1.stem`, `F1.options.2.label`,
`fix.comment.label`, `lead_in`), which outlive every reordering: a file that comes back from a
translator weeks later still says which text it means.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .places import MAX_LABEL, MAX_STEM, Document, fingerprint, text_place
from .schema import REFUSED_TEXT
from .texts import catalogue, languages, placeholders

_ITEM_TEXTS: Final = ("stem", "hint", "stem_several", "low_label", "high_label")
#: (name of the text, language, fingerprint of the translation) → the source it was made from.
Sources = Mapping[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of a questionnaire in all its languages; ``limit`` in characters."""

    name: str
    texts: Mapping[str, str]
    limit: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a text in the default language and in another.

    ``made_from`` is the source that the translation was made from where it is another one than
    today's, else empty. ``fault`` says in words why the translation cannot stay as it is.
    """

    name: str
    what: str
    source: str
    text: str
    limit: int
    made_from: str
    fault: str

    @property
    def missing(self) -> bool:
        return bool(self.source) and not self.text

    @property
    def changed(self) -> bool:
        return bool(self.made_from)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a language is: counts of texts."""

    language: str
    n_texts: int
    n_missing: int
    n_changed: int
    n_faults: int
    required: bool

    @property
    def n_translated(self) -> int:
        return self.n_texts - self.n_missing


def entries(document: Document) -> Iterator[Entry]:
    """Every text in reading order; of two items under one id only the first can be named."""
    seen: set[str] = set()
    for entry in _entries(document):
        if entry.name not in seen:
            seen.add(entry.name)
            yield entry


def _entries(document: Document) -> Iterator[Entry]:
    yield Entry("lead_in", document.get("lead_in") or {}, MAX_STEM)
    for block in document["blocks"]:
        for item in block["items"]:
            for key in _ITEM_TEXTS:
                if key == "stem" or item.get(key):
                    limit = MAX_LABEL if key.endswith("_label") else MAX_STEM
                    yield Entry(f"{item['id']}.{key}", item.get(key) or {}, limit)
            for option in item.get("options", ()):
                name = f"{item['id']}.options.{option['value']}.label"
                yield Entry(name, option.get("label") or {}, MAX_LABEL)
        if block.get("comment"):
            label = block["comment"].get("label") or {}
            yield Entry(f"{block['id']}.comment.label", label, MAX_STEM)
    yield Entry("thanks", document.get("thanks") or {}, MAX_STEM)


def rows(document: Document, language: str, sources: Sources) -> tuple[Row, ...]:
    """The table of one language beside the default language."""
    default = document["default_language"]
    built = []
    for entry in entries(document):
        source, text = entry.texts.get(default, ""), entry.texts.get(language, "")
        known = sources.get((entry.name, language, fingerprint(text)), source) if text else source
        built.append(
            Row(
                name=entry.name,
                what=what(entry.name),
                source=source,
                text=text,
                limit=entry.limit,
                made_from=known if known != source else "",
                fault=fault(source, text, entry.limit) if text else "",
            )
        )
    return tuple(built)


def progress(document: Document, language: str, sources: Sources) -> Progress:
    table = rows(document, language, sources)
    return Progress(
        language=language,
        n_texts=sum(bool(row.source) for row in table),
        n_missing=sum(row.missing for row in table),
        n_changed=sum(row.changed for row in table),
        n_faults=sum(bool(row.fault) for row in table),
        required=language in required_languages(document),
    )


def required_languages(document: Document) -> tuple[str, ...]:
    """The languages that must be complete to publish; all of them where none is marked."""
    marked = document.get("required_languages")
    return tuple(marked or document["languages"])


def fault(source: str, text: str, limit: int) -> str:
    """Why a translation is wrong, in words; empty where nothing is."""
    if too_bad(text, limit):
        return too_bad(text, limit)
    of_source, of_text = placeholders(source), placeholders(text)
    if of_source - of_text:
        return f"It lacks {{{min(of_source - of_text)}}}, which the source has."
    if of_text - of_source:
        return f"It has {{{min(of_text - of_source)}}}, which the source has not."
    return ""


def too_bad(text: str, limit: int) -> str:
    """Why a text cannot even be kept in a draft, in words; empty where it can."""
    found = REFUSED_TEXT.search(text)
    if found:
        character = found.group().encode("unicode_escape").decode()
        return f"It contains {character!r}, which turns or hides text."
    if len(text) > limit:
        return f"It has {len(text):,} characters; at most {limit} fit."
    return ""


def what(name: str) -> str:
    """A text's place in words, short enough for the margin of a table."""
    if name in ("lead_in", "thanks"):
        return {"lead_in": "Lead-in", "thanks": "Thank-you text"}[name]
    head, _, rest = name.partition(".")
    if rest == "comment.label":
        return f"Comment of the {head} page"
    if rest.startswith("options."):
        return f"{head}, option {rest.split('.')[1]}"
    words = {"stem": "question", "hint": "hint", "stem_several": "question for several people"}
    words |= {"low_label": "label of the low end", "high_label": "label of the high end"}
    return f"{head}, {words[rest]}" if rest in words else name


def with_texts(document: Document, language: str, texts: Mapping[str, str]) -> Document:
    """The document with these translations, by name; the one that went in is not touched. A blank
    takes a translation away.

    Raises: EditError for a name that it does not have.
    """
    changed = copy.deepcopy(document)
    for name, text in texts.items():
        place = text_place(changed, name)
        others = {tag: words for tag, words in place.texts.items() if tag != language}
        place.holder[place.key] = {**others, language: text} if text else others
    return changed


def shipped(document: Document, language: str) -> dict[str, str]:
    """What is missing in a language and can be filled with the words that every installation has:
    texts whose source is still, letter for letter, that of the default questionnaire."""
    default = document["default_language"]
    if language not in languages() or default not in languages():
        return {}
    from_, to = catalogue(default)["questionnaire"], catalogue(language)["questionnaire"]
    return {
        entry.name: to[key]
        for entry in entries(document)
        if (key := _catalogue_key(entry.name)) in from_
        and not entry.texts.get(language)
        and entry.texts.get(default) == from_[key]
    }


def _catalogue_key(name: str) -> str:
    """What a text of the default questionnaire is called in the locale files."""
    head, _, rest = name.partition(".")
    if rest.startswith("options."):
        return f"{head}_{rest.split('.')[1]}"
    return {"": head, "stem": head, "stem_several": f"{head}_several"}.get(
        rest, f"{head}_comment" if rest == "comment.label" else ""
    )


def made_now(before: Document, after: Document) -> dict[tuple[str, str, str], str]:
    """The translations that a change wrote, each with the source that stood beside it.

    Keys as in `Sources`.
    """
    old = {entry.name: entry.texts for entry in entries(before)}
    return {
        (entry.name, language, fingerprint(text)): source
        for entry, source, language, text in _translations(after)
        if old.get(entry.name, {}).get(language) != text
    }


def left_behind(before: Document, after: Document) -> dict[tuple[str, str, str], str]:
    """The translations that stayed while a change gave them another source, each with the old one.

    Keys as in `Sources`.
    """
    new = {entry.name: entry.texts for entry in entries(after)}
    default = after["default_language"]
    return {
        (entry.name, language, fingerprint(text)): source
        for entry, source, language, text in _translations(before)
        if new.get(entry.name, {}).get(language) == text
        and new[entry.name].get(default, "") != source
    }


def _translations(document: Document) -> Iterator[tuple[Entry, str, str, str]]:
    """Entry, source, language and text of every translation there is."""
    default = document["default_language"]
    for entry in entries(document):
        source = entry.texts.get(default, "")
        for language, text in entry.texts.items():
            if language != default and source and text:
                yield entry, source, language, text
