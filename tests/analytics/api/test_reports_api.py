"""The reports by API: who may read what, wrong questions, pages, files."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client

from analytics import aggregates, reports, simulation
from analytics.filters import Filters
from surveys.models import Agent, Cause, Customer, Team, User
from surveys.services.access import API_REPORTS
from tests import worlds
from tests.analytics.answered import answer, invitations
from tests.factories import (
    AgentFactory,
    ApiKeyFactory,
    CauseFactory,
    InvitationFactory,
    ResolutionFactory,
    UserFactory,
)
from tests.surveys.every_type import every_type, published

pytestmark = pytest.mark.django_db

REPORTS = ("overview", "agents", "causes", "matrix", "trend")
ADDRESSES = [f"/api/v1/reports/{name}/" for name in REPORTS] + ["/api/v1/responses/"]


@worlds.world
def company() -> simulation.Simulated:
    from tests.analytics.reports.conftest import LAST_DAY

    return simulation.simulate(
        600, seed=5, last_day=LAST_DAY, agents=9, causes=6, days=30, response_rate=0.6
    )


def _client(*scopes: str) -> Client:
    secret = "sd_" + "0" * 39 + str(len(scopes))
    ApiKeyFactory(secret=secret, scopes=list(scopes))
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def client() -> Client:
    return _client("reports:read", "responses:read")


def _get(client: Client, address: str, status: int = 200) -> Any:
    response = client.get(address)
    assert response.status_code == status, response.content[:500]
    return response.json()


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_reads_without_a_key(address: str) -> None:
    assert Client().get(address).status_code == 401


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_key_reads_only_with_its_scope(address: str) -> None:
    assert _client("cases:write").get(address).status_code == 403


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_empty_installation_answers_with_nothing_instead_of_failing(
    client: Client, address: str
) -> None:
    found = _get(client, address)
    assert "NaN" not in json.dumps(found)
    assert found.get("results", []) == []


def test_overview_of_nothing_says_nothing_and_never_zero_percent(client: Client) -> None:
    assert _get(client, "/api/v1/reports/overview/") == {
        "fix": {"n": 0, "mean": None, "top2": None, "top2_low": None, "top2_high": None},
        "cause": {
            "n": 0,
            "mean": None,
            "dismayed": None,
            "dismayed_low": None,
            "dismayed_high": None,
        },
        "masked": {
            "n": 0,
            "count": 0,
            "share_all": None,
            "share_all_low": None,
            "share_all_high": None,
            "n_satisfied": 0,
            "share_satisfied": None,
            "share_satisfied_low": None,
            "share_satisfied_high": None,
            "too_few": True,
        },
        "invited": 0,
        "delivered": 0,
        "completed": 0,
        "response_rate": None,
        "delivered_response_rate": None,
        "separation": {"n": 0, "r": None, "r_low": None, "r_high": None, "hardly": False},
    }


@pytest.mark.usefixtures("company")
def test_the_api_shows_what_the_reports_say(client: Client) -> None:
    filters = Filters(channel=("phone",), by="resolved")
    query = filters.to_query()
    for name in ("overview", "matrix"):
        report = getattr(reports, name)(filters, API_REPORTS)
        assert _get(client, f"/api/v1/reports/{name}/?{query}") == report.as_dict()
    rows = [row.as_dict() for row in reports.agents(filters, API_REPORTS).results]
    found = _get(client, f"/api/v1/reports/agents/?{query}")
    assert found == {"results": rows, "next": None}
    cause = Cause.objects.get(code="sim-cause-5-1")
    Cause.objects.filter(pk=cause.pk).update(owner_team=Team.objects.get())
    rows = [row.as_dict() for row in reports.causes(filters, API_REPORTS).results]
    for row in rows:
        is_owned = row["cause"]["code"] == cause.code
        row["cause"]["owner"] = Team.objects.get().name if is_owned else None
    found = _get(client, f"/api/v1/reports/causes/?{query}")
    assert found == {"results": rows, "next": None}


@pytest.mark.usefixtures("company")
def test_too_few_rows_carry_their_number_and_no_share(client: Client) -> None:
    few = [
        row
        for row in _get(client, "/api/v1/reports/agents/?from=2026-11-19")["results"]
        if row["too_few"]
    ]
    assert few
    for row in few:
        named = {"agent", "n", "too_few", "indicative"}
        assert 0 < row["n"] < 10
        assert {name for name, value in row.items() if value is not None} == named
    causes = _get(client, "/api/v1/reports/causes/?from=2026-11-20")["results"]
    for row in (row for row in causes if row["too_few"]):
        assert row["n"] < 5
        told = {name for name, value in row.items() if value is not None}
        leaning = {"shrunk", "index", "index_low", "index_high"}
        for name in ("share_of_dismay", "preventable"):
            leaning |= {f"{name}{end}" for end in ("", "_low", "_high")}
        assert told == {"cause", "cases", "n", "too_few", *leaning}
        assert row["shrunk"] is not None
        assert row["index"] == pytest.approx(row["cases"] * row["shrunk"])


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("teem=x", "teem", "There is no parameter “teem”."),
        ("team=Nowhere", "team", "There is no team “Nowhere”."),
        ("cause=nothing", "cause", "There is no cause “nothing”."),
        ("agent=7", "agent", "There is no agent “7”."),
        ("product=Air", "product", "There is no product “Air”."),
        ("questionnaire=x", "questionnaire", "There is no questionnaire “x”."),
        ("from=yesterday", "from", "“from” must be a date such as 2026-03-31."),
        ("to=2026-02-30", "to", "“to” must be a date such as 2026-03-31."),
        ("from=20260101", "from", "“from” must be a date such as 2026-03-31."),
        ("from=0001-01-01", "from", "“from” must lie between 1970 and 9998."),
        ("from=2026-02-02&from=2026-02-03", "from", "“from” may be given only once."),
        (
            "from=2026-02-02&to=2026-02-01",
            "to",
            "The last day, 2026-02-01, lies before the first, 2026-02-02.",
        ),
        ("by=invited", "by", "“by” must be “answered” or “resolved”."),
        ("format=pdf", "format", "“format” must be json, csv or xlsx."),
        ("channel=a%00b", "channel", "“channel” holds a value that no channel can have."),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    client: Client, query: str, field: str, said: str
) -> None:
    response = client.get(f"/api/v1/reports/agents/?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["errors"] == [{"field": field, "message": said}]


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("name", ["agents", "causes"])
def test_pages_follow_each_other_without_gap_or_repeat(client: Client, name: str) -> None:
    whole = _get(client, f"/api/v1/reports/{name}/")["results"]
    address: str | None = f"/api/v1/reports/{name}/?page_size=2"
    collected = []
    while address:
        found = _get(client, address)
        assert len(found["results"]) <= 2
        collected += found["results"]
        address = found["next"]
    assert collected == whole


@pytest.mark.usefixtures("company")
def test_responses_page_newest_first_without_gap_or_repeat(client: Client) -> None:
    address: str | None = "/api/v1/responses/?page_size=70&channel=phone"
    collected: list[Any] = []
    while address:
        found = _get(client, address)
        collected += found["results"]
        address = found["next"]
    keys = [(row["answered_at"], row["id"]) for row in collected]
    assert keys == sorted(set(keys), reverse=True)
    assert {row["channel"] for row in collected} == {"phone"}
    overview = _get(client, "/api/v1/reports/overview/?channel=phone")
    assert sum("F1" in row["items"] for row in collected) == overview["fix"]["n"]


@pytest.mark.parametrize(
    "place", ['["2026-01-01T00:00:00Z", true]', '["2026-01-01T00:00:00Z", 1.5]', "[" * 300]
)
@pytest.mark.parametrize("address", ["/api/v1/responses/", "/api/v1/cases/"])
def test_a_forged_cursor_is_refused_by_name(address: str, place: str) -> None:
    cursor = base64.urlsafe_b64encode(place.encode()).decode()
    client = _client("cases:read", "responses:read")
    answer = _get(client, f"{address}?cursor={cursor}", status=400)
    assert [fault["field"] for fault in answer["errors"]] == ["cursor"]


def test_a_response_is_told_by_item_and_without_identity_unless_admin(client: Client) -> None:
    [invited] = invitations(1)
    answer(invited, f1=4, f3=[1, 3], c1=2, fix_comment="Kind.", cause_comment="=Test it")
    aggregates.apply_all()
    [row] = _get(client, "/api/v1/responses/")["results"]
    assert row["items"] == {"F1": 4, "F3": [1, 3], "C1": 2}
    assert (row["fix_comment"], row["cause_comment"]) == ("Kind.", "=Test it")
    assert row["customer"] is None
    customer = Customer.objects.get()
    assert customer.email not in json.dumps(row)
    [seen] = _get(_client("admin"), "/api/v1/responses/")["results"]
    assert seen["customer"]["email"] == customer.email
    text = _text(client.get("/api/v1/responses/?format=csv"))
    [line] = csv.DictReader(io.StringIO(text))
    assert (line["F1"], line["F3"], line["cause_comment"]) == ("4", "1; 3", "'=Test it")
    assert (line["external_id"], line["customer_email"]) == (row["case"]["external_id"], "")


def test_own_answers_stand_beside_the_items_in_list_and_file(client: Client) -> None:
    first, second = invitations(2)
    first.version = published(every_type())
    first.save(update_fields=["version"])
    answer(first, f1=4, extra={"X1": 3, "X6": [1, 3], "X8": "=1+1", "X12": 0, "X99": 1})
    answer(second, f1=2)
    aggregates.apply_all()
    rows = {r["items"]["F1"]: r for r in _get(client, "/api/v1/responses/")["results"]}
    own = {"X1": 3, "X6": [1, 3], "X8": "=1+1", "X12": 0}
    assert rows[4]["items"] == {"F1": 4, **own}
    said = {one["id"]: one["answer"] for one in rows[4]["own"]}
    expected = {"X1": "Answer 3", "X6": "Answer 1, Answer 3", "X8": "=1+1", "X12": "0 of 10"}
    assert said == expected
    assert (rows[4]["version"], rows[2]["own"]) == (1, [])
    text = _text(client.get("/api/v1/responses/?format=csv"))
    lines = {line["F1"]: line for line in csv.DictReader(io.StringIO(text))}
    assert [name for name in lines["4"] if name[0] == "X"] == [f"X{n}" for n in range(1, 13)]
    found = [lines["4"][name] for name in ("X1", "X6", "X8", "X12", "X2")]
    assert found == ["3", "1; 3", "'=1+1", "0", ""]
    other = csv.DictReader(
        io.StringIO(_text(client.get("/api/v1/responses/?format=csv&questionnaire=default")))
    )
    assert not [name for name in other.fieldnames or () if name[0] == "X"]


def test_own_answers_reach_only_their_readers() -> None:
    version = published(every_type())
    cause, agent = CauseFactory(), AgentFactory()
    for _ in range(10):
        resolution = ResolutionFactory(cause=cause, agents=[agent])
        invited = InvitationFactory(resolution=resolution, version=version)
        answer(invited, f1=4, c1=3, extra={"X1": 3, "X2": 7, "X8": "secret", "X12": 9})
    aggregates.apply_all()
    owner = _staff(User.Role.CAUSE_OWNER)
    cause.owner = User.objects.get(role="cause_owner")
    cause.save(update_fields=["owner"])
    seen = {}
    for who, client in {"agent": _staff(User.Role.AGENT, agent=agent), "owner": owner}.items():
        rows = _get(client, "/api/v1/responses/")["results"]
        assert len(rows) == 10
        seen[who] = {frozenset(row["items"]) | {one["id"] for one in row["own"]} for row in rows}
        text = _text(client.get("/api/v1/responses/?format=csv"))
        columns = {name for name in text.splitlines()[0].split(",") if name[0] == "X"}
        assert columns == {"agent": {"X1", "X7"}, "owner": {"X8", "X9", "X10", "X11"}}[who]
        assert ("secret" in text) is (who == "owner")
    assert seen == {"agent": {frozenset({"F1", "X1"})}, "owner": {frozenset({"C1", "X8"})}}


def _text(response: Any) -> str:
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(response.streaming_content).decode()


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("name", ["agents", "causes", "trend", "overview", "matrix"])
def test_files_hold_the_same_figures(client: Client, name: str) -> None:
    found = _get(client, f"/api/v1/reports/{name}/")
    response = client.get(f"/api/v1/reports/{name}/?format=csv")
    assert response["Content-Disposition"] == f'attachment; filename="stabledoor-{name}.csv"'
    lines = list(csv.DictReader(io.StringIO(_text(response))))
    if name == "matrix":
        cells = [[int(line["n"]) for line in lines[5 * f : 5 * f + 5]] for f in range(5)]
        assert cells == found["cells"]
        return
    rows = found.get("results", [found])
    assert [_number(_picked(row, name)) for row in rows] == [
        _number(line[_COLUMN[name]]) for line in lines
    ]
    whole = client.get(f"/api/v1/reports/{name}/?format=xlsx")
    packed = b"".join(whole.streaming_content)  # type: ignore[attr-defined]
    assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(io.BytesIO(packed)).namelist()


_COLUMN = {
    "agents": "top2",
    "causes": "dismayed",
    "trend": "fix.mean",
    "overview": "masked.share_all",
}


def _picked(row: Any, name: str) -> Any:
    for part in _COLUMN[name].split("."):
        row = row[part]
    return row


def _number(value: Any) -> float | None:
    return None if value in (None, "") else float(value)


def test_an_empty_file_still_has_its_columns(client: Client) -> None:
    text = _text(client.get("/api/v1/reports/agents/?format=csv"))
    assert text.startswith("agent.external_id,agent.name,n,mean,top2,")
    assert text.count("\n") == 1


def _staff(role: str, **objects: Any) -> Client:
    client = Client()
    client.force_login(
        UserFactory(role=role, **objects), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.mark.usefixtures("company")
def test_each_role_sees_its_part() -> None:
    agent, cause = Agent.objects.first(), Cause.objects.get(code="sim-cause-5-1")
    assert agent is not None
    manager = _staff(User.Role.MANAGER)
    lead = _staff(User.Role.TEAM_LEAD, team=Team.objects.first())
    one = _staff(User.Role.AGENT, agent=agent)
    owner = _staff(User.Role.CAUSE_OWNER)
    cause.owner = User.objects.get(role="cause_owner")
    cause.save(update_fields=["owner"])
    designer = _staff(User.Role.DESIGNER)
    status = {
        name: [
            who.get(f"/api/v1/reports/{name}/").status_code for who in (manager, lead, one, owner)
        ]
        for name in REPORTS
    }
    assert status == {
        "overview": [200, 200, 200, 200],
        "agents": [200, 200, 200, 404],
        "causes": [200, 404, 404, 200],
        "matrix": [200, 404, 404, 404],
        "trend": [200, 200, 200, 200],
    }
    assert designer.get("/api/v1/reports/overview/").status_code == 403
    for who, hidden in ((lead, "cause"), (one, "cause"), (owner, "fix")):
        overview = _get(who, "/api/v1/reports/overview/")
        assert overview[hidden] is overview["masked"] is overview["separation"] is None
    own = _get(one, "/api/v1/reports/agents/")["results"]
    assert [row["agent"]["external_id"] for row in own] == [agent.external_id]
    causes = _get(owner, "/api/v1/reports/causes/")["results"]
    assert [row["cause"]["code"] for row in causes] == [cause.code]


@pytest.mark.usefixtures("company")
def test_each_role_reads_its_part_of_a_response() -> None:
    agent, cause = Agent.objects.first(), Cause.objects.get(code="sim-cause-5-1")
    one = _staff(User.Role.AGENT, agent=agent)
    owner = _staff(User.Role.CAUSE_OWNER)
    cause.owner = User.objects.get(role="cause_owner")
    cause.save(update_fields=["owner"])
    for row in _get(one, "/api/v1/responses/")["results"]:
        assert set(row["items"]) <= {"F1", "F2", "F3", "S1"}
        assert row["case"] is row["customer"] is row["resolved_at"] is row["cause_comment"] is None
        assert row["cause"] is row["product"] is None
        assert row["answered_at"].endswith("-01")
    rows = _get(owner, "/api/v1/responses/")["results"]
    assert rows
    for row in rows:
        assert set(row["items"]) <= {"C1", "C2", "C3", "C4"}
        assert row["agents"] is row["fix_comment"] is row["customer"] is None
        assert row["cause"]["code"] == cause.code
    assert owner.get("/api/v1/responses/?agent=sim-agent-5-1").status_code == 400


@pytest.mark.usefixtures("company")
def test_an_agent_cannot_ask_so_narrowly_that_one_customer_shows() -> None:
    one = _staff(User.Role.AGENT, agent=Agent.objects.first())
    for query in ("from=2026-11-01&to=2026-11-02", "channel=phone", "to=2026-11-19"):
        assert one.get(f"/api/v1/responses/?{query}").status_code == 400
        assert one.get(f"/api/v1/reports/overview/?{query}").status_code == 400


def test_an_agent_with_fewer_than_ten_answers_reads_none() -> None:
    invited = invitations(4)
    for one in invited:
        answer(one, f1=1, fix_comment="I know who I am")
    aggregates.apply_all()
    agent = invited[0].resolution.handled_by.get().agent
    client = _staff(User.Role.AGENT, agent=agent)
    assert _get(client, "/api/v1/responses/")["results"] == []
    fix = _get(client, "/api/v1/reports/overview/")["fix"]
    assert fix["n"] > 0
    assert fix["mean"] is fix["top2"] is None


def test_the_schema_describes_every_report(client: Client) -> None:
    schema = client.get("/api/schema/?format=json").json()
    for address in ADDRESSES:
        operation = schema["paths"][address]["get"]
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert {"from", "to", "by", "team", "agent", "cause", "format"} <= names
        assert operation["responses"]["200"]["content"]["application/json"]["schema"]
