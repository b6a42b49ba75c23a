"""What a customer asked for is seen by who may act on it."""

from __future__ import annotations

from typing import Any

import pytest

from surveys.models import User
from tests.factories import ResponseFactory, TeamFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Role = User.Role
PAGE = "/follow-ups/"


def test_wishes_stand_newest_first_with_customer_and_case() -> None:
    wished = ResponseFactory(wants_call_back=True, wants_news=True, fix_comment="Nobody rang.")
    ResponseFactory()
    case = wished.invitation.resolution.case
    page = client_of(Role.MANAGER).get(PAGE)
    (wish,) = page.context["wishes"]
    assert (wish.case_id, wish.wants_call_back, wish.wants_news) == (case.pk, True, True)
    text = page.content.decode()
    assert case.customer.email.partition("@")[0] in text
    assert f'href="/cases/{case.pk}/"' in text
    assert "a call back, and to hear when the cause is fixed" in text
    assert "Nobody rang." in text


def test_an_analyst_sees_the_wish_and_not_who_has_it() -> None:
    wished = ResponseFactory(wants_news=True)
    page = client_of(Role.ANALYST).get(PAGE)
    assert [wish.customer for wish in page.context["wishes"]] == [""]
    assert wished.invitation.resolution.case.customer.email not in page.content.decode()


def test_a_team_lead_sees_the_wishes_of_the_own_team_only() -> None:
    own, other = TeamFactory(), TeamFactory()
    seen = ResponseFactory(wants_call_back=True, invitation__resolution__team=own)
    ResponseFactory(wants_call_back=True, invitation__resolution__team=other)
    page = client_of(Role.TEAM_LEAD, team=own).get(PAGE)
    assert [wish.case_id for wish in page.context["wishes"]] == [seen.invitation.resolution.case_id]


def test_a_team_lead_learns_who_answered_only_from_a_wish() -> None:
    own = TeamFactory()
    client = client_of(Role.TEAM_LEAD, team=own)
    asked = ResponseFactory(wants_call_back=True, invitation__resolution__team=own)
    silent = ResponseFactory(invitation__resolution__team=own)
    told = client.get(PAGE).content.decode()
    assert asked.invitation.resolution.case.customer.email.partition("@")[0] in told
    listed = client.get("/responses/").content.decode() + client.get("/cases/").content.decode()
    for response in (asked, silent):
        address = response.invitation.resolution.case.customer.email
        assert address.partition("@")[0] not in listed


def test_without_wishes_the_page_says_so() -> None:
    assert "Nobody has asked for anything yet." in client_of(Role.ADMIN).get(PAGE).content.decode()


@pytest.mark.parametrize("n_wishes", [1, 3])
def test_wishes_take_a_fixed_number_of_queries(
    n_wishes: int, django_assert_num_queries: Any
) -> None:
    for _ in range(n_wishes):
        ResponseFactory(wants_call_back=True)
    client = client_of(Role.ADMIN)
    client.get(PAGE)
    with django_assert_num_queries(5):
        client.get(PAGE)


def test_a_team_lead_calls_back_without_learning_what_was_answered() -> None:
    """A name beside a rating is one customer's; and whose comment it is would tell the rating that
    stands beside the same words among the responses."""
    own = TeamFactory()
    ResponseFactory(
        wants_call_back=True,
        f1=1,
        fix_comment="It fell apart again.",
        invitation__resolution__team=own,
    )
    page = client_of(Role.TEAM_LEAD, team=own).get(PAGE)
    (wish,) = page.context["wishes"]
    assert wish.customer
    assert (wish.fix, wish.comment) == (None, "")
    assert "It fell apart again." not in page.content.decode()
    (wish,) = client_of(Role.MANAGER).get(PAGE).context["wishes"]
    assert (wish.fix, wish.comment) == (1, "It fell apart again.")
