"""Policies in a real browser: made, tried out and put in order with the keyboard alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from analytics import simulation
from surveys.models import Brand, Policy, User
from surveys.services import agent_volumes
from surveys.services.publishing import ensure_defaults
from tests.browser.looking import faults_everywhere, faults_of, press, session
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

    def enter(role: str, name: str) -> None:
        page.get_by_role(role, name=name, exact=True).focus()  # type: ignore[arg-type]
        with page.expect_navigation():
            page.keyboard.press("Enter")

    enter("link", "New policy")
    page.get_by_label("Name").focus()
    page.keyboard.type("Phone only")
    page.locator("summary", has_text="Channel").focus()
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Channel").get_by_label("phone", exact=True).focus()
    page.keyboard.press("Space")
    enter("button", "Dry run")
    page.wait_for_url("**/policies/new/?*dry_run=1*")
    expect(page.get_by_role("heading", name="Dry run over the last 30 days")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Phone only")
    assert Policy.objects.count() == 2
    enter("button", "Make this policy")
    page.wait_for_url("**/policies/")
    made = Policy.objects.get(slug="phone-only")
    assert (made.position, made.enabled, made.conditions) == (0, False, {"channel": ["phone"]})
    enter("button", "Later in the order: Phone only")
    page.wait_for_url("**/policies/#p-phone-only")
    made.refresh_from_db()
    assert made.position == 1
    enter("button", "Switch on Phone only")
    page.get_by_text("“Phone only” is switched on.").wait_for()
    enter("button", "Undo")
    page.get_by_text("“Phone only” is switched off.").wait_for()
    enter("button", "Delete Phone only")
    page.get_by_text("The policy “Phone only” is deleted.").wait_for()


def test_two_people_at_one_policy_lose_nothing(open_page: OpenPage, company: None) -> None:
    held = session(User.Role.ADMIN)
    one = open_page("/policies/narrow/", width=1280, **held)
    other = open_page("/policies/narrow/", width=1280, **held)
    one.get_by_label("Leave a customer alone for").fill("9")
    press(one.get_by_role("button", name="Store"))
    one.wait_for_url("**/policies/")
    other.get_by_label("Leave a customer alone for").fill("5")
    press(other.get_by_role("button", name="Store"))
    alert = other.get_by_role("alert")
    expect(alert).to_contain_text("Somebody changed this policy")
    expect(alert).to_contain_text("at most once in 9 days")
    expect(other.get_by_label("Leave a customer alone for")).to_have_value("5")
    assert faults_of(other) == []
    assert Policy.objects.get(slug="narrow").cooldown_days == 9
