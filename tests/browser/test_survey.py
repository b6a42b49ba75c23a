"""The survey as people meet it: on a phone, by keyboard, in Arabic, without JavaScript."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from surveys.models import Invitation, Response, Suppression
from surveys.questionnaire.texts import languages
from surveys.respondent.base import LIMITER
from surveys.services import answering
from surveys.services.tokens import token_of
from tests.browser.looking import axe_faults, faults_everywhere, press
from tests.factories import InvitationFactory, ResolutionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
ALL = {"f1": 2, "f2": 5, "f3": [2], "s1": 3, "c1": 5, "c2": 4, "c3": 3, "o1": 1}


@pytest.fixture(autouse=True)
def fresh_limiter() -> None:
    LIMITER.clear()


def invite(**fields: Any) -> Invitation:
    """An invitation that is open on the day the test runs."""
    fields.setdefault("expires_at", timezone.now() + timedelta(days=14))
    invitation: Invitation = InvitationFactory(**fields)
    return invitation


def link(invitation: Invitation) -> str:
    return f"/s/{token_of(invitation.nonce)}/"


def stored() -> dict[str, Any]:
    row = Response.objects.values(*ALL, "c4", "o2", "fix_comment", "cause_comment").get()
    return {name: value for name, value in row.items() if value not in (None, "")}


def tap(page: Page, answers: dict[str, Any]) -> None:
    """Tap each option's card, as a finger does; the radio itself is only a part of it."""
    for item, values in answers.items():
        for value in values if isinstance(values, list) else [values]:
            page.locator(f"label:has(#{item.upper()}-{value})").click()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("language", "arm", "rotation"),
    [("en", "fix_first", "O2"), ("ar", "cause_first", "C4")],
)
def test_whole_survey_by_finger_on_a_phone(
    open_page: OpenPage, language: str, arm: str, rotation: str, scripts: bool
) -> None:
    last = rotation.lower()
    invitation = invite(language=language, arm=arm, rotation=rotation)
    page = open_page(link(invitation), scripts=scripts, has_touch=True)
    fix = {"f1": 2, "f2": 5, "f3": [2], "s1": 3}
    cause = {"c1": 5, "c2": 4, "c3": 3}
    for answers in (fix, cause) if arm == "fix_first" else (cause, fix):
        tap(page, answers)
        page.locator("textarea").fill("مرحبا\nHello" if answers is fix else "Stop it")
        press(page.locator(".go"))
    tap(page, {"o1": 1, last: 4})
    press(page.locator(".go"))

    page.wait_for_url("**/done/")
    expected = ALL | {last: 4, "fix_comment": "مرحبا\nHello", "cause_comment": "Stop it"}
    assert stored() == expected
    page.locator("label", has=page.locator("[type=checkbox]")).first.click()
    page.locator(".go").click()
    page.wait_for_url("**/done/?saved=1")
    assert Response.objects.get().wants_call_back is True


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("arm", ["fix_first", "cause_first"])
def test_whole_survey_by_keyboard_alone(open_page: OpenPage, language: str, arm: str) -> None:
    page = open_page(link(invite(language=language, arm=arm)), width=1280, scripts=False)
    focused = "document.activeElement"
    fix = [("F1", 2), ("F2", 5), ("F3", 2), ("S1", 3)]
    cause = [("C1", 5), ("C2", 4), ("C3", 3)]
    order = [fix, cause] if arm == "fix_first" else [cause, fix]
    for items in [*order, [("O1", 1), ("O2", 3)]]:
        for item, value in items:
            _tab_to(page, f"{focused}.name === '{item}'")
            if item == "F3":
                _tab_to(page, f"{focused}.id === 'F3-{value}'")
                page.keyboard.press("Space")
                continue
            page.keyboard.press("Space")
            for _ in range(value - 1):
                page.keyboard.press("ArrowDown")
        _tab_to(page, f"{focused}.className === 'go'")
        expect(page.locator(":focus")).to_have_css("outline-style", "solid")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.wait_for_url("**/done/")
    assert stored() == ALL | {"o2": 3}


