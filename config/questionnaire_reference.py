"""The reference page of questionnaires: the document, the item types, the rules of the lint."""

from __future__ import annotations

from collections.abc import Iterable

from surveys.questionnaire import described
from surveys.questionnaire.lint import RULES
from surveys.questionnaire.lint.length import (
    MAX_ITEMS,
    MAX_SECONDS,
    SECONDS_CLOSED,
    SECONDS_OPEN,
)
from surveys.questionnaire.schema import MAX_DEFINITION_BYTES, STANDARD_ITEMS
from surveys.questionnaire.texts import QUESTIONNAIRE_PLACEHOLDERS

ABOUT = (
    "A questionnaire is a JSON document. It is made in the browser at `/questionnaires/`, exported "
    "and imported there, and checked by `manage.py lint_questionnaire FILE`. Its JSON Schema is "
    "`Questionnaire` among the components of the OpenAPI document at `/api/schema/`. It has "
    f"at most {MAX_DEFINITION_BYTES // 1024} KiB; unknown fields are refused."
)
ABOUT_TEXTS = (
    "Texts are objects of language tag → words. {placeholders} are filled in; any other brace is "
    "refused."
)
ABOUT_STANDARD = (
    "Their answers feed the reports. Type, dimension and number of options are given, the wording "
    "is yours. Every other id is a question of your own."
)
ABOUT_LINT = (
    "An error refuses publication. A warning needs a reason, which is stored with the version. "
    "Rules marked English read the words of `en` texts only; the others look at every language. "
    f"Length is that of the longest way through, at {SECONDS_CLOSED} seconds for a closed item and "
    f"{SECONDS_OPEN} for an open one (`short_text`, `long_text`); more than {MAX_ITEMS} items or "
    f"{MAX_SECONDS} seconds are too long."
)


def page() -> str:
    """The whole page but its first lines."""
    known = ", ".join(f"`{{{name}}}`" for name in sorted(QUESTIONNAIRE_PLACEHOLDERS))
    lines = ["# Questionnaires", "", ABOUT, "", ABOUT_TEXTS.format(placeholders=known), ""]
    for name, published in described.NAMES.items():
        lines += _struct(name, published)
    lines += ["## Item types", "", *_table(("type", "answer"), described.ITEM_TYPES.items()), ""]
    lines += [
        "## Standard items",
        "",
        ABOUT_STANDARD,
        "",
        "| id | dimension | type | options |",
        "|---|---|---|---|",
        *(
            f"| `{item_id}` | `{dimension}` | `{type_}` | {count} |"
            for item_id, (dimension, type_, count) in STANDARD_ITEMS.items()
        ),
        "",
        "## Lint",
        "",
        ABOUT_LINT,
        "",
        "| code | severity | reads | why, and what to do |",
        "|---|---|---|---|",
        *(
            f"| `{rule.code}` | {rule.severity} | {rule.scope} | {rule.why} |"
            for rule in RULES.values()
        ),
        "",
    ]
    return "\n".join(lines)


def _struct(name: str, published: str) -> list[str]:
    about = described.plain_words(described.STRUCTS[name].__doc__ or "")
    rows = _table(("field", "meaning"), described.FIELDS[name].items())
    return [f"## `{published}`", "", about, "", *rows, ""]


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> list[str]:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    lines += [f"| `{name}` | {words} |" for name, words in rows]
    return lines
