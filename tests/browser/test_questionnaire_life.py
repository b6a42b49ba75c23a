"""The whole life of a questionnaire: begun, written, translated, mended, published, answered, and
published once more. Once with the mouse, once with the keyboard alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from analytics.tasks import aggregate
from surveys.api.limits import BUCKETS
from surveys.models import Invitation, Policy, QuestionnaireVersion, Resolution, Response, User
from surveys.respondent.base import LIMITER
from surveys.services import delivery_lanes
from surveys.services.publishing import ensure_defaults
from tests.browser.hands import Hands, Keyboard, Mouse
from tests.browser.looking import faults_of, link_in, session
from tests.smtp_server import SmtpServer
from tests.surveys.api.conftest import Api
from tests.surveys.services.conftest import smtp

__all__ = ["smtp"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
SLUG = "orders"
BOTH = "How satisfied are you with how we handled it and with the problem itself?"
FIRST = "Thinking only about how your order was put right, how satisfied are you?"
SECOND = "Thinking only about the help you had, how satisfied are you?"
SHOP = "Where did you ask for help first?"
GERMAN = {
    "X2.stem": "Wo haben Sie zuerst um Hilfe gebeten?",
    "X2.options.1.label": "Im Laden",
    "X2.options.2.label": "Am Telefon",
}
ARABIC = {
    "S1.stem": "هل سُوّي أمر طلبكم الآن؟",  # reworded above, so that what ships no longer fits
    "X1.stem": "ما الخطأ في طلبكم؟",
    "X1.hint": "تكفي بضع كلمات.",
    "X2.stem": "أين طلبتم المساعدة أولًا؟",
    "X2.options.1.label": "في المتجر",
    "X2.options.2.label": "عبر الهاتف",
}


@pytest.fixture(autouse=True)
def installation(live_server: Any, smtp: SmtpServer, settings: Any) -> None:
    """As it is fresh from `manage.py prepare`, its mail caught."""
    settings.SITE_URL = live_server.url
    LIMITER.clear()
    BUCKETS.forget()
    ensure_defaults()


def clean(page: Page, hands: Hands) -> None:
    """The same pages come by keyboard; there axe would find the same."""
    if isinstance(hands, Mouse):
        assert faults_of(page) == [], page.url


def go(page: Page, hands: Hands, target: Locator) -> None:
    """Press what leads to another page, and wait until that is whole."""
    with page.expect_navigation():
        hands.press(target)


def tab(page: Page, hands: Hands, name: str) -> None:
    go(page, hands, page.locator("nav.tabs").get_by_role("link", name=name))
    current = page.locator("nav.tabs [aria-current=page]")
    expect(current).to_have_text(name)


def open_row(page: Page, hands: Hands, place: str) -> None:
    """The address changes with the editor, without another page."""
    go(page, hands, page.locator(f"#row-{place}"))
    expect(page.locator("#editor")).to_have_attribute("data-place", place)


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text("Saved")


def begin(page: Page, hands: Hands) -> None:
    """From the gallery."""
    go(page, hands, page.get_by_role("link", name="New questionnaire"))
    hands.pick(page.get_by_role("radio", name="Orders and delivery"))
    clean(page, hands)
    hands.write(page.get_by_label("Name"), SLUG.title())
    go(page, hands, page.get_by_role("button", name="Begin"))
    expect(page.get_by_role("heading", level=1)).to_have_text(SLUG.title())


def edit(page: Page, hands: Hands) -> None:
    """Reword one question, add another."""
    open_row(page, hands, "S1")
    hands.write(page.locator("#S1-stem"), "Is your order in order now?")
    saved(page)
    hands.press(page.locator("#add-fix"))
    fix = page.locator(".outline-block[data-block=fix]")
    hands.press(fix.get_by_role("button", name="One of several", exact=True))
    expect(page.locator("#X2-stem")).to_be_focused()
    page.keyboard.type(SHOP)
    hands.write(page.locator("#X2-options-1-label"), "In a shop")
    hands.write(page.locator("#X2-options-2-label"), "By phone")
    saved(page)
    expect(page.frame_locator("#preview-frame").get_by_text(SHOP)).to_be_visible()
    clean(page, hands)


def translate(page: Page, hands: Hands) -> None:
    """Into German, which the template has, and Arabic, which it has not."""
    tab(page, hands, "Translations")
    go(page, hands, page.get_by_role("link", name="German"))
    write_missing(page, hands, GERMAN)
    hands.choose(page.get_by_label("Add a language"), "ar")
    go(page, hands, page.get_by_role("button", name="Add", exact=True))
    expect(page.get_by_text("Arabic is added")).to_be_visible()
    clean(page, hands)
    write_missing(page, hands, ARABIC)


def write_missing(page: Page, hands: Hands, texts: dict[str, str]) -> None:
    """Every text that is missing; the page asks for no other."""
    go(page, hands, page.locator("nav.segments").get_by_role("link", name="Missing"))
    expect(page.locator("nav.segments [aria-current]")).to_contain_text("Missing")
    expect(page.locator("textarea")).to_have_count(len(texts))
    for name, text in texts.items():
        hands.write(page.locator(f"[name='text:{name}']"), text)
    go(page, hands, page.get_by_role("button", name="Save translations"))
    expect(page.get_by_text("Nothing is missing")).to_be_visible()


def blur_and_mend(page: Page, hands: Hands) -> None:
    """A question about both sides is told where it is written, and cannot be published."""
    tab(page, hands, "Edit")
    open_row(page, hands, "F1")
    hands.write(page.locator("#F1-stem"), BOTH)
    saved(page)
    finding = page.locator("#about-F1-stem .finding.error")
    expect(finding).to_contain_text("at once")
    clean(page, hands)
    tab(page, hands, "Review and publish")
    expect(page.get_by_role("heading", name="1 error to mend first")).to_be_visible()
    expect(page.get_by_role("button", name="Publish version 1")).to_be_disabled()
    clean(page, hands)
    go(page, hands, page.get_by_role("link", name="Mend it in F1").first)
    hands.write(page.locator("#F1-stem"), FIRST)
    saved(page)
    expect(finding).to_have_count(0)


def preview_in_arabic(page: Page, hands: Hands) -> None:
    """On a phone, in the very page of the builder."""
    page.set_viewport_size({"width": 390, "height": 844})
    hands.press(page.locator(".pane-tabs").get_by_text("Preview"))
    hands.choose(page.locator("#preview-form [name=p_lang]"), "ar")
    preview = page.frame_locator("#preview-frame")
    expect(preview.locator("html")).to_have_attribute("dir", "rtl")
    expect(preview.get_by_text(ARABIC["X2.stem"])).to_be_attached()
    clean(page, hands)
    page.set_viewport_size({"width": 1280, "height": 844})


def publish(page: Page, hands: Hands, number: int) -> QuestionnaireVersion:
    """With a reason for each doubt."""
    tab(page, hands, "Review and publish")
    clean(page, hands)
    doubts = page.locator("li.doubt input:not([type=radio])")
    assert doubts.count() > 0
    for field in doubts.all():
        hands.write(field, "It was decided so.")
    go(page, hands, page.get_by_role("button", name=f"Publish version {number}"))
    heading = page.get_by_role("heading", name=f"Version {number} is published")
    expect(heading).to_be_visible()
    clean(page, hands)
    return QuestionnaireVersion.objects.get(questionnaire__slug=SLUG, number=number)


def resolve(case: str) -> Invitation:
    """A case resolved five hours ago is told by API; its survey is due, and sent."""
    resolved = timezone.now() - dt.timedelta(hours=5)
    answer = Api("cases:write").post(
        "/api/v1/cases/",
        {
            "source": "helpdesk",
            "external_id": case,
            "status": "resolved",
            "resolved_at": resolved.isoformat(),
            "customer": {"email": f"{case}@example.com", "language": "en"},
            "agents": [{"external_id": "a7", "name": "Rosa"}],
            "channel": "phone",
            "cause": "late-parcel",
            "subject": "The parcel did not come",
        },
    )
    assert answer.status_code in {200, 201}, answer.content
    assert delivery_lanes.dispatch_backlog(seconds=20).sent == 1
    return Invitation.objects.get(resolution__case__external_id=case)


def is_cause_first(case: str) -> bool:
    return Invitation.objects.get(resolution__case__external_id=case).arm == "cause_first"


def answer(page: Page, hands: Hands) -> None:
    """As a customer on a phone: the fix was fine, that it happened was not."""
    pages = [{"F1": 5, "S1": 1, "X2": 2}, {"C1": 4}, {"O1": 2}]
    if is_cause_first("one"):
        pages[:2] = pages[1::-1]
    for answers in pages:
        for item, value in answers.items():
            hands.pick(page.locator(f"#{item}-{value}"))
        clean(page, hands)
        go(page, hands, page.locator(".go"))
    expect(page).to_have_url(re.compile("/done/"))
    clean(page, hands)


def let_days_pass() -> None:
    """Three days since the answer; a trend that begins today has nothing to be compared with."""
    earlier = timezone.now() - dt.timedelta(days=3)
    Response.objects.update(answered_at=earlier)
    Resolution.objects.update(resolved_at=earlier)


def assert_answer_appears(page: Page, hands: Hands, version: QuestionnaireVersion) -> None:
    response = Response.objects.get()
    assert response.invitation.version == version
    assert (response.f1, response.s1, response.c1, response.o1) == (5, 1, 4, 2)
    assert response.extra["X2"] == 2
    let_days_pass()
    assert aggregate() > 0
    go(page, hands, page.get_by_role("link", name="Responses"))
    row = page.locator("table.responses tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(SHOP)
    expect(row).to_contain_text("By phone")
    clean(page, hands)


def edit_again(page: Page, hands: Hands) -> None:
    """Another wording of the headline."""
    go(page, hands, page.get_by_role("link", name="Questionnaires"))
    go(page, hands, page.get_by_role("link", name=SLUG.title(), exact=True))
    open_row(page, hands, "F1")
    hands.write(page.locator("#F1-stem"), SECOND)
    saved(page)


def both_versions_are_asked(phone: Page, hands: Hands, first: str, second: str) -> None:
    """The first invitation keeps its words and answers; the second has the new ones."""
    phone.goto(f"{first}?page={1 + is_cause_first('one')}")
    expect(phone.get_by_text(FIRST)).to_be_visible()
    expect(phone.locator("#F1-5")).to_be_checked()
    phone.goto(f"{second}?page={1 + is_cause_first('two')}")
    expect(phone.get_by_text(SECOND)).to_be_visible()
    hands.pick(phone.locator("#F1-3"))
    go(phone, hands, phone.locator(".go"))
    assert Response.objects.order_by("pk").last().f1 == 3  # type: ignore[union-attr]
    assert aggregate() > 0


def trend_tells(page: Page, hands: Hands) -> None:
    """Of the side whose headline was reworded, and of it alone."""
    go(page, hands, page.get_by_role("link", name="Trend"))
    told = page.locator("li", has_text="with version 2 of “Orders”")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("F1 changed on")
    expect(page.get_by_text("The trend of the cause can be read across")).to_be_visible()
    clean(page, hands)


def live(open_page: OpenPage, smtp: SmtpServer, kind: type[Mouse] | type[Keyboard]) -> None:
    page = open_page("/questionnaires/", width=1280, **session(User.Role.ADMIN))
    hands = kind(page)
    begin(page, hands)
    edit(page, hands)
    translate(page, hands)
    blur_and_mend(page, hands)
    preview_in_arabic(page, hands)
    first = publish(page, hands, 1)
    go(page, hands, page.get_by_role("button", name="Use it"))
    expect(page.locator(".messages")).to_contain_text("from now on")
    assert Policy.objects.get().questionnaire.slug == SLUG

    resolve("one")
    letter = link_in(smtp)
    phone = open_page(letter, width=390)
    answer(phone, kind(phone))
    assert_answer_appears(page, hands, first)

    edit_again(page, hands)
    second = publish(page, hands, 2)
    assert resolve("two").version == second
    both_versions_are_asked(phone, kind(phone), letter, link_in(smtp))
    trend_tells(page, hands)


def test_life_of_a_questionnaire_with_the_mouse(open_page: OpenPage, smtp: SmtpServer) -> None:
    live(open_page, smtp, Mouse)


def test_life_of_a_questionnaire_by_keyboard_alone(open_page: OpenPage, smtp: SmtpServer) -> None:
    live(open_page, smtp, Keyboard)
