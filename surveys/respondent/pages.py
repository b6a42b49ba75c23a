"""Builds the respondent's pages.

A survey page is compiled once per version, language, arm and what else decides it, with a slot
wherever one respondent's page differs from another's: the ticked options, the comments and the
note on a tapped rating. Showing it then only fills the slots, which is several times faster than
rendering the template. The page contains neither the token nor anything of the case or customer:
a forwarded link shows no personal data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.template.loader import get_template
from django.utils import formats, translation
from django.utils.html import escape

from surveys.questionnaire import rendering, texts
from surveys.questionnaire.rendering import Answers, Arm, Facts, Rotation
from surveys.questionnaire.schema import AnswerRule, Definition
from surveys.services.answering import Asked, definition_of

LONGEST_WORD_IN_A_ROW: Final = 13
# Marks a slot in a compiled page. No text can contain it: definitions refuse it.
_MARK: Final = "\0"


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the error summary: what is wrong with which field."""

    field: str
    message: str


def page_texts(language: str) -> dict[str, dict[str, str]]:
    """The furniture of all pages in a language, with the company's name filled in."""
    return _page_texts(language, settings.COMPANY_NAME)


@lru_cache(maxsize=128)
def _page_texts(language: str, company: str) -> dict[str, dict[str, str]]:
    return {
        group: {key: texts.fill(wording, {"company": company}) for key, wording in keys.items()}
        for group, keys in texts.catalogue(language).items()
    }


def frame(language: str) -> dict[str, Any]:
    """What every page needs: language, direction, texts, the company."""
    return {
        "lang": language,
        "dir": texts.direction(language),
        "t": page_texts(language),
        "company": settings.COMPANY_NAME,
    }


def language_for(asked: Asked, wanted: str | None, accepted: str | None) -> str:
    """What the customer switched to, else answered in, else what the case or browser says."""
    definition = definition_of(asked.version_id)
    for chosen in (wanted, asked.answered_in):
        if chosen in definition.languages:
            return chosen
    return texts.choose_language(
        asked.language, accepted, definition.languages, definition.default_language
    )


def block_ids(asked: Asked, answers: Answers) -> list[str]:
    """The respondent's pages as block ids, in their order."""
    return [
        block.id
        for block in rendering.ordered_blocks(definition_of(asked.version_id), asked.arm)
        if any(rendering.is_asked(i, asked.rotation, asked.facts, answers) for i in block.items)
    ]


def first_open_page(asked: Asked, answers: Answers) -> int | None:
    """The first page with nothing answered, else with an open headline; None where all are done."""
    definition = definition_of(asked.version_id)
    shown = [definition.block(block).items for block in block_ids(asked, answers)]
    for number, items in enumerate(shown, start=1):
        if not any(item.id in answers for item in items):
            return number
    for number, items in enumerate(shown, start=1):
        if any(item.headline and item.id not in answers for item in items):
            return number
    return None


