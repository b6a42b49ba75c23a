"""The languages of a questionnaire's draft, and its texts, one by one or as translators' files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_translations as described
from surveys.api.base import one
from surveys.api.bodies import body_of, decode
from surveys.api.doing import LARGEST, Nothing, chosen, fault, storable
from surveys.api.problems import Problem
from surveys.api.questionnaire_life import Life, found
from surveys.models import Questionnaire
from surveys.questionnaire.places import EditError
from surveys.questionnaire.schema import DefinitionError
from surveys.questionnaire.translating import Progress, Row
from surveys.questionnaire.translation_files import MAX_FILE_BYTES, Line, TranslationFileError
from surveys.services import translations as service
from surveys.services.archiving import ArchivedError
from surveys.services.drafts import Conflict
from surveys.services.translations import Saved, Table, Typed

_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_TYPES: Final = {"xliff": "application/xliff+xml", "csv": "text/csv; charset=utf-8"}
_ENDINGS: Final = {"xliff": "xlf", "csv": "csv"}
MOST_TEXTS: Final = 1_000
LONGEST_TEXT: Final = 20_000


class NewLanguage(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A language to be."""

    language: str


class ChangedLanguage(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Whether it must be complete to publish."""

    required: bool


class Text(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A translation, and what stood there when it was written."""

    text: str
    was: str


class Texts(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Translations by the names of their texts."""

    texts: dict[str, Text]


class File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The text of a translator's file."""

    file: str


class Languages(Life):
    """`/questionnaires/{slug}/languages/`"""

    @extend_schema(**described.LANGUAGES)
    def get(self, request: Request, slug: str) -> Response:
        return one(_overview(found(slug)))

    @extend_schema(**described.ADD)
    def post(self, request: Request, slug: str) -> HttpResponse:
        questionnaire = found(slug)

        def effect(sent: NewLanguage) -> Any:
            if not _TAG.fullmatch(sent.language):
                raise fault("language", "must be a tag such as de or pt-BR")
            with _kept("language"):
                service.add_language(questionnaire, sent.language, user=None, now=timezone.now())
            return _overview(questionnaire)

        return self.done(request, NewLanguage, effect)


class OneLanguage(Life):
    """`/questionnaires/{slug}/languages/{language}/`"""

    @extend_schema(**described.TABLE)
    def get(self, request: Request, slug: str, language: str) -> HttpResponse:
        questionnaire, now = found(slug), timezone.now()
        table = _table(questionnaire, language)
        kind = chosen(request, "format", ("json", *_TYPES))
        if kind not in _TYPES:
            return one(_told(table))
        write = {"xliff": service.as_xliff, "csv": service.as_csv}[kind]
        answer = HttpResponse(write(questionnaire, language, now), content_type=_TYPES[kind])
        name = f"{slug}-{language}.{_ENDINGS[kind]}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    @extend_schema(**described.SET)
    def patch(self, request: Request, slug: str, language: str) -> Response:
        sent = decode(body_of(request, largest=16 * LARGEST), Texts)
        questionnaire = found(slug)
        _table(questionnaire, language)
        if len(sent.texts) > MOST_TEXTS:
            raise fault("texts", f"must be at most {MOST_TEXTS}")
        typed = {}
        for name, each in sent.texts.items():
            storable("texts", name, 200)
            typed[name] = Typed(
                storable(f"texts.{name}.text", each.text, LONGEST_TEXT),
                storable(f"texts.{name}.was", each.was, LONGEST_TEXT),
            )
        with _kept("texts"):
            saved = service.set_texts(questionnaire, language, typed, user=None, now=timezone.now())
        return one(_saved(saved))

    @extend_schema(**described.REMOVE)
    def delete(self, request: Request, slug: str, language: str) -> HttpResponse:
        questionnaire = found(slug)
        _table(questionnaire, language)
        with _kept(""):
            service.remove_language(questionnaire, language, user=None, now=timezone.now())
        return HttpResponse(status=204)


class RequireLanguage(Life):
    """`/questionnaires/{slug}/languages/{language}/require/`"""

    @extend_schema(**described.REQUIRE)
    def post(self, request: Request, slug: str, language: str) -> HttpResponse:
        def change(questionnaire: Questionnaire, sent: ChangedLanguage) -> None:
            service.require(questionnaire, language, sent.required, user=None, now=timezone.now())

        return _changing(self, request, slug, language, ChangedLanguage, change)


class FillLanguage(Life):
    """`/questionnaires/{slug}/languages/{language}/fill/`"""

    @extend_schema(**described.FILL)
    def post(self, request: Request, slug: str, language: str) -> HttpResponse:
        def change(questionnaire: Questionnaire, _: Nothing) -> None:
            service.fill_shipped(questionnaire, language, user=None, now=timezone.now())

        return _changing(self, request, slug, language, Nothing, change)


class ImportTranslations(Life):
    """`/questionnaires/{slug}/translations/import/`"""

    @extend_schema(**described.IMPORT)
    def post(self, request: Request, slug: str) -> HttpResponse:
        questionnaire = found(slug)

        def effect(sent: File) -> Any:
            raw = storable("file", sent.file, MAX_FILE_BYTES).encode()
            try:
                with _kept("file"):
                    judged = service.take_file(questionnaire, raw, user=None, now=timezone.now())
            except TranslationFileError as error:
                raise fault("file", str(error)) from error
            return {
                "language": judged.language,
                "n_taken": len(judged.taken),
                "n_confirmed": len(judged.confirmed),
                "n_unchanged": judged.n_unchanged,
                "n_empty": judged.n_empty,
                "refused": [_line(line) for line in judged.refused],
            }

        return self.done(request, File, effect, status=200, largest=3 * MAX_FILE_BYTES)


def _changing(
    view: Life,
    request: Request,
    slug: str,
    language: str,
    shape: type[Any],
    change: Callable[[Questionnaire, Any], None],
) -> HttpResponse:
    questionnaire = found(slug)
    _table(questionnaire, language)

    def effect(sent: Any) -> Any:
        with _kept("required"):
            change(questionnaire, sent)
        return _overview(questionnaire)

    return view.done(request, shape, effect, status=200)


@contextmanager
def _kept(field: str) -> Iterator[None]:
    """A draft that stays as it is, and why."""
    try:
        yield
    except ArchivedError as error:
        raise Problem(409, error.message) from error
    except Conflict as error:
        raise Problem(409, error.message) from error
    except (EditError, DefinitionError) as error:
        raise (fault(field, error.message) if field else Problem(409, error.message)) from error


def _table(questionnaire: Questionnaire, language: str) -> Table:
    try:
        return service.table(questionnaire, language, timezone.now())
    except LookupError as error:
        raise Problem(404, "There is no such language to translate into.") from error


def _overview(questionnaire: Questionnaire) -> dict[str, Any]:
    told = service.overview(questionnaire, timezone.now())
    return {
        "revision": told.revision,
        "default": told.default,
        "languages": [_progress(each) for each in told.languages],
    }


def _progress(told: Progress) -> dict[str, Any]:
    return {
        "language": told.language,
        "required": told.required,
        "n_texts": told.n_texts,
        "n_missing": told.n_missing,
        "n_changed": told.n_changed,
        "n_faults": told.n_faults,
    }


def _told(table: Table) -> dict[str, Any]:
    return {
        "language": table.language,
        "default": table.default,
        "n_shipped": table.n_shipped,
        "texts": [_row(row) for row in table.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "what": row.what,
        "source": row.source,
        "text": row.text,
        "limit": row.limit,
        "made_from": row.made_from,
        "fault": row.fault,
    }


def _saved(saved: Saved) -> dict[str, Any]:
    return {
        "n_saved": saved.n_saved,
        "refused": dict(saved.refused),
        "overtaken": dict(saved.overtaken),
    }


def _line(line: Line) -> dict[str, Any]:
    return {"name": line.name, "place": line.place, "text": line.after[:1000], "why": line.reason}