def _tab_to(page: Page, condition: str) -> None:
    for _ in range(40):
        if page.evaluate(f"!!document.activeElement && ({condition})"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {condition}")


def test_enter_in_a_radio_goes_on_and_does_not_switch_the_language(open_page: OpenPage) -> None:
    invitation = invite()
    page = open_page(link(invitation))
    page.locator("#F1-4").focus()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url("**/?page=2")


def test_number_keys_answer_one_question_after_the_other(open_page: OpenPage) -> None:
    page = open_page(link(invite()))
    for key in "42":
        page.keyboard.press(key)
    expect(page.locator("#F1-4")).to_be_checked()
    expect(page.locator("#F2-2")).to_be_checked()
    page.keyboard.press("1")
    page.keyboard.press("3")
    page.keyboard.press("1")
    for n in range(1, 6):
        expect(page.locator(f"#F3-{n}")).to_be_checked(checked=n == 3)
    page.locator("textarea").fill("")
    page.locator("textarea").press("5")
    expect(page.locator("textarea")).to_have_value("5")
    assert Response.objects.count() == 0


def test_loading_runs_no_answer_and_reaches_nobody_else(open_page: OpenPage) -> None:
    asked: list[str] = []
    page = open_page("/s/unknown/")

    def note(request: Request) -> None:
        asked.append(f"{request.method} {request.url}")

    page.on("request", note)
    page.goto(link(invite()) + "?F1=5")
    page.wait_for_timeout(500)
    host = page.evaluate("location.origin")
    assert [a for a in asked if not a.startswith((f"GET {host}/", "GET data:"))] == []
    assert page.evaluate("document.cookie") == ""
    assert page.context.cookies() == []
    assert Response.objects.count() == 0


def test_back_button_keeps_answers(open_page: OpenPage) -> None:
    page = open_page(link(invite()))
    tap(page, {"f1": 2})
    page.locator("textarea").fill("typed")
    page.locator(".go").click()
    page.wait_for_url("**/?page=2")
    tap(page, {"c1": 5})
    page.locator("button.back").click()
    page.wait_for_url("**/?page=1")
    expect(page.locator("#F1-2")).to_be_checked()
    expect(page.locator("textarea")).to_have_value("typed")
    assert stored() == {"f1": 2, "fix_comment": "typed", "c1": 5}


def test_language_switch_keeps_answers(open_page: OpenPage) -> None:
    page = open_page(link(invite()))
    tap(page, {"f1": 2})
    page.locator("textarea").fill("half a sen")
    page.locator("button[value=ar]").click()
    page.wait_for_url("**/?page=1&lang=ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#F1-2")).to_be_checked()
    expect(page.locator("textarea")).to_have_value("half a sen")
    box = page.locator("#F1-2").bounding_box()
    assert box is not None
    assert box["x"] > 390 / 2


@pytest.mark.parametrize("scripts", [True, False])
def test_error_summary_takes_the_focus_and_leads_to_the_field(
    open_page: OpenPage, scripts: bool
) -> None:
    page = open_page(link(invite()), scripts=scripts)
    tap(page, {"f1": 2, "f3": [1, 5]})
    page.locator("textarea").fill("kept")
    press(page.locator(".go"))
    expect(page.locator(".faults")).to_be_focused()
    expect(page.locator("textarea")).to_have_value("kept")
    page.locator(".faults a").click()
    expect(page.locator("#F3-1")).to_be_focused()
    page.locator("label:has(#F3-5)").click()
    page.locator(".go").click()
    page.wait_for_url("**/?page=2")
    assert stored() == {"f1": 2, "f3": [1], "fix_comment": "kept"}


@pytest.mark.parametrize("dark", [False, True])
def test_retry_page_sends_again_what_was_typed(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, dark: bool
) -> None:
    page = open_page(link(invite()), dark=dark, scripts=True)
    tap(page, {"f1": 2, "f3": [1, 2]})
    typed = '\n  <b>"two"</b>\nlines 🙏'
    page.locator("textarea").fill(typed)
    with monkeypatch.context() as away:
        for asked_first in ("find", "store_answers"):
            away.setattr(answering, asked_first, _away)
        page.locator(".go").click()
        expect(page.locator("h1")).to_contain_text("couldn't save")
        page.locator("label[for=fix_comment]").wait_for()
        assert axe_faults(page) == []
        expect(page.locator("textarea")).to_have_value(typed)
        press(page.locator(".go"))
        expect(page.locator("h1")).to_contain_text("couldn't save")
        expect(page.locator("textarea")).to_have_value(typed)
    page.locator(".go").click()
    page.wait_for_url("**/?page=2")
    assert stored() == {"f1": 2, "f3": [1, 2], "fix_comment": typed.strip()}


def _away(*_: object, **__: object) -> None:
    raise OperationalError("the database system is shutting down")


