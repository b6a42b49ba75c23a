"""A whole survey to look at: every page of a draft or version, in any language and arm.

Nothing is stored. What was answered on the pages before travels along in hidden fields, so that
skip rules, the way back and the switch of languages behave as in the survey itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import urlencode

from surveys.builder.mailing.choice import ASKS_NAMES
from surveys.models import Brand, PreviewLink
from surveys.questionnaire import asking, rendering, texts
from surveys.questionnaire.branding import Look
from surveys.questionnaire.rendering import ARMS, Answer, Arm, Asks, Facts
from surveys.questionnaire.schema import Definition, DefinitionError
from surveys.respondent import furniture, pages
from surveys.respondent.base import RespondentView
from surveys.services import brands, preview_links
from surveys.services.mail_tests import sample_for
from surveys.services.preview_links import LinkError

HANDLERS: Final[Mapping[str, Facts]] = {
    "person": Facts(True, 1),
    "several": Facts(True, 3),
    "bot": Facts(False, 0),
}
# What is said instead of a survey: keys of the locales' group "preview".
CLOSED: Final = "closed"
UNREADABLE: Final = "unreadable"
NOBODY_UNSUBSCRIBED: Final = "stopped"
_FORM: Final = re.compile(r'<form method="post"[^>]*>')


@dataclass(frozen=True)
class Walk:
    """One look at a survey: what is shown, and as whom."""

    link: PreviewLink
    definition: Definition
    asks: Asks
    arm: Arm
    handled: str
    lot: int
    language: str
    look: Look | None
    brand: str
    is_test: bool
    path: str

    @property
    def facts(self) -> Facts:
        sample = sample_for(self.link.questionnaire.template, self.language)
        return replace(HANDLERS[self.handled], product=sample.product)

    @property
    def rotation(self) -> str:
        lots = asking.rotations(self.definition)
        return lots[self.lot % len(lots)]

    def address(self, **other: str | int) -> str:
        """The address of this walk, or of one that differs in something."""
        own: dict[str, str | int] = {"handled": self.handled, "lot": self.lot}
        if not self.is_test:
            own |= {"asks": self.asks, "arm": self.arm, "brand": self.brand}
        return f"{self.path}?{urlencode({**own, **other})}"


class PreviewView(RespondentView):
    """Shows a survey page by page; a POST goes on and stores nothing."""

    def show(self, request: HttpRequest, token: str) -> HttpResponse:
        walk = self.walk(token)
        if isinstance(walk, HttpResponse):
            return walk
        lists = dict(request.GET.lists())
        tapped = rendering.parse_preselect(walk.definition, walk.rotation, walk.facts, lists)
        return self.page(walk, 1, dict(tapped))

    def store(self, request: HttpRequest, token: str) -> HttpResponse:
        walk = self.walk(token)
        if isinstance(walk, HttpResponse):
            return walk
        block = self.last("page")
        stays = "lang" in self.fields or self.last("go") == "back"
        parsed = rendering.parse_answers(
            walk.definition, walk.rotation, walk.facts, self.fields, block=block
        )
        answers = {
            name: answer for name, answer in parsed.answers.items() if answer not in ("", ())
        }
        shown = self.block_ids(walk, answers)
        position = shown.index(block) + 1 if block in shown else 1
        if parsed.errors and not stays:
            return self.page(walk, position, answers | parsed.kept, errors=parsed.errors)
        if "lang" in self.fields:
            return self.page(walk, position, answers)
        if self.last("go") == "back":
            return self.page(walk, position - 1, answers)
        if position >= len(shown):
            return self.thanks(walk, answers)
        return self.page(walk, position + 1, answers)

    def walk(self, token: str) -> Walk | HttpResponse:
        """What the link shows; the words to say where it shows nothing."""
        link = preview_links.find(token, timezone.now())
        if link is None:
            return self.say(CLOSED, HTTPStatus.NOT_FOUND)
        try:
            definition = preview_links.definition_of(link.questionnaire, link.version)
        except (LinkError, DefinitionError):
            return self.say(UNREADABLE)
        query = self.request.GET
        arm = self.kwargs.get("arm") or query.get("arm")
        asks = self.kwargs.get("asks") or query.get("asks")
        asks = cast(Asks, asks) if asks in ASKS_NAMES else "both"
        handled = query.get("handled", "")
        lot = query.get("lot", "0")
        brand = self.brand(link)
        return Walk(
            link=link,
            definition=asking.narrowed(definition, asks),
            asks=asks,
            arm=cast(Arm, arm) if arm in ARMS else ARMS[0],
            handled=handled if handled in HANDLERS else next(iter(HANDLERS)),
            lot=int(lot) if lot.isascii() and lot.isdecimal() and len(lot) < 4 else 0,
            language=self.language(definition),
            look=brands.look_of(brand) if brand else None,
            brand=brand.slug if brand else "none",
            is_test="arm" in self.kwargs,
            path=self.request.path,
        )

    def brand(self, link: PreviewLink) -> Brand | None:
        slug = self.kwargs.get("brand") or self.request.GET.get("brand")
        if slug is None:
            return brands.brand_for(link.questionnaire_id)
        return brands.named(slug)

    def language(self, definition: Definition) -> str:
        wanted = (
            self.last("lang")
            or self.last("shown_in")
            or self.request.GET.get("lang")
            or self.kwargs.get("language")
        )
        return texts.choose_language(
            wanted, self.accepted, definition.languages, definition.default_language
        )

    def block_ids(self, walk: Walk, answers: Mapping[str, Answer]) -> list[str]:
        shown = rendering.pages(
            walk.definition,
            walk.arm,
            walk.rotation,
            walk.facts,
            walk.language,
            answers,
            company=settings.COMPANY_NAME,
        )
        return [page.block for page in shown]

    def page(
        self,
        walk: Walk,
        number: int,
        answers: Mapping[str, Answer],
        errors: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        html = pages.preview_page(
            walk.definition,
            arm=walk.arm,
            rotation=walk.rotation,
            facts=walk.facts,
            language=walk.language,
            number=number,
            answers=answers,
            base_url=walk.address(),
            look=walk.look,
            errors=errors,
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
        return HttpResponse(_with_bar(_carrying(html, answers), walk), status=status)

    def thanks(self, walk: Walk, answers: Mapping[str, Answer]) -> HttpResponse:
        t = furniture.page_texts(walk.language, walk.look)
        response = self.render(
            "done",
            walk.language,
            look=walk.look,
            product=walk.facts.product,
            asked={},
            heading=t["done"]["title"],
            answered_before=False,
            thanks=rendering.thanks(
                walk.definition,
                walk.language,
                company=settings.COMPANY_NAME,
                product=walk.facts.product,
                brand=walk.look.name if walk.look else "",
            ),
            until="",
            not_sorted=rendering.not_sorted_out(answers),
            saved=False,
            survey=walk.address(lang=walk.language),
            done="",
        )
        response.content = _with_bar(response.content.decode(), walk).encode()
        return response

    def say(self, what: str, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        """Without a survey there is only the browser's language to go by."""
        language = self.browser_language()
        words = texts.catalogue(language)["preview"]
        told = {"title": words[f"{what}_title"], "body": words[f"{what}_body"]}
        return self.render("message", language, status, words=told)


