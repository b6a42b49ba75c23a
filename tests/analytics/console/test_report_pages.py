"""The report pages: the same figures as the API, readable, and never a 500."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics import reports, simulation
from analytics.aggregates import apply_all
from analytics.console.agents import own_trend
from analytics.filters import Filters
from surveys.console import figures
from surveys.models import Agent, Case, Cause, Response, Team, User
from surveys.services import sample
from surveys.services.access import EVERYTHING
from tests.analytics.console.conftest import LAST_DAY
from tests.factories import (
    AgentFactory,
    AnswerChangeFactory,
    InvitationFactory,
    ResolutionFactory,
    ResponseFactory,
)
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Role = User.Role
PAGES = ["/", "/agents/", "/causes/", "/matrix/", "/trend/", "/responses/"]


@pytest.fixture
def manager() -> Client:
    return client_of(Role.MANAGER)


def text_of(client: Client, path: str, status: int = 200) -> str:
    page = client.get(path)
    assert page.status_code == status
    return page.content.decode().replace("<wbr>", "")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_without_one_case(manager: Client, path: str) -> None:
    assert "0\u202f%" not in text_of(manager, path)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_with_answers(
    manager: Client, company: simulation.Simulated, path: str
) -> None:
    assert "<h1>" in text_of(manager, path)


def test_an_empty_installation_offers_the_next_step(manager: Client) -> None:
    page = text_of(manager, "/")
    assert "curl http" in page
    assert "manage.py load_demo" in page
    assert "Load sample data" not in page
    assert "Resolve a case now" in page


def test_an_admin_loads_the_sample_data_from_the_empty_overview(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sample, "N_CASES", 60)
    admin = client_of(Role.ADMIN)
    assert 'action="/demo/sample/load/"' in text_of(admin, "/")
    page = admin.post("/demo/sample/load/", follow=True).content.decode()
    assert "The sample data is loaded." in page
    assert "Remove sample data" in page
    again = admin.post("/demo/sample/load/", follow=True).content.decode()
    assert "The sample data was loaded before." in again
    assert Case.objects.count() == 60


def test_an_empty_selection_leads_back_to_everything(
    manager: Client, company: simulation.Simulated
) -> None:
    page = text_of(manager, "/?from=2020-01-01&to=2020-01-02")
    assert "Nobody was invited and nobody answered in this selection." in page
    assert "manage.py load_demo" not in page


def test_the_overview_shows_what_the_report_says(
    manager: Client, company: simulation.Simulated
) -> None:
    page = text_of(manager, "/")
    told = reports.overview(Filters(), EVERYTHING)
    assert told.fix is not None
    assert told.masked is not None
    masked = told.masked
    interval = figures.between(masked.share_satisfied_low, masked.share_satisfied_high)
    assert f"<b>{interval}</b> · n&nbsp;=&nbsp;<b>{figures.count(masked.n_satisfied)}</b>" in page
    interval = figures.between(told.fix.top2_low, told.fix.top2_high)
    assert f"<b>{interval}</b> · n&nbsp;=&nbsp;<b>{figures.count(told.fix.n)}</b>" in page
    assert f"{told.completed:,} of {told.invited:,} invited" in page


def test_masked_dissatisfaction_is_the_first_and_largest_figure(
    manager: Client, company: simulation.Simulated
) -> None:
    page = text_of(manager, "/")
    assert page.index("f-masked") < page.index("f-fix") < page.index("f-cause")
    assert page.count('class="panel figure first is-masked"') == 1


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-13-01", "“from” must be a date such as 2026-03-31."),
        ("from=2026-02-02&to=2026-02-01", "The last day, 2026-02-01, lies before the first"),
        ("by=heart", "“by” must be “answered” or “resolved”."),
        ("team=Nobody", "There is no team “Nobody”."),
        ("colour=red", "There is no parameter “colour”."),
        ("cause=%00", "“cause” holds a value that no cause can have."),
        ("team=<script>alert(1)</script>", "There is no team “&lt;script&gt;"),
    ],
)
def test_a_wrong_question_is_answered_with_a_sentence(
    manager: Client, path: str, query: str, sentence: str
) -> None:
    assert sentence in text_of(manager, f"{path}?{query}", 400)


def test_a_wrong_interval_and_a_wrong_cursor_are_answered_with_a_sentence(
    manager: Client,
) -> None:
    assert "“interval” must be" in text_of(manager, "/trend/?interval=year", 400)
    assert "not a place in the list" in text_of(manager, "/responses/?cursor=x", 400)


def test_the_whole_question_stands_in_the_address_and_goes_along(
    manager: Client, company: simulation.Simulated
) -> None:
    team = Team.objects.first()
    assert team is not None
    query = f"from=2026-11-01&to=2026-11-20&team={team.name.replace(' ', '+')}"
    page = manager.get(f"/causes/?{query}")
    told = page.content.decode()
    assert page.context["bar"].query == query
    escaped = query.replace("&", "&amp;")
    assert f"/api/v1/reports/causes/?{escaped}&amp;format=csv" in told
    links = {link.label: link.url for group in page.context["navigation"] for link in group.links}
    assert links["Agents"] == f"/agents/?{query}"
    assert links["Cases"] == "/cases/"
    chips = {chip.label: chip.query for chip in page.context["bar"].chips}
    assert chips == {
        "1 November 2026 to 20 November 2026": f"team={team.name.replace(' ', '+')}",
        f"Team: {team.name}": "from=2026-11-01&to=2026-11-20",
    }


def test_periods_are_links_and_mark_the_present_one(
    manager: Client, company: simulation.Simulated
) -> None:
    page = manager.get("/causes/?from=2026-11-15&to=2026-11-21")
    steps = page.context["bar"].periods
    assert [step.label for step in steps] == ["All", "7 d", "28 d", "90 d", "365 d"]
    assert [step.label for step in steps if step.is_current] == ["7 d"]
    assert page.context["bar"].chips == []


def test_the_exports_hold_the_figures_of_the_page(
    manager: Client, company: simulation.Simulated
) -> None:
    page = manager.get("/causes/")
    csv, xlsx, *_ = page.context["bar"].exports
    rows = _file(manager, csv.query).decode().partition("\r\n\r\n")[0].splitlines()
    assert len(rows) == len(page.context["part"].rows) + 1
    assert _file(manager, xlsx.query).startswith(b"PK")


def _file(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200
    return b"".join(answer)


def test_agents_stand_by_name_and_never_by_score(
    manager: Client, company: simulation.Simulated
) -> None:
    page = manager.get("/agents/")
    names = [row.agent.name for row in page.context["report"].results]
    assert names == sorted(names, key=str.casefold)
    assert len(names) == 9
    assert "Use in personnel decisions needs" in page.content.decode()


def test_too_few_is_said_and_never_nought_percent(
    manager: Client, company: simulation.Simulated
) -> None:
    page = manager.get("/agents/?from=2026-11-20&to=2026-11-20")
    assert {row.too_few for row in page.context["report"].results} == {True}
    table = page.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    assert "too few" in table
    assert "%" not in table


def test_an_agent_page_speaks_of_the_fix_alone(
    manager: Client, company: simulation.Simulated
) -> None:
    agent = Agent.objects.order_by("pk")[0]
    handled = Response.objects.filter(invitation__resolution__handled_by__agent=agent)
    handled.update(fix_comment="kind", cause_comment="replace the modem")
    page = text_of(manager, f"/agents/{agent.pk}/")
    assert "kind" in page
    assert "replace the modem" not in page
    assert "Dismayed" not in page


def test_a_cause_page_speaks_of_the_cause_alone(
    manager: Client, company: simulation.Simulated
) -> None:
    Response.objects.update(fix_comment="kind", cause_comment="replace the modem")
    cause = Cause.objects.order_by("-pk")[0]
    page = text_of(manager, f"/causes/{cause.code}/").split('class="figures two"')[1]
    assert "replace the modem" in page
    for words in ("kind", *Agent.objects.values_list("name", flat=True)):
        assert words not in page


def _big(share: float | None) -> str:
    return f'<dd class="big">{figures.share(share)}</dd><dd><span class="quietly">'


def test_the_overview_says_which_cause_to_fix_first_and_what_is_not_told_apart(
    manager: Client, company: simulation.Simulated
) -> None:
    rows = reports.causes(Filters(), EVERYTHING).results
    first, *others = sorted(rows, key=lambda row: -(row.preventable or 0))
    page = text_of(manager, "/").split('id="fix-first"')[1].split("</section>")[0]
    assert f">{first.cause.name}</a></p>" in page
    assert f'<dd class="big">{figures.count(first.preventable)}</dd>' in page
    assert f"It came up in <b>{first.cases}</b> cases" in page
    assert f"<b>{figures.share(first.avoidable)}</b> say it could have been prevented" in page
    assert "Nobody owns it yet" in page
    assert "Whom it would be unfair to blame" in page
    assert "Those who handled these cases." in page
    part = figures.between(first.share_of_dismay_low, first.share_of_dismay_high)
    assert f"{_big(first.share_of_dismay)}{part}</span>" in page
    answers = figures.between(first.dismayed_low, first.dismayed_high)
    assert f"{_big(first.dismayed)}{answers}, n&nbsp;=&nbsp;{first.n}</span>" in page
    avoidable = figures.between(first.avoidable_low, first.avoidable_high)
    assert f"{_big(first.avoidable)}{avoidable}, n&nbsp;=&nbsp;{first.avoidable_n}</span>" in page
    assert first.preventable_low is not None
    close = [row for row in others if (row.preventable_high or 0) >= first.preventable_low]
    named = [row.cause.name for row in others if f">{row.cause.name}</a>" in page]
    assert named == [row.cause.name for row in close[:3]]


def test_no_share_of_a_cause_stands_without_its_interval_and_number(
    manager: Client, company: simulation.Simulated
) -> None:
    rows = reports.causes(Filters(), EVERYTHING).results
    first = rows[0]
    all_causes, one = text_of(manager, "/causes/"), text_of(manager, f"/causes/{first.cause.code}/")
    for share, low, high, n in (
        (first.avoidable, first.avoidable_low, first.avoidable_high, first.avoidable_n),
        (first.recurrent, first.recurrent_low, first.recurrent_high, first.recurrent_n),
    ):
        assert share is not None
        written, interval = figures.share(share), figures.between(low, high)
        size = f"n&nbsp;=&nbsp;{n}"
        under = f'<span class="under">{interval}</span><span class="under">{size}</span>'
        assert f"<span>{written}{under}</span>" in all_causes
        beside = f'<dd><span class="quietly">{interval}, {size}</span></dd>'
        assert f'<dd class="big">{written}</dd>{beside}' in one


def test_who_would_choose_us_again_is_told_with_intervals(
    manager: Client, company: simulation.Simulated
) -> None:
    found = reports.matrix(Filters(), EVERYTHING).choose_again
    assert found is not None
    page = text_of(manager, "/matrix/").split('id="again"')[1].split("</section>")[0]
    for share, low, high, n in (
        (found.served_well, found.served_well_low, found.served_well_high, found.served_well_n),
        (found.masked, found.masked_low, found.masked_high, found.masked_n),
    ):
        assert share is not None
        assert f">{figures.share(share)}</dd>" in page
        assert f"{figures.between(low, high)}, n&nbsp;=&nbsp;{n}</span>" in page


@pytest.mark.parametrize(
    ("n_months", "per_month", "interval"), [(3, 12, "month"), (6, 5, "quarter"), (6, 2, None)]
)
def test_one_agents_trend_goes_by_what_has_enough_ratings(
    n_months: int, per_month: int, interval: str | None
) -> None:
    agent = AgentFactory()
    for month in range(1, n_months + 1):
        for day in range(1, per_month + 1):
            at = dt.datetime(2026, month, day, 12, tzinfo=dt.UTC)
            resolution = ResolutionFactory(agents=[agent], resolved_at=at)
            invitation = InvitationFactory(resolution=resolution)
            response = ResponseFactory(invitation=invitation, answered_at=at, f1=5)
            AnswerChangeFactory(response_id=response.pk)
    apply_all()
    trend = own_trend(Filters(agent=(agent.external_id,)), EVERYTHING)
    assert (trend.interval if trend else None) == interval


def test_an_agent_reads_the_own_page_without_days_cases_or_causes(
    company: simulation.Simulated,
) -> None:
    agent = Agent.objects.order_by("pk")[0]
    Response.objects.update(fix_comment="kind")
    page = text_of(client_of(Role.AGENT, agent=agent), f"/agents/{agent.pk}/")
    assert "kind" in page
    said = page.split("Said about the handling")[1]
    for secret in (
        *Cause.objects.values_list("name", flat=True),
        *Case.objects.values_list("external_id", flat=True)[:50],
        " 20 November 2026",
        "@",
    ):
        assert secret not in said


def test_an_agent_cannot_narrow_the_own_page(company: simulation.Simulated) -> None:
    agent = Agent.objects.order_by("pk")[0]
    client = client_of(Role.AGENT, agent=agent)
    cause = Cause.objects.order_by("pk")[0]
    address = f"/agents/{agent.pk}/"
    for query in (f"cause={cause.code}", "from=2026-11-03", "channel=phone"):
        assert "told apart" in text_of(client, f"{address}?{query}", 400)
    assert client.get(address).context["bar"].choices == []
    assert client.get(f"{address}?from=2026-10-25&to=2026-11-21").status_code == 200


def test_a_team_lead_reads_the_own_team(company: simulation.Simulated) -> None:
    team = Team.objects.order_by("pk")[0]
    client = client_of(Role.TEAM_LEAD, team=team)
    page = client.get("/agents/")
    assert page.status_code == 200
    offered = {choice.name for choice in page.context["bar"].choices}
    assert "team" not in offered
    stranger = Agent.objects.exclude(team=team).exclude(resolutionagent__resolution__team=team)
    for agent in stranger:
        assert client.get(f"/agents/{agent.pk}/").status_code == 404
    own = Agent.objects.filter(team=team)[0]
    assert client.get(f"/agents/{own.pk}/").status_code == 200


def test_a_cause_owner_reads_the_own_causes_and_no_names_of_people(
    company: simulation.Simulated,
) -> None:
    client = client_of(Role.CAUSE_OWNER)
    owner = User.objects.get(role=Role.CAUSE_OWNER)
    own, other = Cause.objects.order_by("pk")[:2]
    Cause.objects.filter(pk=own.pk).update(owner=owner)
    Response.objects.update(fix_comment="kind", cause_comment="replace it")
    page = client.get("/causes/")
    assert [row.cause.code for row in page.context["part"].rows] == [own.code]
    assert client.get(f"/causes/{own.code}/").status_code == 200
    assert client.get(f"/causes/{other.code}/").status_code == 404
    told = text_of(client, "/responses/") + text_of(client, f"/causes/{own.code}/")
    assert "replace it" in told
    for words in ("kind", *Agent.objects.values_list("name", flat=True), "@customers"):
        assert words not in told


def test_identities_stand_in_the_list_only_where_they_may(
    company: simulation.Simulated,
) -> None:
    address = Response.objects.order_by("-answered_at")[0].invitation.customer
    assert address is not None
    assert address.email in text_of(client_of(Role.MANAGER), "/responses/")
    assert "@customers" not in text_of(client_of(Role.ANALYST), "/responses/")


def test_the_pages_of_responses_join(manager: Client, company: simulation.Simulated) -> None:
    seen: list[int] = []
    query = ""
    while True:
        page = manager.get(f"/responses/?{query}")
        seen += [row.id for row in page.context["page"].results]
        query = page.context["next_query"]
        if not query:
            break
    assert sorted(seen) == sorted(Response.objects.values_list("pk", flat=True))


#: Queries of a page that nothing is cached for.
QUERIES = {
    # One of the overview and of the trend looks for ratings from before Stabledoor.
    "/": 23, "/agents/": 8, "/causes/": 13, "/matrix/": 7, "/trend/": 10, "/responses/": 6,
}  # fmt: skip


@pytest.mark.parametrize("n_cases", [60, 500])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_as_much_for_many_answers_as_for_few(
    manager: Client, path: str, n_cases: int
) -> None:
    simulation.simulate(
        n_cases,
        seed=5,
        last_day=LAST_DAY,
        agents=n_cases // 30,
        causes=n_cases // 40,
        days=30,
        response_rate=0.9,
    )
    assert _queries(manager, path) == QUERIES[path]


def _queries(client: Client, path: str) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_comments_are_inert_on_every_page(manager: Client, company: simulation.Simulated) -> None:
    evil = "<script>alert(1)</script>"
    Response.objects.update(fix_comment=evil, cause_comment=evil)
    Cause.objects.order_by("pk").filter(pk=Cause.objects.order_by("pk")[0].pk).update(name=evil)
    Agent.objects.filter(pk=Agent.objects.order_by("pk")[0].pk).update(name=evil)
    agent, cause = Agent.objects.get(name=evil), Cause.objects.get(name=evil)
    for path in [*PAGES, f"/agents/{agent.pk}/", f"/causes/{cause.code}/"]:
        assert "<script>alert" not in text_of(manager, path)


def test_the_agents_picture_draws_nobody_with_too_few_ratings(
    manager: Client, company: simulation.Simulated
) -> None:
    page = text_of(manager, f"/agents/?from={LAST_DAY}&to={LAST_DAY}")
    assert "Nobody has 10 ratings in this selection" in page
    assert 'class="ch ch-intervals' not in page
    assert 'class="ch ch-intervals' in text_of(manager, "/agents/")


def test_what_is_offered_to_filter_by_is_escaped(manager: Client) -> None:
    AgentFactory.create(name='<b>"Ada" & O’Neill\'s</b>', external_id='"><script>')
    page = manager.get("/agents/").content.decode()
    assert (
        '<option value="&quot;&gt;&lt;script&gt;">'
        "&lt;b&gt;&quot;Ada&quot; &amp; O’Neill&#x27;s&lt;/b&gt;</option>"
    ) in page
