"""Saying "never again" once."""

from __future__ import annotations

import pytest
from django.test import Client

from surveys.models import Delivery, Suppression
from tests.factories import (
    NOW,
    CustomerFactory,
    DeliveryFactory,
    InvitationFactory,
    SuppressionFactory,
)
from tests.surveys.respondent.helpers import form, snapshot, unsubscribe_link, words

pytestmark = pytest.mark.django_db


def test_get_asks_and_does_nothing(browser: Client) -> None:
    invitation = InvitationFactory()
    before = snapshot()
    response = browser.get(unsubscribe_link(invitation))
    assert "Yes, stop survey mails" in words(response)
    assert form(response).buttons == [("", "")]
    assert snapshot() == before


@pytest.mark.parametrize("body", ["", "List-Unsubscribe=One-Click", "\0", "x" * 1000])
@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_post_stops_the_mails_whatever_it_says(
    browser: Client, body: str, content_type: str
) -> None:
    invitation = InvitationFactory()
    response = browser.post(unsubscribe_link(invitation), body, content_type=content_type)
    assert response.status_code == 200
    assert not response.cookies
    assert "Survey mails are stopped" in words(response)
    suppression = Suppression.objects.get()
    assert (suppression.email, suppression.reason) == (invitation.customer.email, "unsubscribed")


def test_post_again_changes_nothing(browser: Client) -> None:
    url = unsubscribe_link(InvitationFactory())
    browser.post(url)
    before = snapshot()
    assert browser.post(url).status_code == 200
    assert snapshot() == before
    assert "Survey mails are stopped" in words(browser.get(url))


@pytest.mark.parametrize("status", ["expired", "cancelled", "skipped", "failed"])
def test_works_after_the_survey_has_closed(browser: Client, status: str) -> None:
    url = unsubscribe_link(InvitationFactory(status=status, expires_at=NOW))
    assert browser.get(url).status_code == 200
    assert browser.post(url).status_code == 200
    assert Suppression.objects.count() == 1


def test_cancels_what_waits_for_the_same_person(browser: Client) -> None:
    invitation = InvitationFactory()
    waiting = DeliveryFactory(invitation__resolution__case__customer=invitation.customer)
    browser.post(unsubscribe_link(invitation))
    waiting.refresh_from_db()
    assert waiting.status == Delivery.Status.CANCELLED
    assert waiting.invitation.reason_code in {"", "suppressed"}


def test_somebody_known_by_a_number_alone_is_asked_and_stopped(browser: Client) -> None:
    customer = CustomerFactory(email="", phone="+4915112345678", key="tel:+4915112345678")
    invitation = InvitationFactory(resolution__case__customer=customer, customer=customer)
    url = unsubscribe_link(invitation)
    assert "Yes, stop survey mails" in words(browser.get(url))
    assert "Survey mails are stopped" in words(browser.post(url))
    suppression = Suppression.objects.get()
    assert (suppression.email, suppression.reason) == ("+4915112345678", "unsubscribed")


def test_a_bounced_address_may_still_say_never_again(browser: Client) -> None:
    invitation = InvitationFactory()
    SuppressionFactory(email=invitation.customer.email, reason="bounced")
    url = unsubscribe_link(invitation)
    assert "Yes, stop survey mails" in words(browser.get(url))
    browser.post(url)
    assert Suppression.objects.get().reason == "unsubscribed"


def test_an_erased_customer_needs_nothing_more(browser: Client) -> None:
    invitation = InvitationFactory(
        resolution__case__customer__email="", resolution__case__customer__key="erased:x"
    )
    url = unsubscribe_link(invitation)
    assert "Survey mails are stopped" in words(browser.get(url))
    assert browser.post(url).status_code == 200
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_link_gets_the_page_of_unknown_links(browser: Client, method: str) -> None:
    response = getattr(browser, method)("/u/unknown/")
    assert response.status_code == 404
    assert response.content == browser.get("/s/unknown/").content
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("language", ["de", "ar"])
def test_speaks_the_customers_language(browser: Client, language: str) -> None:
    url = unsubscribe_link(InvitationFactory(language=language))
    assert f'<html lang="{language}"' in browser.get(url).content.decode()
    assert f'<html lang="{language}"' in browser.post(url).content.decode()