class PreviewUnsubscribeView(PreviewView):
    """What “Don't send me surveys” of a test mail leads to; changes nothing."""

    reads_form = False

    def show(self, request: HttpRequest, token: str) -> HttpResponse:
        if preview_links.find(token, timezone.now()) is None:
            return self.say(CLOSED, HTTPStatus.NOT_FOUND)
        return self.say(NOBODY_UNSUBSCRIBED)

    store = show


def _carrying(html: str, answers: Mapping[str, Answer]) -> str:
    """The page with the answers of the other pages in hidden fields."""
    hidden = [
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, answer in answers.items()
        if f'name="{name}"' not in html
        for value in (answer if isinstance(answer, tuple) else (answer,))
    ]
    return _FORM.sub(lambda form: "\n".join([form.group(), *hidden]), html, count=1)


def _with_bar(html: str, walk: Walk) -> str:
    """The page below a bar that says what it is, in the survey's language, and lets its reader look
    at it as another."""
    link, written = walk.link, texts.written_in(walk.language)
    words = texts.catalogue(written)["preview"]
    shown = texts.fill(words["version"], {"n": link.version.number}) if link.version else ""
    told = {"name": link.questionnaire.name, "label": shown or words["draft"]}
    context = {
        "language": written,
        "direction": texts.direction(written),
        "words": words,
        "what": texts.fill(words["what"], told),
        "is_test": walk.is_test,
        "groups": [] if walk.is_test else _choices(walk, words),
    }
    bar = get_template("builder/_preview_bar.html").render(context)
    sheet = get_template("builder/_preview_sheet.html").render({})
    return html.replace("</head>", f"{sheet}</head>", 1).replace("<body>", f"<body>\n{bar}", 1)


def _choices(walk: Walk, words: Mapping[str, str]) -> list[list[tuple[str, str, bool]]]:
    """What else can be looked at: in each group a label, its address, whether it is shown now."""
    keep = {"lang": walk.language}
    n_lots = len(asking.rotations(walk.definition))
    lots = [
        (
            texts.fill(words["rotation"], {"n": number + 1}),
            walk.address(lot=number, **keep),
            number == walk.lot % n_lots,
        )
        for number in range(min(n_lots, 8))
    ]
    return [
        [
            (words[f"asks_{asks}"], walk.address(asks=asks, **keep), asks == walk.asks)
            for asks in ASKS_NAMES
        ],
        [(words[arm], walk.address(arm=arm, **keep), arm == walk.arm) for arm in ARMS],
        [
            (words[name], walk.address(handled=name, **keep), name == walk.handled)
            for name in HANDLERS
        ],
        *([lots] if n_lots > 1 else []),
    ]
