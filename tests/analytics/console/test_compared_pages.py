"""Comparison, segments, search, definitions and static pictures of the report pages."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from analytics import reports, simulation
from analytics.console.definitions import DEFINITIONS
from analytics.filters import Filters
from surveys.console import figures
from surveys.models import Agent, Case, Cause, Customer, Response, User
from surveys.services.access import EVERYTHING
from tests.analytics.console.test_report_pages import text_of
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Role = User.Role
NOW = "from=2026-10-24&to=2026-11-20"


@pytest.fixture
def manager() -> Client:
    return client_of(Role.MANAGER)


def test_the_overview_stands_beside_the_period_before(
    manager: Client, company: simulation.Simulated
) -> None:
    page = text_of(manager, f"/?{NOW}&compare=previous")
    assert "26 September 2026 to 23 October 2026" in page
    filters = Filters.parse(manager.get(f"/?{NOW}").wsgi_request.GET)
    before = reports.previous(filters, dt.date(2026, 11, 21))
    assert before is not None
    change = reports.comparison(filters, before, EVERYTHING).fix
    assert change is not None
    low, high = figures.points(change.difference_low), figures.points(change.difference_high)
    assert f"<b>{figures.points(change.difference)}</b> points ({low} to {high})" in page
    assert f"before {figures.share(change.other_share)}" in page
    assert 'class="figure-line change"' not in text_of(manager, f"/?{NOW}")


def test_all_of_time_is_offered_a_comparison_that_has_a_period_before(
    manager: Client, company: simulation.Simulated
) -> None:
    page = text_of(manager, "/")
    assert "compare=previous" in page.split("Compare with before")[0].rsplit("<a ", 1)[1]
    assert "“compare” must be" in text_of(manager, "/?compare=next", 400)


def test_the_trend_compares_under_the_same_interval(
    manager: Client, company: simulation.Simulated
) -> None:
    page = text_of(manager, f"/trend/?{NOW}&interval=day&compare=previous")
    assert "Against the period before" in page
    assert "interval=day&amp;compare=previous" in page


def test_segments_say_what_differs_by_more_than_chance(
    manager: Client, company: simulation.Simulated
) -> None:
    first, other = Cause.objects.order_by("pk")[:2]
    page = text_of(manager, f"/segments/?cause={first.code}&b_cause={other.code}")
    found = reports.comparison(
        Filters(cause=(first.code,)), Filters(cause=(other.code,)), EVERYTHING
    )
    assert found.cause is not None
    assert f"{figures.share(found.cause.share)}<span" in page
    assert figures.points(found.cause.difference) in page
    assert f'value="{first.code}" selected' in page
    assert "Higher in" in page or "Not told apart from chance." in page


def test_segments_that_share_customers_get_no_interval_and_faults_name_the_group(
    manager: Client, company: simulation.Simulated
) -> None:
    agent = Agent.objects.order_by("pk")[0]
    page = text_of(manager, f"/segments/?b_agent={agent.external_id}")
    assert "The groups may share customers" in page
    assert "Choose something for at least one group" in text_of(manager, "/segments/")
    assert "In the second group" in text_of(manager, "/segments/?b_from=yesterday", 400)
    assert "There is no team “nowhere”." in text_of(manager, "/segments/?b_team=nowhere", 400)


def test_responses_are_found_by_words_case_and_customer(
    manager: Client, company: simulation.Simulated
) -> None:
    one = Response.objects.select_related("invitation__resolution__case__customer").order_by("pk")[
        3
    ]
    Response.objects.filter(pk=one.pk).update(fix_comment="A 100% unheard-of wombat")
    case = one.invitation.resolution.case
    Case.objects.filter(pk=case.pk).update(subject="The marsupial line")
    assert case.customer_id
    Customer.objects.filter(pk=case.customer_id).update(name="Zsuzsanna Wexler")
    analyst = client_of(Role.ANALYST)
    for words in ("WOMBAT", "100%", "marsupial", case.external_id):
        for client in (manager, analyst):
            found = client.get("/responses/", {"q": words}).context["page"].results
            assert one.pk in {row.id for row in found}, words
    assert len(manager.get("/responses/", {"q": "wexler"}).context["page"].results) >= 1
    # Who may not know customers does not find by them.
    assert analyst.get("/responses/", {"q": "wexler"}).context["page"].results == ()
    for pattern in ("%", "_wombat", "\\"):
        found = manager.get("/responses/", {"q": pattern}).context["page"].results
        assert {row.id for row in found} <= {one.pk}
    assert "No response matches" in text_of(manager, "/responses/?q=nobody-ever-said-this")


def test_responses_are_shown_by_what_they_say(
    manager: Client, company: simulation.Simulated
) -> None:
    page = manager.get("/responses/?show=masked").context["page"]
    assert page.results
    assert all(row.items["F1"] >= 4 and row.items["C1"] >= 4 for row in page.results)
    listed = manager.get("/api/v1/responses/?show=masked&page_size=50").json()["results"]
    assert [row["id"] for row in listed] == [row.id for row in page.results][: len(listed)]
    assert "“show” must be one of" in text_of(manager, "/responses/?show=everything", 400)
    lead = client_of(Role.TEAM_LEAD)
    assert lead.get("/responses/?q=a").status_code == 400
    assert lead.get("/responses/?show=comments").status_code == 400


def test_every_figure_leads_to_its_meaning_and_its_answers(
    manager: Client, company: simulation.Simulated
) -> None:
    cause, agent = Cause.objects.order_by("pk")[0], Agent.objects.order_by("pk")[0]
    for path in ("/", "/agents/", f"/agents/{agent.pk}/", "/causes/", f"/causes/{cause.code}/",
                 "/matrix/", "/trend/", "/segments/?channel=phone"):  # fmt: skip
        page = text_of(manager, path)
        opened = set(re.findall(r'popovertarget="(what-[a-z0-9-]+)"', page))
        written = re.findall(r'id="(what-[a-z0-9-]+)"', page)
        assert opened, path
        assert sorted(written) == sorted(opened), path
    overview = text_of(manager, f"/?{NOW}")
    assert f'href="/responses/?{NOW.replace("&", "&amp;")}&amp;show=masked"' in overview
    own = text_of(manager, f"/causes/{cause.code}/")
    assert f'href="/responses/?cause={cause.code}&amp;show=dismayed"' in own


def test_no_definition_lacks_a_word() -> None:
    for key, found in DEFINITIONS.items():
        assert found.key == key
        assert all((found.name, found.says, found.formula, found.source, found.withheld))


@pytest.mark.parametrize("name", ["matrix", "causes", "preventable", "agents", "funnel", "trend"])
def test_a_picture_has_an_address_of_its_own_under_the_same_filters(
    manager: Client, company: simulation.Simulated, name: str
) -> None:
    answer = manager.get(f"/charts/{name}.svg?from=2026-10-01")
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert answer["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert answer.content.decode().startswith("<svg")
        assert "style=" not in answer.content.decode()
    assert manager.get(f"/charts/{name}.svg?from=never").status_code == 400


def test_one_cause_by_the_week_has_an_address_and_any_picture_a_png(
    manager: Client, company: simulation.Simulated
) -> None:
    code = Cause.objects.order_by("pk")[0].code
    assert manager.get(f"/charts/cause.svg?cause={code}").status_code == 200
    assert "exactly one" in text_of(manager, "/charts/cause.svg", 400)
    picture = manager.get("/charts/matrix.png")
    assert picture["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_pictures_are_for_the_roles_of_their_pages(company: simulation.Simulated) -> None:
    owner, lead = client_of(Role.CAUSE_OWNER), client_of(Role.TEAM_LEAD)
    for client, name in ((owner, "agents"), (owner, "matrix"), (lead, "causes"), (lead, "trend")):
        assert client.get(f"/charts/{name}.svg").status_code == 404
    assert client_of(Role.MANAGER).get("/charts/nothing.svg").status_code == 404
    assert Client().get("/charts/trend.svg").status_code == 302


def test_the_picture_on_the_page_is_the_one_at_its_address(
    manager: Client, company: simulation.Simulated
) -> None:
    alone = manager.get("/charts/matrix.svg").content.decode()
    cells = re.findall(r">([\d,]+)</text>", alone)
    page = text_of(manager, "/matrix/")
    assert cells
    assert all(f">{cell}</text>" in page for cell in cells)
