"""Policies in a real browser: made, tried out and put in order with the keyboard alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from analytics import simulation
from surveys.models import Brand, Policy, User
from surveys.services import agent_volumes
from surveys.services.publishing import ensure_defaults
from tests.browser.looking import faults_everywhere, faults_of, session
from tests.factories import InvitationFactory, PolicyFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]


@pytest.fixture
def company() -> None:
    agent_volumes.forget()
    ensure_defaults()
    simulation.simulate(
        400,
        seed=5,
        last_day=timezone.now().date() - dt.timedelta(days=1),
        agents=9,
        causes=14,
        days=40,
        response_rate=0.5,
    )
    PolicyFactory(
        slug="narrow",
        name="Fibre by phone, without what is harmless",
        position=1,
        conditions={"channel": ["phone", "chat"], "severity": {"not": ["low"]}},
        sample_rate=0.2,
        agent_target=30,
        cause_days=90,
        quiet_hours={"start": "21:00", "end": "08:00"},
        weekdays=[1, 2, 3, 4, 5],
        brand=Brand.objects.create(slug="co", name="Co"),
    )
    InvitationFactory(policy=Policy.objects.get(slug="default"))


def test_every_page_of_policies_is_accessible_and_fits(open_page: OpenPage, company: None) -> None:
    page = open_page("/policies/", **session(User.Role.ADMIN))
    found = {}
    for path in (
        "/policies/?switched=narrow",
        "/policies/new/",
        "/policies/narrow/",
        "/policies/default/?dry_run=1",
        "/policies/narrow/?dry_run=1&name=x&delay_minutes=soon&sample_percent=101",
    ):
        page.goto(path)
        for opened in page.locator("details.policy-fact").all():
            opened.evaluate("details => details.open = true")
        if faults := faults_everywhere(page):
            found[path] = faults
    assert found == {}


def test_a_policy_is_made_tried_out_and_moved_by_keyboard_without_scripts(
    open_page: OpenPage, company: None
) -> None:
    page = open_page("/policies/", width=1280, scripts=False, **session(User.Role.DESIGNER))

    def press(role: str, name: str) -> None:
        page.get_by_role(role, name=name, exact=True).focus()  # type: ignore[arg-type]
        page.keyboard.press("Enter")

    press("link", "New policy")
    page.get_by_label("Name").focus()
    page.keyboard.type("Phone only")
    page.locator("summary", has_text="Channel").focus()
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Channel").get_by_label("phone", exact=True).focus()
    page.keyboard.press("Space")
    press("button", "Dry run")
    page.wait_for_url("**/policies/new/?*dry_run=1*")
    assert page.get_by_role("heading", name="Dry run over the last 30 days").is_visible()
    assert page.get_by_label("Name").input_value() == "Phone only"
    assert Policy.objects.count() == 2
    press("button", "Make this policy")
    page.wait_for_url("**/policies/")
    made = Policy.objects.get(slug="phone-only")
    assert (made.position, made.enabled, made.conditions) == (0, False, {"channel": ["phone"]})
    press("button", "Later in the order: Phone only")
    page.wait_for_url("**/policies/#p-phone-only")
    made.refresh_from_db()
    assert made.position == 1
    press("button", "Switch on Phone only")
    page.get_by_text("“Phone only” is switched on.").wait_for()
    press("button", "Undo")
    page.get_by_text("“Phone only” is switched off.").wait_for()
    press("button", "Delete Phone only")
    page.get_by_text("The policy “Phone only” is deleted.").wait_for()


def test_two_people_at_one_policy_lose_nothing(open_page: OpenPage, company: None) -> None:
    held = session(User.Role.ADMIN)
    one = open_page("/policies/narrow/", width=1280, **held)
    other = open_page("/policies/narrow/", width=1280, **held)
    one.get_by_label("Leave a customer alone for").fill("9")
    one.get_by_role("button", name="Store").click()
    one.wait_for_url("**/policies/")
    other.get_by_label("Leave a customer alone for").fill("5")
    other.get_by_role("button", name="Store").click()
    alert = other.get_by_role("alert")
    assert "Somebody changed this policy" in alert.inner_text()
    assert "at most once in 9 days" in alert.inner_text()
    assert other.get_by_label("Leave a customer alone for").input_value() == "5"
    assert faults_of(other) == []
    assert Policy.objects.get(slug="narrow").cooldown_days == 9
