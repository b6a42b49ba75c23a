"""Translating in a real browser: into a language that runs from right to left, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from surveys.models import QuestionnaireDraft, User
from surveys.questionnaire import operations as ops
from surveys.questionnaire.texts import catalogue
from surveys.services import drafts, translations
from tests.browser.looking import faults_everywhere, faults_of, session
from tests.factories import QuestionnaireVersionFactory, UserFactory
from tests.surveys.staff import NO_PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
PAGE = "/questionnaires/default/translations/"
EN, HE = catalogue("en")["questionnaire"], catalogue("he")["questionnaire"]


@pytest.fixture(autouse=True)
def draft() -> None:
    """A draft with one Hebrew text missing, one left behind and one without its placeholder."""
    questionnaire = QuestionnaireVersionFactory().questionnaire
    user, now = UserFactory(password=NO_PASSWORD), timezone.now()
    typed = {
        "S1.stem": translations.Typed("", HE["S1"]),
        "C2.stem": translations.Typed("האם אפשר היה למנוע את זה?", HE["C2"]),
    }
    translations.set_texts(questionnaire, "he", typed, user=user, now=now)
    operation = ops.SetText(at="F1.stem", language="en", text="How was it handled?", was=EN["F1"])
    drafts.apply(questionnaire.pk, operation, base_revision=1, user=user, now=now)


def test_the_table_is_accessible_and_fits(open_page: OpenPage) -> None:
    page = open_page(PAGE + "?language=he", **session(User.Role.DESIGNER))

    assert faults_everywhere(page) == []
    field = page.locator("[name='text:F1.stem']")
    assert field.evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert page.locator("td.from div").first.evaluate("e => getComputedStyle(e).direction") == "ltr"
    page.goto(PAGE + "?language=he&show=changed")
    assert faults_everywhere(page) == []


def test_a_manager_s_table_is_accessible(open_page: OpenPage) -> None:
    page = open_page(PAGE + "?language=he", **session(User.Role.MANAGER))

    assert faults_of(page) == []


def test_a_missing_text_is_found_and_translated_by_keyboard_without_scripts(
    open_page: OpenPage,
) -> None:
    page = open_page(
        PAGE + "?language=he&show=missing",
        width=1280,
        scripts=False,
        **session(User.Role.DESIGNER),
    )
    field = page.get_by_label("S1, question in Hebrew")
    field.focus()
    page.keyboard.type("הכול הסתדר?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("1 text saved.")).to_be_visible()
    expect(page.get_by_text("Nothing is missing in Hebrew.")).to_be_visible()
    items = QuestionnaireDraft.objects.get().definition["blocks"][0]["items"]
    assert next(i for i in items if i["id"] == "S1")["stem"]["he"] == "הכול הסתדר?"


def test_a_text_is_saved_when_its_field_is_left(open_page: OpenPage) -> None:
    page = open_page(PAGE + "?language=he", width=1280, **session(User.Role.DESIGNER))
    field, state = page.locator("[name='text:S1.stem']"), page.locator(".save-bar [role=status]")
    field.fill("הכול הסתדר?")
    field.press("Tab")
    expect(state).to_have_text("Saved.")
    expect(page.locator("tr", has=field).locator(".tag")).to_have_count(0)
    field.fill("x" * 501)
    field.press("Tab")
    expect(page.locator("[id='fault-S1.stem']")).to_have_text(
        "Not saved. It has 501 characters; at most 500 fit."
    )
    assert faults_of(page) == []
    field.fill("הכול בסדר?")
    field.press("Tab")
    expect(state).to_have_text("Saved.")
    page.reload()
    expect(field).to_have_value("הכול בסדר?")


def test_a_file_is_imported_and_reported(open_page: OpenPage, tmp_path: Any) -> None:
    page = open_page(PAGE + "?language=he", **session(User.Role.DESIGNER))
    with page.expect_download() as download:
        page.get_by_role("link", name="XLIFF 2.0").click()
    file = tmp_path / "he.xlf"
    text = download.value.path().read_text(encoding="utf-8")
    file.write_text(
        text.replace(HE["F2"], "איך התייחסו אליכם?").replace(HE["thanks"], "תודה {company}"),
        encoding="utf-8",
    )
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Import", exact=True).click()

    expect(page.get_by_role("heading", name="Refused")).to_be_visible()
    expect(page.get_by_text("It has {company}, which the source has not.")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_role("link", name="Back to the translations").click()
    expect(page.locator("[name='text:F2.stem']")).to_have_value("איך התייחסו אליכם?")
