"""Views, links, digests in a browser: by keyboard, without scripts, on a phone, and accessible."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from analytics import simulation
from analytics.kept import ShareLink
from analytics.sharing import links
from surveys.models import Cause, User
from tests.browser.looking import faults_of, press, session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1280, False)])
def test_a_report_is_kept_shared_and_ordered_by_keyboard_without_scripts(
    open_page: OpenPage, width: int, dark: bool
) -> None:
    simulation.simulate(
        200, seed=5, last_day=dt.date(2026, 11, 20), agents=4, causes=4, days=30, response_rate=0.6
    )
    held = session(User.Role.MANAGER)
    page = open_page("/causes/?period=365d", width=width, dark=dark, scripts=False, **held)
    summary = page.locator(".bar-menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Save what is shown as").fill("A year of causes")
    page.keyboard.press("Enter")
    expect(summary).to_have_text("View: A year of causes")
    expect(page).to_have_url(re.compile("period=365d"))
    summary.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Share by a link…").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Make a link").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The link is made")
    page.goto("/settings/views/")
    page.get_by_label("Name of A year of causes").fill("The year")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("“The year” is changed")
    page.get_by_role("button", name="Delete The year").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("link", name="The year", exact=True)).to_be_visible()
    page.goto("/settings/digests/")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your weekly digest is ordered")


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_what_is_kept_and_shared_is_accessible_and_fits(
    open_page: OpenPage, width: int, dark: bool
) -> None:
    simulation.simulate(
        200, seed=5, last_day=dt.date(2026, 11, 20), agents=4, causes=4, days=30, response_rate=0.6
    )
    held = session(User.Role.ADMIN)
    old, new = Cause.objects.order_by("pk")[:2]
    page = open_page("/?period=365d", width=width, dark=dark, **held)
    page.locator(".bar-menu summary").click()
    page.get_by_label("Save what is shown as").fill("Overview")
    expect(page.get_by_label("Save what is shown as")).to_have_value("Overview")
    assert faults_of(page) == []
    press(page.get_by_role("button", name="Save view"))
    for path in ("/settings/views/", "/settings/links/?path=/causes/&query=period%3D28d",
                 "/settings/digests/", "/settings/causes/", f"/settings/causes/{old.pk}/",
                 f"/settings/causes/{old.pk}/?into={new.code}",
                 "/segments/?b_channel=phone", "/cases/"):  # fmt: skip
        page.goto(path)
        assert faults_of(page) == [], path
    page.goto("/settings/links/?path=/&query=")
    page.get_by_role("button", name="See it as they will").click()
    expect(page.get_by_text("Not shared yet")).to_be_visible()
    assert faults_of(page) == []
    page.goto("/settings/links/?path=/&query=")
    press(page.get_by_role("button", name="Make a link"))
    page.goto("/settings/links/")
    assert faults_of(page) == []
    token = links.token_of(ShareLink.objects.get())
    stranger = open_page(f"/shared/{token}/", width=width, dark=dark)
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Overview")
    assert faults_of(stranger) == []
    stranger.locator(".term").first.click()
    expect(stranger.locator(".meaning:popover-open")).to_have_text(re.compile("dismayed"))
