"""The respondent's survey pages: real ones, and previews of any definition.

A real page is compiled once per version, language, arm and what else decides it, and then only
filled (`compiling`). What is kept so never goes stale: whatever the page shows beyond the
respondent's own answers is part of the key. The page contains neither the token nor anything of
the customer: a forwarded link shows no personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.template.loader import get_template

from surveys.questionnaire import rendering, texts
from surveys.questionnaire.branding import Look
from surveys.questionnaire.rendering import Answers, Arm, Asks, Facts, Rotation, narrowed
from surveys.questionnaire.schema import Definition
from surveys.respondent.compiling import CompiledPage, compile_page, fill
from surveys.respondent.furniture import frame, page_texts
from surveys.services.answering import Asked
from surveys.services.first_answers import code_of
from surveys.services.published import causes_to_pick, published


def language_for(asked: Asked, wanted: str | None, accepted: str | None) -> str:
    """What the customer switched to, else answered in, else what the case or browser says."""
    definition = asked.definition
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
        for block in rendering.ordered_blocks(asked.definition, asked.arm)
        if any(rendering.is_asked(i, asked.rotation, asked.facts, answers) for i in block.items)
    ]


def first_open_page(asked: Asked, answers: Answers) -> int | None:
    """The first page with nothing answered, else with an open headline; None where all are done."""
    definition = asked.definition
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
        asked.asks,
        language,
        asked.arm,
        asked.rotation,
        asked.facts,
        tuple((item, answers.get(item)) for item in asked.published.steering),
        number,
        settings.COMPANY_NAME,
        asked.look,
    )
    compiled = _compiled(key) if not errors else _compile(key, errors)
    note = page_texts(language)["page"]["preselected"]
    return fill(compiled, answers, preselect or {}, note, code_of(asked))


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
    asks: Asks = "both",
    brand: str = "",
    look: Look | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    """The page a respondent would see of any definition, also of a draft. Nothing is kept.

    ``number`` counts from 1 and is brought into the pages there are; a draft without any question
    says so by its title alone. Forms post to ``base_url``, fields as on the real page. A cause
    picker offers the taxonomy's causes where ``facts`` names none. ``look`` shows a brand;
    ``brand`` alone only names one.
    """
    definition = narrowed(definition, asks)
    if not facts.causes and any(item.type == "cause_picker" for item in definition.items):
        facts = replace(facts, causes=causes_to_pick())
    company = settings.COMPANY_NAME
    brand = look.name if look else brand
    shown = rendering.pages(
        definition, arm, rotation, facts, language, answers, company=company, brand=brand
    )
    if not shown:
        words = {"title": page_texts(language, look)["page"]["title"], "body": ""}
        context = frame(language, look, facts.product) | {"words": words}
        return get_template("respondent/message.html").render(context)
    page = shown[min(max(number, 1), len(shown)) - 1]
    compiled = compile_page(
        definition, page, language, errors or {}, base_url, look=look, product=facts.product
    )
    return fill(compiled, answers, {}, "")


@dataclass(frozen=True, slots=True)
class _Key:
    """All that decides a page but the respondent's own answers."""

    version_id: int
    asks: Asks
    language: str
    arm: Arm
    rotation: Rotation
    facts: Facts
    steering: tuple[tuple[str, object], ...]
    number: int
    company: str
    look: Look | None


@lru_cache(maxsize=1024)
def _compiled(key: _Key) -> CompiledPage:
    return _compile(key, {})


def _compile(key: _Key, errors: Mapping[str, str]) -> CompiledPage:
    definition = published(key.version_id, key.asks).definition
    page = rendering.pages(
        definition,
        key.arm,
        key.rotation,
        key.facts,
        key.language,
        dict(key.steering),  # type: ignore[arg-type]  # hashable pairs of the answers they came from
        company=key.company,
        brand=key.look.name if key.look else "",
    )[key.number - 1]
    # "?" is the page itself without its fragment, which a browser would carry on to the next.
    return compile_page(
        definition, page, key.language, errors, "?", look=key.look, product=key.facts.product
    )
