"""An admin sets causes and people right in a browser, on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from surveys.models import User
from tests.browser.looking import faults_of, press, session
from tests.factories import CaseFactory, CauseFactory, ResolutionFactory, TeamFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]


def test_an_admin_renames_a_team_makes_a_rule_and_takes_a_suggestion(open_page: OpenPage) -> None:
    south = TeamFactory(name="South")
    CauseFactory(code="slow-dsl", name="Slow DSL")
    waiting = CauseFactory(code="DSL slow", name="DSL slow", mapped_at=None)
    for cause in (waiting, None, None):
        ResolutionFactory(team=south, cause=cause, case=CaseFactory(tags=["router"]), agents=[])
    page = open_page("/settings/", width=390, **session(User.Role.ADMIN))
    said = page.get_by_role("status")

    press(page.get_by_role("link", name="teams", exact=True))
    press(page.get_by_role("link", name="Rename or merge South"))
    expect(page.get_by_role("heading", name="South")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_label("New name").fill("Coast")
    press(page.get_by_role("button", name="Rename"))
    expect(said).to_contain_text("“South” is called “Coast” now")
    press(page.get_by_role("button", name="Undo the change of South"))
    expect(said).to_contain_text("The change of “South” is undone")

    page.goto("/settings/causes/rules/")
    page.get_by_label("Where").select_option("tag")
    page.get_by_label("Words").fill("router")
    page.get_by_label("Gives the cause").select_option("slow-dsl")
    press(page.get_by_role("button", name="Try it on the last 200 cases"))
    expect(page.get_by_role("heading", name="3 cases of the last 3 would change")).to_be_visible()
    assert faults_of(page) == []
    press(page.get_by_role("button", name="Save the rule"))
    expect(said).to_contain_text("Saved")

    page.goto("/settings/causes/unmapped/")
    assert faults_of(page) == []
    press(page.get_by_role("button", name="Map DSL slow to Slow DSL"))
    expect(page.get_by_text("Nothing waits: every code that came is mapped.")).to_be_visible()
