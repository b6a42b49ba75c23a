"""How a browser test signs in, and what it finds wrong with the page before it."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from surveys.models import User
from tests.factories import UserFactory
from tests.surveys.staff import BACKEND, NO_PASSWORD


def session(role: str, **fields: Any) -> dict[str, Any]:
    """What a signed-in browser of the role holds."""
    user: User = UserFactory(role=role, password=NO_PASSWORD, **fields)
    client = Client()
    client.force_login(user, BACKEND)
    cookie = client.cookies["sessionid"]
    held = {"name": "sessionid", "value": cookie.value, "domain": "localhost", "path": "/"}
    return {"storage_state": {"cookies": [held], "origins": []}}


def axe_faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and its best practices, in words."""
    # The address changes before the new document is there.
    page.wait_for_load_state("load")
    page.wait_for_function(
        "document.documentElement !== null && document.readyState === 'complete'"
    )
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]


def faults_of(page: Page) -> list[str]:
    """What axe finds, and whether the page must be pushed sideways to be read."""
    found = axe_faults(page)
    beyond = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found + [f"{beyond} px too wide"] * (beyond > 0)
