"""What every page behind a link in a mail shares.

The link is the only authority: no session, no cookie, and hence no CSRF token either, since there
is nothing ambient that another site could misuse. GET, HEAD and OPTIONS change nothing; a mail
scanner that opens every link answers nothing and unsubscribes nobody. That a link was opened, and
by what, is noted beside the request (`noticing`).
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from surveys.questionnaire import texts
from surveys.questionnaire.branding import Look
from surveys.respondent import furniture
from surveys.respondent.limiter import Limiter
from surveys.respondent.posts import Fields, UnreadableError, read_fields
from surveys.services import answering

# A person sends three pages, a mail client retries a few times; a flood sends hundreds.
LIMITER: Final = Limiter(burst=60, per_second=1)
RETRY_AFTER_SECONDS: Final = 60
# InternalError is what a standby says that took over and cannot write yet.
DATABASE_AWAY: Final = (OperationalError, InterfaceError, InternalError)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_ALLOWED: Final = "GET, HEAD, POST, OPTIONS"


def see_other(location: str) -> HttpResponse:
    """303: what was posted is dealt with, go on there."""
    return HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": location})


class RespondentView(View):
    """What all pages share: bounds before anything is read, kind words when something is away."""

    reads_form = True

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Without a form token. A decorator of `dispatch` would be built anew at each request."""
        return csrf_exempt(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.fields: Fields = {}
        response = self._answer(request, kwargs["token"])
        for name, value in _HEADERS.items():
            response.headers[name] = value
        # Django logs the path of every 4xx and 5xx answer, and our paths are secrets.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    def _answer(self, request: HttpRequest, token: str) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse(headers={"Allow": _ALLOWED})
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponse(status=405, headers={"Allow": _ALLOWED})
        try:
            if request.method != "POST":
                return self.show(request, token)
            if self.reads_form:
                self.fields = read_fields(request)
            if not LIMITER.allows(token[:100]):
                return self.send_again(HTTPStatus.TOO_MANY_REQUESTS, "busy")
            return self.store(request, token)
        except UnreadableError as error:
            return self.message(HTTPStatus(error.status), "unreadable")
        except (BadRequest, SuspiciousOperation):
            return self.message(HTTPStatus.BAD_REQUEST, "unreadable")
        except DATABASE_AWAY:
            return self.send_again(HTTPStatus.SERVICE_UNAVAILABLE, "retry")

    def show(self, request: HttpRequest, token: str) -> HttpResponse:
        """Answers GET and HEAD; changes nothing."""
        raise NotImplementedError

    def store(self, request: HttpRequest, token: str) -> HttpResponse:
        """Answers POST."""
        raise NotImplementedError

    @property
    def accepted(self) -> str | None:
        """The browser's Accept-Language."""
        # Not `headers`, which reads and names every header anew to answer for one.
        accepted: str | None = self.request.META.get("HTTP_ACCEPT_LANGUAGE")
        return accepted

    def browser_language(self) -> str:
        """For pages that know no survey: what the form said, else what the browser prefers."""
        return texts.choose_language(
            self.last("lang") or self.last("shown_in"),
            self.accepted,
            texts.languages(),
            texts.DEFAULT_LANGUAGE,
        )

    def last(self, name: str) -> str | None:
        """The value a posted field ended up with."""
        values = self.fields.get(name)
        return values[-1] if values else None

    def render(
        self,
        name: str,
        language: str,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        look: Look | None = None,
        product: str = "",
        **context: Any,
    ) -> HttpResponse:
        template = get_template(f"respondent/{name}.html")
        frame = furniture.frame(language, look, product)
        return HttpResponse(template.render(frame | context), status=status)

    def message(
        self, status: HTTPStatus, group: str, language: str | None = None, **context: Any
    ) -> HttpResponse:
        """A page that only says something: the title and body of a locale group."""
        language = language or self.browser_language()
        words = furniture.page_texts(language)[group]
        return self.render("message", language, status, words=words, **context)

    def unavailable(self) -> HttpResponse:
        """The one answer to every link that opens nothing: which of unknown, revoked or expired
        it is tells a guesser too much and helps nobody else."""
        return self.message(HTTPStatus.NOT_FOUND, "unavailable")

    def send_again(self, status: HTTPStatus, group: str) -> HttpResponse:
        """Nothing was stored. What was typed stands in the page again, behind a button."""
        language = self.browser_language()
        t = furniture.page_texts(language)
        key = "" if group == "busy" or self.request.method == "POST" else "load_"
        response = self.render(
            "retry",
            language,
            status,
            title=t[group][f"{key}title"],
            body=t[group][f"{key}body"],
            hidden=[
                (name, value)
                for name, values in self.fields.items()
                if name not in answering.COMMENT_COLUMNS
                for value in values
            ],
            comments=[
                (name, t["questionnaire"][name], value)
                for name in answering.COMMENT_COLUMNS
                if (value := self.last(name)) is not None
            ],
            posted=self.request.method == "POST",
        )
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
