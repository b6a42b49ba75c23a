"""The survey's pages as a browser without JavaScript meets them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from surveys.models import Invitation, Response
from tests.factories import NOW, InvitationFactory, ResolutionFactory
from tests.surveys.respondent.helpers import form, link, snapshot, unsubscribe_link, words

pytestmark = pytest.mark.django_db


def answers() -> dict[str, Any]:
    """The columns of the one response that are not empty."""
    row = Response.objects.values(
        "f1", "f2", "f3", "s1", "c1", "c2", "c3", "c4", "o1", "o2", "fix_comment", "cause_comment"
    ).get()
    return {name: value for name, value in row.items() if value not in (None, "")}


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("path", ["", "done/", "?F1=4", "?C1=2&F1=1", "?page=2&F1=5&F2=3", "u"])
@pytest.mark.parametrize("answered", [False, True])
def test_reading_changes_nothing(browser: Client, method: str, path: str, answered: bool) -> None:
    invitation = InvitationFactory()
    url = unsubscribe_link(invitation) if path == "u" else link(invitation) + path
    if answered:
        browser.post(link(invitation), {"F1": "3", "C1": "3"})
    before = snapshot()

    response = getattr(browser, method)(url)

    assert response.status_code == 200
    assert snapshot() == before
    assert not response.cookies


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_other_methods_are_refused(browser: Client, method: str) -> None:
    invitation = InvitationFactory()
    before = snapshot()
    response = getattr(browser, method)(link(invitation))
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    assert snapshot() == before


@pytest.mark.parametrize(
    ("arm", "first", "second"),
    [
        ("fix_first", ["F1", "F2", "F3", "S1"], ["C1", "C2", "C3"]),
        ("cause_first", ["C1", "C2", "C3"], ["F1", "F2", "F3", "S1"]),
    ],
)
def test_pages_come_in_the_arms_order(
    browser: Client, arm: str, first: list[str], second: list[str]
) -> None:
    url = link(InvitationFactory(arm=arm, rotation="O2"))
    comment = {"F1": "fix_comment", "C1": "cause_comment"}
    assert form(browser.get(url)).controls == [*first, comment[first[0]]]
    assert form(browser.get(url + "?page=2")).controls == [*second, comment[second[0]]]
    assert form(browser.get(url + "?page=3")).controls == ["O1", "O2"]
    assert form(browser.get(url + "?page=4")).controls == [*first, comment[first[0]]]


def test_rotation_and_facts_decide_what_is_asked(browser: Client) -> None:
    resolution = ResolutionFactory(human_handled=False, n_agents=0, agents=[])
    url = link(InvitationFactory(resolution=resolution, rotation="C4"))
    assert form(browser.get(url)).controls == ["F1", "F3", "S1", "fix_comment"]
    assert form(browser.get(url + "?page=2")).controls == ["C1", "C2", "C3", "cause_comment"]
    assert form(browser.get(url + "?page=3")).controls == ["O1", "C4"]


def test_several_agents_are_asked_about_in_the_plural(browser: Client) -> None:
    alone = browser.get(link(InvitationFactory(resolution__n_agents=1)))
    several = browser.get(link(InvitationFactory(resolution__n_agents=2)))
    assert "treated by the person who helped you?" in words(alone)
    assert "treated by the people who helped you?" in words(several)


def test_whole_survey_is_answered_page_by_page(browser: Client) -> None:
    url = link(InvitationFactory())

    page = form(browser.get(url)).fields
    sent = {**page, "F1": "5", "F2": "4", "F3": ["1", "4"], "S1": "1", "fix_comment": " Kind! \r\n"}
    response = browser.post(url, sent)
    assert (response.status_code, response["Location"]) == (303, url + "?page=2")
    assert Response.objects.get().completed_at is None

    page = form(browser.get(url + "?page=2")).fields
    response = browser.post(url, {**page, "C1": "5", "C2": "5", "C3": "2", "cause_comment": "Test"})
    assert response["Location"] == url + "?page=3"

    page = form(browser.get(url + "?page=3")).fields
    response = browser.post(url, {**page, "O1": "2", "O2": "1"})
    assert (response.status_code, response["Location"]) == (303, url + "done/")
    assert answers() == {
        "f1": 5,
        "f2": 4,
        "f3": [1, 4],
        "s1": 1,
        "c1": 5,
        "c2": 5,
        "c3": 2,
        "o1": 2,
        "o2": 1,
        "fix_comment": "Kind!",
        "cause_comment": "Test",
    }
    assert Response.objects.get().completed_at == NOW
    assert "Thank you" in words(browser.get(url + "done/"))


def test_first_page_without_an_answer_is_shown(browser: Client) -> None:
    url = link(InvitationFactory())
    browser.post(url, {"F1": "5"})
    assert form(browser.get(url)).controls[0] == "C1"


def test_an_empty_page_is_skipped(browser: Client) -> None:
    url = link(InvitationFactory())
    response = browser.post(url, form(browser.get(url)).fields)
    assert (response.status_code, response["Location"]) == (303, url + "?page=2")
    assert Response.objects.count() == 0


def test_answers_come_from_any_page_at_once(browser: Client) -> None:
    url = link(InvitationFactory())
    response = browser.post(url, {"C1": "4", "O1": "3", "F1": "2"})
    assert response.status_code == 303
    assert answers() == {"f1": 2, "c1": 4, "o1": 3}
    assert Response.objects.get().completed_at == NOW


def test_urlencoded_and_multipart_mean_the_same(browser: Client) -> None:
    first, second = link(InvitationFactory()), link(InvitationFactory())
    browser.post(first, {"F1": "5", "fix_comment": "naïve ☃"})
    browser.post(
        second,
        "F1=5&fix_comment=na%C3%AFve+%E2%98%83",
        content_type="application/x-www-form-urlencoded",
    )
    one, two = Response.objects.values_list("f1", "fix_comment")
    assert one == two == (5, "naïve ☃")


def test_tapped_rating_is_preselected_and_not_stored(browser: Client) -> None:
    url = link(InvitationFactory())
    response = browser.get(url + "?F1=4")
    assert form(response).fields["F1"] == ["4"]
    assert "the answer you chose in the mail" in words(response)
    assert Response.objects.count() == 0
    browser.post(url + "?F1=4", form(response).fields)
    assert answers() == {"f1": 4}


def test_tapped_rating_opens_its_page_and_wins_over_an_earlier_answer(browser: Client) -> None:
    url = link(InvitationFactory(arm="fix_first"))
    browser.post(url, {"F1": "2", "C1": "2"})
    response = browser.get(url + "?C1=5")
    assert form(response).fields["C1"] == ["5"]
    assert answers() == {"f1": 2, "c1": 2}


@pytest.mark.parametrize("query", ["F1=9", "F1=x", "F1=", "F1=%00", "F1=-1", "F1=5.0", "X=1"])
def test_a_tapped_rating_that_is_none_is_ignored(browser: Client, query: str) -> None:
    response = browser.get(link(InvitationFactory()) + "?" + query)
    assert response.status_code == 200
    assert "F1" not in form(response).fields


def test_fields_left_out_keep_earlier_answers(browser: Client) -> None:
    url = link(InvitationFactory())
    browser.post(url, {"F1": "5", "F3": ["1"], "fix_comment": "good"})
    browser.post(url, {"F2": "4"})
    assert answers() == {"f1": 5, "f2": 4, "f3": [1], "fix_comment": "good"}


def test_unticking_everything_on_its_page_takes_the_ticks_back(browser: Client) -> None:
    url = link(InvitationFactory())
    browser.post(url, {"F1": "5", "F3": ["1", "2"]})
    browser.post(url, {"page": "cause", "C1": "1"})
    assert answers() == {"f1": 5, "f3": [1, 2], "c1": 1}
    browser.post(url, {"page": "fix", "F1": "5"})
    assert answers() == {"f1": 5, "c1": 1}


def test_back_keeps_what_was_typed(browser: Client) -> None:
    url = link(InvitationFactory())
    response = browser.post(url, {"page": "cause", "go": "back", "C1": "4", "cause_comment": "x"})
    assert response["Location"] == url + "?page=1"
    assert answers() == {"c1": 4, "cause_comment": "x"}


def test_going_back_from_the_last_page_completes_nothing(browser: Client) -> None:
    url = link(InvitationFactory())
    browser.post(url, {"page": "closing", "go": "back", "O1": "4"})
    assert Response.objects.get().completed_at is None


def test_items_not_asked_are_ignored(browser: Client) -> None:
    url = link(InvitationFactory(rotation="O2", resolution__human_handled=False))
    assert browser.post(url, {"F1": "3", "F2": "5", "C4": "5"}).status_code == 303
    assert answers() == {"f1": 3}


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        ({"F1": "9"}, "Choose one of the answers shown"),
        ({"F1": "0"}, "Choose one of the answers shown"),
        ({"F1": "４"}, "Choose one of the answers shown"),
        ({"S1": "5"}, "Choose one of the answers shown"),
        ({"F1": "1e0"}, "Choose one of the answers shown"),
        ({"F3": ["1", "5"]}, "Choose either “None of these” or the things that happened"),
        ({"fix_comment": "é" * 4001}, "The comment is too long. Please keep it under 4000"),
    ],
)
def test_a_wrong_value_stores_nothing_and_loses_nothing(
    browser: Client, posted: dict[str, Any], message: str
) -> None:
    url = link(InvitationFactory())
    browser.post(url, {"F2": "2"})
    before = snapshot()

    sent = {"page": "fix", "shown_in": "en", "F2": "4", "fix_comment": " typed "} | posted
    response = browser.post(url, sent)

    assert response.status_code == 422
    assert snapshot() == before
    shown = form(response).fields
    assert shown["F2"] == ["4"]
    assert shown["fix_comment"] == [str(sent["fix_comment"]).strip()]
    if "F3" in posted:
        assert shown["F3"] == ["1", "5"]
    html = response.content.decode()
    assert "<title>Error: How your problem was handled – " in html
    assert html.count(message) == 2
    assert ' tabindex="-1" autofocus' in html


def test_a_wrong_value_without_a_page_shows_the_page_it_belongs_to(browser: Client) -> None:
    response = browser.post(link(InvitationFactory()), {"F1": "4", "C2": "77"})
    assert response.status_code == 422
    assert form(response).controls[0] == "C1"
    assert 'href="#C2-1"' in response.content.decode()


def test_changing_answers_after_the_end(browser: Client) -> None:
    url = link(InvitationFactory(expires_at=NOW + timedelta(days=15)))
    browser.post(url, {"F1": "5", "C1": "1"})

    again = browser.get(url)
    assert again.status_code == 200
    assert "You've already answered" in words(again)
    assert "You can change your answers until 5 December." in words(again)
    assert f'href="{url}?page=1"' in again.content.decode()

    assert form(browser.get(url + "?page=1")).fields["F1"] == ["5"]
    browser.post(url, {"page": "fix", "F1": "2"})
    assert answers() == {"f1": 2, "c1": 1}


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "5 December"),
        ("de", "5. Dezember"),
        ("fr", "5 décembre"),
        ("es", "5 de diciembre"),
        ("pt", "5 de dezembro"),
        ("it", "5 dicembre"),
        ("nl", "5 december"),
        ("sv", "5 december"),
        ("pl", "5 grudnia"),
        ("tr", "5 Aralık"),
        ("ar", "5 ديسمبر"),
        ("he", "5 בדצמבר"),
    ],
)
def test_last_day_is_named_in_the_language(browser: Client, language: str, day: str) -> None:
    url = link(InvitationFactory(language=language, expires_at=NOW + timedelta(days=15)))
    browser.post(url, {"F1": "5", "C1": "1"})
    assert day in words(browser.get(url))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("tail", ["", "done/"])
def test_unknown_revoked_and_expired_links_get_the_same_answer(
    browser: Client, method: str, tail: str
) -> None:
    links = [
        "/s/AAAAAAAAAAAAAAAAAAAAAAAAAAA/",
        "/s/%00/",
        link(InvitationFactory(status="cancelled")),
        link(InvitationFactory(status="skipped")),
        link(InvitationFactory(status="expired")),
        link(InvitationFactory(expires_at=NOW, language="ar")),
    ]
    before = snapshot()
    found = [getattr(browser, method)(url + tail, {"F1": "5"}) for url in links]
    assert {response.status_code for response in found} == {404}
    assert len({response.content for response in found}) == 1
    assert "This survey isn't open" in words(found[0])
    assert snapshot() == before


def test_reopened_case_says_so_and_keeps_what_was_given(browser: Client) -> None:
    invitation = InvitationFactory(language="de")
    url = link(invitation)
    browser.post(url, {"F1": "5"})
    invitation.resolution.reopened_at = NOW
    invitation.resolution.save()
    invitation.resolution.case.status = "reopened"
    invitation.resolution.case.save()
    Invitation.objects.update(status="cancelled")
    before = snapshot()

    for response in (browser.get(url), browser.post(url, {"F1": "1"}), browser.get(url + "done/")):
        assert response.status_code == 410
        assert 'lang="de"' in response.content.decode()
        assert "This survey isn't open" not in words(response)
    assert snapshot() == before


def test_nothing_of_case_customer_or_link_stands_on_the_page(browser: Client) -> None:
    invitation = InvitationFactory(
        resolution__case__subject="My secret subject",
        resolution__case__customer__name="Ada Lovelace",
    )
    url = link(invitation)
    browser.post(url, {"F1": "1", "C1": "1"})
    personal = ["secret subject", "Ada", invitation.customer.email, "case-", "Agent "]
    for page in (
        url + "?page=1",
        url + "?page=2",
        url,
        url + "done/",
        unsubscribe_link(invitation),
    ):
        html = browser.get(page).content.decode()
        assert [word for word in personal if word in html] == []


@pytest.mark.parametrize("path", ["?page=1", "done/", "bad"])
def test_headers_keep_the_link_secret(browser: Client, path: str) -> None:
    url = "/s/unknown/" if path == "bad" else link(InvitationFactory()) + path
    response = browser.get(url)
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["X-Frame-Options"] == "DENY"
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_pages_obey_the_policy_and_use_nothing_from_elsewhere(browser: Client) -> None:
    url = link(InvitationFactory())
    for page in ("?page=1", "?page=2", "?page=3", "done/"):
        html = browser.get(url + page).content.decode()
        assert "style=" not in html
        assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in html
        assert " on" not in [part[:3] for part in html.split("<")]


def test_a_page_with_its_style_sheet_is_small(browser: Client) -> None:
    static = 0
    for name in ("respondent/survey.css", "respondent/survey.js"):
        path = finders.find(name)
        assert path is not None
        static += Path(path).stat().st_size
    for language in ("en", "ar"):
        url = link(InvitationFactory(language=language))
        sizes = [len(browser.get(f"{url}?page={n}").content) + static for n in (1, 2, 3)]
        assert max(sizes) < 20_000


def test_comments_are_inert(browser: Client) -> None:
    url = link(InvitationFactory())
    evil = "\n</textarea><script>alert(1)</script>&amp; {{ 7*7 }} \"'"
    browser.post(url, {"fix_comment": evil})
    response = browser.get(url + "?page=1")
    assert form(response).fields["fix_comment"] == [evil.strip()]
    assert "<script>alert" not in response.content.decode()


def test_done_page_offers_a_call_back_and_news(browser: Client) -> None:
    url = link(InvitationFactory())
    browser.post(url, {"F1": "3", "S1": "3", "C1": "1"})
    page = browser.get(url + "done/")
    assert "isn't completely sorted out" in words(page)
    assert form(page).fields == {
        "shown_in": ["en"],
        "wants_call_back": ["0"],
        "wants_news": ["0"],
    }

    sent = {"wants_call_back": ["0", "1"], "wants_news": ["0"], "shown_in": "en"}
    response = browser.post(url + "done/", sent)
    assert (response.status_code, response["Location"]) == (303, url + "done/?saved=1")
    stored = Response.objects.get()
    assert (stored.wants_call_back, stored.wants_news) == (True, False)
    again = browser.get(url + "done/?saved=1")
    assert "Saved." in words(again)
    assert form(again).fields["wants_call_back"] == ["0", "1"]

    browser.post(url + "done/", {"wants_call_back": ["0"], "wants_news": ["0", "1"]})
    stored.refresh_from_db()
    assert (stored.wants_call_back, stored.wants_news) == (False, True)


def test_done_page_does_not_offer_to_sort_out_what_is_sorted(browser: Client) -> None:
    url = link(InvitationFactory())
    browser.post(url, {"F1": "3", "S1": "1", "C1": "1"})
    assert "sorted out" not in words(browser.get(url + "done/"))


def test_wishes_without_answers_lead_to_the_survey(browser: Client) -> None:
    url = link(InvitationFactory())
    assert form(browser.get(url + "done/")).controls == []
    response = browser.post(url + "done/", {"wants_news": "1"})
    assert (response.status_code, response["Location"]) == (303, url)
