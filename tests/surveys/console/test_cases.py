"""Finding cases and reading one, as far as each role may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from surveys.models import Case, Delivery, Invitation, User
from tests.factories import (
    NOW,
    AgentFactory,
    CaseEventFactory,
    CaseFactory,
    CauseFactory,
    CustomerFactory,
    DeliveryFactory,
    InvitationFactory,
    ResolutionFactory,
    ResponseFactory,
    TeamFactory,
    UserFactory,
)
from tests.surveys.every_type import every_type, published
from tests.surveys.staff import BACKEND, client_of

pytestmark = pytest.mark.django_db
Role = User.Role


def found(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/cases/{query}")
    assert page.status_code == 200
    return [row.external_id for row in page.context["rows"]]


def surveyed(**case: Any) -> Case:
    made: Case = CaseFactory(**case)
    InvitationFactory(resolution=ResolutionFactory(case=made))
    return made


def test_cases_are_listed_newest_first() -> None:
    CaseFactory(external_id="old", last_event_at=NOW - timedelta(days=1))
    CaseFactory(external_id="new")
    assert found(client_of(Role.MANAGER)) == ["new", "old"]


def test_agents_with_equal_shares_stand_in_one_order_however_they_are_stored() -> None:
    ada, ben, cem = (AgentFactory(name=name, external_id=name) for name in ("Ada", "Ben", "Cem"))
    for handled in ([ada, ben, cem], [cem, ben, ada]):
        ResolutionFactory(agents=handled)
    page = client_of(Role.MANAGER).get("/cases/")
    assert [row.agents for row in page.context["rows"]] == ["Ada, Ben, Cem"] * 2


def test_search_knows_number_subject_and_address() -> None:
    customer = CustomerFactory(email="ada@example.com")
    CaseFactory(external_id="A-17", subject="Router will not start", customer=customer)
    CaseFactory(external_id="B-18", subject="Charged twice")
    client = client_of(Role.MANAGER)
    assert found(client, "?q=a-1") == ["A-17"]
    assert found(client, "?q=router") == ["A-17"]
    assert found(client, "?q=ADA@example.com") == ["A-17"]
    assert found(client, "?q=nothing") == []


def test_an_analyst_finds_nobody_by_address_and_reads_none() -> None:
    surveyed(customer=CustomerFactory(email="ada@example.com", name="Ada"))
    client = client_of(Role.ANALYST)
    assert found(client, "?q=ada@example.com") == []
    assert "example.com" not in client.get("/cases/").content.decode()
    assert "example.com" in client_of(Role.MANAGER).get("/cases/").content.decode()


def test_search_takes_any_text() -> None:
    client = client_of(Role.MANAGER)
    for words in ("%00", "%25", "'", "\\", "x" * 3000, "%F0%9F%90%B4"):
        assert client.get(f"/cases/?q={words}").status_code == 200


def test_pages_of_the_list_join_without_gap_or_repetition() -> None:
    for number in range(53):
        CaseFactory(external_id=str(number), last_event_at=NOW)
    client = client_of(Role.MANAGER)
    first = client.get("/cases/")
    second = client.get("/cases/?" + first.context["next_query"])
    seen = [row.external_id for page in (first, second) for row in page.context["rows"]]
    assert len(first.context["rows"]) == 50
    assert sorted(seen, key=int) == [str(number) for number in range(53)]
    assert second.context["next_query"] == ""


@pytest.mark.parametrize("cursor", ["x", "2026-01-01T00:00:00_1", "_", "9" * 400 + "_1", "2026"])
def test_a_wrong_place_in_the_list_is_said_in_words(cursor: str) -> None:
    page = client_of(Role.MANAGER).get(f"/cases/?after={cursor}")
    assert page.status_code == 400
    assert "This page of the list is unknown." in page.content.decode()


@pytest.mark.parametrize("n_cases", [1, 3])
def test_the_list_asks_as_much_for_three_cases_as_for_one(
    n_cases: int, django_assert_num_queries: Any
) -> None:
    for _ in range(n_cases):
        surveyed()
    client = client_of(Role.MANAGER)
    client.get("/cases/")
    # Session, user, cases, resolutions, who handled them, those people, two for the sample badge.
    with django_assert_num_queries(8):
        client.get("/cases/")


@pytest.mark.parametrize("n_resolutions", [1, 3])
def test_a_case_asks_as_much_for_three_resolutions_as_for_one(
    n_resolutions: int, django_assert_num_queries: Any
) -> None:
    case = CaseFactory()
    for day in range(n_resolutions):
        resolution = ResolutionFactory(case=case, resolved_at=NOW - timedelta(days=day))
        invitation = InvitationFactory(resolution=resolution)
        DeliveryFactory(invitation=invitation)
        ResponseFactory(invitation=invitation)
    client = client_of(Role.MANAGER)
    with django_assert_num_queries(11):
        client.get(f"/cases/{case.pk}/")


def test_a_case_tells_why_it_was_not_surveyed() -> None:
    resolution = ResolutionFactory()
    InvitationFactory(
        resolution=resolution,
        status=Invitation.Status.SKIPPED,
        reason="The customer was surveyed on 3 May 2026",
        sent_at=None,
    )
    page = client_of(Role.MANAGER).get(f"/cases/{resolution.case_id}/").content.decode()
    assert "This resolution is not surveyed." in page
    assert "The customer was surveyed on 3 May 2026" in page


def test_a_case_shows_mails_whose_fate_is_unknown_or_that_failed() -> None:
    invitation = InvitationFactory(status=Invitation.Status.UNKNOWN)
    DeliveryFactory(
        invitation=invitation, status=Delivery.Status.UNKNOWN, last_error="lost after DATA"
    )
    page = client_of(Role.MANAGER).get(f"/cases/{invitation.resolution.case_id}/")
    line = page.context["case"].resolutions[0].survey.deliveries[0]
    assert (line.label, line.tone, line.last_error) == ("Unknown", "warn", "lost after DATA")
    assert "It is never repeated by itself." in page.content.decode()


def test_a_case_is_found_by_source_and_number_too() -> None:
    case = surveyed(source="desk", external_id="2026/17")
    client = client_of(Role.MANAGER)
    assert client.get("/cases/desk/2026/17/").context["case"].id == case.pk
    assert client.get("/cases/other/2026/17/").status_code == 404


def test_events_stand_in_the_order_in_which_they_occurred() -> None:
    case = CaseFactory()
    CaseEventFactory(case=case, status="reopened", occurred_at=NOW + timedelta(hours=2))
    CaseEventFactory(case=case, status="resolved", occurred_at=NOW)
    page = client_of(Role.MANAGER).get(f"/cases/{case.pk}/")
    assert [event.label for event in page.context["case"].events] == ["Resolved", "Reopened"]


def test_what_customers_write_stays_text() -> None:
    evil = "<script>alert(1)</script>"
    case = CaseFactory(subject=evil, customer=CustomerFactory(name=evil))
    resolution = ResolutionFactory(case=case)
    invitation = InvitationFactory(resolution=resolution)
    ResponseFactory(invitation=invitation, fix_comment=evil, cause_comment=evil)
    client = client_of(Role.ADMIN)
    for path in ("/cases/", f"/cases/{case.pk}/"):
        page = client.get(path).content.decode()
        assert evil not in page
        assert "&lt;script&gt;alert(1)" in page


# What each role may see of one and the same case.


@pytest.fixture
def case_of_two_teams() -> dict[str, Any]:
    """Resolved by one team, reopened, resolved by another, for two causes; both answered."""
    case = CaseFactory(
        customer=CustomerFactory(email="ada@example.com", name="Ada Byron"), subject="No signal"
    )
    teams = [TeamFactory(name="Mobile"), TeamFactory(name="Billing")]
    agents = [AgentFactory(name="Grace", team=teams[0]), AgentFactory(name="Alan", team=teams[1])]
    causes = [CauseFactory(name="Mast down"), CauseFactory(name="Wrong bill")]
    for number in (0, 1):
        resolution = ResolutionFactory(
            case=case,
            team=teams[number],
            cause=causes[number],
            agents=[agents[number]],
            resolved_at=NOW + timedelta(days=number),
        )
        ResponseFactory(
            invitation=InvitationFactory(resolution=resolution),
            fix_comment=f"handled {number}",
            cause_comment=f"prevent {number}",
        )
    return {"case": case, "teams": teams, "agents": agents, "causes": causes}


def read(client: Client, case: Case) -> str:
    page = client.get(f"/cases/{case.pk}/")
    assert page.status_code == 200
    return page.content.decode().replace("<wbr>", "")


def test_a_manager_reads_all_of_a_case(case_of_two_teams: dict[str, Any]) -> None:
    page = read(client_of(Role.MANAGER), case_of_two_teams["case"])
    for words in ("ada@example.com", "Grace", "Alan", "handled 0", "prevent 1"):
        assert words in page


def test_an_analyst_reads_answers_but_no_identity(case_of_two_teams: dict[str, Any]) -> None:
    page = read(client_of(Role.ANALYST), case_of_two_teams["case"])
    assert "handled 0" in page
    assert "prevent 1" in page
    assert "ada@example.com" not in page
    assert "Ada Byron" not in page


def test_a_team_lead_reads_the_case_of_the_own_team_and_not_what_was_answered(
    case_of_two_teams: dict[str, Any],
) -> None:
    client = client_of(Role.TEAM_LEAD, team=case_of_two_teams["teams"][0])
    page = read(client, case_of_two_teams["case"])
    assert "Grace" in page
    assert "Whether this customer answered is not shown" in page
    for words in ("handled", "prevent", "Alan", "ada@example.com", "Ada Byron"):
        assert words not in page


@pytest.mark.parametrize(
    ("role", "own"),
    [(Role.MANAGER, ["Answer 3", "<b>secret</b>", "9 of 10"]), (Role.TEAM_LEAD, [])],
)
def test_own_answers_are_told_in_words_to_their_readers(role: str, own: list[str]) -> None:
    team = TeamFactory()
    invitation = InvitationFactory(
        version=published(every_type()), resolution=ResolutionFactory(team=team)
    )
    extra = {"X1": 3, "X8": "<b>secret</b>", "X12": 9}
    ResponseFactory(invitation=invitation, extra=extra)
    case = invitation.resolution.case
    page = client_of(role, team=team).get(f"/cases/{case.pk}/")
    [story] = page.context["case"].resolutions
    assert [one.answer for one in (story.answer.own if story.answer else ())] == own
    html = page.content.decode()
    assert ("&lt;b&gt;secret&lt;/b&gt;" in html) is (role == Role.MANAGER)
    assert ("secret" in html) is (role == Role.MANAGER)


def test_an_agent_never_reads_who_answered(case_of_two_teams: dict[str, Any]) -> None:
    client = client_of(Role.AGENT, agent=case_of_two_teams["agents"][0])
    page = read(client, case_of_two_teams["case"])
    assert "Surveyed" in page
    for words in ("handled", "prevent", "ada@example.com", "Ada Byron", "Alan", "answered"):
        assert words not in page.replace("Whether this customer answered is not shown", "")


def test_an_agent_reads_the_same_of_answered_closed_and_doubtful_surveys() -> None:
    agent = AgentFactory()
    client = client_of(Role.AGENT, agent=agent)
    told = set()
    for status in (Invitation.Status.SENT, Invitation.Status.EXPIRED, Invitation.Status.UNKNOWN):
        invitation = InvitationFactory(
            status=status, resolution=ResolutionFactory(agents=[agent]), reason=""
        )
        DeliveryFactory(invitation=invitation, kind=Delivery.Kind.REMINDER, status="cancelled")
        case = client.get(f"/cases/{invitation.resolution.case_id}/").context["case"]
        survey = case.resolutions[0].survey
        told.add((survey.label, survey.meaning, survey.reason, survey.deliveries, survey.sent_at))
        listed = client.get("/cases/").context["rows"][0]
        told.add((listed.survey, "A survey was sent.", listed.reason, (), None))
    assert told == {("Surveyed", "A survey was sent.", "", (), None)}


def test_a_cause_owner_reads_no_agent_and_not_who_answered(
    case_of_two_teams: dict[str, Any],
) -> None:
    owner = UserFactory(role=Role.CAUSE_OWNER)
    cause = case_of_two_teams["causes"][0]
    cause.owner = owner
    cause.save()
    client = Client()
    client.force_login(owner, BACKEND)
    page = read(client, case_of_two_teams["case"])
    assert "Whether this customer answered is not shown" in page
    for words in ("Grace", "Alan", "Mobile", "handled", "prevent", "ada@example.com"):
        assert words not in page


def test_a_case_outside_the_scope_does_not_exist(case_of_two_teams: dict[str, Any]) -> None:
    case = case_of_two_teams["case"]
    strangers = [
        client_of(Role.TEAM_LEAD, team=TeamFactory()),
        client_of(Role.TEAM_LEAD),
        client_of(Role.AGENT, agent=AgentFactory()),
        client_of(Role.AGENT),
        client_of(Role.CAUSE_OWNER),
    ]
    for client in strangers:
        assert client.get(f"/cases/{case.pk}/").status_code == 404
        assert client.get(f"/cases/{case.source}/{case.external_id}/").status_code == 404
        assert found(client) == []
        assert found(client, f"?q={case.external_id}") == []
