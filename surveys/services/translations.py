"""Translates a questionnaire's draft: single texts, whole files, the languages themselves.

All changes go through the draft's own steps, so that they can be undone and meet a conflict where
two people wrote the same text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from surveys.models import Questionnaire, User
from surveys.questionnaire import operations as ops
from surveys.questionnaire import xliff
from surveys.questionnaire.editing import MAX_LANGUAGES, EditError, clean
from surveys.questionnaire.places import fingerprint
from surveys.questionnaire.schema import DefinitionError
from surveys.questionnaire.texts import language_name
from surveys.questionnaire.translating import (
    Progress,
    Row,
    entries,
    progress,
    required_languages,
    rows,
    shipped,
    too_bad,
    what,
    with_texts,
)
from surveys.questionnaire.translation_files import Judgement, TranslationFileError, judge
from surveys.services import drafts, translation_csv
from surveys.services.drafts import Conflict
from surveys.services.translation_sources import confirm, sources_of

#: How often a text is tried again where the draft was changed elsewhere in the same moment.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Overview:
    """A draft's languages; ``default`` is the one that is translated from."""

    revision: int
    default: str
    languages: tuple[Progress, ...]
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One language of a draft beside its default language. ``n_shipped`` missing texts can be
    filled with words that every installation has."""

    language: str
    default: str
    rows: tuple[Row, ...]
    n_shipped: int


def overview(questionnaire: Questionnaire, now: dt.datetime) -> Overview:
    """How far each language is, the default language left out."""
    draft = drafts.look(questionnaire, now)
    document, sources = draft.definition, sources_of(questionnaire.pk)
    default = document["default_language"]
    return Overview(
        revision=draft.revision,
        default=default,
        languages=tuple(
            progress(document, language, sources)
            for language in document["languages"]
            if language != default
        ),
        required=required_languages(document),
    )


def table(questionnaire: Questionnaire, language: str, now: dt.datetime) -> Table:
    """Raises: LookupError for what is no language to translate into."""
    document = drafts.look(questionnaire, now).definition
    default = document["default_language"]
    if language == default or language not in document["languages"]:
        raise LookupError(f"{language} is not translated into")
    known = sources_of(questionnaire.pk, language)
    return Table(
        language, default, rows(document, language, known), len(shipped(document, language))
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """One translation as typed, and what its author saw there before."""

    text: str
    was: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of typed texts. ``refused``: name → why, in words; ``overtaken``: name → what
    somebody else wrote there meanwhile. The rest is stored."""

    n_saved: int
    refused: dict[str, str]
    overtaken: dict[str, str]


def set_texts(
    questionnaire: Questionnaire,
    language: str,
    typed: Mapping[str, Typed],
    *,
    user: User | None,
    now: dt.datetime,
) -> Saved:
    """Write translations, as one step to undo; what cannot be kept does not hinder the others.

    Raises: LookupError for what is no language to translate into; Conflict where the draft was
    changed again and again in this very moment.
    """
    for attempt in range(ATTEMPTS):
        draft = drafts.look(questionnaire, now)
        lines = {row.name: row for row in table(questionnaire, language, now).rows}
        wanted, saved = _sorted_out(typed, lines)
        if not wanted:
            return saved
        try:
            _replace(
                questionnaire,
                with_texts(draft.definition, language, wanted),
                f"Translated {_some(wanted)} ({language})",
                revision=draft.revision,
                user=user,
                now=now,
            )
        except Conflict:
            if attempt + 1 == ATTEMPTS:
                raise
        else:
            return replace(saved, n_saved=len(wanted))
    raise AssertionError("unreachable")


def _sorted_out(
    typed: Mapping[str, Typed], lines: Mapping[str, Row]
) -> tuple[dict[str, str], Saved]:
    """What of the typed texts is to be stored, and what cannot be."""
    wanted: dict[str, str] = {}
    saved = Saved(0, {}, {})
    for name, one in typed.items():
        text, was, row = clean(one.text), clean(one.was), lines.get(name)
        if row is None:
            saved.refused[name] = "This text is not there any more."
        elif text in (row.text, was):
            continue
        elif row.text != was:
            saved.overtaken[name] = row.text
        elif words := too_bad(text, row.limit):
            saved.refused[name] = words
        else:
            wanted[name] = text
    return wanted, saved


def _some(texts: Mapping[str, str]) -> str:
    return what(next(iter(texts))) if len(texts) == 1 else f"{len(texts)} texts"


def still_fits(questionnaire: Questionnaire, language: str, name: str, now: dt.datetime) -> None:
    """The translation goes with its source although that has changed."""
    row = next((r for r in table(questionnaire, language, now).rows if r.name == name), None)
    if row is not None and row.text and row.source:
        confirm(questionnaire.pk, {(name, language, fingerprint(row.text)): row.source})


