"""What is typed or pressed in the builder while an answer is on its way is not lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from surveys.questionnaire.editing import value_at
from tests.browser.building import (
    OpenPage,
    document,
    open_builder,
    order,
    saved,
    slow_down,
    write,
)
from tests.factories import QuestionnaireVersionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def published() -> None:
    QuestionnaireVersionFactory()


def test_what_is_typed_is_stored_before_another_question_opens(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    page.locator("#F1-stem").fill("Typed in haste")
    page.locator("#row-F2").click()
    expect(page.locator("#F2-stem")).to_be_visible()
    page.locator("#F2-stem").press_sequentially("In haste ")
    page.locator("#tool-down").click()
    expect(page.locator("#live")).to_contain_text("Moved F2")
    assert value_at(document(), "F1.stem.en") == "Typed in haste"
    assert "In haste" in value_at(document(), "F2.stem.en")
    assert order() == ["F1", "F3", "F2", "S1"]
    page.locator("#F2-stem").fill("Treated?")
    page.locator("#add-fix").click()
    fix = page.locator(".outline-block[data-block=fix]")
    fix.get_by_role("button", name="Number", exact=True).click()
    expect(page.locator("#X1-low")).to_have_value("0")
    assert value_at(document(), "F2.stem.en") == "Treated?"


def test_who_goes_elsewhere_while_a_press_waits_is_not_called_back(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    slow_down(page)
    page.locator("#F1-stem").fill("How well did we help?")
    page.locator("#add-fix").click()
    fix = page.locator(".outline-block[data-block=fix]")
    fix.get_by_role("button", name="One of several", exact=True).click()
    device = page.locator("select[name=device]")
    device.focus()
    expect(page.locator("#editor")).to_have_attribute("data-place", "X1")
    expect(device).to_be_focused()
    assert value_at(document(), "F1.stem.en") == "How well did we help?"
    # The next press is answered where it was made.
    page.locator("#tool-delete").click()
    expect(page.locator("#toast")).to_contain_text("Deleted X1")
    expect(page.locator("#row-S1")).to_be_focused()


def test_nothing_typed_is_lost_while_the_server_is_away(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    page.context.set_offline(True)
    page.locator("#F1-stem").fill("Typed in a tunnel")
    expect(page.locator("#save-state")).to_contain_text("Trying again")
    page.locator("#row-F2").click()
    page.wait_for_timeout(300)
    expect(page.locator("#F1-stem")).to_have_value("Typed in a tunnel")
    page.context.set_offline(False)
    expect(page.locator("#save-state")).to_contain_text("Saved", timeout=15_000)
    assert value_at(document(), "F1.stem.en") == "Typed in a tunnel"


def test_what_is_typed_while_an_answer_is_on_its_way_stays(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    page.locator("#add-fix").click()
    fix = page.locator(".outline-block[data-block=fix]")
    fix.get_by_role("button", name="One of several", exact=True).click()
    expect(page.locator("#X1-stem")).to_be_focused()
    slow_down(page)
    # A key that comes when the answer stands in the page and htmx has not settled it yet.
    page.evaluate(
        """document.addEventListener("htmx:afterSwap", (event) => {
          const field = document.getElementById("X1-stem");
          if (event.detail.target.id !== "editor" || field.value.includes("!")) return;
          field.setRangeText("!", field.selectionStart, field.selectionEnd, "end");
          field.dispatchEvent(new Event("input", { bubbles: true }));
        })"""
    )
    page.locator("#add-option").click()
    page.locator("#X1-stem").press_sequentially("Typed meanwhile")
    expect(page.locator(".option-row")).to_have_count(3)
    typed = page.locator("#X1-stem").input_value()
    # Where the answer came among the letters, and so the other key, is up to the machine.
    assert (typed.count("!"), typed.replace("!", "")) == (1, "Typed meanwhile")
    saved(page)
    assert value_at(document(), "X1.stem.en") == typed
    assert len(value_at(document(), "X1.options")) == 3


def test_what_is_selected_when_an_answer_comes_stays_selected(open_page: OpenPage) -> None:
    """All of a field is selected when the answer to what was pressed before renews the editor: the
    next key writes in the place of what stood there: not beside it."""
    page = open_builder(open_page)
    page.locator("#add-fix").click()
    fix = page.locator(".outline-block[data-block=fix]")
    fix.get_by_role("button", name="One of several", exact=True).click()
    expect(page.locator("#X1-stem")).to_be_focused()
    page.keyboard.type("Where?")
    write(page, "#X1-options-1-label", "Elsewhere")
    slow_down(page)
    page.locator("#add-option").click()
    label = page.locator("#X1-options-1-label")
    label.focus()
    page.keyboard.press("Control+a")
    expect(page.locator(".option-row")).to_have_count(3)
    expect(label).to_be_focused()
    page.keyboard.type("In a shop")
    expect(label).to_have_value("In a shop")
    saved(page)
    assert value_at(document(), "X1.options.1.label.en") == "In a shop"


def test_a_button_that_has_the_focus_while_something_is_stored_is_not_pressed(
    open_page: OpenPage,
) -> None:
    page = open_builder(open_page)
    page.locator("#add-fix").click()
    fix = page.locator(".outline-block[data-block=fix]")
    fix.get_by_role("button", name="One of several", exact=True).click()
    expect(page.locator("#X1-stem")).to_be_focused()
    slow_down(page)
    with page.expect_request(lambda request: request.method == "POST"):
        page.keyboard.type("Whe")
    # What is left while that is on its way is stored next, with a button in focus by then.
    page.keyboard.type("re?")
    with page.expect_response(lambda answer: "re%3F" in str(answer.request.post_data)):
        page.locator("#tool-delete").focus()
    saved(page)
    expect(page.locator("#editor")).to_have_attribute("data-place", "X1")
    assert order() == ["F1", "F2", "F3", "S1", "X1"]
    assert value_at(document(), "X1.stem.en") == "Where?"


@pytest.mark.parametrize("row", ["F1", "F2"])
def test_what_is_typed_while_a_question_opens_is_stored(open_page: OpenPage, row: str) -> None:
    page = open_builder(open_page)
    slow_down(page)
    page.locator(f"#row-{row}").click()
    page.locator("#F1-stem").fill("Typed meanwhile")
    expect(page.locator("#row-F1")).to_contain_text("Typed meanwhile")
    expect(page.locator("#editor")).to_have_attribute("data-place", row)
    assert value_at(document(), "F1.stem.en") == "Typed meanwhile"


def test_a_session_that_ended_loses_nothing_typed(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.locator("#F1-stem").fill("Typed while signed out")
    expect(page.locator("#save-state")).to_contain_text("You are signed out")
    expect(page.locator("#F1-stem")).to_have_value("Typed while signed out")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # what cookies() gives
    page.locator("#F1-stem").fill("Typed while signed in again")
    saved(page)
    assert value_at(document(), "F1.stem.en") == "Typed while signed in again"


def test_leaving_with_unsaved_words_asks_first(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    page.context.set_offline(True)
    page.locator("#F1-stem").press_sequentially("x")
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    page.context.set_offline(False)
