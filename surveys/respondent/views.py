"""The survey, its thanks, and the way out of survey mails. Only a POST changes anything."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.encoding import iri_to_uri

from surveys.questionnaire import asking, rendering, texts
from surveys.questionnaire.branding import Look
from surveys.questionnaire.rendering import Answer, Parsed
from surveys.respondent import furniture, noticing, pages
from surveys.respondent.base import RETRY_AFTER_SECONDS, RespondentView, see_other
from surveys.services import answering, first_answers, unsubscribing, wishes
from surveys.services.answering import Asked, NotOpenError, State
from surveys.services.first_answers import NotAsSaidError
from surveys.services.openings import HIDDEN
from surveys.services.tokens import hash_of

#: What stands in an address as it is: the path of every link that was given out.
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9/_-]*")


class OpenSurveyView(RespondentView):
    """A page of a survey that must be open."""

    def show(self, request: HttpRequest, token: str) -> HttpResponse:
        asked = answering.find(token, timezone.now())
        closed = self.closed(asked)
        if closed is not None or asked is None:
            return closed or self.unavailable()
        return self.show_open(asked)

    def store(self, request: HttpRequest, token: str) -> HttpResponse:
        now = timezone.now()
        asked = answering.find(token, now)
        closed = self.closed(asked)
        if closed is not None or asked is None:
            return closed or self.unavailable()
        try:
            return self.store_open(asked, now)
        except NotOpenError:
            return self.closed(answering.find(token, now)) or self.unavailable()

    def closed(self, asked: Asked | None) -> HttpResponse | None:
        """What a survey that is not open says, None for an open one."""
        if asked is None or asked.state is State.CLOSED:
            return self.unavailable()
        if asked.state is State.REOPENED:
            language = self.language(asked)
            return self.message(HTTPStatus.GONE, "reopened", language, look=asked.look)
        return None

    def show_open(self, asked: Asked) -> HttpResponse:
        raise NotImplementedError

    def store_open(self, asked: Asked, now: dt.datetime) -> HttpResponse:
        raise NotImplementedError

    def language(self, asked: Asked) -> str:
        wanted = self.last("lang") or self.last("shown_in") or self.request.GET.get("lang")
        return pages.language_for(asked, wanted, self.accepted)

    def thanks(self, asked: Asked, heading: str) -> HttpResponse:
        """The page after the last one, and what a link opens once all is answered."""
        language = self.language(asked)
        until = texts.last_day(asked.expires_at, language)
        t = furniture.page_texts(language, asked.look)
        return self.render(
            "done",
            language,
            look=asked.look,
            product=asked.facts.product,
            asked=asked,
            heading=t[heading]["title"],
            answered_before=heading == "answered",
            thanks=rendering.thanks(
                asked.definition,
                language,
                company=settings.COMPANY_NAME,
                product=asked.facts.product,
                brand=asked.look.name if asked.look else "",
            ),
            until=texts.fill(t["answered"]["until"], {"date": until}) if until else "",
            not_sorted=rendering.not_sorted_out(asked.answers),
            saved="saved" in self.request.GET,
            survey=f"{_up(self.request)}?{urlencode({'page': 1, **_lang(asked, language)})}",
            done=f"{_up(self.request)}done/?{urlencode(_lang(asked, language))}",
        )


class SurveyView(OpenSurveyView):
    """The survey itself.

    A post may hold any of the respondent's items from any page; each is stored, what it leaves
    out stays as it was. Where one value is wrong, nothing of that post
    is stored and the page is shown again as it was filled in (422): what an acknowledged post
    says is then always exactly what is stored. An item marked as required holds up only who
    goes on from its page.
    """

    def show_open(self, asked: Asked) -> HttpResponse:
        query = self.request.GET
        preselect = rendering.parse_preselect(
            asked.definition,
            asked.rotation,
            asked.facts,
            dict(query.lists()),
        )
        shown = pages.block_ids(asked, asked.answers)
        number = _page_number(query.get("page"), len(shown))
        if "page" not in query and "lang" not in query:  # from the mail, not from another page
            noticing.note(self.request, asked.token_hash, _link_opened(query))
        if number is None and preselect:
            number = _page_of(asked, shown, next(iter(preselect)))
        if number is None and not asked.completed:
            number = pages.first_open_page(asked, asked.answers)
        if number is None:
            return self.thanks(asked, "answered")
        html = pages.survey_page(
            asked, number, self.language(asked), asked.answers, preselect=preselect
        )
        return HttpResponse(html)

    def store(self, request: HttpRequest, token: str) -> HttpResponse:
        """A first answer by what its page said; looked up where that is not known or not so."""
        said = first_answers.said_by(self.last(first_answers.FIELD), token)
        if said is not None:
            with contextlib.suppress(NotAsSaidError):
                return self.store_open(said, timezone.now())
        return super().store(request, token)

    def store_open(self, asked: Asked, now: dt.datetime) -> HttpResponse:
        block = self.last("page")
        parsed = rendering.parse_answers(
            asked.definition,
            asked.rotation,
            asked.facts,
            self.fields,
            answers=asked.answers,
            block=block,
        )
        if parsed.errors:
            return self.show_again(asked, parsed)
        merged = {**asked.answers, **parsed.answers}
        shown = pages.block_ids(asked, merged)
        position = shown.index(block) + 1 if block in shown else None
        stays = "lang" in self.fields or self.last("go") == "back"
        missing = () if stays or position is None else self.missing(asked, merged)
        if missing and asked.as_said:
            raise NotAsSaidError  # before anything is stored: the page will be shown again
        answering.store_answers(
            asked,
            {name: given for name, given in parsed.answers.items() if name not in missing},
            language=self.language(asked),
            now=now,
            last_page=position == len(shown) and not stays and not missing,
        )
        if missing:
            parsed.errors.update(dict.fromkeys(missing, "required"))
            return self.show_again(asked, parsed)
        return self.go_on(asked, merged, position, len(shown))

    def missing(self, asked: Asked, merged: dict[str, Answer]) -> tuple[str, ...]:
        """What of the page sent must be answered and is not. The rest of it is stored all the
        same: a question that must be answered never costs an answer that was given."""
        block = asked.definition.block(self.last("page") or "")
        return asking.missing(block, asked.rotation, asked.facts, merged)

    def go_on(
        self, asked: Asked, merged: dict[str, Answer], position: int | None, total: int
    ) -> HttpResponse:
        """303 to the page that comes after what was just stored."""
        number: int | None
        if position is None:
            number = pages.first_open_page(asked, merged)
        elif "lang" in self.fields:
            number = position
        elif self.last("go") == "back":
            number = max(1, position - 1)
        else:
            number = position + 1 if position < total else None
        query = _lang(asked, self.language(asked))
        if number is not None:
            query = {"page": str(number), **query}
        path = self.request.path if number is not None else f"{self.request.path}done/"
        return _see(path, query)

    def show_again(self, asked: Asked, parsed: Parsed) -> HttpResponse:
        """The page with its faults, filled in as it was sent.

        Raises: NotAsSaidError for what was not looked up."""
        if asked.as_said:
            raise NotAsSaidError
        typed: dict[str, Answer] = {**asked.answers, **parsed.answers, **parsed.kept}
        for field in parsed.errors:
            if field not in parsed.kept:
                typed[field] = _ticked(self.fields.get(field, []))
        shown = pages.block_ids(asked, typed)
        block = self.last("page")
        number = (
            shown.index(block) + 1
            if block in shown
            else _page_of(asked, shown, next(iter(parsed.errors))) or 1
        )
        html = pages.survey_page(asked, number, self.language(asked), typed, errors=parsed.errors)
        return HttpResponse(html, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class DoneView(OpenSurveyView):
    """Thanks, and what the customer may wish for: a call back, news of the cause."""

    def show_open(self, asked: Asked) -> HttpResponse:
        return self.thanks(asked, "done")

    def store_open(self, asked: Asked, now: dt.datetime) -> HttpResponse:
        language = self.language(asked)
        noted = wishes.store_wishes(
            asked,
            call_back=_tick(self.last("wants_call_back")),
            news=_tick(self.last("wants_news")),
            now=now,
        )
        query = _lang(asked, language)
        if not noted:
            return _see(_up(self.request), query)
        return _see(self.request.path, {"saved": "1", **query})


class UnsubscribeView(RespondentView):
    """Stops survey mails, by the button on the page or by the mail client itself (RFC 8058).

    The body is not looked at: whoever posts here means it. Works after the survey has closed.
    """

    reads_form = False

    def show(self, request: HttpRequest, token: str) -> HttpResponse:
        found = unsubscribing.find(token)
        if found is None:
            return self.unavailable()
        noticing.note(request, hash_of(token), "unsubscribe")
        language = self.language(found.language)
        if found.unsubscribed:
            return self.stopped(language, found.look)
        body = furniture.page_texts(language, found.look)["unsubscribe"]["body"]
        return self.render("unsubscribe", language, look=found.look, body=body)

    def store(self, request: HttpRequest, token: str) -> HttpResponse:
        found = unsubscribing.find(token)
        if found is None:
            return self.unavailable()
        unsubscribing.unsubscribe(found)
        return self.stopped(self.language(found.language), found.look)

    def send_again(self, status: HTTPStatus, group: str) -> HttpResponse:
        language = self.browser_language()
        t = furniture.page_texts(language)
        body = t[group]["body" if group == "busy" else "load_body"]
        response = self.render("unsubscribe", language, status, body=body)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response

    def language(self, preferred: str) -> str:
        return texts.choose_language(
            preferred, self.accepted, texts.languages(), texts.DEFAULT_LANGUAGE
        )

    def stopped(self, language: str, look: Look | None) -> HttpResponse:
        words = furniture.page_texts(language, look)["unsubscribe"]
        said = {"title": words["done_title"], "body": words["done_body"]}
        return self.render("message", language, look=look, words=said)


def _link_opened(query: QueryDict) -> str:
    """Which of the mail's links it was."""
    if query.get("link") == HIDDEN:
        return HIDDEN
    return next((f"{name}={value}" for name, value in query.items()), "survey")


