"""Every type of question as people meet it: by finger, in Arabic, without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from surveys.models import Response
from surveys.respondent.base import LIMITER
from surveys.services.tokens import token_of
from tests.browser.looking import axe_faults, press
from tests.factories import CauseFactory, InvitationFactory
from tests.surveys.every_type import every_type, published

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]

TAPPED: dict[str, dict[str, Any]] = {
    "fix": {"X1": [3], "X2": [7], "X3": [11], "X4": [2], "X5": [4], "X6": [1, 3]},
    "cause": {},
    "closing": {"X12": [0]},
}
TYPED = {
    "fix": {"X7": "short"},
    "cause": {"X8": "two\nlines", "X9": "42", "X10": "2026-11-21"},
    "closing": {},
}
STORED = {
    "X1": 3, "X2": 7, "X3": 11, "X4": 2, "X5": 4, "X6": [1, 3], "X7": "short",
    "X8": "two\nlines", "X9": 42, "X10": "2026-11-21", "X11": "c.7", "X12": 0,
}  # fmt: skip
SMALLEST = """
[...document.querySelectorAll("label.option, button, select, textarea, input:not([type=radio])")]
  .filter(e => e.type !== "hidden" && e.type !== "checkbox")
  .map(e => e.getBoundingClientRect())
  .reduce((least, box) => Math.min(least, box.width, box.height), 999)
"""


@pytest.fixture(autouse=True)
def fresh_limiter() -> None:
    LIMITER.clear()


def link(n_causes: int, language: str) -> str:
    invitation = InvitationFactory(
        version=published(every_type(("X4",))),
        rotation="",
        language=language,
        expires_at=timezone.now() + timedelta(days=14),
    )
    for number in range(n_causes):
        CauseFactory(code=f"c.{number}", name=f"Cause number {number}")
    return f"/s/{token_of(invitation.nonce)}/"


def complaints(page: Page) -> list[str]:
    """What axe finds, what is too small for a thumb, and what is wider than the screen."""
    found = axe_faults(page)
    if (smallest := page.evaluate(SMALLEST)) < 44:
        found.append(f"a target of {smallest} px")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return found


@pytest.mark.parametrize(
    ("language", "width", "dark"),
    [
        ("en", 390, False),
        ("ar", 390, True),
        ("en", 1280, True),
        ("ar", 1280, False),
        ("en", 320, False),
    ],
)
def test_every_type_is_answered_and_bars_nobody(
    open_page: OpenPage, language: str, width: int, dark: bool
) -> None:
    url = link(40 if width == 390 else 7, language)
    page = open_page(url, width=width, dark=dark, locale=language)
    found: dict[str, list[str]] = {}
    press(page.locator(".go"))
    expect(page.locator(".faults a")).to_have_attribute("href", "#X4-1")
    found["required"] = complaints(page)
    for number, block in enumerate(("fix", "cause", "closing"), start=1):
        for item, values in TAPPED[block].items():
            for value in values:
                page.locator(f"label:has(#{item}-{value})").click()
        for item, text in TYPED[block].items():
            page.locator(f"#{item}").fill(text)
        if block == "cause":
            pick(page, "c.7" if width == 390 else "c.6")
        found[f"page {number}"] = complaints(page)
        page.locator(".go").click()
        page.wait_for_url("**/done/" if number == 3 else f"**/?page={number + 1}")
    expected = STORED if width == 390 else STORED | {"X11": "c.6"}
    assert Response.objects.get().extra == expected
    assert {name: faults for name, faults in found.items() if faults} == {}


def pick(page: Page, code: str) -> None:
    if page.locator("select").count():
        page.locator("#X11").select_option(code)
    else:
        page.locator(f"label:has([value='{code}'])").click()


def test_every_type_needs_no_script(open_page: OpenPage) -> None:
    page = open_page(link(40, "en"), scripts=False)
    for block in ("fix", "cause", "closing"):
        for item, values in TAPPED[block].items():
            for value in values:
                page.locator(f"label:has(#{item}-{value})").click()
        for item, text in TYPED[block].items():
            page.locator(f"#{item}").fill(text)
        if block == "cause":
            pick(page, "c.7")
        press(page.locator(".go"))
    assert Response.objects.get().extra == STORED


def test_faults_of_typed_answers_lead_to_their_fields(open_page: OpenPage) -> None:
    page = open_page(f"{link(1, 'en')}?page=2")
    page.locator("#X9").fill("many")
    press(page.locator(".go"))
    page.locator(".faults a").click()
    expect(page.locator("#X9")).to_be_focused()
    expect(page.locator("#X9")).to_have_value("many")
    expect(page.locator("#X9")).to_have_attribute("aria-describedby", "X9-wrong")
    assert complaints(page) == []


def test_number_keys_type_in_fields_and_tick_by_value(open_page: OpenPage) -> None:
    page = open_page(f"{link(1, 'en')}?page=3")
    page.locator("#O1-1").focus()
    page.keyboard.press("4")
    page.keyboard.press("0")
    expect(page.locator("#O1-4")).to_be_checked()
    expect(page.locator("#X12-0")).to_be_checked()
    page.goto(page.url.replace("page=3", "page=2"))
    page.locator("#X9").press("7")
    expect(page.locator("#X9")).to_have_value("7")
