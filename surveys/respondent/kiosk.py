"""The survey on a screen at the desk, one customer after the other.

The pages are the same as behind any link. What differs: their addresses hold the screen and the
visit instead of the survey's own link, an untouched screen returns to its start, and nothing of the
last customer is left for the next one: no address opens it again, no field remembers what was
typed, and the browser is told to forget the pages it kept for its back button.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from surveys.respondent import furniture
from surveys.respondent.base import RespondentView, see_other
from surveys.respondent.views import DoneView, SurveyView
from surveys.services import kiosks
from surveys.services.kiosks import Visit

#: How often a waiting screen looks whether a survey was put on it.
_LOOKS: Final = 4
_OVER: Final = "over"


def _start(token: str) -> str:
    return reverse("respondent:kiosk", args=[token])


class KioskView(RespondentView):
    """The start: waits for a survey, then offers to begin it."""

    def show(self, request: HttpRequest, token: str) -> HttpResponse:
        kiosk = kiosks.find(token)
        if kiosk is None:
            return self.unavailable()
        language = self.browser_language()
        words = furniture.page_texts(language)["in_person"]
        visit = kiosks.waiting(kiosk, timezone.now())
        response = self.render("kiosk", language, words=words, visit=visit)
        response.headers["Refresh"] = f"{_LOOKS}; url={_start(token)}"
        if _OVER in request.GET:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def store(self, request: HttpRequest, token: str) -> HttpResponse:
        kiosk = kiosks.find(token)
        if kiosk is None:
            return self.unavailable()
        visit = self.last("visit") or ""
        if not kiosks.begin(kiosk, visit, timezone.now()):
            return see_other(_start(token))
        return see_other(reverse("respondent:kiosk_survey", args=[token, visit]))


class _OnScreen(RespondentView):
    """A page of a survey, opened by the screen and the visit."""

    #: How long it stands there untouched.
    stands = kiosks.IDLE

    def show(self, request: HttpRequest, token: str) -> HttpResponse:
        visit = self._visit(token, posting=False)
        if visit is None:
            return see_other(f"{_start(token)}?{_OVER}=1")
        return self._framed(super().show(request, visit.token), token)

    def store(self, request: HttpRequest, token: str) -> HttpResponse:
        visit = self._visit(token, posting=True)
        if visit is None:
            return see_other(f"{_start(token)}?{_OVER}=1")
        response = super().store(request, visit.token)
        is_last = "/done/" in response.headers.get("Location", request.path)
        lasts = kiosks.THANKS if is_last else kiosks.IDLE
        kiosks.keep_open(visit, timezone.now() + lasts)
        return self._framed(response, token)

    def _visit(self, token: str, *, posting: bool) -> Visit | None:
        return kiosks.open_visit(token, self.kwargs["visit"], timezone.now(), posting=posting)

    def render(self, *args: Any, **context: Any) -> HttpResponse:
        return super().render(*args, **context, at_kiosk=True)

    def _framed(self, response: HttpResponse, token: str) -> HttpResponse:
        """The page with its way out, and the time after which the screen clears itself."""
        if response.status_code == HTTPStatus.SEE_OTHER:
            return response
        seconds = int(self.stands.total_seconds())
        response.headers["Refresh"] = f"{seconds}; url={_start(token)}?{_OVER}=1"
        words = furniture.page_texts(self.browser_language())["in_person"]
        end = reverse("respondent:kiosk_end", args=[token, self.kwargs["visit"]])
        leave = format_html(
            '<form method="post" action="{}" class="leave"><button class="back" type="submit">{}'
            "</button></form></main>",
            end,
            words["finish"],
        )
        html = response.content.decode()
        html = html.replace('<form method="post"', '<form autocomplete="off" method="post"')
        response.content = html.replace("</main>", leave, 1)
        return response


class KioskSurveyView(_OnScreen, SurveyView):
    """The survey itself."""


class KioskDoneView(_OnScreen, DoneView):
    """Thanks, and the wishes; gone soon."""

    stands = kiosks.THANKS


class KioskEndView(RespondentView):
    """The button that clears the screen."""

    def show(self, request: HttpRequest, token: str) -> HttpResponse:
        return see_other(_start(token))

    def store(self, request: HttpRequest, token: str) -> HttpResponse:
        kiosks.end(token, self.kwargs["visit"])
        return see_other(f"{_start(token)}?{_OVER}=1")
