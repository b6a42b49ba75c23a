"""What only staff pages need, kept off the pages behind a customer's link.

A survey page has no session, no sign-in and no form token: its link is the only authority. Asking
for them all the same took a fifth of an answer's time, so these classes step aside for such a
path. They are listed in the settings in the place of those they extend; what Django's and axes'
own checks look for by name stays as it is.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, cast

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import DisallowedHost
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django_htmx.middleware import HtmxMiddleware

from config.middleware import GetResponse

#: Below these paths a link is the only authority, or nothing is asked for at all
#: (surveys/respondent/urls.py, the previews of surveys/builder/sharing/urls.py, shared reports and
#: the end of a digest in analytics/console/keeping_urls.py), or a signature (surveys/api/hooks.py).
RESPONDENT_PATHS: Final = (
    "/s/", "/u/", "/k/", "/b/", "/p/", "/shared/", "/digest-off/", "/hooks/",
)  # fmt: skip
#: The survey itself and its thanks: where customers come in crowds.
_SURVEYS: Final = "/s/"
#: Where their addresses are, which are looked through first in any case (config/urls.py).
_PAGES: Final = "surveys.respondent.urls"


class _StaffOnly:
    """Passes a customer's request on untouched."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(RESPONDENT_PATHS):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class Sessions(_StaffOnly, SessionMiddleware):
    """Sessions of staff."""


class SignIn(_StaffOnly, AuthenticationMiddleware):
    """Who of the staff asks."""


class Messages(_StaffOnly, MessageMiddleware):
    """Messages shown once."""


class Htmx(_StaffOnly, HtmxMiddleware):
    """Says whether a page or only a part of it is asked for."""


class ContentSecurityPolicy(CSPMiddleware):
    """The policy on every answer; the customers' is the same each time and put together once."""

    def process_request(self, request: HttpRequest) -> None:
        """Offers no nonce, which no page of ours has a use for: the offer refers to the request
        and the request to it, and such circles stay until the next search for garbage."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not request.path_info.startswith(RESPONDENT_PATHS):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _policy())
        return response


@cache
def _policy() -> str:
    return build_policy()


def customers_first(get_response: GetResponse) -> GetResponse:
    """Answers the pages of a survey before the middleware that is none of their business.

    What is listed after this does nothing to their requests but to set headers, and took a fifth
    of a page's time to do it; the headers are set here. What is none of these pages, as where the
    last slash is missing, and what asks a host that is not served, goes on as everything does.
    """

    def page(request: HttpRequest) -> HttpResponse:
        match = cast(ResolverMatch, request.resolver_match)
        return cast(HttpResponse, match.func(request, *match.args, **match.kwargs))

    answer = convert_exception_to_response(page)

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_SURVEYS):
            return get_response(request)
        try:
            request.resolver_match = resolve(request.path_info, _PAGES)
            request.get_host()
        except (Resolver404, DisallowedHost):
            return get_response(request)
        response = cast(HttpResponse, answer(request))
        response.headers["Content-Length"] = str(len(response.content))
        response.headers[HEADER] = _policy()
        response.headers["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        return response

    return middleware
