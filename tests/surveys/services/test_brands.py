"""Brands are stored whole and harmless, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.conf import settings

from surveys.models import Brand, Policy
from surveys.services import brands
from surveys.services.brands import BrandFaultsError, InUseError, Wanted
from surveys.services.delivery import dispatch_round
from tests.factories import NOW, BrandFactory, PolicyFactory
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued, queued_reminder
from tests.surveys.services.pictures import picture

pytestmark = pytest.mark.django_db

TEXTS = {
    "en": {
        "footer": 'Questions? <a href="https://fibre.example/help">We help</a>.',
        "legal": "{brand} is a brand of {company}. About {product}.",
        "mail_intro": "Your <strong>{brand}</strong> case is closed.",
    }
}


def wanted(**changes: Any) -> Wanted:
    good: dict[str, Any] = {
        "slug": "fibre",
        "name": "Fibre & Co",
        "accent": "#7A1F5C",
        "accent_dark": "#f0a6d2",
        "logo": picture(),
        "sender_name": "Fibre & Co surveys",
        "reply_to": "help@fibre.example",
        "texts": TEXTS,
    }
    return Wanted(**{**good, **changes})


def test_a_brand_is_stored_as_wanted() -> None:
    brand = brands.save(wanted())
    brand.refresh_from_db()
    assert (brand.slug, brand.accent, brand.texts) == ("fibre", "#7a1f5c", TEXTS)
    assert bytes(brand.logo or b"").startswith(b"\x89PNG")
    look = brands.look_of(brand)
    assert look.logo is not None
    assert (look.logo.width, look.logo.height, look.logo.alt) == (150, 50, "Fibre & Co")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"slug": "a b"}, "slug"),
        ({"accent": "#ffcc00"}, "accent"),
        ({"accent": "red;}body{display:none"}, "accent"),
        ({"accent_dark": "#202020"}, "accent_dark"),
        ({"logo": b"<svg/>"}, "logo"),
        ({"logo": b""}, "logo"),
        ({"logo_alt": "x" * 101}, "logo_alt"),
        ({"sender_name": "A\r\nBcc: all@example.org"}, "sender_name"),
        ({"sender_name": "A\0"}, "sender_name"),
        ({"reply_to": "a@b.example\r\nBcc: all@example.org"}, "reply_to"),
        ({"reply_to": "a@b.example, c@d.example"}, "reply_to"),
        ({"reply_to": "A <a@b.example>"}, "reply_to"),
        ({"reply_to": "nobody"}, "reply_to"),
        ({"texts": {"en": {"footer": "<script>x</script>"}}}, "footer.en"),
        ({"texts": {"ar": {"legal": "x" * 1501}}}, "legal.ar"),
        ({"texts": {"de": {"mail_intro": "{name}"}}}, "mail_intro.de"),
        ({"texts": {"de": {"css": "x"}}}, "css.de"),
    ],
)
def test_a_fault_is_said_at_its_field_and_nothing_is_stored(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BrandFaultsError) as caught:
        brands.save(wanted(**changes))
    assert [name for name, _ in caught.value.errors] == [field]
    assert not Brand.objects.exists()


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(BrandFaultsError) as caught:
        brands.save(wanted(name="", accent="#ffffff", logo=b"x"))
    assert [name for name, _ in caught.value.errors] == ["name", "accent", "logo"]


def test_a_change_without_a_picture_keeps_the_logo_and_a_tick_drops_it() -> None:
    brand = brands.save(wanted())
    logo = bytes(brand.logo or b"")
    assert bytes(brands.save(wanted(logo=None), brand).logo or b"") == logo
    assert brands.save(wanted(logo=None, drop_logo=True), brand).logo is None


def test_a_refused_change_leaves_the_brand_as_it_was() -> None:
    brand = brands.save(wanted())
    with pytest.raises(BrandFaultsError):
        brands.save(wanted(name="Other", accent="#ffffff"), brand)
    brand.refresh_from_db()
    assert brand.name == "Fibre & Co"


def test_two_brands_cannot_share_a_slug() -> None:
    brands.save(wanted())
    with pytest.raises(BrandFaultsError) as caught:
        brands.save(wanted())
    assert caught.value.errors == [("slug", "is taken by another brand")]


def test_a_brand_that_a_policy_chooses_stays() -> None:
    brand = BrandFactory()
    policy = PolicyFactory()
    policy.brand = brand
    policy.save()
    with pytest.raises(InUseError, match="Every resolved case"):
        brands.remove(brand)
    policy.brand = None
    policy.save()
    brands.remove(brand)
    assert not Brand.objects.exists()


def test_a_look_is_kept_until_the_brand_changes(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    brand = brands.save(wanted())
    first = brands.look(brand.pk, brand.changed_at)
    with django_assert_num_queries(0):
        assert brands.look(brand.pk, brand.changed_at) is first
    changed = brands.save(wanted(name="New"), brand)
    found = brands.look(brand.pk, changed.changed_at)
    assert found is not None
    assert found.name == "New"
    assert brands.look(None, None) is None


# --- mails ----------------------------------------------------------------------------------------


def branded(**changes: Any) -> Brand:
    brand = brands.save(wanted(**changes))
    Policy.objects.update(brand=brand)
    return brand


def received(smtp: SmtpServer) -> tuple[Any, str, str]:
    """The one mail with its text and HTML."""
    dispatch_round(NOW)
    (mail,) = smtp.received
    message = message_from_bytes(mail.content, policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return message, text.get_content().replace("\r\n", "\n"), html.get_content()


def test_a_policys_mail_carries_its_brand(smtp: SmtpServer) -> None:
    delivery = queued()
    brand = branded()
    message, text, html = received(smtp)
    product = delivery.invitation.resolution.product.name  # type: ignore[union-attr]
    company = settings.COMPANY_NAME
    assert message["From"] == "Fibre & Co surveys <survey@northline.example>"
    assert message["Reply-To"] == "help@fibre.example"
    look = brands.look_of(brand)
    assert look.logo is not None
    assert f'src="https://survey.northline.example{look.logo.address}"' in html
    assert "border:1px solid #7a1f5c" in html
    assert "#f0a6d2 !important" in html
    assert "Your <strong>Fibre &amp; Co</strong> case is closed." in html
    assert "Your Fibre & Co case is closed." in text
    assert f"Fibre & Co is a brand of {company}. About {product}." in text
    assert "We help (https://fibre.example/help)." in text
    assert "because Fibre & Co has closed" in text
    assert "You recently asked" not in text + html


def test_a_reminder_keeps_its_own_first_sentence(smtp: SmtpServer) -> None:
    queued_reminder()
    branded()
    _, text, _ = received(smtp)
    assert "case is closed" not in text
    assert "This is our only reminder." in text


def test_a_changed_brand_shows_in_the_next_mail(smtp: SmtpServer) -> None:
    queued("one@example.com")
    brand = branded()
    dispatch_round(NOW)
    brands.save(wanted(name="Later", sender_name=""), brand)
    queued("two@example.com")
    dispatch_round(NOW)
    senders = [message_from_bytes(m.content, policy=policy.default)["From"] for m in smtp.received]
    assert [str(sender).partition("<")[0].strip('" ') for sender in senders] == [
        "Fibre & Co surveys",
        "Later",
    ]


def test_a_sender_from_the_database_cannot_add_a_header(smtp: SmtpServer) -> None:
    """Whatever came past the form: the header is built from cleaned values."""
    queued()
    brand = branded()
    Brand.objects.filter(pk=brand.pk).update(sender_name="A\r\nBcc: all@example.org")
    message, _, _ = received(smtp)
    assert message["Bcc"] is None
    assert message["From"].addresses[0].display_name == "A Bcc: all@example.org"


def test_a_mail_in_arabic_is_turned_round_with_its_brand(smtp: SmtpServer) -> None:
    queued(invitation__language="ar")
    branded(logo=None)
    _, _, html = received(smtp)
    assert '<td align="right" class="words" dir="rtl"' in html
    assert '<div lang="en" dir="ltr"' in html