def survey_page(
    asked: Asked,
    number: int,
    language: str,
    answers: Answers,
    *,
    preselect: Answers | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    """One page as HTML, ``answers`` filled in.

    ``preselect`` wins over an answer and says on the page that it came from the mail. ``errors``
    maps item or comment ids to keys of the locale group ``error``.
    """
    key = _Key(
        asked.version_id,
        language,
        asked.arm,
        asked.rotation,
        asked.facts,
        tuple((item, answers.get(item)) for item in sorted(_steering(asked.version_id))),
        number,
        settings.COMPANY_NAME,
    )
    compiled = _compiled(key) if not errors else _compile(key, errors)
    return _fill(compiled, answers, preselect or {}, page_texts(language)["page"]["preselected"])


def preview_page(
    definition: Definition,
    *,
    arm: Arm,
    rotation: Rotation,
    facts: Facts,
    language: str,
    number: int,
    answers: Answers,
    base_url: str,
) -> str:
    """The page a respondent would see of any definition, also of a draft. Nothing is kept.

    ``number`` counts from 1 and is brought into the pages there are; a draft without any question
    says so by its title alone. Forms post to ``base_url``, fields as on the real page.
    """
    company = settings.COMPANY_NAME
    shown = rendering.pages(definition, arm, rotation, facts, language, answers, company=company)
    if not shown:
        words = {"title": page_texts(language)["page"]["title"], "body": ""}
        return get_template("respondent/message.html").render(frame(language) | {"words": words})
    page = shown[min(max(number, 1), len(shown)) - 1]
    return _fill(_pieces(definition, page, language, {}, base_url), answers, {}, "")


@dataclass(frozen=True, slots=True)
class _Key:
    """All that decides a page but the respondent's own answers."""

    version_id: int
    language: str
    arm: Arm
    rotation: Rotation
    facts: Facts
    steering: tuple[tuple[str, object], ...]
    number: int
    company: str


@lru_cache(maxsize=256)
def _steering(version_id: int) -> frozenset[str]:
    """The items whose answer decides whether another is asked."""
    return frozenset(
        rule.item
        for item in definition_of(version_id).items
        for rule in item.skip_when
        if isinstance(rule, AnswerRule)
    )


@lru_cache(maxsize=1024)
def _compiled(key: _Key) -> tuple[str, ...]:
    return _compile(key, {})


def _compile(key: _Key, errors: Mapping[str, str]) -> tuple[str, ...]:
    """The page in pieces: text, slot, text, slot … text."""
    definition = definition_of(key.version_id)
    page = rendering.pages(
        definition,
        key.arm,
        key.rotation,
        key.facts,
        key.language,
        dict(key.steering),  # type: ignore[arg-type]  # hashable pairs of the answers they came from
        company=key.company,
    )[key.number - 1]
    # "?" is the page itself without its fragment, which a browser would carry on to the next.
    return _pieces(definition, page, key.language, errors, "?")


def _pieces(
    definition: Definition,
    page: rendering.Page,
    language: str,
    errors: Mapping[str, str],
    action: str,
) -> tuple[str, ...]:
    t = page_texts(language)
    limit = page.comment.max_length if page.comment else 0
    messages = {
        field: texts.fill(t["error"][error], {"total": limit}) for field, error in errors.items()
    }
    context = frame(language) | {
        "page": page,
        "heading": t["page"][f"{page.block}_title"],
        "progress": texts.fill(t["page"]["page_of"], {"n": page.number, "total": page.total}),
        "questions": [
            {
                "item": item,
                "count": texts.fill(
                    t["page"]["question_of"], {"n": item.number, "total": page.n_questions}
                ),
                "error": messages.get(item.id),
                "in_a_row": _fits_in_a_row(item),
            }
            for item in page.items
        ],
        "steps": [number <= page.number for number in range(1, page.total + 1)],
        "comment_error": messages.get(page.comment.id) if page.comment else None,
        "faults": _faults(page, messages),
        "languages": language_choices(definition, language),
        "action": action,
        "mark": _MARK,
    }
    return tuple(get_template("respondent/survey.html").render(context).split(_MARK))


def _fits_in_a_row(item: rendering.ShownItem) -> bool:
    """Whether a scale's words fit five columns of a wide screen; few languages hyphenate there."""
    longest = max((len(w) for option in item.options for w in option.label.split()), default=0)
    return item.type == "rating" and longest <= LONGEST_WORD_IN_A_ROW


def _faults(page: rendering.Page, messages: Mapping[str, str]) -> list[Fault]:
    """The page's faults in reading order, each leading to its first control."""
    faults = [Fault(f"{i.id}-1", messages[i.id]) for i in page.items if i.id in messages]
    if page.comment and page.comment.id in messages:
        faults.append(Fault(page.comment.id, messages[page.comment.id]))
    return faults


def language_choices(definition: Definition, current: str) -> list[dict[str, str]]:
    """The other languages, each named in itself."""
    known = texts.languages()
    return [
        {
            "code": code,
            "dir": texts.direction(code),
            "name": texts.catalogue(code)["language"]["name"]
            if code.partition("-")[0] in known
            else code,
        }
        for code in definition.languages
        if code != current
    ]


def _fill(pieces: tuple[str, ...], answers: Answers, preselect: Answers, note: str) -> str:
    filled = list(pieces)
    shown = {**answers, **preselect}
    for position in range(1, len(pieces), 2):
        field, _, value = pieces[position].partition(".")
        answer = shown.get(field)
        if value == "tapped":
            filled[position] = f'<p class="note">{escape(note)}</p>' if field in preselect else ""
        elif value:
            chosen = answer if isinstance(answer, tuple) else (answer,)
            filled[position] = " checked" if int(value) in chosen else ""
        else:
            filled[position] = escape(answer) if isinstance(answer, str) else ""
    return "".join(filled)


def last_day(expires_at: dt.datetime | None, language: str) -> str:
    """The day of closing in words, as "5 December"; empty where it never closes."""
    if expires_at is None:
        return ""
    # English that is nobody's in particular: the day first, as in all our other languages.
    with translation.override("en-gb" if language == "en" else language):
        day = formats.date_format(expires_at, "MONTH_DAY_FORMAT")
    # Django writes Portuguese months with a capital, as was done before the spelling reform.
    return day.lower() if language == "pt" else day
