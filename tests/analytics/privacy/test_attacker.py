"""An attacker knows who answered when, and about what; asks all that is permitted; subtracts.

First by algebra: every figure is a sum over customers whose membership the attacker knows, and what
follows from all sums together is what the rows of their matrix span. Then without algebra, for
whatever a page prints: two customers of one group exchange all they said, and not one byte of any
permitted answer may tell.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from analytics import reports
from analytics.aggregates import apply_all
from analytics.filters import Filters
from analytics.models import CountedResponse
from analytics.reports import Interval
from analytics.reports.access import FIXED_PERIODS
from surveys.models import Response
from surveys.services.access import API_REPORTS
from tests import worlds
from tests.analytics.privacy.world import World, build, exchange, store
from tests.surveys.staff import BACKEND

pytestmark = pytest.mark.django_db
LEAST = {"lead": 5, "agent": 10, "owner": 5}
SIDE = {"lead": "f1", "agent": "f1", "owner": "c1"}
_INTERVALS: Final[tuple[Interval, ...]] = ("day", "month")


@worlds.world
def world() -> World:
    """One company for all tests of this module."""
    return build(1, 130)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def periods(who: str) -> list[tuple[dt.date | None, dt.date | None]]:
    """All that may be asked for: of an agent the fixed ones, of others any two days of a grid."""
    today = timezone.now().date()
    if who == "agent":
        starts = [today - dt.timedelta(days=days - 1) for days in FIXED_PERIODS]
        return [(None, None), *((start, today) for start in starts)]
    days = [None, *(today - dt.timedelta(days=back) for back in (0, 1, 20, 21, 50))]
    pairs = itertools.product(days, days)
    return [(one, two) for one, two in pairs if one is None or two is None or one <= two]


class Attack:
    """Sums with their members. Answers in the order of their days, as anybody may list them."""

    def __init__(self, world: World, who: str) -> None:
        self.world, self.who, self.side = world, who, SIDE[who]
        self.scope = world.scope(who)
        known = CountedResponse.objects.exclude(**{self.side: None})
        self.people = list(known.order_by("answered_on", "response_id"))
        self.rows: list[list[bool]] = []
        self.day = {"answered": self._told("answered_on"), "resolved": self._told("resolved_on")}

    def _series(self, one: CountedResponse) -> object:
        """The row an answer belongs to; None where this reader has no part in it."""
        match self.who:
            case "lead":
                return tuple(one.agent_ids) if one.team_id == self.world.teams[0].pk else None
            case "agent":
                return "own" if self.world.agents[0].pk in one.agent_ids else None
            case _:
                mine = {cause.pk for cause in self.world.causes[:2]}
                return one.cause_id if one.cause_id in mine else None

    def _told(self, day: str) -> list[dt.date | None]:
        """The day each answer is told on, written once more and in plain words."""
        least = LEAST[self.who]
        lines: dict[object, list[int]] = {}
        for place, one in enumerate(self.people):
            lines.setdefault(self._series(one), []).append(place)
        found: list[dt.date | None] = [None] * len(self.people)
        for series, places in lines.items():
            for start in range(0, len(places) - least + 1, least):
                members = places[start : start + least]
                last = max(getattr(self.people[k], day) for k in members)
                for k in members if series is not None else ():
                    found[k] = last
        return found

    def note(self, figures: Any, filters: Filters, column: str, rows: list[bool]) -> None:
        """One figure of a report: it says what its members said, or it says nothing."""
        days = self.day[filters.by]
        inside = [
            is_in
            and day is not None
            and (filters.from_ is None or day >= filters.from_)
            and (filters.to is None or day <= filters.to)
            for is_in, day in zip(rows, days, strict=True)
        ]
        values = [
            self._value(one, column)
            for one, is_in in zip(self.people, inside, strict=True)
            if is_in
        ]
        if not values:
            assert figures.mean is None
            return
        if figures.mean is None:
            assert figures.too_few
            assert figures.n == len(values)
            return
        assert figures.n == len(values)
        assert figures.mean * figures.n == pytest.approx(sum(values))
        share = figures.top2 if hasattr(figures, "top2") else figures.dismayed
        assert share * figures.n == pytest.approx(sum(value >= 4 for value in values))
        self.rows.append(inside)

    @staticmethod
    def _value(one: CountedResponse, column: str) -> int:
        if column == "rating":
            found = one.f2 if one.n_agents == 1 and one.f2 is not None else one.f1
        else:
            found = getattr(one, column)
        assert found is not None
        return int(found)

    def ask(self, filters: Filters) -> None:
        """Every figure of every report that answers this question."""
        named = self._named(filters)
        seen = reports.overview(filters, self.scope)
        self.note(seen.fix or seen.cause, filters, self.side, named)
        # Months add up what days told: seen where the question is the widest.
        for interval in _INTERVALS[: 1 if filters.is_filtered else 2]:
            for point in reports.trend(filters, self.scope, interval).results:
                since = max(filters.from_ or point.start, point.start)
                until = min(filters.to or point.end, point.end)
                within = filters.with_(from_=since, to=until)
                self.note(point.fix or point.cause, within, self.side, named)
        if self.who == "owner":
            for row in reports.causes(filters, self.scope).results:
                mine = [one.cause_id == row.id for one in self.people]
                self.note(row, filters, "c1", mine)
            return
        for agent in reports.agents(filters, self.scope).results:
            mine = [agent.id in one.agent_ids for one in self.people]
            self.note(agent, filters, "rating", mine)

    def _named(self, filters: Filters) -> list[bool]:
        agents = {one.pk for one in self.world.agents if one.external_id in filters.agent}
        causes = {one.pk for one in self.world.causes if one.code in filters.cause}
        return [
            (not agents or not agents.isdisjoint(one.agent_ids))
            and (not causes or one.cause_id in causes)
            for one in self.people
        ]

    def questions(self) -> Iterator[Filters]:
        narrow = [Filters()]
        if self.who == "owner":
            narrow += [Filters(cause=(one.code,)) for one in self.world.causes[:2]]
        elif self.who == "lead":
            narrow += [Filters(agent=(one.external_id,)) for one in self.world.agents]
        for filters in narrow:
            for since, until in periods(self.who)[:: 9 if filters.is_filtered else 1]:
                yield filters.with_(from_=since, to=until)
        yield Filters(by="resolved")
        if self.who != "agent":
            yield Filters(by="resolved", from_=timezone.now().date() - dt.timedelta(days=20))


def determined(rows: list[list[bool]]) -> int:
    """How many single people's ratings follow from the sums: those whose unit vector lies in the
    span of the rows."""
    matrix = np.unique(np.array(rows, dtype=float), axis=0)
    projection = np.linalg.pinv(matrix) @ matrix
    return int(np.isclose(np.diag(projection), 1.0, atol=1e-6).sum())


def smallest_group(rows: list[list[bool]]) -> int:
    """The fewest people that no combination whatever of the sums tells apart: all that follows from
    sums is the same for people who are members of the same ones."""
    columns = np.array(rows, dtype=bool).T
    patterns, sizes = np.unique(columns, axis=0, return_counts=True)
    return int(sizes[patterns.any(axis=1)].min())


@pytest.mark.parametrize("who", ["lead", "agent", "owner"])
def test_no_difference_of_permitted_figures_tells_fewer_than_k(world: World, who: str) -> None:
    attack = Attack(world, who)
    for filters in attack.questions():
        attack.ask(filters)
    assert len(attack.rows) > 20
    assert smallest_group(attack.rows) >= LEAST[who]
    assert determined(attack.rows) == 0


def test_the_same_attacker_finds_people_where_only_small_figures_are_hidden(world: World) -> None:
    """The attack is worth something: it succeeds against the usual rule."""
    people = list(CountedResponse.objects.exclude(f1=None))
    rows = []
    for since, until in periods("lead"):
        found = reports.overview(Filters(from_=since, to=until), API_REPORTS).fix
        inside = [
            (since is None or one.answered_on >= since)
            and (until is None or one.answered_on <= until)
            for one in people
        ]
        assert found is not None
        assert found.n == sum(inside)
        if found.n >= 5:
            rows.append(inside)
    assert len(world.agents) == 5
    assert smallest_group(rows) < 5


def _client(world: World, who: str) -> Client:
    client = Client()
    client.force_login(world.users[who], BACKEND)
    return client


def addresses(world: World, who: str) -> list[str]:
    """Pages, interfaces and files of one reader, for some periods."""
    if who == "owner":
        code = world.causes[0].code
        pages = ["/causes/", f"/causes/{code}/", "/responses/"]
        kinds, axis = ["causes", "trend", "overview"], f"cause={code}"
        charts = ["alarms", f"causes/{code}/weeks"]
    else:
        agent = world.agents[0]
        pages = [f"/agents/{agent.pk}/"] + ["/agents/", "/responses/"] * (who == "lead")
        kinds, axis = ["agents", "trend", "overview"], f"agent={agent.external_id}"
        charts = ["funnel"]
    files = [f"/api/v1/reports/{kind}/" for kind in kinds] + ["/api/v1/responses/"]
    dates = [
        "&".join(f"{name}={day}" for name, day in (("from", one), ("to", two)) if day)
        for one, two in periods(who)[:: 3 if who == "agent" else 13]
    ]
    found = [f"{path}?{query}" for path in (*pages, *files) for query in dates]
    if who != "agent":
        found += [f"{path}?{axis}" for path in files]
    found += [
        f"/api/v1/reports/{chart}/?format={kind}" for chart in charts for kind in ("json", "csv")
    ]
    return [*found, *(f"{path}?format={kind}" for path in files for kind in ("csv", "xlsx"))]


def _sheet(body: bytes) -> bytes:
    return zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml")


def told(client: Client, paths: list[str]) -> dict[str, bytes]:
    """What a reader is answered, but for what differs at every request."""
    found = {}
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        body = b"".join(answer) if answer.streaming else answer.content
        body = re.sub(rb'(csrfmiddlewaretoken" value|nonce)="[^"]*"', b"", body)
        found[path] = _sheet(body) if body.startswith(b"PK") else body
    return found


def _groups(attack: Attack) -> dict[tuple[object, int], list[int]]:
    lines: dict[object, list[int]] = {}
    for one in attack.people:
        series = attack._series(one)
        if series is not None:
            lines.setdefault(series, []).append(one.response_id)
    least = LEAST[attack.who]
    return {
        (series, start): ids[start : start + least]
        for series, ids in lines.items()
        for start in range(0, len(ids), least)
    }


@pytest.mark.parametrize("who", ["lead", "agent", "owner"])
def test_two_of_one_group_could_have_said_what_the_other_said(world: World, who: str) -> None:
    groups = _groups(Attack(world, who))
    full = [ids for ids in groups.values() if len(ids) == LEAST[who]]
    waiting = [ids for ids in groups.values() if len(ids) < LEAST[who]]
    client, paths = _client(world, who), addresses(world, who)
    case = Response.objects.get(pk=full[0][0]).invitation.resolution.case_id
    paths += ["/cases/", f"/cases/{case}/"]
    before = told(client, paths)
    exchange(full[0][0], full[0][-1])
    exchange(full[-1][1], full[-1][2])
    exchange(waiting[0][0], waiting[-1][-1])
    lonely = Response.objects.get(pk=waiting[0][0])
    lonely.f1, lonely.c1, lonely.fix_comment = 1, 5, "nobody may read this yet"
    store(lonely)
    apply_all()
    after = told(client, paths)
    assert [path for path in paths if before[path] != after[path]] == []
    # What one said is not lost: in another group it is told.
    one, other = Response.objects.filter(pk__in=[full[0][0], full[1][0]])
    one.f1 = one.c1 = 1
    other.f1 = other.c1 = 5
    store(one)
    store(other)
    apply_all()
    some = [path for path in paths if "/overview/?format=csv" in path]
    assert told(client, some) != {path: after[path] for path in some}


def test_an_answer_more_is_not_told_until_its_group_is_full(world: World) -> None:
    scope = world.scope("owner")
    seen = reports.overview(Filters(), scope).cause
    assert seen is not None
    everybody = reports.overview(Filters(cause=_codes(world)), API_REPORTS).cause
    assert everybody is not None
    assert seen.n % 5 == 0
    assert 0 <= everybody.n - seen.n < 5 * 2
    own = {one.pk for one in world.causes[:2]}
    newest = CountedResponse.objects.filter(cause_id__in=own).exclude(c1=None)
    latest = newest.order_by("-answered_on", "-response_id")[0]
    response = Response.objects.get(pk=latest.response_id)
    response.c1 = 1 if response.c1 == 5 else 5
    store(response)
    apply_all()
    assert reports.overview(Filters(), scope).cause == seen


def _codes(world: World) -> tuple[str, ...]:
    return tuple(one.code for one in world.causes[:2])


@pytest.mark.parametrize(
    ("who", "query"),
    [
        ("lead", "product=Fibre"),
        ("lead", "cause=dsl"),
        ("lead", "language=de"),
        ("owner", "channel=phone"),
        ("owner", "agent=a1"),
        ("owner", "team=North"),
    ],
)
def test_a_bound_reader_asks_along_the_own_rows_only(world: World, who: str, query: str) -> None:
    """Before it is looked whether there is such a product: that would tell, too."""
    client = _client(world, who)
    name = query.partition("=")[0]
    page = "/agents/" if who == "lead" else "/causes/"
    for path in (page, "/responses/", "/api/v1/reports/trend/", "/api/v1/responses/"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 400
        assert f"not by {name}" in answer.content.decode() or name == "agent"
    offered = {choice.name for choice in client.get(page).context["bar"].choices}
    assert offered == ({"agent"} if who == "lead" else {"cause"})
