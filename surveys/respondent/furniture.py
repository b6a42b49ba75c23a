"""What stands around the questions on a respondent's page: words, direction, other languages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings

from surveys.questionnaire import texts
from surveys.questionnaire.branding import Look
from surveys.questionnaire.schema import Definition


def page_texts(language: str, look: Look | None = None) -> dict[str, dict[str, str]]:
    """The furniture of all pages in a language, with the name filled in that the customer knows:
    the brand's, where there is one."""
    return _page_texts(language, look.name if look else settings.COMPANY_NAME)


@lru_cache(maxsize=128)
def _page_texts(language: str, company: str) -> dict[str, dict[str, str]]:
    return {
        group: {key: texts.fill(wording, {"company": company}) for key, wording in keys.items()}
        for group, keys in texts.catalogue(language).items()
    }


def frame(language: str, look: Look | None = None, product: str = "") -> dict[str, Any]:
    """What every page needs: language, direction, texts, who asks, and how the brand looks."""
    return {
        "lang": language,
        "dir": texts.direction(language),
        "t": page_texts(language, look),
        "company": look.name if look else settings.COMPANY_NAME,
        "look": look,
        "small_print": look.small_print(language, product) if look else [],
    }


def language_choices(definition: Definition, current: str) -> list[dict[str, str]]:
    """The other languages, each named in itself."""
    return [
        {"code": code, "dir": texts.direction(code), "name": texts.language_name(code)}
        for code in definition.languages
        if code != current
    ]
