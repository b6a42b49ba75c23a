"""How the operations on languages and translations are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from surveys.api.described import (
    IDEMPOTENCY,
    Example,
    Json,
    answers,
    query,
    record,
    ref,
    text,
)
from surveys.api.described_life import SLUG
from surveys.api.described_life import operation as _operation
from surveys.api.described_operations import COUNT, POSTED
from surveys.questionnaire.translation_files import MAX_FILE_BYTES

_TAG: Final = text(
    "BCP 47, such as `de` or `pt-BR`.", 12, pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"
)
_LANGUAGE: Final = OpenApiParameter("language", str, OpenApiParameter.PATH)
_PROGRESS: Final[Json] = {
    "type": "object",
    "properties": {
        "language": text("Its tag."),
        "required": {"type": "boolean", "description": "It must be complete to publish."},
        "n_texts": COUNT,
        "n_missing": COUNT,
        "n_changed": COUNT | {"description": "Their source changed since they were translated."},
        "n_faults": COUNT,
    },
    "required": ["language", "required", "n_texts", "n_missing", "n_changed", "n_faults"],
    "additionalProperties": False,
}
_ROW: Final[dict[str, Json]] = {
    "name": text("By which it is written."),
    "what": text("Where it stands, for people."),
    "source": text("In the default language."),
    "text": text("The translation; empty where there is none."),
    "limit": COUNT | {"description": "Characters."},
    "made_from": text("The older source it was made from; empty where that is today's."),
    "fault": text("Why it cannot stay as it is."),
}
_WORDS: Final[Json] = {"type": "object", "additionalProperties": {"type": "string"}}
COMPONENTS: Final[dict[str, Json]] = {
    "Languages": record(
        ["revision", "default", "languages"],
        revision=COUNT | {"description": "Of the draft."},
        default=text("The language that is translated from."),
        languages={"type": "array", "items": _PROGRESS},
    ),
    "Translations": record(
        ["language", "default", "n_shipped", "texts"],
        language=text("Its tag."),
        default=text("The language that is translated from."),
        n_shipped=COUNT | {"description": "Missing texts that ship with every installation."},
        texts={"type": "array", "items": record(list(_ROW), **_ROW)},
    ),
    "LanguageIn": record(["language"], language=_TAG),
    "LanguageRequired": {
        "type": "object",
        "properties": {"required": {"type": "boolean"}},
        "required": ["required"],
        "additionalProperties": False,
    },
    "TranslationsIn": record(
        ["texts"],
        texts={
            "type": "object",
            "maxProperties": 1000,
            "additionalProperties": record(
                ["text", "was"],
                text=text("The translation.", 20_000),
                was=text("What stood there when it was written; empty: nothing.", 20_000),
            ),
        },
    ),
    "TranslationsSaved": record(
        ["n_saved", "refused", "overtaken"],
        n_saved=COUNT,
        refused=_WORDS | {"description": "By name, why it was not kept."},
        overtaken=_WORDS | {"description": "By name, what somebody else wrote meanwhile."},
    ),
    "TranslationFile": record(
        ["file"], file=text("The text of an XLIFF 2.0 or CSV file, as exported.", MAX_FILE_BYTES)
    ),
    "TranslationsTaken": record(
        ["language", "n_taken", "n_confirmed", "n_unchanged", "n_empty", "refused"],
        language=text("Its tag."),
        n_taken=COUNT,
        n_confirmed=COUNT | {"description": "Fit although their source changed."},
        n_unchanged=COUNT,
        n_empty=COUNT,
        refused={
            "type": "array",
            "items": record(
                ["name", "place", "text", "why"],
                name=text("Of the text."),
                place=text("In the file."),
                text=text("What stands there."),
                why=text("It was not taken."),
            ),
        },
    ),
}
_FILE: Final[Json] = {"type": "string"}


def _acting(name: str, summary: str, description: str, **more: Any) -> Any:
    found: dict[str, Any] = {
        "parameters": [SLUG, _LANGUAGE, IDEMPOTENCY],
        "responses": answers(200, schema=ref("Languages"), problems=POSTED),
    }
    return _operation.posting(name, summary, description, **(found | more))


LANGUAGES: Final = _operation(
    "list_languages",
    "List the languages of a draft",
    "With how far each is translated.",
    parameters=[SLUG],
    responses=answers(200, schema=ref("Languages"), problems=(404,)),
)
ADD: Final = _acting(
    "add_language",
    "Add a language",
    "Filled with the words that ship in it; not required until it is marked so.",
    parameters=[SLUG, IDEMPOTENCY],
    request={"application/json": ref("LanguageIn")},
    responses=answers(201, schema=ref("Languages"), problems=POSTED),
    examples=[Example("Finnish", value={"language": "fi"}, request_only=True)],
)
TABLE: Final = _operation(
    "read_translations",
    "Read the texts of a language",
    "Beside those of the default language, or as a file for translators.",
    parameters=[
        SLUG,
        _LANGUAGE,
        query("format", "A file instead.", enum=["json", "xliff", "csv"]),
    ],
    responses={
        **answers(200, schema=ref("Translations"), problems=(400, 404)),
        (200, "text/csv"): _FILE,
        (200, "application/xliff+xml"): _FILE,
    },
)
SET: Final = _operation(
    "write_translations",
    "Write translations",
    "One step, which people can undo. `was` is what stood there when it was written: what somebody "
    "else wrote meanwhile stays, and is told as `overtaken`.",
    parameters=[SLUG, _LANGUAGE],
    request={"application/json": ref("TranslationsIn")},
    responses=answers(200, schema=ref("TranslationsSaved"), problems=POSTED),
    examples=[
        Example(
            "One text",
            value={"texts": {"lead_in": {"text": "Eine kurze Frage", "was": ""}}},
            request_only=True,
        )
    ],
)
REMOVE: Final = _operation(
    "remove_language",
    "Remove a language with its texts",
    "One step, which people can undo.",
    parameters=[SLUG, _LANGUAGE],
    responses={204: None} | answers(schema={}, problems=(404, 409)),
)
REQUIRE: Final = _acting(
    "require_language",
    "Say whether a language must be complete to publish",
    "One that is not required is offered to customers once it is complete.",
    request={"application/json": ref("LanguageRequired")},
    examples=[Example("Required", value={"required": True}, request_only=True)],
)
FILL: Final = _acting(
    "fill_language",
    "Fill what is missing with the words that ship",
    "What is there stays.",
)
IMPORT: Final = _acting(
    "import_translations",
    "Take a translator's file",
    "XLIFF 2.0 or CSV, as exported; a bad line does not hinder the others.",
    parameters=[SLUG, IDEMPOTENCY],
    request={"application/json": ref("TranslationFile")},
    responses=answers(200, schema=ref("TranslationsTaken"), problems=POSTED),
    examples=[
        Example(
            "A spreadsheet",
            value={
                "file": "id,note,source [en],translation [de],state\n"
                "lead_in,,A short question,Eine kurze Frage,translated\n"
            },
            request_only=True,
        )
    ],
)