def _see(path: str, query: dict[str, str]) -> HttpResponse:
    location = path if _PLAIN_PATH.fullmatch(path) else iri_to_uri(path)
    if query:
        location += _query(*query.items())
    return see_other(location)


@lru_cache(maxsize=256)
def _query(*pairs: tuple[str, str]) -> str:
    return f"?{urlencode(pairs)}"


def _up(request: HttpRequest) -> str:
    """The survey's own path, from it or from its done page."""
    return request.path.removesuffix("done/")


def _lang(asked: Asked, language: str) -> dict[str, str]:
    """The language as a query, where the next page would not choose it by itself."""
    own = language == asked.language and asked.answered_in in (None, language)
    return {} if own else {"lang": language}


def _page_number(raw: str | None, total: int) -> int | None:
    number = None
    with contextlib.suppress(ValueError):
        number = int(raw) if raw and len(raw) < 4 else None
    return number if number is not None and 1 <= number <= total else None


def _page_of(asked: Asked, shown: list[str], field: str) -> int | None:
    """The page on which an item or comment stands."""
    definition = asked.definition
    for number, block_id in enumerate(shown, start=1):
        block = definition.block(block_id)
        fields = {item.id for item in block.items}
        if field in fields or (block.comment is not None and block.comment.id == field):
            return number
    return None


def _ticked(values: list[str]) -> tuple[int, ...]:
    """The options as sent, right or wrong."""
    return tuple(int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 3)


def _tick(raw: str | None) -> bool | None:
    """A checkbox preceded by a hidden 0: unticked is told from absent."""
    return None if raw is None else raw not in {"", "0"}
