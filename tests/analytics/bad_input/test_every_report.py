"""What nobody would ask for, of every report as page, JSON and CSV: right numbers or a plain
sentence, never NaN, never 500."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from analytics.aggregates import apply_all
from analytics.frames import resolution_rows
from analytics.frames.blocks import Codes, packed
from analytics.models import ResolutionBlock
from surveys.models import Agent, Cause, Resolution, User
from tests.analytics.answered import answer
from tests.factories import (
    NOW,
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    ProductFactory,
    ResolutionFactory,
    TeamFactory,
)
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
PAGES = ("/", "/agents/", "/causes/", "/matrix/", "/trend/", "/segments/", "/responses/")
FILES = (
    "/api/v1/reports/overview/",
    "/api/v1/reports/agents/",
    "/api/v1/reports/causes/",
    "/api/v1/reports/matrix/",
    "/api/v1/reports/trend/",
    "/api/v1/reports/alarms/",
    "/api/v1/reports/funnel/",
    "/api/v1/responses/",
)
NO_NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.IGNORECASE)
#: Of a page, what stands in it as text: "none" may be a word of a style or an attribute.
MARKUP = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def manager() -> Client:
    return client_of(User.Role.MANAGER)


def _own_pages() -> list[str]:
    """The pages of one agent and one cause, where there are any."""
    agents = Agent.objects.order_by("pk").values_list("pk", flat=True)[:1]
    causes = Cause.objects.order_by("pk").values_list("code", flat=True)[:1]
    return [*(f"/agents/{pk}/" for pk in agents), *(f"/causes/{code}/" for code in causes)]


class Asked:
    """What every report says to one question: pages as text, JSON and CSV as values."""

    def __init__(self, client: Client, query: str = "") -> None:
        pages = [*PAGES, *_own_pages()]
        self.pages = {path: self._page(client, f"{path}?{query}") for path in pages}
        self.json = {path: self._json(client, f"{path}?{query}") for path in FILES}
        self.csv = {path: self._csv(client, f"{path}?{query}&format=csv") for path in FILES}

    @staticmethod
    def _page(client: Client, path: str) -> str:
        answered = client.get(path)
        assert answered.status_code == 200, path
        text = MARKUP.sub(" ", answered.content.decode())
        assert not re.search(r"\b(nan|inf)\b", text), path
        return text

    @staticmethod
    def _json(client: Client, path: str) -> Any:
        answered = client.get(path)
        assert answered.status_code == 200, path

        def refuse(word: str) -> None:
            pytest.fail(f"{path} says {word}")

        return json.loads(answered.content, parse_constant=refuse)

    @staticmethod
    def _csv(client: Client, path: str) -> list[dict[str, str]]:
        answered = client.get(path)
        assert answered.status_code == 200, path
        text = b"".join(answered).decode()
        assert not NO_NUMBER.search(text.partition("\n")[2]), path
        return list(csv.DictReader(io.StringIO(text)))

    def report(self, name: str) -> Any:
        return self.json[f"/api/v1/reports/{name}/"]

    def says_nothing(self) -> None:
        """No answer, no share: an empty selection is nothing, not 0 %."""
        overview = self.report("overview")
        for side in ("fix", "cause", "masked"):
            assert overview[side]["n"] == 0
            assert {v for k, v in overview[side].items() if k.startswith(("top2", "dismayed"))} <= {
                None
            }
        assert overview["response_rate"] is None
        assert self.report("matrix")["n"] == 0
        assert self.report("agents")["results"] == self.report("causes")["results"] == []
        assert self.json["/api/v1/responses/"]["results"] == []
        assert self.csv["/api/v1/reports/agents/"] == self.csv["/api/v1/responses/"] == []
        for path, page in self.pages.items():
            # Segments set the selection beside everything, where 0 % may be what was answered.
            if path != "/segments/":
                assert "0\u202f%" not in page.replace("100\u202f%", ""), path


def _answered(n: int = 1, at: dt.datetime = NOW, **said: int) -> None:
    agent, cause = AgentFactory.create(), CauseFactory.create()
    team, product = TeamFactory.create(), ProductFactory.create()
    for _ in range(n):
        resolution = ResolutionFactory.create(
            agents=[agent], cause=cause, team=team, product=product, resolved_at=at
        )
        answer(InvitationFactory.create(resolution=resolution, sent_at=at), at=at, **said)
    apply_all()


def test_one_answer_is_a_number_and_no_share(manager: Client) -> None:
    _answered(1, f1=5, c1=5, c2=4, c3=1, o1=5)
    asked = Asked(manager)
    [agent], [cause] = asked.report("agents")["results"], asked.report("causes")["results"]
    assert (agent["n"], agent["too_few"], agent["mean"], agent["shrunk"]) == (1, True, None, None)
    assert (cause["cases"], cause["n"], cause["too_few"], cause["dismayed"]) == (1, 1, True, None)
    assert asked.report("matrix")["n"] == 1
    assert [row["n"] for row in asked.csv["/api/v1/reports/causes/"]] == ["1"]
    assert "too few" in asked.pages["/causes/"]
    assert "too few" in asked.pages["/agents/"]


@pytest.mark.parametrize(("f1", "c1"), [(5, 1), (1, 5), (3, 3)])
def test_answers_that_are_all_the_same_have_intervals_and_no_correlation(
    manager: Client, f1: int, c1: int
) -> None:
    _answered(40, f1=f1, f2=f1, c1=c1, c2=c1, c3=1, o1=f1)
    asked = Asked(manager)
    overview = asked.report("overview")
    fix, cause = overview["fix"], overview["cause"]
    assert (fix["n"], fix["mean"], fix["top2"]) == (40, f1, float(f1 >= 4))
    assert (cause["n"], cause["mean"], cause["dismayed"]) == (40, c1, float(c1 >= 4))
    assert 0 <= fix["top2_low"] <= fix["top2"] <= fix["top2_high"] <= 1
    assert fix["top2_low"] < fix["top2_high"]
    assert overview["separation"]["r"] is None
    [agent] = asked.report("agents")["results"]
    assert agent["adjusted"] is None  # one desk, one kind of case: not separable


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("from=2026-11-02&to=2026-11-03", id="empty"),
        pytest.param("from=1999-01-01&to=1999-12-31", id="before-the-first-case"),
        pytest.param("to=1999-12-31", id="only-the-past"),
        pytest.param("from=2031-01-01&to=2031-02-01", id="future"),
        pytest.param("from=2031-01-01", id="only-the-future"),
        pytest.param("from=2031-01-01&to=2031-02-01&by=resolved", id="future-resolutions"),
    ],
)
def test_a_period_without_answers_says_so(manager: Client, query: str) -> None:
    _answered(12, f1=4, c1=2)
    Asked(manager, query).says_nothing()


def test_filters_that_match_nothing_say_so(manager: Client) -> None:
    _answered(6, f1=4, c1=2)
    _answered(6, f1=2, c1=4)
    first, last = Resolution.objects.order_by("pk")[0], Resolution.objects.order_by("-pk")[0]
    agent = first.handled_by.get().agent
    assert last.team is not None
    assert first.cause is not None
    Asked(manager, f"team={last.team.name}&agent={agent.external_id}").says_nothing()
    # Cases have no language; surveys have, and nobody was asked in this one.
    Asked(manager, f"cause={first.cause.code}&language=ar").says_nothing()


@pytest.mark.parametrize(
    "name", ["team", "agent", "product", "cause", "channel", "language", "questionnaire"]
)
def test_a_value_that_does_not_exist_is_refused_by_name(manager: Client, name: str) -> None:
    _answered(1, f1=4, c1=2)
    for path in (*PAGES, *FILES):
        refused = manager.get(f"{path}?{name}=Nowhere")
        assert refused.status_code == 400, path
        assert f"There is no {name} “Nowhere”." in refused.content.decode(), path
    problem = manager.get(f"{FILES[0]}?{name}=Nowhere").json()
    assert [fault["field"] for fault in problem["errors"]] == [name]


def test_days_add_up_where_clocks_change(manager: Client) -> None:
    """Days are UTC days: the hour that comes twice in Berlin is counted once, none is lost."""
    moments = [
        dt.datetime(2026, 10, 24, 23, 59, 59, 999999, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 0, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        dt.datetime(2026, 10, 25, 2, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        dt.datetime(2026, 10, 25, 2, 30, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        dt.datetime(2026, 10, 25, 23, 59, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 26, 0, 0, tzinfo=dt.UTC),
    ]
    for at in moments:
        _answered(1, at=at, f1=4, c1=2)
    for by in ("answered", "resolved"):
        query = f"from=2026-10-24&to=2026-10-26&by={by}"
        points = _report(manager, "trend", f"interval=day&{query}")["results"]
        assert [point["fix"]["n"] for point in points] == [2, 4, 1]
        assert _report(manager, "overview", query)["fix"]["n"] == 7
        assert sum(row["cases"] for row in _report(manager, "causes", query)["results"]) == 7
        one = f"from=2026-10-25&to=2026-10-25&by={by}"
        assert _report(manager, "overview", one)["fix"]["n"] == 4
        assert _report(manager, "matrix", one)["n"] == 4
        assert sum(row["cases"] for row in _report(manager, "causes", one)["results"]) == 4


def _report(client: Client, name: str, query: str) -> Any:
    return client.get(f"/api/v1/reports/{name}/?{query}").json()


MANY = 100_000


def test_a_hundred_thousand_causes_stay_readable(manager: Client) -> None:
    _one_case_each(MANY)
    page = manager.get("/causes/")
    assert page.status_code == 200
    assert len(page.content) < 500_000
    assert "1–100 of 100,000 causes" in page.content.decode()
    found = manager.get("/api/v1/reports/causes/?page_size=50").json()
    assert len(found["results"]) == 50
    assert found["next"]


def _one_case_each(many: int) -> None:
    """So many causes with a case of today, packed as their day would be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_cause (code, name, description, is_sample)"
            " SELECT 'many-' || k, 'Cause ' || k, '', FALSE FROM generate_series(1, %s) AS k"
            " RETURNING id",
            [many],
        )
        causes = [pk for (pk,) in cursor.fetchall()]
    nothing = np.zeros(many, np.int32)
    columns: dict[str, Codes] = dict.fromkeys(resolution_rows.COLUMNS, nothing)
    columns["cause"] = np.arange(many)
    values: dict[str, list[Any]] = {name: [None] for name in resolution_rows.DIMENSIONS}
    values |= {"cause": causes, "agents": [()], "channel": ["phone"]}
    data = packed(many, columns, values, resolution_rows.COLUMNS)
    ResolutionBlock.objects.create(id=secrets.randbits(63), day=NOW.date(), n=many, data=data)
