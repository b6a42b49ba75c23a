"""Brands, mails and previews in a real browser: readable, reachable, and alive while typing."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.utils import timezone
from django.utils.timezone import now
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from surveys.models import Brand, Policy, QuestionnaireVersion, User
from surveys.services import brands, preview_links
from surveys.services.publishing import ensure_defaults
from surveys.services.tokens import token_of
from tests.browser.looking import faults_everywhere, session
from tests.factories import InvitationFactory, UserFactory
from tests.surveys.staff import NO_PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]

TEXTS = {
    "en": {
        "footer": 'Fibrenet, part of {company}. <a href="https://fibre.example/help">Help</a>',
        "legal": "<strong>{brand}</strong> Ltd, 1 Harbour Road. Registered in Cork, 123456.",
        "mail_intro": "Your case about {product} is closed.",
    },
    "ar": {
        "footer": "فايبرنت، جزء من {company}",
        "legal": "<strong>{brand}</strong>، طريق الميناء",
    },
}


def mark() -> bytes:
    """A logo of dark shapes on nothing, as most are."""
    image = Image.new("RGBA", (420, 120), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((4, 10, 104, 110), fill=(122, 31, 92))
    for left in range(4):
        draw.rectangle((130 + left * 72, 35, 180 + left * 72, 85), fill=(40, 20, 40))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def brand() -> Brand:
    """A brand that the default policy chooses."""
    ensure_defaults()
    made = brands.save(
        brands.Wanted(
            slug="fibrenet",
            name="Fibrenet",
            accent="#7a1f5c",
            accent_dark="#f0a6d2",
            logo=mark(),
            sender_name="Fibrenet care",
            reply_to="help@fibre.example",
            texts=TEXTS,
        )
    )
    Policy.objects.update(brand=made)
    return made


def survey(language: str) -> str:
    invitation = InvitationFactory(
        version=QuestionnaireVersion.objects.get(),
        policy=Policy.objects.get(),
        language=language,
        expires_at=timezone.now() + dt.timedelta(days=3),
    )
    return f"/s/{token_of(invitation.nonce)}/"


def preview() -> str:
    version = QuestionnaireVersion.objects.get()
    user = UserFactory(password=NO_PASSWORD)
    _, token = preview_links.make(version.questionnaire, version, user=user, days=1, now=now())
    return f"/p/{token}/"


def test_every_page_is_accessible_and_fits(open_page: OpenPage, brand: Brand) -> None:
    page = open_page("/brands/", **session(User.Role.ADMIN))
    link = preview()
    found = {}
    for path in (
        "/brands/",
        "/brands/new/",
        "/brands/fibrenet/",
        "/questionnaires/default/mail/",
        "/questionnaires/default/mail/?language=ar&kind=reminder",
        "/questionnaires/default/links/",
        survey("en"),
        survey("ar"),
        link,
        f"{link}?lang=ar&arm=cause_first",
        "/p/nothing/",
    ):
        page.goto(path)
        if faults := faults_everywhere(page):
            found[path] = faults
    assert found == {}


def test_a_preview_follows_what_is_typed(open_page: OpenPage, brand: Brand) -> None:
    page = open_page("/brands/fibrenet/", width=1280, **session(User.Role.DESIGNER))
    shown = page.frame_locator("iframe[name=preview-page]")
    expect(shown.locator(".small-print")).to_contain_text("part of")
    page.fill("#id_accent", "#ffee00")
    expect(shown.locator("body")).to_contain_text("WCAG AA")
    page.fill("#id_accent", "#005f2f")
    page.locator("[id='id_footer.en']").fill("Fresh words <em>here</em>")
    expect(shown.locator(".small-print em")).to_have_text("here")
    expect(shown.locator("button.go")).to_have_css("background-color", "rgb(0, 95, 47)")
    mail = page.frame_locator("iframe[name=preview-mail]")
    expect(mail.locator("body")).to_contain_text("Fresh words")
    brand.refresh_from_db()
    assert brand.accent == "#7a1f5c"


def test_a_brand_is_made_by_keyboard_without_scripts(open_page: OpenPage) -> None:
    ensure_defaults()
    page = open_page("/brands/new/", scripts=False, **session(User.Role.DESIGNER))
    page.focus("#id_name")
    page.keyboard.type("Harbour")
    for name, colour in (("accent", "#00451f"), ("accent_dark", "#8fe3b0")):
        page.focus(f"#id_{name}")
        page.keyboard.press("Control+A")
        page.keyboard.type(colour)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Harbour")
    assert Brand.objects.get().accent == "#00451f"


def test_a_walk_through_the_preview_by_keyboard(open_page: OpenPage, brand: Brand) -> None:
    page = open_page(preview())
    for _ in range(3):
        page.focus("button.go")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Thank you")
    expect(page.locator(".preview-bar")).to_contain_text("Nothing you enter is stored")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_survey_has_its_brands_colours(
    open_page: OpenPage, brand: Brand, language: str, dark: bool
) -> None:
    page = open_page(survey(language), dark=dark)
    colour = "rgb(240, 166, 210)" if dark else "rgb(122, 31, 92)"
    expect(page.locator("button.go")).to_have_css("background-color", colour)
    assert page.locator("img.logo").evaluate("i => i.naturalWidth") > 0