def add_language(
    questionnaire: Questionnaire, language: str, *, user: User | None, now: dt.datetime
) -> int:
    """Offer a further language, filled with what ships in it; how many texts that were.

    It is not required to publish until it is marked so. Raises: EditError, Conflict.
    """
    draft = drafts.look(questionnaire, now)
    document: dict[str, Any] = draft.definition
    if language in document["languages"]:
        raise EditError("languages", f"{language_name(language)} is there already.")
    if len(document["languages"]) >= MAX_LANGUAGES:
        raise EditError("languages", f"There are at most {MAX_LANGUAGES} languages.")
    filled = {
        **document,
        "languages": [*document["languages"], language],
        "required_languages": list(required_languages(document)),
    }
    ready = shipped(filled, language)
    _replace(
        questionnaire,
        with_texts(filled, language, ready),
        f"Added the language {language}",
        revision=draft.revision,
        user=user,
        now=now,
    )
    return len(ready)


def remove_language(
    questionnaire: Questionnaire, language: str, *, user: User | None, now: dt.datetime
) -> None:
    """Take a language out with its texts; one step to undo. Raises: EditError, Conflict."""
    revision = drafts.look(questionnaire, now).revision
    operation = ops.RemoveLanguage(language=language)
    drafts.apply(questionnaire.pk, operation, base_revision=revision, user=user, now=now)


def require(
    questionnaire: Questionnaire,
    language: str,
    required: bool,
    *,
    user: User | None,
    now: dt.datetime,
) -> None:
    """Say whether a language must be complete to publish. Raises: EditError, Conflict."""
    draft = drafts.look(questionnaire, now)
    document = draft.definition
    if language not in document["languages"]:
        raise EditError("languages", f"{language} is not among the languages.")
    marked = required_languages(document)
    if not required and language == document["default_language"]:
        raise EditError("languages", "The default language is always required.")
    chosen = [
        tag
        for tag in document["languages"]
        if (tag in marked or tag == document["default_language"] or tag == language)
        and (required or tag != language)
    ]
    _replace(
        questionnaire,
        {**document, "required_languages": chosen},
        f"{'Required' if required else 'No longer required'}: the language {language}",
        revision=draft.revision,
        user=user,
        now=now,
    )


def fill_shipped(
    questionnaire: Questionnaire, language: str, *, user: User | None, now: dt.datetime
) -> int:
    """Fill what is missing with the words that ship; how many texts. Raises: Conflict."""
    draft = drafts.look(questionnaire, now)
    ready = shipped(draft.definition, language)
    if ready and language in draft.definition["languages"]:
        _replace(
            questionnaire,
            with_texts(draft.definition, language, ready),
            f"Filled in {len(ready)} texts ({language})",
            revision=draft.revision,
            user=user,
            now=now,
        )
    return len(ready)


def as_xliff(questionnaire: Questionnaire, language: str, now: dt.datetime) -> bytes:
    """The draft's texts for a translator's tool."""
    document = drafts.look(questionnaire, now).definition
    known = sources_of(questionnaire.pk, language)
    return xliff.write(document, language, known, slug=questionnaire.slug)


def as_csv(questionnaire: Questionnaire, language: str, now: dt.datetime) -> bytes:
    """The draft's texts for a spreadsheet, which needs the byte order mark."""
    document = drafts.look(questionnaire, now).definition
    written = translation_csv.write(document, language, sources_of(questionnaire.pk, language))
    return written.encode("utf-8-sig")


@transaction.atomic
def take_file(
    questionnaire: Questionnaire, raw: bytes, *, user: User | None, now: dt.datetime
) -> Judgement:
    """Take of a translator's file what can be taken, as one step to undo.

    Raises: TranslationFileError where it is no such file, or for other languages; Conflict where
    somebody changed the draft in this very moment.
    """
    file = xliff.read(raw) if _looks_like_xml(raw) else translation_csv.read(raw)
    draft = drafts.look(questionnaire, now)
    judged = judge(draft.definition, file, sources_of(questionnaire.pk))
    if judged.texts:
        n = len(judged.texts)
        try:
            _replace(
                questionnaire,
                with_texts(draft.definition, judged.language, judged.texts),
                f"Imported {n} text{'' if n == 1 else 's'} ({judged.language})",
                revision=draft.revision,
                user=user,
                now=now,
            )
        except DefinitionError as error:
            raise TranslationFileError(f"{error.path}: {error.message}") from error
    by_name = {entry.name: entry.texts for entry in entries(draft.definition)}
    confirm(
        questionnaire.pk,
        {
            (line.name, judged.language, fingerprint(line.before)): by_name[line.name][
                draft.definition["default_language"]
            ]
            for line in judged.confirmed
        },
    )
    return judged


def _looks_like_xml(raw: bytes) -> bool:
    """A spreadsheet's first cell is `id`; XML begins with a bracket, in whatever encoding."""
    return raw[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


def _replace(
    questionnaire: Questionnaire,
    document: Mapping[str, Any],
    summary: str,
    *,
    revision: int,
    user: User | None,
    now: dt.datetime,
) -> None:
    """Store a changed draft, which is begun first where there is none: then the change can be
    undone, too."""
    drafts.draft_of(questionnaire, user, now)
    drafts.replace(
        questionnaire.pk, dict(document), summary, base_revision=revision, user=user, now=now
    )
