"""The shared preview: the real pages of a draft or version, for whoever has the link."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from surveys.models import PreviewLink, QuestionnaireDraft, QuestionnaireVersion, User
from surveys.questionnaire import texts
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.respondent.base import LIMITER as PAGES_LIMITER
from surveys.services import preview_links
from surveys.services.publishing import ensure_defaults
from tests.factories import NOW, BrandFactory, UserFactory
from tests.surveys.builder.mailing.test_mail import counts
from tests.surveys.respondent.helpers import Form
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db

LINKS = "/questionnaires/default/links/"


@pytest.fixture(autouse=True)
def defaults() -> None:
    PAGES_LIMITER.clear()
    ensure_defaults()


def version() -> QuestionnaireVersion:
    return QuestionnaireVersion.objects.get(questionnaire__slug="default", number=1)


def link(days: int = 7, *, draft: bool = False) -> str:
    own = version()
    _, token = preview_links.make(
        own.questionnaire, None if draft else own, user=UserFactory(), days=days, now=timezone.now()
    )
    return f"/p/{token}/"


def post(client: Client, url: str, page: str, **changes: Any) -> str:
    """Send the page's form as a browser would, with changes and the button that goes on."""
    fields = {**Form(page).fields, **changes}
    action = re.search(r'<form method="post" action="([^"]+)"', page)
    assert action
    answer = client.post(action.group(1).replace("&amp;", "&"), fields)
    assert answer.status_code == 200
    return answer.content.decode()


def heading(page: str) -> str:
    found = re.search(r"<h1>([^<]+)</h1>", page)
    assert found
    return found.group(1)


