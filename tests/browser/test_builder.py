"""The builder in a real browser: with the mouse, with the keyboard alone, by two at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from surveys.models import QuestionnaireDraft, User
from surveys.questionnaire.editing import value_at
from tests.browser.looking import faults_everywhere, faults_of, session
from tests.factories import QuestionnaireVersionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
PATH = "/questionnaires/default/"


@pytest.fixture(autouse=True)
def published() -> None:
    QuestionnaireVersionFactory()


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
    assert page.locator("#X1-stem").input_value() == "How long did it take?"


def test_a_finding_stands_beside_its_question_and_goes_when_mended(open_page: OpenPage) -> None:
    page = open_builder(open_page, "F1")
    write(page, "#F1-stem", "")
    about = page.locator("#about-F1-stem .finding.error")
    expect(about.first).to_be_visible()
    expect(page.locator("[data-item=F1] .count.error")).to_be_visible()
    write(page, "#F1-stem", "Thinking only about how it was handled, how satisfied are you?")
    expect(about).to_have_count(0)
    expect(page.locator("#F1-stem")).not_to_have_attribute("aria-invalid", "true")


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
    assert bert.locator("#F1-stem").input_value() == "Bert's words"
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
    assert ada.locator("#F1-stem").input_value() == "Bert's words"


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
    write(ada, "#F1-stem", "Ada's words")
    bert.evaluate("htmx.trigger('#others', 'every')")
    expect(bert.locator("#others")).to_contain_text("Ada", timeout=15_000)
    expect(bert.locator("#row-F1")).to_contain_text("Ada's words")


def test_nothing_typed_is_lost_while_the_server_is_away(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    page.context.set_offline(True)
    page.locator("#F1-stem").fill("Typed in a tunnel")
    expect(page.locator("#save-state")).to_contain_text("Trying again")
    page.locator("#row-F2").click()
    assert page.locator("#F1-stem").input_value() == "Typed in a tunnel"
    page.context.set_offline(False)
    expect(page.locator("#save-state")).to_contain_text("Saved", timeout=15_000)
    assert value_at(document(), "F1.stem.en") == "Typed in a tunnel"


def slow_down(page: Page) -> None:
    """As over a bad line: an answer takes most of a second."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"offline": False, "latency": 800, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", line)


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
    assert page.locator("#F1-stem").input_value() == "Typed while signed out"
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # what cookies() gives
    page.locator("#F1-stem").fill("Typed while signed in again")
    saved(page)
    assert value_at(document(), "F1.stem.en") == "Typed while signed in again"


def test_leaving_with_unsaved_words_asks_first(open_page: OpenPage) -> None:
    page = open_builder(open_page)
    page.context.set_offline(True)
    page.locator("#F1-stem").press_sequentially("x")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.context.set_offline(False)


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
    assert max(page.frames[1].evaluate(ground)) < 60
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


def test_without_scripts_all_of_it_is_plain_forms(open_page: OpenPage) -> None:
    page = open_builder(open_page, scripts=False)
    page.locator("#F1-stem").fill("Written without scripts")
    page.locator("#tool-down").click()
    assert page.locator(".messages").inner_text() == "Moved F1 to place 2 of 4 on the fix page."
    assert page.locator("#F1-stem").input_value() == "Written without scripts"
    assert order() == ["F2", "F1", "F3", "S1"]
    page.locator("#undo").click()
    assert order() == ["F1", "F2", "F3", "S1"]
    page.locator("#row-F2").click()
    assert page.locator("#editor").get_attribute("data-place") == "F2"
    page.locator("#F2-stem").fill("x" * 501)
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert "501 characters" in page.locator("#about-F2-stem").inner_text()
    assert page.locator("#F2-stem").input_value() == "x" * 501


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
    assert not page.locator("#editor").is_visible()
    page.locator("#row-C1").click()
    expect(page.locator("#C1-stem")).to_be_visible()
    assert not page.locator("#outline").is_visible()
    tabs.get_by_text("Preview").click()
    preview = page.frame_locator("#preview-frame")
    expect(preview.get_by_text("Leaving aside how it was handled")).to_be_visible()
