"""How a browser test opens the builder, writes in it, and reads what it stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from surveys.models import QuestionnaireDraft, User
from surveys.questionnaire.editing import value_at
from tests.browser.looking import session

OpenPage = Callable[..., Page]
PATH = "/questionnaires/default/"


def document() -> dict[str, Any]:
    definition: dict[str, Any] = QuestionnaireDraft.objects.get().definition
    return definition


def order(block: str = "fix") -> list[str]:
    return [item["id"] for item in value_at(document(), block)["items"]]


def shown_order(page: Page, block: str = "fix") -> list[str]:
    rows = page.locator(f".outline-block[data-block={block}] .items > [data-item]")
    return [str(row.get_attribute("data-item")) for row in rows.all()]


def open_builder(open_page: OpenPage, at: str = "F1", **options: Any) -> Page:
    return open_page(f"{PATH}?at={at}", **{"width": 1280, **session(User.Role.DESIGNER), **options})


def write(page: Page, selector: str, text: str) -> None:
    page.locator(selector).fill(text)
    saved(page)


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text("Saved")


def slow_down(page: Page) -> None:
    """As over a bad line: an answer takes most of a second."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"offline": False, "latency": 800, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", line)
