"""A slow machine at will, that races of a test show on a fast one, too.

SLOW_SERVER=0.3 has every page, part of a page and stored answer wait for about so many seconds, and
not all equally long; SLOW_BROWSER=4 gives the browser's scripts a quarter of the processor. What
has passed with each of them does not depend on how fast the machine is.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.conf import settings
from playwright.sync_api import Page

SERVER: Final = float(os.environ.get("SLOW_SERVER") or 0)
BROWSER: Final = float(os.environ.get("SLOW_BROWSER") or 1)

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def slowed(app: App, seconds: float, pace: random.Random) -> App:
    """Answers as the application does, half as late to half as late again as asked; what is
    static stays as it is, as browsers keep it."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            time.sleep(seconds * pace.uniform(0.5, 1.5))
        return app(environ, start_response)

    return answer


def slow_server(server: Any) -> None:
    """The live server, when SLOW_SERVER asks for it."""
    if SERVER:
        httpd = server.thread.httpd
        httpd.set_app(slowed(httpd.get_app(), SERVER, random.Random(1)))


def slow_browser(page: Page) -> None:
    """The page's scripts, when SLOW_BROWSER asks for it."""
    if BROWSER > 1:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": BROWSER})
