"""Where each role begins, and what its navigation offers."""

from __future__ import annotations

import pytest

from surveys.console.pages import NAVIGATION
from surveys.models import User
from tests.factories import AgentFactory, CauseFactory, TeamFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Role = User.Role


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.TEAM_LEAD, "/agents/"),
        (Role.AGENT, "/agents/me/"),
        (Role.CAUSE_OWNER, "/causes/"),
        (Role.DESIGNER, "/questionnaires/"),
    ],
)
def test_each_role_begins_at_its_own_work(role: str, address: str) -> None:
    assert client_of(role).get("/")["Location"] == address


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER, Role.ANALYST])
def test_who_reads_all_numbers_begins_at_the_overview(role: str) -> None:
    assert client_of(role).get("/").status_code == 200


def test_an_agent_is_led_to_the_own_page() -> None:
    agent = AgentFactory()
    client = client_of(Role.AGENT, agent=agent)
    assert client.get("/agents/me/")["Location"] == f"/agents/{agent.pk}/"


def test_an_agent_without_a_link_is_told_how_to_get_one() -> None:
    page = client_of(Role.AGENT).get("/agents/me/").content.decode()
    assert "not linked to an agent of the helpdesk yet" in page


@pytest.mark.parametrize("role", list(Role))
def test_every_line_of_the_navigation_opens(role: str) -> None:
    client = client_of(role)
    page = client.get("/", follow=True)
    links = [link for group in page.context["navigation"] for link in group.links]
    assert links
    assert {link.url: client.get(link.url, follow=True).status_code for link in links} == {
        link.url: 200 for link in links
    }


def test_every_line_of_the_navigation_is_for_somebody() -> None:
    entries = [entry for _, group in NAVIGATION for entry in group]
    assert [entry.label for entry in entries if not entry.allowed] == []


def test_the_sample_badge_offers_removal_to_admins_alone() -> None:
    TeamFactory(is_sample=True)
    button = "Remove sample data"
    assert button in client_of(Role.ADMIN).get("/").content.decode()
    page = client_of(Role.MANAGER).get("/").content.decode()
    assert "Sample data" in page
    assert button not in page


def test_the_badge_is_gone_with_the_sample_data() -> None:
    TeamFactory(is_sample=True)
    CauseFactory(is_sample=True)
    client = client_of(Role.ADMIN)
    page = client.post("/demo/sample/remove/", follow=True).content.decode()
    assert "The sample data is removed." in page
    assert "Remove sample data" not in page
