"""The pages of brands: who may do what, and what a form says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from surveys.models import Brand, User
from surveys.services import brands
from tests.factories import BrandFactory, InvitationFactory, PolicyFactory
from tests.surveys.respondent.helpers import link, unsubscribe_link
from tests.surveys.services.pictures import picture
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {"name": "Fibre", "accent": "#7a1f5c", "accent_dark": "#f0a6d2"}


def logo(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.png", content or picture(), "image/png")


@pytest.mark.parametrize("role", [User.Role.ADMIN, User.Role.DESIGNER])
def test_an_editor_makes_changes_and_removes_a_brand(role: str) -> None:
    client = client_of(role)
    made = client.post("/brands/new/", {**FORM, "logo": logo(), "footer.en": "Bye"})
    assert (made.status_code, made["Location"]) == (302, "/brands/fibre/")
    assert b"Fibre" in client.get("/brands/").content
    page = client.get("/brands/fibre/").content.decode()
    assert "Bye" in page
    changed = client.post("/brands/fibre/", {**FORM, "name": "Fibre two"})
    assert changed.status_code == 302
    brand = Brand.objects.get()
    assert (brand.name, brand.slug, bool(brand.logo), brand.texts) == (
        "Fibre two",
        "fibre",
        True,
        {},
    )
    assert client.post("/brands/fibre/remove/").status_code == 302
    assert not Brand.objects.exists()


def test_a_manager_looks_and_changes_nothing() -> None:
    brand = BrandFactory()
    client = client_of(User.Role.MANAGER)
    page = client.get(f"/brands/{brand.slug}/").content.decode()
    assert "read-only" in page
    assert ">Store<" not in page
    assert client.post(f"/brands/{brand.slug}/", FORM).status_code == 404
    assert client.get("/brands/new/").status_code == 404
    assert client.post(f"/brands/{brand.slug}/remove/").status_code == 404
    brand.refresh_from_db()
    assert brand.name != "Fibre"


def test_a_refused_form_says_why_and_keeps_what_was_typed() -> None:
    client = client_of(User.Role.DESIGNER)
    bad = {**FORM, "accent": "#ffcc00", "footer.de": "<b>x</b>", "reply_to": "a@b.c\r\nBcc: x"}
    answer = client.post("/brands/new/", {**bad, "logo": logo(b"<svg/>")})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "1.42 : 1" in page
    assert "#8b6f00" in page
    assert "contains &lt;b&gt;" in page
    assert "PNG, JPEG or WebP" in page
    assert "must be an e-mail address alone" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert not Brand.objects.exists()


def test_a_name_without_letters_of_an_address_gets_one() -> None:
    client = client_of(User.Role.ADMIN)
    for expected in ("brand", "brand-2"):
        made = client.post("/brands/new/", {**FORM, "name": "ألياف"})
        assert made["Location"] == f"/brands/{expected}/"


def test_a_brand_in_use_is_not_removed_and_the_page_says_by_whom() -> None:
    brand, policy = BrandFactory(), PolicyFactory()
    policy.brand = brand
    policy.save()
    client = client_of(User.Role.ADMIN)
    page = client.post(f"/brands/{brand.slug}/remove/", follow=True).content.decode()
    assert "chosen by" in page
    assert policy.name in page
    assert Brand.objects.exists()


@pytest.mark.parametrize("part", ["page", "mail"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_preview_shows_what_is_not_stored_and_stores_nothing(part: str, scheme: str) -> None:
    client = client_of(User.Role.DESIGNER)
    form = {
        **FORM,
        "logo": logo(),
        "footer.ar": "<strong>ذيل</strong>",
        "part": part,
        "scheme": scheme,
        "language": "ar",
    }
    answer = client.post("/brands/preview/", form)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<strong>ذيل</strong>" in page
    assert 'dir="rtl"' in page
    assert 'src="data:image/png;base64,' in page
    assert "#f0a6d2" in page
    assert "prefers-color-scheme" not in page
    assert "<script" not in page
    csp = answer["Content-Security-Policy"]
    assert "script-src 'none'" in csp
    assert "frame-ancestors 'self'" in csp
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert not Brand.objects.exists()


def test_a_preview_of_a_fault_says_it() -> None:
    answer = client_of(User.Role.ADMIN).post("/brands/preview/", {**FORM, "accent": "#ffffff"})
    assert answer.status_code == 422
    assert "WCAG AA" in answer.content.decode()


def test_a_stored_brand_is_previewed_by_who_may_only_look() -> None:
    brand = BrandFactory()
    client = client_of(User.Role.MANAGER)
    answer = client.get(f"/brands/preview/?brand={brand.slug}&part=mail")
    assert brand.name in answer.content.decode()


# --- what customers see ---------------------------------------------------------------------------


def branded_survey(**texts: str) -> tuple[Any, Brand]:
    invitation = InvitationFactory()
    brand = brands.save(
        brands.Wanted(
            slug="fibre",
            name="Fibre <Co>",
            accent="#7a1f5c",
            accent_dark="#f0a6d2",
            logo=picture(),
            texts={"en": {"footer": "About {product}", "legal": "<em>{company}</em>", **texts}},
        )
    )
    policy = invitation.policy
    policy.brand = brand
    policy.save()
    return invitation, brand


@pytest.mark.parametrize("path", ["", "done/"])
def test_every_page_of_a_branded_survey_carries_the_brand(path: str, settings: Any) -> None:
    invitation, brand = branded_survey()
    answer = Client().get(link(invitation) + path)
    page = answer.content.decode()
    look = brands.look_of(brand)
    assert look.logo is not None
    assert f'<link rel="stylesheet" href="{look.stylesheet}">' in page
    assert f'<img class="logo" src="{look.logo.address}" width="150" height="50"' in page
    assert 'alt="Fibre &lt;Co&gt;"' in page
    assert f"About {invitation.resolution.product.name}" in page
    assert f"<em>{settings.COMPANY_NAME}</em>" in page
    assert "Your feedback to Fibre &lt;Co&gt;" in page
    assert "style=" not in page
    assert "<style" not in page
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert len(answer.content) < 30 * 1024


def test_the_way_out_carries_the_brand_too() -> None:
    invitation, _ = branded_survey()
    assert 'class="logo"' in Client().get(unsubscribe_link(invitation)).content.decode()


def test_the_longest_small_print_keeps_a_page_small() -> None:
    invitation, _ = branded_survey(legal="ق" * 1500, footer="ق" * 400)
    assert len(Client().get(link(invitation)).content) < 30 * 1024


def test_a_branded_page_is_found_in_one_statement(django_assert_num_queries: Any) -> None:
    invitation, _ = branded_survey()
    url = link(invitation)
    Client().get(url)
    with django_assert_num_queries(1):
        Client().get(url)


def test_a_changed_brand_shows_at_once() -> None:
    invitation, brand = branded_survey()
    client = Client()
    before = client.get(link(invitation)).content.decode()
    brand.accent = "#00451f"
    brand.save()
    after = client.get(link(invitation)).content.decode()
    pattern = r'href="(/b/\d+/[0-9a-f]{16}\.css)"'
    assert re.findall(pattern, before) != re.findall(pattern, after)


def test_public_files_are_kept_for_ever_under_the_digest_of_their_content() -> None:
    brand = brands.save(
        brands.Wanted(slug="b", name="B", accent="#7a1f5c", accent_dark="#f0a6d2", logo=picture())
    )
    look = brands.look_of(brand)
    assert look.logo is not None
    for address, kind in ((look.stylesheet, "text/css"), (look.logo.address, "image/png")):
        answer = Client().get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(kind)
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer.cookies == {}
        former = re.sub("/[0-9a-f]{16}", "/" + "0" * 16, address)
        assert Client().get(former)["Cache-Control"] == "public, max-age=300"
        assert Client().post(address).status_code == 405


@pytest.mark.parametrize(
    "path", ["/b/999999/aa.css", "/b/999999/aa.png", "/b/1/aa.svg", "/b/x/a.css"]
)
def test_no_brand_is_no_file(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_the_stylesheet_can_hold_nothing_but_colours() -> None:
    brand = BrandFactory()
    sheet = Client().get(brands.look_of(brand).stylesheet).content.decode()
    assert re.fullmatch(r"[a-z0-9#:;{}()@\-\s]+", sheet)
    assert sheet.count("{") == sheet.count("}")
