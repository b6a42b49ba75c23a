"""A real Chromium against a live server.

Where there is none, tests marked `browser` are skipped and say so; REQUIRE_BROWSER=1 makes that a
failure (the root conftest sees to it). SLOW_SERVER=0.3 and SLOW_BROWSER=4 slow them down, see
`slowness`: a new test is run with each of them once, and one that fails then is racing.

Playwright's presses do not wait for the page that they lead to. So after each a test waits for what
is to come, and for what was not there before: `press` of `looking`, `expect(…)`, `wait_for_url`.
tests/architecture/test_browser_tests.py refuses what reads at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from tests.browser.slowness import slow_browser, slow_server
from tests.browser.underway import Underway
from tests.worlds import KEPT

# Playwright keeps an event loop in the test's thread; the ORM would take the test for async code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A loaded machine is slow, not wrong.
expect.set_options(timeout=15_000)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium(
    chromium_path: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Browser]:
    """The system's Chromium, started once.

    From Playwright's start to its end Django gives the test's thread other connections: it keeps
    those apart that are used under an event loop. A world that was kept open on the old ones would
    be locked for all who come after, so it is left before, and at the end as well.
    """
    with django_db_blocker.unblock():
        _let_go_of_the_database()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()
        with django_db_blocker.unblock():
            _let_go_of_the_database()


def _let_go_of_the_database() -> None:
    KEPT.leave()
    connections.close_all()


@pytest.fixture(scope="session")
def slowable_server(live_server: Any) -> Any:
    """The live server, as fast as the run asks for."""
    slow_server(live_server)
    return live_server


@pytest.fixture(scope="session")
def underway(slowable_server: Any) -> Underway:
    """What that server has not answered yet."""
    httpd = slowable_server.thread.httpd
    counted = Underway(httpd.get_app())
    httpd.set_app(counted)
    return counted


@pytest.fixture
def open_page(
    chromium: Browser, slowable_server: Any, underway: Underway
) -> Iterator[Callable[..., Page]]:
    """Opens a page of the live server in a context of its own.

    `width`, `dark`, `scripts` say in what; anything else goes to the browser context. A message
    of the Content-Security-Policy or an exception in a script fails the test at its end.
    """
    contexts = []
    complaints: list[str] = []

    def open_(
        path: str, *, width: int = 390, dark: bool = False, scripts: bool = True, **options: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=slowable_server.url,
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            **options,
        )
        contexts.append(context)
        # Finding the way by Tab counts as well where a press is expected to lead to another page.
        context.set_default_timeout(30_000)
        page = context.new_page()
        slow_browser(page)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    underway.wait()
    assert complaints == []
