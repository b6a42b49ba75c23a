"""The builder in a real browser: with the mouse, with the keyboard alone, by two at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import APIResponse, Route, expect

from surveys.models import User
from surveys.questionnaire.editing import value_at
from tests.browser.building import (
    PATH,
    OpenPage,
    document,
    open_builder,
    order,
    saved,
    shown_order,
    write,
)
from tests.browser.looking import faults_everywhere, faults_of, press, session
from tests.factories import QuestionnaireVersionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def published() -> None:
    QuestionnaireVersionFactory()


def test_every_part_is_accessible_and_fits(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    found = {}
    for at in ("F1", "F3&lang=ar", "fix", "start", "thanks", "settings"):
        page.goto(f"{PATH}?at={at}")
        for details in page.locator("details.more-fields, .facts-tried").all():
            details.evaluate("details => details.open = true")
        if faults := faults_everywhere(page):
            found[at] = faults
    page.set_viewport_size({"width": 390, "height": 844})
    for pane in ("Outline", "Preview"):
        page.locator(".pane-tabs").get_by_text(pane).click()
        expect(page.locator("#panes")).to_have_attribute("data-pane", pane.lower())
        if faults := faults_everywhere(page, [390]):
            found[pane] = faults
    assert found == {}


def test_a_question_is_added_worded_and_shown_in_the_preview(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    page.locator("#add-fix").click()
    fix = page.locator(".outline-block[data-block=fix]")
    fix.get_by_role("button", name="One of several", exact=True).click()
    expect(page.locator("#X1-stem")).to_be_focused()
    assert shown_order(page) == ["F1", "F2", "F3", "S1", "X1"]
    page.keyboard.type("How long did it take?")
    saved(page)
    write(page, "#X1-options-1-label", "Not long")
    preview = page.frame_locator("#preview-frame")
    expect(preview.get_by_text("How long did it take?")).to_be_visible()
    expect(preview.get_by_text("Not long")).to_be_visible()
    assert value_at(document(), "X1.stem") == {"en": "How long did it take?"}
    assert value_at(document(), "X1.options.1.label") == {"en": "Not long"}
    page.locator("#add-option").click()
    expect(page.locator("#X1-options-2-label, #X1-options-3-label").first).to_be_visible()
    expect(page.locator(".option-row")).to_have_count(3)
    expect(page.locator("#X1-stem")).to_have_value("How long did it take?")


def test_a_finding_stands_beside_its_question_and_goes_when_mended(open_page: OpenPage) -> None:
    page = open_builder(open_page, "F1")
    write(page, "#F1-stem", "")
    about = page.locator("#about-F1-stem .finding.error")
    expect(about.first).to_be_visible()
    expect(page.locator("[data-item=F1] .count.error")).to_be_visible()
    write(page, "#F1-stem", "Thinking only about how it was handled, how satisfied are you?")
    expect(about).to_have_count(0)
    expect(page.locator("#F1-stem")).not_to_have_attribute("aria-invalid", "true")


def test_reordering_by_dragging(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    grip, target = page.locator("#grip-S1"), page.locator("[data-item=F2]")
    start, end = grip.bounding_box(), target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 5, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] - 20, steps=4)
    page.mouse.move(end["x"] + 20, end["y"] + 4, steps=8)
    page.mouse.up()
    saved(page)
    assert shown_order(page) == ["F1", "S1", "F2", "F3"] == order()


def test_reordering_undo_and_redo_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_builder(open_page, "F3")
    page.locator("#row-F3").focus()
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#live")).to_have_text("Moved F3 to place 1 of 4 on the fix page")
    expect(page.locator("#row-F3")).to_be_focused()
    assert shown_order(page) == ["F3", "F1", "F2", "S1"] == order()
    page.keyboard.press("Control+z")
    expect(page.locator("#live")).to_contain_text("Undone: Moved F3")
    assert shown_order(page) == ["F1", "F3", "F2", "S1"] == order()
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#live")).to_contain_text("Done again: Moved F3")
    assert order() == ["F3", "F1", "F2", "S1"]
    page.locator("#tool-down").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Moved F3 to place 2 of 4 on the fix page")
    expect(page.locator("#tool-down")).to_be_focused()


def test_a_press_at_once_after_an_answer_does_not_load_the_page_anew(open_page: OpenPage) -> None:
    """The moment an answer stands in the page its buttons are the builder's: pressed before that,
    one would send its form as without scripts, and nothing would be said of what was done."""
    page = open_builder(open_page, "F1")
    page.evaluate(
        """new MutationObserver((changes, watch) => {
          watch.disconnect();
          setTimeout(() => document.getElementById("tool-down").click());
        }).observe(document.getElementById("live"), { childList: true })"""
    )
    page.locator("#tool-down").click()
    expect(page.locator("#live")).to_have_text("Moved F1 to place 3 of 4 on the fix page")
    assert order() == ["F2", "F3", "F1", "S1"]


def test_what_is_deleted_comes_back_by_one_press(open_page: OpenPage) -> None:
    page = open_builder(open_page, "F3")
    page.locator("#tool-delete").click()
    expect(page.locator("#toast")).to_contain_text("Deleted F3")
    assert shown_order(page) == ["F1", "F2", "S1"]
    page.locator("#toast button").click()
    expect(page.locator("#editor")).to_have_attribute("data-place", "F3")
    assert order() == ["F1", "F2", "F3", "S1"]


def test_two_people_writing_the_same_text_choose_between_both(open_page: OpenPage) -> None:
    ada = open_builder(open_page, **session(User.Role.DESIGNER, name="Ada"))
    bert = open_builder(open_page, **session(User.Role.ADMIN, name="Bert"))
    write(ada, "#F1-stem", "Ada's words")
    bert.locator("#F1-stem").fill("Bert's words")
    conflict = bert.locator("#conflict-F1-stem")
    expect(conflict).to_contain_text("Ada changed the question of F1")
    expect(conflict).to_contain_text("Ada's words")
    expect(conflict).to_contain_text("Bert's words")
    expect(bert.locator("#F1-stem")).to_have_value("Bert's words")
    assert faults_of(bert) == []
    assert value_at(document(), "F1.stem.en") == "Ada's words"
    bert.get_by_role("button", name="Use mine").click()
    saved(bert)
    expect(conflict).to_have_count(0)
    assert value_at(document(), "F1.stem.en") == "Bert's words"
    ada.locator("#F1-stem").fill("Ada again")
    expect(ada.locator("#conflict-F1-stem")).to_contain_text("Bert's words")
    ada.get_by_role("button", name="Keep theirs").click()
    saved(ada)
    expect(ada.locator("#F1-stem")).to_have_value("Bert's words")


def test_two_people_writing_different_texts_both_get_their_way(open_page: OpenPage) -> None:
    ada = open_builder(open_page, **session(User.Role.DESIGNER, name="Ada"))
    bert = open_builder(open_page, **session(User.Role.ADMIN, name="Bert"))
    write(ada, "#F1-stem", "Ada's words")
    write(bert, "#F1-hint", "Bert's hint")
    expect(bert.locator("#others")).to_contain_text("Ada: Changed the question of F1")
    # Bert's page still shows the old question; going on must not bring it back.
    write(bert, "#F1-hint", "Bert's other hint")
    assert value_at(document(), "F1.stem.en") == "Ada's words"
    assert value_at(document(), "F1.hint.en") == "Bert's other hint"


def test_the_page_tells_by_itself_that_somebody_else_changed_the_draft(
    open_page: OpenPage,
) -> None:
    ada = open_builder(open_page, **session(User.Role.DESIGNER, name="Ada"))
    bert = open_builder(open_page, **session(User.Role.MANAGER, name="Bert"))
    bert.clock.install()
    bert.reload()
    write(ada, "#F1-stem", "Ada's words")
    bert.clock.run_for(10_000)  # it looks by itself that often
    expect(bert.locator("#others")).to_contain_text("Ada")
    expect(bert.locator("#row-F1")).to_contain_text("Ada's words")


def test_the_preview_is_the_real_page_and_stores_nothing(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    preview = page.frame_locator("#preview-frame")
    expect(preview.locator("html")).to_have_attribute("lang", "en")
    page.locator("#preview-form [name=p_lang]").select_option("ar")
    expect(preview.locator("html")).to_have_attribute("dir", "rtl")
    page.locator("#preview-form [name=p_lang]").select_option("en")
    page.locator("#preview-form [name=theme]").select_option("dark")
    expect(preview.locator("meta[name=color-scheme]")).to_have_attribute("content", "dark")
    ground = "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)"
    page.frames[1].wait_for_function(f"Math.max(...{ground}) < 60")
    page.locator(".facts-tried summary").click()
    page.locator("#preview-form [name=human]").select_option("0")
    expect(preview.get_by_text("How well were you treated")).to_have_count(0)
    preview.get_by_text("Very satisfied").click()
    preview.locator("button.go").click()
    expect(preview.get_by_text("Leaving aside how it was handled")).to_be_visible()
    preview.locator("button.back").click()
    expect(preview.locator("#F1-5")).to_be_checked()
    for number in (1, 2, 3):
        expect(preview.get_by_text(f"Page {number} of 3")).to_be_visible()
        preview.locator("button.go").click()
    expect(preview.get_by_role("heading", name="Thank you")).to_be_visible()


def test_the_preview_of_what_was_stored_last_is_the_one_that_stays(open_page: OpenPage) -> None:
    """A browser that is still loading an address leaves out loading the same once more."""
    page = open_builder(open_page)
    on_their_way: list[Route] = []
    held: list[APIResponse] = []

    def hold_the_first(route: Route) -> None:
        # Noted before it is fetched: the next one may come while that is under way.
        on_their_way.append(route)
        if len(on_their_way) == 1:
            held.append(route.fetch())
        else:
            route.continue_()

    page.route(re.compile(r"/preview/\?"), hold_the_first)
    write(page, "#F1-stem", "How well did we help?")
    write(page, "#F1-hint", "Whatever it was about.")
    (first,) = held
    on_their_way[0].fulfill(response=first)
    preview = page.frame_locator("#preview-frame")
    expect(preview.get_by_text("Whatever it was about.")).to_be_visible()


def test_without_scripts_all_of_it_is_plain_forms(open_page: OpenPage) -> None:
    page = open_builder(open_page, scripts=False)
    page.locator("#F1-stem").fill("Written without scripts")
    press(page.locator("#tool-down"))
    expect(page.locator(".messages")).to_have_text("Moved F1 to place 2 of 4 on the fix page.")
    expect(page.locator("#F1-stem")).to_have_value("Written without scripts")
    assert order() == ["F2", "F1", "F3", "S1"]
    press(page.locator("#undo"))
    assert order() == ["F1", "F2", "F3", "S1"]
    press(page.locator("#row-F2"))
    expect(page.locator("#editor")).to_have_attribute("data-place", "F2")
    page.locator("#F2-stem").fill("x" * 501)
    press(page.get_by_role("button", name="Save", exact=True).last)
    expect(page.locator("#about-F2-stem")).to_contain_text("501 characters")
    expect(page.locator("#F2-stem")).to_have_value("x" * 501)


def test_a_manager_looks_and_changes_nothing(open_page: OpenPage) -> None:
    page = open_builder(open_page, **session(User.Role.MANAGER))
    assert page.locator(".builder-title .tag").inner_text() == "read-only"
    assert page.locator("#F1-stem").get_attribute("readonly") is not None
    assert page.locator("#undo, .grip, .add, #tool-delete").count() == 0
    assert faults_of(page) == []


def test_a_phone_shows_one_pane_at_a_time(open_page: OpenPage) -> None:
    page = open_builder(open_page, width=390)
    tabs = page.locator(".pane-tabs")
    tabs.get_by_text("Outline").click()
    expect(page.locator("#editor")).to_be_hidden()
    page.locator("#row-C1").click()
    expect(page.locator("#C1-stem")).to_be_visible()
    expect(page.locator("#outline")).to_be_hidden()
    tabs.get_by_text("Preview").click()
    preview = page.frame_locator("#preview-frame")
    expect(preview.get_by_text("Leaving aside how it was handled")).to_be_visible()
