"""Whoever holds a link differences what it shows, looks again tomorrow, and finds nobody."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from analytics import reports
from analytics.aggregates import apply_all
from analytics.console.shared import for_strangers
from analytics.filters import Filters
from analytics.kept import ShareLink
from surveys.models import Agent, Cause, User
from surveys.services.access import EVERYTHING, Scope
from tests import worlds
from tests.analytics.answered import answer
from tests.analytics.console.conftest import LAST_DAY
from tests.analytics.console.filed import Page
from tests.analytics.console.keeping import shared, signed_in
from tests.factories import (
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)
from tests.surveys.staff import NO_PASSWORD, client_of

pytestmark = pytest.mark.django_db
STRANGER = for_strangers(EVERYTHING, with_comments=False, alias_key=None)
NAMELESS = for_strangers(EVERYTHING, with_comments=False, alias_key=b"key")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def rate(agent: Agent, cause: Cause, n: int, *, day: dt.date = LAST_DAY, **said: int) -> None:
    at = dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
    for k in range(n):
        resolution = ResolutionFactory(agents=[agent], cause=cause, resolved_at=at)
        ratings = {"f1": 4 + k % 2, "f2": None, "c1": 1 + k % 4, **said}
        answer(InvitationFactory(resolution=resolution, sent_at=at), at=at, **ratings)


@worlds.world
def desk() -> dict[str, Any]:
    """Four agents and four causes, of which one each was rated by three customers alone."""
    agents = [AgentFactory(name=name, team=None) for name in ("Ada", "Ben", "Cem", "Dora")]
    causes = [CauseFactory(code=code, name=code.title()) for code in ("net", "bill", "sim", "odd")]
    for agent, cause, n in zip(agents, causes, (20, 15, 12, 3), strict=True):
        rate(agent, cause, n)
    apply_all()
    return {"agents": agents, "causes": causes}


def names_of(scope: Scope) -> list[str]:
    return [row.agent.name for row in reports.agents(Filters(), scope).results]


def test_the_few_are_left_out_with_whom_the_total_would_give_them_away(
    desk: dict[str, Any],
) -> None:
    assert names_of(EVERYTHING) == ["Ada", "Ben", "Cem", "Dora"]
    # All ratings together less those of three agents would be Dora's three: Cem goes with her.
    assert names_of(STRANGER) == ["Ada", "Ben"]
    shown = {row.cause.code for row in reports.causes(Filters(), STRANGER).results}
    assert shown == {"net", "bill"}
    everyone = reports.agents(Filters(), STRANGER).company.n
    told = sum(row.n for row in reports.agents(Filters(), STRANGER).results)
    assert everyone - told == 15


def test_one_who_is_left_out_has_no_figures_of_their_own_either(desk: dict[str, Any]) -> None:
    for place, code in ((2, "sim"), (3, "odd")):
        agent = desk["agents"][place]
        own = Filters(agent=(agent.external_id,))
        assert reports.agents(own, STRANGER).results == ()
        assert reports.causes(Filters(cause=(code,)), STRANGER).results == ()
    assert reports.agents_funnel(Filters(), STRANGER).results == tuple(
        point
        for point in reports.agents_funnel(Filters(), EVERYTHING).results
        if point.agent.name in ("Ada", "Ben")
    )


def test_a_day_of_few_answers_is_no_point_of_a_trend(desk: dict[str, Any]) -> None:
    rate(desk["agents"][0], desk["causes"][0], 2, day=LAST_DAY - dt.timedelta(days=1))
    apply_all()
    both = reports.trend(Filters(), EVERYTHING, "day").results
    assert [point.fix.n for point in both if point.fix] == [2, 50]
    assert [point.fix for point in reports.trend(Filters(), STRANGER, "day").results] == [
        None,
        None,
    ]


def test_small_cells_of_the_matrix_are_not_shown(desk: dict[str, Any]) -> None:
    whole = reports.matrix(Filters(), EVERYTHING)
    assert whole.cells is not None
    assert any(0 < n < 5 for row in whole.cells for n in row) is False
    rate(desk["agents"][0], desk["causes"][0], 1, f1=1, c1=5)
    apply_all()
    seen = reports.matrix(Filters(), STRANGER)
    assert (seen.cells, seen.quadrants) == (None, None)
    assert seen.masked.share_all is not None
    assert reports.matrix(Filters(), EVERYTHING).quadrants is not None


def test_two_groups_that_differ_by_few_are_not_compared(desk: dict[str, Any]) -> None:
    all_but_dora = Filters(cause=("net", "bill", "sim"))
    found = reports.comparison(Filters(), all_but_dora, STRANGER)
    assert (found.fix, found.cause) == (None, None)
    assert reports.comparison(Filters(), all_but_dora, EVERYTHING).fix is not None
    assert reports.comparison(Filters(), Filters(cause=("net",)), STRANGER).fix is not None


def test_agents_names_are_left_out_unless_they_are_ticked(
    manager: User, desk: dict[str, Any]
) -> None:
    assert sorted(names_of(STRANGER)) == ["Ada", "Ben"]
    for path in ("/agents/", "/"):
        _, address = shared(manager, path)
        page = Client().get(address).content.decode()
        assert not re.search(r"\b(Ada|Ben|Cem|Dora)\b", page), path
        _, address = shared(manager, path, names=True)
        assert (">Ada<" in Client().get(address).content.decode()) == (path == "/agents/")
    aliases = re.findall(r"Agent [A-Z2-7]{5}", str(names_of(NAMELESS)))
    assert aliases == sorted(aliases)
    assert len(aliases) == 2


def test_who_owns_a_cause_is_told_to_staff_alone(manager: User, desk: dict[str, Any]) -> None:
    net, bill, *_ = desk["causes"]
    rate(desk["agents"][0], net, 10, c1=5, c2=5)
    apply_all()
    olga = UserFactory(role=User.Role.CAUSE_OWNER, name="Olga <b>", password=NO_PASSWORD)
    Cause.objects.filter(pk=net.pk).update(owner=olga)
    Cause.objects.filter(pk=bill.pk).update(owner_team=TeamFactory(name="Billing desk"))
    owners = {"Net": "Olga <b>", "Bill": "Billing desk", "Sim": "–", "Odd": "–"}
    page = Page(signed_in(manager), "/causes/")
    assert {row[0]: row[1] for row in page.table("table")} == owners
    told = {row["cause.name"]: row["cause.owner"] or "–" for row in page.file("").rows}
    assert told == owners
    own = Page(signed_in(olga), "/causes/")
    assert [row[:2] for row in own.table("table")] == [["Net", "Olga <b>"]]
    first = signed_in(manager).get("/").content.decode()
    assert "Owned by Olga &lt;b&gt;<" in first
    for path, with_names in (("/causes/", False), ("/", False), ("/", True)):
        _, address = shared(manager, path, names=with_names)
        given = Client().get(address).content.decode()
        assert ">Net<" in given
        assert not re.search(r"Olga|Billing desk|Owner|[Oo]wned by|Nobody owns", given)


def test_a_report_of_one_agent_is_not_shared_without_names(
    manager: User, desk: dict[str, Any]
) -> None:
    agent = desk["agents"][0]
    client = signed_in(manager)
    for path, query in (
        (f"/agents/{agent.pk}/", ""),
        ("/causes/", f"agent={agent.external_id}"),
        ("/segments/", f"b_agent={agent.external_id}"),
    ):
        posted = {"path": path, "query": query, "days": "7"}
        page = client.post("/settings/links/", posted, follow=True).content.decode()
        assert "tick “With agents’ names” to share it" in page
    assert not ShareLink.objects.exists()
    shared(manager, f"/agents/{agent.pk}/", names=True)


def test_nothing_that_is_answered_after_a_link_was_made_is_in_it(
    manager: User, desk: dict[str, Any]
) -> None:
    addresses = [shared(manager, path)[1] for path in ("/", "/causes/", "/agents/", "/trend/")]
    before = [Client().get(address).content for address in addresses]
    rate(desk["agents"][0], desk["causes"][0], 1, day=LAST_DAY + dt.timedelta(days=1), f1=1, c1=5)
    apply_all()
    cache.clear()
    assert [Client().get(address).content for address in addresses] == before


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("by=resolved", "Share the days of the answers instead."),
        ("from=2026-11-21", "choose days that are over"),
    ],
)
def test_days_that_are_not_over_are_not_shared(
    manager: User, desk: dict[str, Any], query: str, sentence: str
) -> None:
    posted = {"path": "/causes/", "query": query, "days": "7"}
    page = signed_in(manager).post("/settings/links/", posted, follow=True).content.decode()
    assert sentence in page
    assert not ShareLink.objects.exists()


def test_the_maker_is_told_and_shown_what_others_will_see(
    manager: User, desk: dict[str, Any]
) -> None:
    client = signed_in(manager)
    form = client.get("/settings/links/?path=/agents/&query=").content.decode()
    assert "What somebody with the link will see" in form
    assert "agents with under 10 ratings" in form
    page = client.get("/settings/links/preview/?path=/agents/&query=").content.decode()
    assert "Not shared yet" in page
    assert not re.search(r"\b(Ada|Ben|Cem|Dora)\b", page)
    named = client.get("/settings/links/preview/?path=/agents/&query=&with_names=1")
    assert ">Ada<" in named.content.decode()
    posted = client.post("/settings/links/preview/", {"path": "/causes/", "query": ""})
    assert "Not shared yet" in posted.content.decode()
    assert not ShareLink.objects.exists()
    owner = client_of(User.Role.TEAM_LEAD)
    assert owner.get("/settings/links/preview/?path=/causes/&query=").status_code == 404
