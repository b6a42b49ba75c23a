"""How a browser test signs in, and what it finds wrong with the page before it."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Sequence
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import Locator, Page

from surveys.models import User
from tests.factories import UserFactory
from tests.smtp_server import SmtpServer
from tests.surveys.staff import BACKEND, NO_PASSWORD


def session(role: str, **fields: Any) -> dict[str, Any]:
    """What a signed-in browser of the role holds."""
    user: User = UserFactory(role=role, password=NO_PASSWORD, **fields)
    client = Client()
    client.force_login(user, BACKEND)
    cookie = client.cookies["sessionid"]
    held = {"name": "sessionid", "value": cookie.value, "domain": "localhost", "path": "/"}
    return {"storage_state": {"cookies": [held], "origins": []}}


def press(target: Locator) -> None:
    """Press what leads to another page, or to this one anew, and wait for that."""
    with target.page.expect_navigation():
        target.click()


#: A telephone and a desk.
WIDTHS: Final = (390, 1280)
#: The rules of axe that look at colours; no other finds anything in the dark that it did not find
#: in the light.
OF_COLOURS: Final = ("color-contrast", "link-in-text-block")
_HAS_AXE: Final = "typeof axe === 'object'"
_RUN: Final = "options => axe.run(document, options)"
#: What fades from light to dark is looked at when it has.
_SETTLE: Final = "document.getAnimations().forEach(one => one.finish())"


def axe_faults(page: Page, rules: Sequence[str] = (), but: Sequence[str] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA and its best practices, or these rules, or all rules but
    some, in words."""
    # The address changes before the new document is there.
    page.wait_for_load_state("load")
    page.wait_for_function(
        "document.documentElement !== null && document.readyState === 'complete'"
    )
    if not page.evaluate(_HAS_AXE):
        page.evaluate(AXE_SCRIPT)
    # What a frame shows is a page of its own, and opened as such.
    options: dict[str, Any] = {"resultTypes": ["violations"], "iframes": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    options["rules"] = {rule: {"enabled": False} for rule in but}
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in page.evaluate(_RUN, options)["violations"]
        for node in violation["nodes"]
    ]


def faults_of(page: Page) -> list[str]:
    """What axe finds, and whether the page must be pushed sideways to be read."""
    return axe_faults(page) + too_wide(page)


def too_wide(page: Page) -> list[str]:
    beyond = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"{beyond} px too wide"] * (beyond > 0)


def faults_everywhere(page: Page, widths: Sequence[int] = WIDTHS) -> list[str]:
    """What is wrong with the page at every width, with its colours at the first in the dark and at
    the last in the light: what a colour becomes does not depend on the width.

    The page is loaded once: it is style alone that follows the width and the light.
    """
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme="light")
        page.evaluate(_SETTLE)
        faults = axe_faults(page, but=() if width == widths[-1] else OF_COLOURS)
        found += [f"{width} px, light: {fault}" for fault in faults + too_wide(page)]
    page.set_viewport_size({"width": widths[0], "height": 844})
    page.emulate_media(color_scheme="dark")
    page.evaluate(_SETTLE)
    return found + [f"{widths[0]} px, dark: {fault}" for fault in axe_faults(page, OF_COLOURS)]


def link_in(smtp: SmtpServer) -> str:
    """Where the newest mail leads to."""
    mail = email.message_from_bytes(smtp.received[-1].content, policy=email.policy.default)
    part = mail.get_body(("plain",))
    assert part is not None
    found = re.search(r"https?://\S+/s/[\w-]+/", part.get_content())
    assert found is not None
    return found[0]
