"""The staff pages in a real browser: readable and reachable at both widths, light and dark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from analytics import simulation
from surveys.models import Agent, Case, Cause, Response, User
from surveys.services.publishing import ensure_defaults
from surveys.services.suppressions import suppress
from tests.analytics.acting import ActionFactory
from tests.browser.looking import axe_faults, faults_everywhere, faults_of, press, session
from tests.factories import ApiKeyFactory, CauseFactory, SuppressionFactory, UserFactory
from tests.surveys.console.test_inbox import catch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
SAID = "The technician came on time, explained what was broken and stayed until it worked again. "


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def mail(settings: Any, tmp_path: Path) -> Path:
    settings.CAUGHT_MAIL = tmp_path
    return tmp_path


@pytest.fixture
def company(mail: Path) -> simulation.Simulated:
    """Answers with comments, a caught mail, a key, an address not to be written to."""
    ensure_defaults()
    made = simulation.simulate(
        400,
        seed=5,
        last_day=timezone.now().date() - dt.timedelta(days=1),
        agents=9,
        causes=6,
        days=60,
        response_rate=0.8,
    )
    Response.objects.update(fix_comment=SAID * 2, cause_comment="غيّروا الموجّه")
    Case.objects.update(subject="No connection after changing my plan")
    Agent.objects.filter(pk=Agent.objects.order_by("pk")[0].pk).update(
        name="Maximiliana-Alexandra Featherstonehaugh-Cholmondeley"
    )
    catch(mail, "001", Subject="How did we do with “No connection after changing my plan”?")
    ApiKeyFactory(name="helpdesk")
    SuppressionFactory()
    return made


def paths() -> list[str]:
    agent, cause = Agent.objects.order_by("pk")[0], Cause.objects.order_by("pk")[0]
    case = Case.objects.order_by("-pk")[0]
    began = timezone.now().date() - dt.timedelta(days=30)
    # Actions of everyday length, one in a language written from right to left, and a withdrawn one.
    ActionFactory(cause=cause, began_on=began, title="غيّروا الموجّه قبل أن يشكو أحد")
    ActionFactory(cause=cause, began_on=began, withdrawn_at=timezone.now())
    action = ActionFactory(cause=cause, began_on=began, done_on=None)
    return [
        "/",
        "/agents/",
        f"/agents/{agent.pk}/",
        "/causes/",
        f"/causes/{cause.code}/?action={action.pk}",
        "/matrix/",
        "/who-answered/",
        "/?from=2026-01-01&compare=previous",
        f"/trend/?interval=day&from={timezone.now().date() - dt.timedelta(days=14)}",
        "/segments/?channel=phone&b_channel=chat",
        f"/responses/?cause={cause.code}&agent={agent.external_id}&by=resolved",
        "/cases/",
        f"/cases/{case.pk}/",
        "/demo/inbox/",
        "/demo/inbox/001/",
        "/policies/",
        "/policies/default/",
        "/questionnaires/?language=ar",
        "/connections/",
        "/follow-ups/",
        "/actions/",
        f"/actions/{action.pk}/",
        f"/actions/{action.pk}/withdraw/",
        "/settings/",
        "/settings/bounces/",
        "/settings/suppressions/",
        f"/settings/suppressions/{suppress('ada@example.com', 'complained').pk}/",
        "/settings/suppressions/import/",
        "/causes/?from=never",
        "/nowhere/",
    ]


@pytest.mark.parametrize("half", [0, 1])
def test_every_page_is_accessible_and_fits(
    open_page: OpenPage, company: simulation.Simulated, half: int
) -> None:
    """In two halves, for two processes."""
    page = open_page("/login/", **session(User.Role.ADMIN))
    found = {}
    for path in paths()[half::2]:
        page.goto(path)
        for opened in page.locator(".filter-more, .behind").all():
            opened.evaluate("details => details.open = true")
        if faults := faults_everywhere(page):
            found[path] = faults
    assert found == {}


def test_an_empty_installation_is_accessible_and_fits(open_page: OpenPage, mail: Path) -> None:
    page = open_page("/login/", **session(User.Role.ADMIN))
    found = {}
    for path in ("/", "/agents/", "/causes/", "/matrix/", "/trend/", "/responses/", "/cases/"):
        page.goto(path)
        if faults := faults_everywhere(page):
            found[path] = faults
    assert found == {}


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_in_by_keyboard(open_page: OpenPage, mail: Path, scripts: bool) -> None:
    UserFactory(email="ada@example.org", role=User.Role.MANAGER)
    page = open_page("/causes/", scripts=scripts)
    if scripts:
        expect(page.locator("[name=username]")).to_be_focused()
        assert faults_of(page) == []
    page.locator("[name=username]").press_sequentially("Ada@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type("a good password")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Causes", level=1).wait_for()


def test_an_action_is_registered_by_keyboard_without_scripts(open_page: OpenPage) -> None:
    CauseFactory(code="bill", name="Wrong bill")
    page = open_page("/actions/new/?cause=bill", scripts=False, **session(User.Role.MANAGER))
    page.locator("[name=title]").focus()
    page.keyboard.type("Bills are checked")
    for _ in range(3):  # how, who, the first day, which is today
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Actions", level=1).wait_for()
    expect(page.locator("main")).to_contain_text("“Bills are checked” is registered.")
    page.get_by_role("link", name="Bills are checked", exact=True).press("Enter")
    page.get_by_role("link", name="Withdraw…").press("Enter")
    page.get_by_role("button", name="Withdraw it").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("“Bills are checked” is back.").wait_for()


def test_a_wrong_password_is_said_and_read_out(open_page: OpenPage) -> None:
    page = open_page("/login/")
    page.fill("[name=username]", "ada@example.org")
    page.fill("[name=password]", "no")
    press(page.locator("button"))
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    assert faults_of(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_filtering_adds_a_chip_that_takes_itself_away(
    open_page: OpenPage, company: simulation.Simulated, scripts: bool
) -> None:
    page = open_page("/causes/", width=1280, scripts=scripts, **session(User.Role.MANAGER))
    rows = page.locator("tbody tr")
    before = rows.count()
    assert before > 1
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Cause", exact=True).select_option(index=1)
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/causes/?*cause=*")
    expect(rows).to_have_count(1)
    press(page.locator(".chips a").first)
    expect(rows).to_have_count(before)


def test_the_menu_of_a_phone_opens_without_scripts(
    open_page: OpenPage, company: simulation.Simulated
) -> None:
    page = open_page("/", width=390, scripts=False, **session(User.Role.MANAGER))
    menu = page.get_by_role("navigation", name="Menu")
    assert not menu.is_visible()
    page.get_by_text("Menu", exact=True).click()
    press(menu.get_by_role("link", name="Causes"))
    expect(page.locator("h1")).to_have_text("Causes")


def test_a_mail_is_read_in_its_frame_and_its_link_opens_a_tab(
    open_page: OpenPage, company: simulation.Simulated
) -> None:
    page = open_page("/demo/inbox/", width=1280, **session(User.Role.MANAGER))
    press(page.locator(".mail-list a").first)
    link = page.frame_locator("iframe").get_by_role("link", name="5")
    assert link.evaluate("link => link.ownerDocument.baseURI && link.target || 'base'") == "base"
    with page.context.expect_page() as opened:
        link.click()
    assert opened.value is not page


def test_a_tried_case_brings_its_mail_into_the_open_inbox(open_page: OpenPage, mail: Path) -> None:
    ensure_defaults()
    page = open_page("/demo/inbox/", width=1280, **session(User.Role.MANAGER))
    press(page.get_by_role("button", name="Resolve a case now"))
    expect(page.locator(".messages")).to_contain_text("its survey is on the way")
    catch(mail, "001", Subject="How did we do?")
    expect(page.locator(".mail-list .what")).to_have_text("How did we do?")


def test_pictures_are_followed_by_keyboard(
    open_page: OpenPage, company: simulation.Simulated
) -> None:
    page = open_page("/causes/", width=1280, **session(User.Role.MANAGER))
    link = page.locator(".picture.wide a").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/causes/sim-*/")
    expect(page.get_by_role("link", name="Causes").first).to_be_visible()


def test_paper_shows_figures_and_no_controls(
    open_page: OpenPage, company: simulation.Simulated
) -> None:
    page = open_page("/causes/", width=1280, **session(User.Role.MANAGER))
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".filters-row")).to_be_hidden()
    expect(page.locator("table").first).to_be_visible()


def test_a_figure_opens_its_meaning_by_keyboard_tap_and_hover(
    open_page: OpenPage, company: simulation.Simulated
) -> None:
    page = open_page("/", width=1280, **session(User.Role.ADMIN))
    term, meaning = page.locator("#f-masked .term"), page.locator("#what-share-satisfied")
    expect(meaning).to_be_hidden()
    term.focus()
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    assert axe_faults(page) == []
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    term.hover()
    expect(meaning).to_be_visible()
    page.mouse.move(0, 0)
    expect(meaning).to_be_hidden()
    term.click()
    meaning.get_by_text("The answers behind it").click()
    page.wait_for_url("**/responses/?show=masked")
    expect(page.locator("#show")).to_have_value("masked")


def test_meanings_open_without_scripts_and_stand_on_paper(
    open_page: OpenPage, company: simulation.Simulated
) -> None:
    page = open_page("/agents/", width=390, scripts=False, **session(User.Role.ADMIN))
    meaning = page.locator("#what-funnel")
    page.locator(".term", has_text="more than chance").click()
    expect(meaning).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("#what-rank")).to_be_visible()
    expect(page.locator(".filters-row")).to_be_hidden()
