"""Every word a customer reads that is not a question: loaded, chosen by language, filled.

Placeholders are flat names in braces, filled in one pass from an allow-list. What is filled in is
never read again, so a value that looks like a placeholder stays what it is; neither
``str.format`` nor a template engine ever sees a text.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from babel import Locale
from babel.dates import format_skeleton

Catalogue = Mapping[str, Mapping[str, str]]
Direction = Literal["ltr", "rtl"]

DEFAULT_LANGUAGE: Final = "en"
PLACEHOLDERS: Final = frozenset(
    {"company", "product", "brand", "subject", "name", "n", "total", "label", "date"}
)
QUESTIONNAIRE_PLACEHOLDERS: Final = frozenset({"company", "product", "brand"})
MAX_VALUE_CHARACTERS: Final = 120
MAX_SUBJECT_CHARACTERS: Final = 60

_LOCALES: Final = Path(__file__).parent / "locales"
_LANGUAGES: Final = ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "pl", "tr", "ar", "he")
#: CLDR's plural categories; a text with a count has a wording for each that its language needs.
PLURAL_CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")
_RTL: Final = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"})
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]{1,20})\}")
# Control characters, direction marks, overrides and isolates, line separators, surrogates,
# noncharacters: none may reach a mail header or turn a sentence round.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+"
)
# Words in ASCII with one blank between them: most values are, and need no cleaning.
_PLAIN: Final = re.compile("[!-~]+(?: [!-~]+)*")
_REPLY_PREFIX: Final = re.compile(
    r"^(?:\s*(?:re|aw|fwd?|wg|tr|rv|res|enc)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_PERSONAL: Final = re.compile(
    r"[^\s@<>]{1,64}@[^\s@<>]{1,255}"  # mail addresses
    r"|https?://\S{1,2000}"  # links often carry names or tokens
    r"|(?<!\w)(?!\d{4}-\d\d(?:-\d\d)?(?![\d-]))"  # phone, account and card numbers, not dates
    r"\+?(?:\d{6}|\d(?:[\s./()-]{0,2}\d){6})(?:[\s./()-]{0,2}\d){0,30}",
    re.IGNORECASE,
)


def languages() -> tuple[str, ...]:
    """The languages that ship with all texts, the default first."""
    return _LANGUAGES


def direction(language: str) -> Direction:
    """The writing direction, for ``dir``."""
    return "rtl" if language.partition("-")[0] in _RTL else "ltr"


@cache
def catalogue(language: str) -> Catalogue:
    """The texts of a language in groups, as ``catalogue("de")["page"]["send"]``.

    A language without own texts gets its base language's (``pt-BR`` → ``pt``), else English:
    a questionnaire may be translated into languages whose page furniture is not.
    """
    return _load(written_in(language))


def language_name(language: str) -> str:
    """A language's name in itself, its code where no catalogue names it."""
    if language.partition("-")[0] not in _LANGUAGES:
        return language
    return catalogue(language)["language"]["name"]


def written_in(language: str) -> str:
    """The language whose texts ``catalogue`` gives for a language."""
    for candidate in (language, language.partition("-")[0]):
        if candidate in _LANGUAGES:
            return candidate
    return DEFAULT_LANGUAGE


@cache
def _load(language: str) -> Catalogue:
    groups: dict[str, dict[str, str]] = json.loads(
        (_LOCALES / f"{language}.json").read_text(encoding="utf-8")
    )
    return MappingProxyType({name: MappingProxyType(group) for name, group in groups.items()})


def text(language: str, key: str, **values: str | int) -> str:
    """One text by ``group.key``, its placeholders filled.

    Raises: KeyError for a key that no locale has; that is a mistake in our code.
    """
    group, _, name = key.partition(".")
    return fill(catalogue(language)[group][name], values)


def for_count(language: str, group: Mapping[str, str], key: str, count: int) -> str:
    """The wording of ``key`` in a group of the language's catalogue that goes with a count.

    Languages have one to six forms of it (``key_one``, ``key_few`` … ``key_other``), chosen by
    CLDR's rules; a text that never changes with a count stands under ``key`` itself.

    Raises: KeyError for a key that no locale has.
    """
    if key in group:
        return group[key]
    form = f"{key}_{_plural_category(written_in(language), count)}"
    return group.get(form) or group[f"{key}_other"]


@cache
def _plural_rule(language: str) -> Callable[[int], str]:
    return Locale.parse(language).plural_form


def _plural_category(language: str, count: int) -> str:
    return _plural_rule(language)(count)


def fill(template: str, values: Mapping[str, str | int]) -> str:
    """Fill ``{name}`` in one pass; an unlisted name, or one without a value, stays as it is."""
    if "{" not in template:
        return template

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in PLACEHOLDERS or name not in values:
            return match.group()
        return clean_value(values[name])

    return _PLACEHOLDER.sub(replace, template)


def placeholders(template: str) -> frozenset[str]:
    """The placeholder names in a text, known or not."""
    return frozenset(_PLACEHOLDER.findall(template))


def clean_value(value: str | int, limit: int = MAX_VALUE_CHARACTERS) -> str:
    """A value fit for one line of text: no control or direction characters, bounded length."""
    if isinstance(value, str) and len(value) <= limit and _PLAIN.fullmatch(value):
        return value
    plain = " ".join(_UNSAFE.sub(" ", str(value)[: 4 * limit]).split())
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def public_subject(subject: str) -> str:
    """The case's subject as it may stand in a mail's subject line: the customer's words without
    reply prefixes, addresses, links and long numbers. Empty where nothing readable is left."""
    shortened = clean_value(subject, 4 * MAX_SUBJECT_CHARACTERS)
    scrubbed = _PERSONAL.sub("…", _REPLY_PREFIX.sub("", shortened))
    if not any(character.isalpha() for character in scrubbed):
        return ""
    return clean_value(scrubbed, MAX_SUBJECT_CHARACTERS)


def choose_language(
    preferred: str | None,
    accept_language: str | None,
    available: Sequence[str],
    default: str,
) -> str:
    """The language to show: what the customer chose or the case says, else the browser's, else
    the default. ``de-AT`` finds ``de``; ``pt`` finds ``pt-BR``."""
    for wanted in (preferred or "", *_accepted(accept_language or "")):
        match = _match(wanted, available)
        if match:
            return match
    if default in available or not available:
        return default
    return available[0]


def _accepted(header: str) -> list[str]:
    """Language tags of an Accept-Language header, best first; nonsense is skipped."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:500].split(",")[:20]):
        tag, _, parameters = part.partition(";")
        quality = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", parameters)
        weight = float(quality.group(1)) if quality else (0.0 if parameters.strip() else 1.0)
        if tag.strip() and weight > 0:
            weighted.append((-weight, position, tag.strip()))
    return [tag for _, _, tag in sorted(weighted)]


def _match(wanted: str, available: Sequence[str]) -> str | None:
    tag = wanted.strip().replace("_", "-").casefold()
    if not tag:
        return None
    base = tag.partition("-")[0]
    for candidate in (tag, base):
        for language in available:
            if language.casefold() == candidate:
                return language
    for language in available:
        if language.casefold().partition("-")[0] == base:
            return language
    return None


def last_day(expires_at: dt.datetime | None, language: str) -> str:
    """The day of closing in words, as "5 December"; empty where it never closes."""
    if expires_at is None:
        return ""
    # English that is nobody's in particular: the day first, as in all our other languages.
    written = written_in(language)
    return format_skeleton("MMMMd", expires_at, locale="en_GB" if written == "en" else written)
