"""Documents shown in a frame of a page: survey pages and mails, forced into light or dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib.staticfiles import finders
from django.views.decorators.clickjacking import xframe_options_sameorigin

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")

_DARK_QUERY: Final = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")
_STYLESHEETS: Final = re.compile(r'<link rel="stylesheet"[^>]*>\s*')
_SCRIPTS: Final = re.compile(r"<script\b[^>]*></script>\s*")

#: No scripts, no forms, nothing from elsewhere. Mails carry their styles inline, as mail programs
#: want them.
_POLICY: Final = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "connect-src": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": [
        "allow-same-origin"
    ],  # for the pictures of 'self'; without scripts it gives nothing
}


def in_frame(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view's document be shown in a frame of ours, and do nothing there."""
    return xframe_options_sameorigin(csp_replace(_POLICY)(view))


def scheme_of(raw: str | None) -> Scheme:
    """The scheme asked for; light unless dark."""
    return "dark" if raw == "dark" else "light"


def forced(html: str, scheme: Scheme) -> str:
    """The document as a reader with this preference sees it, whatever the browser's own is."""
    query = "@media all" if scheme == "dark" else "@media not all"
    return (
        _DARK_QUERY.sub(query, html)
        .replace('content="light dark"', f'content="{scheme}"')
        .replace("color-scheme: light dark", f"color-scheme: {scheme}")
    )


def standing_alone(html: str, colours: str, scheme: Scheme) -> str:
    """A survey page with its styles within and without its script, so that it can be shown with
    colours that are stored nowhere yet."""
    bare = _SCRIPTS.sub("", _STYLESHEETS.sub("", html))
    head, end, body = bare.partition("</head>")
    return forced(f"{head}<style>\n{_survey_sheet()}\n{colours}</style>\n{end}{body}", scheme)


@cache
def _survey_sheet() -> str:
    found = finders.find("respondent/survey.css")
    return Path(str(found)).read_text(encoding="utf-8")
