"""What a customer asked for is seen by who may act on it, and what is done about it stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from surveys.models import FollowUp, User
from tests.factories import CauseFactory, FollowUpFactory, ResponseFactory, TeamFactory, UserFactory
from tests.surveys.staff import BACKEND, NO_PASSWORD, client_of

pytestmark = pytest.mark.django_db
Role = User.Role
PAGE = "/follow-ups/"
LONG_AGO = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
FAR_AWAY = dt.datetime(2090, 1, 5, 9, tzinfo=dt.UTC)


def _shown(client: Client, query: str = "") -> list[FollowUp]:
    return [line.found for line in client.get(PAGE + query).context["lines"]]


def test_wishes_stand_with_customer_and_case_calls_that_are_due_first() -> None:
    response = ResponseFactory(fix_comment="Nobody rang.")
    news = FollowUpFactory(response=response, kind="news", due_at=None)
    later = FollowUpFactory(due_at=FAR_AWAY)
    late = FollowUpFactory(response=response, due_at=LONG_AGO)
    client = client_of(Role.MANAGER)
    assert _shown(client) == [late, later, news]
    case = response.invitation.resolution.case
    text = client.get(PAGE).content.decode()
    assert case.customer.email.partition("@")[0] in text
    assert f'href="/cases/{case.pk}/"' in text
    assert "Nobody rang." in text
    assert text.count(">overdue</span>") == 1
    assert _shown(client, "?show=overdue") == [late]
    assert _shown(client, "?kind=news&show=all") == [news]
    cause = CauseFactory(code="plan/b")
    assert _shown(client, "?cause=plan/b") == []
    response.invitation.resolution.cause = cause
    response.invitation.resolution.save()
    assert _shown(client, "?cause=plan/b") == [late, news]
    assert _shown(client, "?show=mine") == []


def test_an_analyst_sees_the_wish_and_neither_who_has_it_nor_a_way_to_act() -> None:
    found = FollowUpFactory(kind="news")
    client = client_of(Role.ANALYST)
    page = client.get(PAGE)
    assert [line.customer for line in page.context["lines"]] == [""]
    address = found.response.invitation.resolution.case.customer.email
    assert address not in page.content.decode()
    assert address not in client.get(f"{PAGE}{found.pk}/").content.decode()
    for step in ("assign", "close", "reopen"):
        assert client.post(f"{PAGE}{found.pk}/{step}/", {"outcome": "x"}).status_code == 404


def test_a_team_lead_sees_and_does_those_of_the_own_team_only() -> None:
    own, other = TeamFactory(), TeamFactory()
    seen = FollowUpFactory(response__invitation__resolution__team=own)
    hidden = FollowUpFactory(response__invitation__resolution__team=other)
    client = client_of(Role.TEAM_LEAD, team=own)
    assert _shown(client) == [seen]
    assert client.post(f"{PAGE}{seen.pk}/close/", {"outcome": "Rang."}).status_code == 302
    assert client.post(f"{PAGE}{hidden.pk}/close/", {"outcome": "Rang."}).status_code == 404
    assert client.get(f"{PAGE}{hidden.pk}/").status_code == 404


def test_a_team_lead_learns_who_answered_only_from_a_wish() -> None:
    own = TeamFactory()
    client = client_of(Role.TEAM_LEAD, team=own)
    asked = FollowUpFactory(response__invitation__resolution__team=own).response
    silent = ResponseFactory(invitation__resolution__team=own)
    told = client.get(PAGE).content.decode()
    assert asked.invitation.resolution.case.customer.email.partition("@")[0] in told
    listed = client.get("/responses/").content.decode() + client.get("/cases/").content.decode()
    for response in (asked, silent):
        address = response.invitation.resolution.case.customer.email
        assert address.partition("@")[0] not in listed


@pytest.mark.parametrize(
    ("show", "words"),
    [("open", "Nobody waits"), ("mine", "You have none"), ("overdue", "Nothing is overdue")],
)
def test_without_wishes_the_page_says_so(show: str, words: str) -> None:
    assert words in client_of(Role.ADMIN).get(f"{PAGE}?show={show}").content.decode()


def test_the_list_takes_a_fixed_number_of_queries(django_assert_num_queries: Any) -> None:
    client = client_of(Role.ADMIN)
    for n in (1, 2):
        for _ in range(n):
            FollowUpFactory(assignee=UserFactory(password=NO_PASSWORD))
        with django_assert_num_queries(5):
            client.get(PAGE)


def test_a_team_lead_calls_back_without_learning_what_was_answered() -> None:
    """A name beside a rating is one customer's; and whose comment it is would tell the rating that
    stands beside the same words among the responses."""
    own = TeamFactory()
    found = FollowUpFactory(
        response=ResponseFactory(
            f1=1, fix_comment="It fell apart again.", invitation__resolution__team=own
        )
    )
    client = client_of(Role.TEAM_LEAD, team=own)
    (line,) = client.get(PAGE).context["lines"]
    assert line.customer
    assert (line.fix, line.comment) == (None, "")
    for path in (PAGE, f"{PAGE}{found.pk}/"):
        assert "It fell apart again." not in client.get(path).content.decode()
    (line,) = client_of(Role.MANAGER).get(PAGE).context["lines"]
    assert (line.fix, line.comment) == (1, "It fell apart again.")


def test_one_takes_it_does_it_and_undoes_that() -> None:
    user = UserFactory(role=Role.MANAGER, name="Grace", password=NO_PASSWORD)
    client = Client()
    client.force_login(user, BACKEND)
    found = FollowUpFactory()
    path = f"{PAGE}{found.pk}/"
    taken = client.post(f"{path}assign/", {"assignee": user.pk, "back": "list"}, follow=True)
    assert taken.redirect_chain[-1][0] == PAGE
    assert _shown(client, "?show=mine") == [found]
    empty = client.post(f"{path}close/", {"outcome": " "}, follow=True)
    assert "Say in a few words" in empty.content.decode()
    done = client.post(f"{path}close/", {"outcome": "Rang, all is well."}, follow=True)
    assert "It is done." in done.content.decode()
    assert _shown(client) == []
    assert _shown(client, "?show=done") == [found]
    client.post(f"{path}reopen/")
    assert _shown(client) == [found]
    said = client.get(path).content.decode()
    for words in ("Rang, all is well.", user.email, "Opened again"):
        assert words in said


def test_whoever_may_not_see_the_customer_is_not_given_the_case() -> None:
    found = FollowUpFactory()
    lead = UserFactory(role=Role.TEAM_LEAD, team=TeamFactory(), password=NO_PASSWORD)
    answer = client_of(Role.MANAGER).post(f"{PAGE}{found.pk}/assign/", {"assignee": lead.pk})
    assert answer.status_code == 302
    assert FollowUp.objects.get().assignee is None


@pytest.mark.parametrize("query", ["?show=x&kind=y&page=-1&closed=x", "?page=99", "?closed=999"])
def test_a_wrong_address_shows_a_list(query: str) -> None:
    assert client_of(Role.ADMIN).get(PAGE + query).status_code == 200