@pytest.mark.parametrize("arm", ["fix_first", "cause_first"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_walk_leads_through_all_pages_and_stores_nothing(arm: str, language: str) -> None:
    client, url = Client(), link()
    before = counts()
    page = client.get(url, {"arm": arm, "lang": language}).content.decode()
    assert f'lang="{language}"' in page
    seen = [heading(page)]
    for answers in ({"F1": "4", "C1": "2"}, {"F1": "4", "C1": "2"}, {}):
        page = post(client, url, page, **answers)
        seen.append(heading(page))
    assert len(set(seen)) == 4
    assert texts.text(language, "preview.fix_first") in page
    assert counts() == before
    assert client.cookies == {}


def test_answers_travel_along_forth_back_and_into_another_language() -> None:
    client, url = Client(), link()
    first = client.get(url).content.decode()
    second = post(client, url, first, F1="4", F3=["1", "2"], fix_comment='Tom & "Ann"\nnext')
    hidden = Form(second).fields
    assert (hidden["F1"], hidden["F3"]) == (["4"], ["1", "2"])
    assert hidden["fix_comment"] == ['Tom & "Ann"\nnext']
    switched = post(client, url, second, C1="2", lang="de")
    assert 'lang="de"' in switched
    assert Form(switched).fields["C1"] == ["2"]
    back = post(client, url, switched, go="back")
    fields = Form(back).fields
    assert (fields["F1"], fields["F3"]) == (["4"], ["1", "2"])
    assert fields["fix_comment"] == ['Tom & "Ann"\nnext']
    assert 'lang="de"' in back


def test_a_fault_is_said_as_in_the_survey() -> None:
    client, url = Client(), link()
    page = client.get(url).content.decode()
    answer = client.post(url, {**Form(page).fields, "F3": ["1", "5"]})
    assert answer.status_code == 422
    assert "not both" in answer.content.decode()


@pytest.mark.parametrize("language", texts.languages())
def test_the_bar_speaks_the_surveys_language(language: str) -> None:
    words = texts.catalogue(language)["preview"]
    page = Client().get(link(), {"lang": language}).content.decode()
    bar = re.search(r'<aside class="preview-bar".*?</aside>', page, re.DOTALL)
    assert bar
    head = f'lang="{language}" dir="{texts.direction(language)}" aria-label="{words["title"]}"'
    assert head in bar.group()
    said = texts.fill(
        words["what"], {"name": "Fix and cause", "label": texts.fill(words["version"], {"n": 1})}
    )
    for part in (said, words["cause_first"], words["asks_fix"], words["several"]):
        assert escape(part) in bar.group()
    assert escape(texts.fill(words["rotation"], {"n": 2})) in bar.group()


@pytest.mark.parametrize("language", texts.languages())
def test_what_is_said_instead_of_a_survey_is_in_the_browsers_language(language: str) -> None:
    client = Client(headers={"Accept-Language": language})
    words = texts.catalogue(language)["preview"]
    closed = client.get("/p/unknown/").content.decode()
    stopped = client.get(f"{link()}unsubscribe/").content.decode()
    assert escape(words["closed_title"]) in closed
    assert escape(words["closed_body"]) in closed
    assert escape(words["stopped_body"]) in stopped


def test_a_survey_in_a_language_without_words_of_ours_has_an_english_bar() -> None:
    document: Any = to_builtins(default_definition())
    document["languages"] = ["en", "fi"]
    for block in document["blocks"]:
        for item in block["items"]:
            item["stem"]["fi"] = "Kysymys"
    QuestionnaireDraft.objects.create(
        questionnaire=version().questionnaire, definition=document, changed_at=NOW
    )
    page = Client().get(link(draft=True), {"lang": "fi"}).content.decode()
    assert '<aside class="preview-bar" lang="en" dir="ltr" aria-label="Preview">' in page


def test_the_bar_changes_arm_case_and_lot() -> None:
    client, url = Client(), link()
    page = client.get(url).content.decode()
    addresses = [a.replace("&amp;", "&") for a in re.findall(r'<a href="(/p/[^"]+)"', page)]
    pages = {client.get(address).content.decode() for address in addresses}
    assert len(addresses) == 10
    assert any("treated by the people" in other for other in pages)
    assert any("treated by" not in other and "F1" in other for other in pages)


def test_half_a_survey_is_walked_through_alone() -> None:
    client, url = Client(), link()
    page = client.get(url, {"asks": "cause"}).content.decode()
    assert "C1-1" in page
    page = post(client, url, page, C1="2")
    assert "F1-1" not in page


def test_the_draft_shows_as_it_stands_and_a_version_stays() -> None:
    draft, fixed = link(draft=True), link()
    document: Any = to_builtins(default_definition())
    document["lead_in"]["en"] = "Something <new>"
    QuestionnaireDraft.objects.create(
        questionnaire=version().questionnaire, definition=document, changed_at=NOW
    )
    assert "Something &lt;new&gt;" in Client().get(draft).content.decode()
    assert "Something" not in Client().get(fixed).content.decode()


def test_the_brand_of_the_policy_shows_or_another() -> None:
    own, other = BrandFactory(name="Own brand"), BrandFactory(name="Other brand")
    policy = version().questionnaire.policy_set.get()
    policy.brand = own
    policy.save()
    url = link()
    assert "Own brand" in Client().get(url).content.decode()
    assert "Other brand" in Client().get(url, {"brand": other.slug}).content.decode()


def test_unknown_expired_and_revoked_say_the_same_and_nothing_is_kept() -> None:
    gone, revoked = link(1), link()
    first = PreviewLink.objects.order_by("pk")[0]
    PreviewLink.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    last = PreviewLink.objects.order_by("-pk")[0]
    preview_links.revoke(last, timezone.now())
    answers = [Client().get(url) for url in (gone, revoked, "/p/unknown/", "/p/\ud7ff/")]
    bodies = {answer.content for answer in answers}
    assert len(bodies) == 1
    assert "was revoked" in answers[0].content.decode()
    for answer in [*answers, Client().post(gone, {"F1": "4"}), Client().get(link())]:
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "no-store"
    assert [answer.status_code for answer in answers] == [404] * 4


@pytest.mark.parametrize(
    "query", ["arm=x&lot=99999&handled=y&lang=zz&brand=none", "lot=-1", "F1=9"]
)
def test_nonsense_shows_the_first_page(query: str) -> None:
    assert Client().get(f"{link()}?{query}").status_code == 200


def test_an_editor_makes_lists_and_revokes_links() -> None:
    client = client_of(User.Role.DESIGNER)
    client.post(LINKS, {"version": "1", "days": "3"})
    client.post(LINKS, {"version": "draft", "days": "1"})
    page = client.get(LINKS).content.decode()
    links = re.findall(r'href="http[^"]*(/p/[A-Za-z0-9_-]{32}/)"', page)
    assert len(links) == 2
    assert "staff" in page
    assert Client().get(links[0]).status_code == 200
    newest = PreviewLink.objects.order_by("-pk")[0]
    client.post(f"{LINKS}{newest.pk}/revoke/")
    assert "revoked" in client.get(LINKS).content.decode()
    assert Client().get(links[0]).status_code == 404


@pytest.mark.parametrize("days", ["0", "31", "", "x", "-1", "9" * 30])
def test_a_link_of_no_days_or_too_many_is_refused_in_words(days: str) -> None:
    page = client_of(User.Role.ADMIN).post(LINKS, {"days": days}, follow=True).content.decode()
    assert "1 to 30 days" in page
    assert not PreviewLink.objects.exists()


def test_a_manager_sees_that_there_are_links_but_not_where() -> None:
    link()
    client = client_of(User.Role.MANAGER)
    page = client.get(LINKS).content.decode()
    assert "/p/" not in page
    assert "Version 1" in page
    assert client.post(LINKS, {"days": "1"}).status_code == 404
    pk = PreviewLink.objects.get().pk
    assert client.post(f"{LINKS}{pk}/revoke/").status_code == 404