def test_unsubscribing_takes_one_press(open_page: OpenPage) -> None:
    page = open_page(link(invite()).replace("/s/", "/u/"))
    assert Suppression.objects.count() == 0
    press(page.locator(".go"))
    expect(page.locator("button")).to_have_count(0)
    assert Suppression.objects.get().reason == "unsubscribed"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_bars_anyone(open_page: OpenPage, language: str) -> None:
    """Axe on every page a respondent can see, in its usual and its unusual states."""
    invitation = invite(language=language, rotation="C4")
    url = link(invitation)
    resolution = ResolutionFactory(reopened_at=timezone.now(), case__status="reopened")
    reopened = invite(resolution=resolution, language=language)
    page = open_page(url + "?F1=4", locale=language)
    found = {"tapped": faults_everywhere(page)}
    tap(page, {"f1": 2, "f3": [1, 5], "s1": 3})
    press(page.locator(".go"))
    page.locator(".faults").wait_for()
    found["fault"] = faults_everywhere(page)
    tap(page, {"f3": [5]})
    page.locator(".go").click()
    page.wait_for_url("**/?page=2")
    found["second"] = faults_everywhere(page)
    page.locator(".go").click()
    page.wait_for_url("**/?page=3")
    found["last"] = faults_everywhere(page)
    page.locator(".go").click()
    page.wait_for_url("**/done/")
    for name, path in {
        "done": f"{url}done/",
        "saved": f"{url}done/?saved=1",
        "answered": url,
        "unavailable": "/s/unknown/",
        "reopened": link(reopened),
        "unsubscribe": url.replace("/s/", "/u/"),
    }.items():
        page.goto(path)
        found[name] = faults_everywhere(page)
    press(page.locator(".go"))
    expect(page.locator(".go")).to_have_count(0)
    found["unsubscribed"] = faults_everywhere(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("language", languages())
def test_everything_fits_and_is_large_enough_to_tap(open_page: OpenPage, language: str) -> None:
    page = open_page(link(invite(language=language, rotation="C4")))
    url = page.url
    for number, width in itertools.product((1, 2, 3), (320, 390, 768, 1280)):
        if width == 320:
            page.goto(f"{url}?page={number}")
        page.set_viewport_size({"width": width, "height": 844})
        overflow = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(overflow) <= 0
        small = page.evaluate(
            """() => [...document.querySelectorAll('a, button, textarea, label.option')]
                 .filter(e => e.getBoundingClientRect().height < 44)
                 .map(e => e.textContent)"""
        )
        assert small == []
        spilled = page.evaluate(
            """() => [...document.querySelectorAll('.option span')]
                 .filter(e => e.scrollWidth > e.clientWidth + 1
                     && getComputedStyle(e).display !== 'inline')
                 .map(e => e.textContent)"""
        )
        assert spilled == []


@pytest.mark.parametrize("solved", [True, False])
@pytest.mark.parametrize("language", ["en", "de", "pt", "ar"])
def test_page_of_thanks_fits_with_and_without_a_note(
    open_page: OpenPage, language: str, solved: bool
) -> None:
    """The choices stand below their legend at full width, whatever comes between the two."""
    page = open_page(link(invite(language=language)))
    url = page.url
    tap(page, {"s1": 1 if solved else 3})
    page.locator(".go").click()
    page.wait_for_url("**/?page=2")
    page.goto(f"{url}done/")
    expect(page.locator(".note")).to_have_count(0 if solved else 1)
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        overflow, below, widths = page.evaluate(
            """() => {
                const [legend, options, fieldset] = ['legend', '.options', 'fieldset']
                    .map(name => document.querySelector(name).getBoundingClientRect());
                return [document.documentElement.scrollWidth - innerWidth,
                    options.top >= legend.bottom, [options.width, fieldset.width]];
            }"""
        )
        assert (overflow, below) == (0, True)
        assert widths[0] == widths[1]


@pytest.mark.parametrize("notices_at_once", [True, False])
def test_network_cut_mid_answer_keeps_what_was_typed_and_sends_it_when_it_is_back(
    open_page: OpenPage, notices_at_once: bool
) -> None:
    page = open_page(link(invite()))
    tap(page, {"f1": 2, "f2": 5})
    page.locator("textarea").fill("Nobody called\nback")
    if notices_at_once:
        page.context.set_offline(True)
    else:  # the phone thinks that it is connected
        page.route("**/*", lambda route: route.abort("connectionfailed"))
    page.locator(".go").click()

    expect(page.get_by_role("alert")).to_contain_text("still on this page")
    expect(page.locator("textarea")).to_have_value("Nobody called\nback")
    expect(page.locator("#F1-2")).to_be_checked()
    assert Response.objects.count() == 0
    if notices_at_once:
        page.context.set_offline(False)
    else:
        page.unroute_all()
        page.locator(".go").click()
    page.wait_for_url("**?page=2")
    assert stored() == {"f1": 2, "f2": 5, "fix_comment": "Nobody called\nback"}


def test_after_the_cut_nothing_leaves_that_the_customer_has_touched_again(
    open_page: OpenPage,
) -> None:
    page = open_page(link(invite()))
    tap(page, {"f1": 2})
    page.context.set_offline(True)
    page.locator(".go").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("textarea").fill("And another th")
    page.context.set_offline(False)
    page.wait_for_function("fetch('/favicon.ico').then(() => true, () => false)")
    page.wait_for_timeout(300)
    assert Response.objects.count() == 0
    page.locator("textarea").fill("And another thing")
    page.locator(".go").click()
    page.wait_for_url("**?page=2")
    assert stored() == {"f1": 2, "fix_comment": "And another thing"}


def test_a_language_chosen_while_cut_off_is_chosen_when_it_is_back(open_page: OpenPage) -> None:
    page = open_page(link(invite()))
    page.locator("textarea").fill("Sprache")
    page.context.set_offline(True)
    page.locator("#languages [value=de]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("textarea")).to_have_value("Sprache")
