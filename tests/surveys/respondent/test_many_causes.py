"""However many causes there are, the page that lets one be picked stays under 30 KB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from surveys.models import Cause, Invitation, Questionnaire, Response
from surveys.services import offered_causes
from surveys.services.offered_causes import MOST_OFFERED
from surveys.services.publishing import UnreasonedError, publish
from surveys.services.reviewing import review
from tests.factories import NOW, InvitationFactory, ResolutionFactory
from tests.surveys.every_type import every_type, published
from tests.surveys.respondent.helpers import form, link, words

pytestmark = pytest.mark.django_db
LARGEST = 30_000
AR = "سبب طويل جداً يصف ما حدث للعميل "


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    offered_causes.forget()
    yield
    offered_causes.forget()


def invite() -> Invitation:
    invitation: Invitation = InvitationFactory(version=published(every_type()), rotation="")
    return invitation


def make(n: int, name: str) -> None:
    Cause.objects.bulk_create(
        Cause(code=f"c.{number:04}", name=f"{number:04} {name}"[:200], mapped_at=NOW)
        for number in range(n)
    )


def use(code: str, n: int) -> None:
    cause = Cause.objects.get(code=code)
    for _ in range(n):
        ResolutionFactory(cause=cause)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    ("n", "name"), [(1_000, "A cause as taxonomies have them"), (1_000, AR * 6), (300, "<&>" * 60)]
)
def test_a_page_with_a_thousand_causes_is_small(
    browser: Client, n: int, name: str, language: str
) -> None:
    make(n, name)
    page = browser.get(f"{link(invite())}?page=2", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert "<select" in page.content.decode()
    assert len(page.content) < LARGEST


def test_the_most_used_are_offered_by_name_and_the_rest_are_understood(browser: Client) -> None:
    make(MOST_OFFERED * 2, "Cause")
    use("c.0399", 3)
    use("c.0398", 1)
    # What the factories made by the way counts as used too, and is mapped.
    url = link(invite())
    page = browser.get(f"{url}?page=2").content.decode()
    assert page.count("<option value=") == MOST_OFFERED + 1
    assert page.index('value="c.0000"') < page.index('value="c.0398"') < page.index("c.0399")
    assert 'value="c.0397"' not in page
    # Somebody who opened the page before the ranking changed loses nothing, and finds it again.
    assert browser.post(url, {"page": "cause", "X11": "c.0397"}).status_code == 303
    assert Response.objects.get().extra == {"X11": "c.0397"}
    again = browser.get(f"{url}?page=2")
    assert form(again).fields["X11"] == ["c.0397"]
    assert len(again.content) < LARGEST
    assert "0397 Cause" in words(again)


@pytest.mark.parametrize(("n", "told"), [(MOST_OFFERED, False), (MOST_OFFERED + 60, True)])
def test_admins_are_told_before_they_publish(n: int, told: bool) -> None:
    questionnaire = Questionnaire.objects.create(slug="picks", name="Picks")
    make(n, "Cause")
    found = [
        one for one in review(questionnaire, every_type()).warnings if one.code == "causes_cut"
    ]
    sentence = (
        f"There are {n} causes; customers are offered the {MOST_OFFERED} that were used most "
        "lately."
    )
    assert [one.message for one in found] == ([sentence] if told else [])
    with pytest.raises(UnreasonedError) as refused:
        publish(questionnaire, every_type())
    assert ("causes_cut" in {one.code for one in refused.value.findings}) is told
