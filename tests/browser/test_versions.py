"""Gallery, list, review and versions of questionnaires in a real browser."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from surveys.models import Policy, Questionnaire, QuestionnaireVersion, User
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.services import drafts, questionnaires
from surveys.services.publishing import Accepted, ensure_defaults, publish
from surveys.services.reviewing import review
from tests.browser.looking import faults_everywhere, session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
ALL = "/questionnaires/"


def document() -> Any:
    return copy.deepcopy(to_builtins(default_definition()))


def put_in_draft(questionnaire: Questionnaire, changed: Any) -> None:
    now = timezone.now()
    drafts.replace(questionnaire.pk, changed, "Changed", base_revision=0, user=None, now=now)


@pytest.fixture
def questions() -> Questionnaire:
    """Two versions, a draft with doubts and every kind of change, one with errors, an archived."""
    ensure_defaults()
    default = Questionnaire.objects.get()
    second = document()
    second["blocks"][0]["items"][0]["stem"]["en"] = "How satisfied are you with the handling?"
    definition = from_builtins(second)
    accepted = [
        Accepted(one.code, one.path, "Shorter.") for one in review(default, definition).warnings
    ]
    publish(default, definition, accepted_warnings=accepted, unchanged={"F1": "Shorter."})
    third = copy.deepcopy(second)
    third["blocks"][1]["items"][0]["stem"]["en"] += " And why was it so terrible?"
    third["blocks"][1]["items"][0]["stem"]["ar"] = "إلى أي مدى أزعجكم حدوث هذه المشكلة؟"
    third["blocks"][0]["items"].reverse()
    put_in_draft(default, third)
    now = timezone.now()
    faulty = from_builtins(document() | {"randomise": False}, draft=True)
    questionnaires.begin("Faulty", faulty, user=None, now=now)
    old = questionnaires.begin("Old", default_definition(), user=None, now=now)
    questionnaires.archive(old, now - dt.timedelta(days=1))
    return default


def test_every_page_is_accessible_and_fits(open_page: OpenPage, questions: Questionnaire) -> None:
    page = open_page("/login/", **session(User.Role.ADMIN))
    found = {}
    for path in (
        "?archived=old",
        "new/",
        "import/",
        "default/versions/",
        "default/versions/1/?language=ar",
        "default/versions/2/",
        "default/versions/2/published/",
        "default/compare/?old=1&new=draft",
        "default/review/",
        "default/import/",
        "faulty/review/",
    ):
        page.goto(ALL + path)
        if faults := faults_everywhere(page):
            found[path] = faults
    page.goto(f"{ALL}default/review/")
    page.get_by_role("button", name="Publish version 3").click()
    expect(page.get_by_role("alert")).to_contain_text("a reason is missing")
    if faults := faults_everywhere(page):
        found["faults of the review"] = faults
    assert found == {}


def test_from_the_gallery_to_a_policy_by_keyboard_alone(open_page: OpenPage) -> None:
    ensure_defaults()
    page = open_page(ALL, width=1280, **session(User.Role.ADMIN))
    reach(page, "New questionnaire")
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Bank account and cards").focus()
    page.keyboard.press("Space")
    reach(page, "Name")
    page.keyboard.type("Bank after a call")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bank after a call")
    assert Questionnaire.objects.get(slug="bank-after-a-call").draft.revision == 0

    page.goto(f"{ALL}bank-after-a-call/review/")
    reach(page, "Publish version 1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Version 1 is published")).to_be_visible()
    reach(page, "Use it")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("asks “Bank after a call” from now on")
    assert Policy.objects.get().questionnaire.slug == "bank-after-a-call"


def test_a_reworded_question_is_published_with_its_reason_and_can_come_back(
    open_page: OpenPage, questions: Questionnaire
) -> None:
    changed = document()
    changed["blocks"][0]["items"][1]["stem"]["en"] = "How were you treated by who helped you?"
    now = timezone.now()
    base = drafts.look(questions, now).revision
    drafts.replace(questions.pk, changed, "x", base_revision=base, user=None, now=now)
    page = open_page(f"{ALL}default/review/", width=390, **session(User.Role.DESIGNER))
    expect(
        page.get_by_text("the trend of F2 starts anew, because its wording changed")
    ).to_be_visible()
    f2 = page.locator("li.doubt", has_text="the trend of F2")
    unchanged = f2.get_by_role("radio", name="The meaning is unchanged")
    unchanged.check()
    expect(unchanged).to_be_checked()
    for field in page.locator("li.doubt input:not([type=radio])").all():
        field.fill("It was decided.")
    page.get_by_role("button", name="Publish version 3").click()
    expect(page.get_by_role("heading", name="Version 3 is published")).to_be_visible()
    version = QuestionnaireVersion.objects.get(number=3)
    comparable = {one["item"]: one["comparable"] for one in version.changes}
    assert comparable["F2"] is True

    page.goto(f"{ALL}default/versions/")
    page.locator("form[action$='/versions/1/restore/'] button").click()
    expect(page.locator(".messages")).to_contain_text("Version 1 stands in the draft now")


def reach(page: Page, name: str) -> None:
    """Press Tab until what has the name has the focus."""
    for _ in range(80):
        focused: str = page.evaluate(
            "(e => (e.labels?.[0]?.textContent || e.textContent || '').trim())"
            "(document.activeElement)"
        )
        if focused.startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"nothing called {name!r} can be reached by Tab")
