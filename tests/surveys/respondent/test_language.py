"""The language switch: what is typed stays, what is read changes."""

from __future__ import annotations

import pytest
from django.test import Client

from surveys.models import Response
from surveys.questionnaire.texts import languages
from tests.factories import InvitationFactory
from tests.surveys.respondent.helpers import form, link, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "direction"),
    [(language, "rtl" if language in {"ar", "he"} else "ltr") for language in languages()],
)
def test_page_declares_language_and_direction(
    browser: Client, language: str, direction: str
) -> None:
    url = link(InvitationFactory(language=language))
    html = browser.get(url).content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in html
    switches = [value for name, value in form(browser.get(url)).buttons if name == "lang"]
    assert switches == [code for code in languages() if code != language]


def test_switch_keeps_what_was_typed_and_stays_on_the_page(browser: Client) -> None:
    url = link(InvitationFactory())
    sent = {"page": "cause", "shown_in": "en", "C1": "4", "cause_comment": "half a sen"}
    response = browser.post(url, {**sent, "lang": "ar"})
    assert (response.status_code, response["Location"]) == (303, url + "?page=2&lang=ar")

    page = browser.get(response["Location"])
    shown = form(page).fields
    assert 'lang="ar" dir="rtl"' in page.content.decode()
    assert (shown["C1"], shown["cause_comment"]) == (["4"], ["half a sen"])
    assert Response.objects.get().language == "ar"
    assert Response.objects.get().completed_at is None


def test_switch_on_the_last_page_does_not_send_it(browser: Client) -> None:
    url = link(InvitationFactory())
    response = browser.post(url, {"page": "closing", "lang": "de", "O1": "4"})
    assert response["Location"] == url + "?page=3&lang=de"
    assert Response.objects.get().completed_at is None


def test_switch_lasts_even_where_nothing_was_answered(browser: Client) -> None:
    url = link(InvitationFactory())
    at = browser.post(url, {"page": "fix", "shown_in": "en", "lang": "fr"})["Location"]
    page = browser.get(at)
    at = browser.post(at, form(page).fields)["Location"]
    assert at == url + "?page=2&lang=fr"
    at = browser.post(at, form(browser.get(at)).fields)["Location"]
    at = browser.post(at, form(browser.get(at)).fields)["Location"]
    assert at == url + "done/?lang=fr"
    assert 'lang="fr"' in browser.get(at).content.decode()


def test_switching_back_is_possible(browser: Client) -> None:
    url = link(InvitationFactory(language="en"))
    browser.post(url, {"page": "fix", "lang": "de", "F1": "4"})
    at = browser.post(url, {"page": "fix", "shown_in": "de", "lang": "en", "F1": "4"})["Location"]
    assert 'lang="en"' in browser.get(at).content.decode()


def test_language_answered_in_is_remembered_by_the_link(browser: Client) -> None:
    url = link(InvitationFactory(language="en"))
    browser.post(url, {"page": "fix", "shown_in": "de", "F1": "4"})
    assert 'lang="de"' in browser.get(url).content.decode()


@pytest.mark.parametrize(
    ("stored", "accepted", "shown"),
    [
        ("de-AT", "fr", "de"),
        ("xx", "fr-CA, de;q=0.5", "fr"),
        ("xx", "", "en"),
        ("", "ar", "ar"),
    ],
)
def test_first_language_is_the_cases_then_the_browsers(
    browser: Client, stored: str, accepted: str, shown: str
) -> None:
    url = link(InvitationFactory(language=stored))
    response = browser.get(url, headers={"Accept-Language": accepted})
    assert f'<html lang="{shown}"' in response.content.decode()


@pytest.mark.parametrize("lang", ["xx", "", "<script>", "\0", "en-US"])
def test_a_language_not_offered_is_ignored(browser: Client, lang: str) -> None:
    response = browser.get(link(InvitationFactory(language="de")), {"lang": lang})
    assert '<html lang="de"' in response.content.decode()


def test_a_closed_link_speaks_the_browsers_language(browser: Client) -> None:
    response = browser.get("/s/unknown/", headers={"Accept-Language": "ar"})
    assert 'lang="ar" dir="rtl"' in response.content.decode()
    assert "هذا الاستبيان غير متاح" in words(response)
