"""The right pane: the respondent's own page of the draft, with what the designer chose to try."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape

from surveys.questionnaire import rendering
from surveys.questionnaire.branding import Look
from surveys.questionnaire.rendering import ARMS, Answer, Arm, Facts
from surveys.questionnaire.schema import Definition
from surveys.respondent import pages
from surveys.respondent.furniture import frame
from surveys.respondent.posts import Fields

DEVICES: Final = (("phone", "Phone"), ("tablet", "Tablet"), ("wide", "Wide screen"))
THEMES: Final = (("", "As this device"), ("light", "Light"), ("dark", "Dark"))
ARM_NAMES: Final = (("fix_first", "Fix first"), ("cause_first", "Cause first"))
FORCED: Final = frozenset({"light", "dark"})
_DARK: Final = re.compile(r"@media \(prefers-color-scheme: ?dark\)")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
MAX_FACT: Final = 200
DONE: Final = 99


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried. ``page`` counts from 1; ``block`` wins over it, `DONE` is the last page."""

    language: str
    arm: Arm
    lot: int
    facts: Facts
    page: int
    block: str
    device: str
    theme: str
    answers: dict[str, Answer]

    def query(self, **changes: Any) -> str:
        """As a query string; names as in `trial_of`."""
        facts = self.facts
        fields = {
            "p_lang": self.language,
            "arm": self.arm,
            "lot": self.lot,
            "human": int(facts.human_handled),
            "agents": facts.n_agents,
            "channel": facts.channel,
            "product": facts.product,
            "device": self.device,
            "theme": self.theme,
            "page": self.page,
            "a": " ".join(f"{item}:{_packed(value)}" for item, value in self.answers.items()),
            "block": self.block,
            **changes,
        }
        return urlencode({name: value for name, value in fields.items() if value not in ("", None)})


def trial_of(query: QueryDict, definition: Definition, language: str, block: str = "") -> Trial:
    """Reads the preview's choices; whatever is unknown counts as not chosen."""
    wanted = query.get("p_lang", language)
    arm = query.get("arm", "")
    return Trial(
        language=wanted if wanted in definition.languages else definition.default_language,
        arm=ARMS[1] if arm == ARMS[1] else ARMS[0],
        lot=_number(query, "lot", 0, 1_000),
        facts=Facts(
            human_handled=query.get("human", "1") != "0",
            n_agents=_number(query, "agents", 1, 1_000),
            channel=query.get("channel", "")[:MAX_FACT],
            product=query.get("product", "")[:MAX_FACT],
        ),
        page=_number(query, "page", 1, DONE),
        block=query.get("block", block)[:20],
        device=query.get("device", "phone")[:10],
        theme=query.get("theme", "")[:10],
        answers=_answers(query.get("a", "")[:4000], definition),
    )


def forced(sheet: str, theme: str) -> str:
    """A style sheet that is light or dark whatever the device says."""
    sheet = _DARK.sub("@media all" if theme == "dark" else "@media not all", sheet)
    return sheet.replace("color-scheme: light dark", f"color-scheme: {theme}")


def is_colour(text: str) -> bool:
    """Whether a text is a colour as brands store them: it comes to stand in a style sheet."""
    return _COLOUR.fullmatch(text) is not None


def document_of(trial: Trial, definition: Definition, path: str, look: Look | None = None) -> str:
    """The page as HTML. ``path``: where its form posts to; ``look``: its brand."""
    html = _page(trial, definition, path, look)
    if trial.theme not in FORCED:
        return html
    sheet = reverse("preview_style", args=[trial.theme])
    html = html.replace(static("respondent/survey.css"), sheet)
    if look and look.stylesheet:
        colours = urlencode({"light": look.accent, "dark": look.accent_dark})
        html = html.replace(look.stylesheet, escape(f"{sheet}?{colours}"))
    return html.replace('content="light dark"', f'content="{trial.theme}"')


def _page(trial: Trial, definition: Definition, path: str, look: Look | None) -> str:
    if trial.page == DONE and not trial.block:
        thanks = rendering.thanks(
            definition,
            trial.language,
            company=settings.COMPANY_NAME,
            product=trial.facts.product,
            brand=look.name if look else "",
        )
        context = frame(trial.language, look, trial.facts.product)
        context["words"] = {"title": context["t"]["done"]["title"], "body": thanks}
        return get_template("respondent/message.html").render(context)
    shown = _blocks(trial, definition)
    number = shown.index(trial.block) + 1 if trial.block in shown else trial.page
    return pages.preview_page(
        definition,
        arm=trial.arm,
        rotation=_rotation(trial, definition),
        facts=trial.facts,
        language=trial.language,
        number=number,
        answers=trial.answers,
        base_url=f"{path}?{trial.query(page=number, block='')}",
        look=look,
    )


def after_post(trial: Trial, definition: Definition, fields: Fields) -> Trial:
    """Where a post within the preview leads; what was answered goes along in the address alone."""
    parsed = rendering.parse_answers(
        definition, _rotation(trial, definition), trial.facts, fields, answers=trial.answers
    )
    answers = {**trial.answers, **parsed.answers}
    closed = {item.id for item in definition.items}
    kept = {key: value for key, value in answers.items() if key in closed and value != ()}
    tried = replace(trial, answers=kept, block="")
    language = (fields.get("lang") or [""])[-1]
    if language in definition.languages:
        return replace(tried, language=language)
    step = -1 if "back" in fields.get("go", []) else 1
    page = trial.page + step
    return replace(tried, page=DONE if page > len(_blocks(tried, definition)) else max(page, 1))


def _blocks(trial: Trial, definition: Definition) -> list[str]:
    rotation = _rotation(trial, definition)
    return [
        block.id
        for block in rendering.ordered_blocks(definition, trial.arm)
        if any(rendering.is_asked(i, rotation, trial.facts, trial.answers) for i in block.items)
    ]


def _rotation(trial: Trial, definition: Definition) -> str:
    lots = rendering.rotations(definition)
    return lots[trial.lot % len(lots)]


def lots(definition: Definition) -> list[tuple[int, str]]:
    """The outcomes of the lot, each with its questions."""
    return [(n, chosen) for n, chosen in enumerate(rendering.rotations(definition)[:50]) if chosen]


def _number(query: QueryDict, name: str, default: int, most: int) -> int:
    raw = query.get(name, "")
    return min(int(raw), most) if raw.isascii() and raw.isdigit() and len(raw) < 6 else default


def _packed(value: Answer) -> str:
    return ".".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _answers(raw: str, definition: Definition) -> dict[str, Answer]:
    """Answers to options alone: what is typed decides nothing, and need not stand in an address."""
    found: dict[str, Answer] = {}
    types = {item.id: item.type for item in definition.items if item.answer_values}
    for part in raw.split():
        item, _, values = part.partition(":")
        numbers = [int(v) for v in values.split(".") if v.isascii() and v.isdigit() and len(v) < 4]
        if item in types and numbers:
            found[item] = tuple(numbers) if types[item] == "multiple" else numbers[0]
    return found
