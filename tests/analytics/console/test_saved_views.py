"""Saved views: a question under a name, each reader's own part of it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from analytics import simulation
from analytics.console.asking import today
from analytics.kept import SavedView, ShareLink, SharingEvent
from analytics.printing.tree import parse
from analytics.sharing import views
from surveys.models import Agent, Cause, User
from surveys.services import causes
from tests.analytics.console.keeping import (
    menu_of,
    save,
    signed_in,
)
from tests.factories import UserFactory
from tests.surveys.staff import BACKEND, NO_PASSWORD, client_of

pytestmark = pytest.mark.django_db
Role = User.Role


def test_a_view_keeps_its_period_relative(manager: User, company: simulation.Simulated) -> None:
    client = signed_in(manager)
    save(client, " Last\n month ", "/causes/", "period=last_month&channel=phone")
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Last month", "period=last_month&channel=phone")
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        assert (
            "1 October 2026 to 31 October 2026"
            in client.get(f"/causes/?{view.query}").content.decode()
        )
    with time_machine.travel(dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)):
        client.force_login(manager, BACKEND)
        assert (
            "1 November 2026 to 30 November 2026"
            in client.get(f"/causes/?{view.query}").content.decode()
        )
    assert menu_of(client) == ["Last month"]


def test_a_relative_period_ends_on_the_readers_day(
    manager: User, company: simulation.Simulated
) -> None:
    client = signed_in(manager)
    client.post("/settings/digests/", {"time_zone": "Pacific/Auckland"})
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        client.force_login(manager, BACKEND)
        there = client.get("/causes/?period=this_week").content.decode()
        api = client.get("/api/v1/reports/trend/?period=7d&interval=day").json()
    assert "this week: 23 November 2026<" in there  # where it is Monday already
    days = [point["start"] for point in api["results"]]
    assert (days[0], days[-1]) == ("2026-11-17", "2026-11-23")


def test_an_agents_own_zone_moves_no_fixed_period(company: simulation.Simulated) -> None:
    agent = Agent.objects.all()[0]
    client = client_of(Role.AGENT, agent=agent)
    client.post("/settings/digests/", {"time_zone": "Pacific/Kiritimati"})
    page = client.get(f"/agents/{agent.pk}/?period=7d")
    assert page.status_code == 200
    assert str(today().year) in page.content.decode()


def test_views_are_renamed_shared_deleted_and_brought_back(manager: User) -> None:
    client = signed_in(manager)
    save(client, "Mine", "/causes/")
    view = SavedView.objects.get()
    client.post(f"/settings/views/{view.pk}/", {"name": "Ours", "is_shared": "1"})
    other = client_of(Role.ANALYST)
    assert menu_of(other) == ["Ours"]
    client.post(f"/settings/views/{view.pk}/delete/")
    assert (menu_of(client), menu_of(other)) == ([], [])
    undo = client.get(f"/settings/views/?deleted={view.pk}").content.decode()
    assert f"/settings/views/{view.pk}/restore/" in undo
    save(client, "ours", "/agents/")  # the name was given again meanwhile
    client.post(f"/settings/views/{view.pk}/restore/")
    assert sorted(menu_of(client)) == ["Ours (2)", "ours"]
    actions = list(SharingEvent.objects.values_list("action", flat=True).order_by("id"))
    assert actions == ["saved a view", "renamed a view", "shared a view", "deleted a view",
                       "saved a view", "brought a view back"]  # fmt: skip


def test_a_deletion_is_for_good_after_a_day(manager: User) -> None:
    view = views.save(manager, "Old", "/causes/", "", is_shared=False)
    views.delete(view, timezone.now() - views.UNDO - dt.timedelta(minutes=1))
    client = signed_in(manager)
    assert client.post(f"/settings/views/{view.pk}/restore/").status_code == 404


def test_a_shared_view_is_seen_by_those_whose_role_has_its_report(
    manager: User, company: simulation.Simulated
) -> None:
    client = signed_in(manager)
    agent, cause = Agent.objects.all()[0], Cause.objects.all()[0]
    kept = {"agents": "/agents/", "causes": "/causes/", "both": "/matrix/"}
    kept |= {"one": f"/agents/{agent.pk}/", "why": f"/causes/{cause.code}/"}
    for name, path in kept.items():
        save(client, name, path, shared=True)
    owner: User = UserFactory(role=Role.CAUSE_OWNER, password=NO_PASSWORD)
    assert menu_of(signed_in(owner)) == ["causes"]
    Cause.objects.filter(pk=cause.pk).update(owner=owner)
    assert menu_of(signed_in(owner)) == ["causes", "why"]
    assert menu_of(client_of(Role.TEAM_LEAD), "/agents/") == ["agents"]
    assert menu_of(client_of(Role.TEAM_LEAD, team=agent.team), "/agents/") == ["agents", "one"]
    assert len(menu_of(client_of(Role.ANALYST))) == 5
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert menu_of(client_of(Role.ANALYST)) == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/settings/", ""),
        ("https://evil.example/", ""),
        ("//evil.example/causes/", ""),
        ("/nowhere/", ""),
        ("/cases/", ""),
        ("/charts/trend.svg", ""),
        ("/causes/", "colour=red"),
        ("/causes/", "product=Nothing"),
        ("/causes/", "from=2026-13-01"),
        ("/causes/", "period=7d&from=2026-01-01"),
        ("/responses/", "q=zebulon@quirk.example"),
        ("/causes/" + "x" * 500, ""),
        ("/causes/", "team=" + "x" * 5000),
    ],
)
def test_only_a_report_that_opens_is_saved_or_shared(manager: User, path: str, query: str) -> None:
    client = signed_in(manager)
    save(client, "x", path, query)
    client.post("/settings/links/", {"path": path, "query": query, "days": "30"})
    assert (SavedView.objects.count(), ShareLink.objects.count()) == (0, 0)


def test_a_view_of_what_no_longer_exists_says_so(
    manager: User, company: simulation.Simulated
) -> None:
    client = signed_in(manager)
    cause, agent = Cause.objects.all()[0], Agent.objects.all()[0]
    save(client, "By cause", "/causes/", f"cause={cause.code}")
    save(client, "Two groups", "/segments/", f"from=2026-11-01&b_agent={agent.external_id}")
    save(client, "All", "/agents/", "period=28d")
    assert "There is no" not in client.get("/settings/views/").content.decode()
    Cause.objects.filter(pk=cause.pk).update(code="another")
    Agent.objects.filter(pk=agent.pk).update(external_id="another")
    page = client.get("/settings/views/").content.decode()
    assert f"There is no cause “{cause.code}”. Delete this view" in page
    assert f"There is no agent “{agent.external_id}”. Delete this view" in page
    assert page.count("There is no") == 2
    opened = client.get(f"/causes/?cause={cause.code}")
    assert opened.status_code == 400
    assert "Your saved view “By cause” asks for it" in opened.content.decode()
    assert "saved view" not in client.get("/causes/?cause=never").content.decode()


def test_a_view_of_a_merged_cause_goes_on_under_its_new_name(
    manager: User, company: simulation.Simulated
) -> None:
    client = signed_in(manager)
    old, new = Cause.objects.all()[:2]
    save(client, "By cause", "/causes/", f"cause={old.code}")
    causes.merge(old.code, new.code, timezone.now())
    page = client.get("/settings/views/").content.decode()
    assert "There is no" not in page
    assert f"Cause: {new.name}" in page


def test_names_are_ones_own_and_each_of_them_once(manager: User) -> None:
    client, other = signed_in(manager), client_of(Role.ANALYST)
    for who in (client, other):
        save(who, "Mondays", "/causes/")
    answer = client.post(
        "/settings/views/", {"name": " mondays ", "path": "/agents/", "query": ""}, follow=True
    )
    assert "You have a view “mondays” already" in answer.content.decode()
    assert SavedView.objects.count() == 2


def test_a_search_is_not_kept_with_its_report(manager: User, company: simulation.Simulated) -> None:
    page = parse(signed_in(manager).get("/responses/?q=zebulon&period=28d").content.decode())
    fields = [node.attributes for node in page.walk() if node.attributes.get("name") == "query"]
    assert [field["value"] for field in fields] == ["period=28d"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_view_needs_a_usable_name(manager: User, name: str) -> None:
    client = signed_in(manager)
    save(client, name, "/causes/")
    assert not SavedView.objects.exists()


def test_nobody_changes_the_view_of_another(manager: User) -> None:
    view = views.save(manager, "Mine", "/causes/", "", is_shared=True)
    other = client_of(Role.ADMIN)
    for path in ("", "delete/", "restore/"):
        assert other.post(f"/settings/views/{view.pk}/{path}", {"name": "x"}).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.deleted_at) == ("Mine", None)
