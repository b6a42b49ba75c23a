"""Saved views, links to share, and PDFs: each shows what its reader may see, and no more."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from analytics import simulation
from analytics.console.asking import today
from analytics.kept import SavedView, ShareLink, SharingEvent
from analytics.printing.tree import Node, parse
from analytics.sharing import links, views
from surveys.models import Agent, Cause, Customer, Response, Team, User
from tests.factories import TeamFactory, UserFactory
from tests.surveys.staff import BACKEND, NO_PASSWORD, client_of

pytestmark = pytest.mark.django_db
Role = User.Role


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


@pytest.fixture
def manager() -> User:
    user: User = UserFactory(role=Role.MANAGER, password=NO_PASSWORD, name="Mia")
    return user


def save(client: Client, name: str, path: str, query: str = "", *, shared: bool = False) -> None:
    posted = {"name": name, "path": path, "query": query, "is_shared": "1" if shared else ""}
    assert client.post("/settings/views/", posted).status_code == 302


def menu_of(client: Client, path: str = "/causes/") -> list[str]:
    found = parse(client.get(path).content.decode())
    menus = [node for node in found.walk() if "bar-menu-views" in node.classes]
    return [link.text() for menu in menus for link in menu.walk() if link.tag == "a"]


# --- saved views ----------------------------------------------------------------------------------


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


# --- links ----------------------------------------------------------------------------------------


def shared(
    user: User, path: str, query: str = "", *, comments: bool = False
) -> tuple[ShareLink, str]:
    posted = {"path": path, "query": query, "days": "30", "with_comments": "1" if comments else ""}
    assert signed_in(user).post("/settings/links/", posted).status_code == 302
    link = ShareLink.objects.latest("id")
    token = links.token_of(link)
    assert token
    return link, f"/shared/{token}/"


def test_a_link_shows_the_same_figures_and_leads_nowhere(
    manager: User, company: simulation.Simulated
) -> None:
    _, address = shared(manager, "/", "period=90d")
    answer = Client().get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    tags = {node.tag for node in parse(page).walk()}
    assert not tags & {"a", "form", "input", "select", "script", "iframe", "nav"}
    own = signed_in(manager).get(f"/?{ShareLink.objects.get().query}").content.decode()
    assert numbers(main_of(own)) - numbers(main_of(page)) == Counter()
    assert pictures(main_of(own)) == pictures(main_of(page)) > 5


def test_a_link_keeps_the_days_that_its_period_meant(
    manager: User, company: simulation.Simulated
) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        link, _ = shared(manager, "/causes/", "period=last_month&channel=phone&channel=chat")
        other, _ = shared(manager, "/segments/", "period=7d&b_period=last_month")
    assert link.query == "channel=phone&channel=chat&from=2026-10-01&to=2026-10-31"
    assert other.query == "from=2026-11-16&to=2026-11-22&b_from=2026-10-01&b_to=2026-10-31"


def test_a_link_tells_no_customer_and_comments_only_where_ticked(
    manager: User, company: simulation.Simulated
) -> None:
    response = Response.objects.order_by("-answered_at")[0]
    Response.objects.filter(pk=response.pk).update(fix_comment="Ask for Zebedee")
    Customer.objects.update(name="Zebulon Quirk", email="zebulon@quirk.example")
    handled = response.invitation.resolution.handled_by.order_by("-share")
    agent = handled[0].agent
    for path in ("/", f"/agents/{agent.pk}/", "/matrix/", "/trend/", "/causes/"):
        _, address = shared(manager, path)
        page = Client().get(address).content.decode()
        assert not re.search("Zeb", page), path
        _, address = shared(manager, path, comments=True)
        page = Client().get(address).content.decode()
        assert "Quirk" not in page, path
        assert ("Ask for Zebedee" in page) == (path in ("/", f"/agents/{agent.pk}/")), path


def test_single_responses_cannot_be_shared(manager: User, company: simulation.Simulated) -> None:
    signed_in(manager).post("/settings/links/", {"path": "/responses/", "query": "", "days": "30"})
    assert not ShareLink.objects.exists()


def test_a_link_shows_what_its_sharer_may_see_when_it_is_read(
    company: simulation.Simulated,
) -> None:
    first, second = Team.objects.get(), TeamFactory()
    lead: User = UserFactory(role=Role.TEAM_LEAD, team=first, password=NO_PASSWORD)
    _, address = shared(lead, "/agents/")
    page = Client().get(address).content.decode()
    theirs = Agent.objects.filter(team=first).exclude(name="")
    assert all(agent.name in page for agent in theirs)
    User.objects.filter(pk=lead.pk).update(team=second)
    page = Client().get(address).content.decode()
    assert not any(f">{agent.name}<" in page for agent in theirs)


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": Role.ANALYST}, {"role": Role.AGENT}]
)
def test_a_link_shows_nothing_once_its_sharer_lost_access(
    manager: User, change: dict[str, object]
) -> None:
    _, address = shared(manager, "/causes/")
    assert Client().get(address).status_code == 200
    User.objects.filter(pk=manager.pk).update(**change)
    assert Client().get(address).status_code == 404


def test_unknown_revoked_and_expired_links_answer_alike(manager: User) -> None:
    link, revoked = shared(manager, "/causes/")
    signed_in(manager).post(f"/settings/links/{link.pk}/revoke/")
    link, expired = shared(manager, "/causes/")
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    answers = [
        Client().get(url) for url in (revoked, expired, "/shared/nothing/", "/shared/\ud7ff/")
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.content for answer in answers}) == 1
    assert all(answer["Cache-Control"] == "no-store, private" for answer in answers)


def test_only_a_hash_of_a_link_is_stored(manager: User) -> None:
    link, address = shared(manager, "/causes/")
    token = address.split("/")[2]
    stored = [str(value) for value in ShareLink.objects.filter(pk=link.pk).values_list()[0]]
    assert not any(token in value for value in stored)
    assert len(token) == 32


def test_openers_are_counted_and_not_named(manager: User) -> None:
    link, address = shared(manager, "/causes/")
    for client in (Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")):
        client.get(address)
        client.get(address)
        client.head(address)
    (line,) = links.listed(manager, everyone=False)
    assert line.n_openers == 2
    assert sum(opening.n for opening in link.openings.all()) == 4
    assert line.last_opened_at is not None
    assert "192.0.2" not in str(list(link.openings.values()))


def test_a_flood_of_one_link_is_slowed_and_no_other(manager: User) -> None:
    _, flooded = shared(manager, "/causes/")
    _, other = shared(manager, "/causes/")
    answers = [Client().get(flooded).status_code for _ in range(30)]
    assert answers[:20] == [200] * 20
    assert answers[-1] == 429
    assert Client().get(other).status_code == 200


def test_the_log_of_sharing_is_written_once(manager: User) -> None:
    shared(manager, "/causes/")
    event = SharingEvent.objects.get()
    assert (event.actor, event.action) == (manager.email, "made a link")
    for change in (
        lambda: SharingEvent.objects.update(actor="x"),
        SharingEvent.objects.all().delete,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    admin = client_of(Role.ADMIN)
    assert manager.email in admin.get("/settings/links/").content.decode()


# --- PDF ------------------------------------------------------------------------------------------


def main_of(page: str) -> Node:
    main = parse(page).find("main")
    assert main is not None
    return main


#: What is of the reader and not of the report: filters and ways on.
NOT_FIGURES = {
    "filters",
    "messages",
    "more",
    "narrow",
    "unseen",
    "shared-note",
    "on-screen",
}


def numbers(node: Node) -> Counter[str]:
    """Every number that a page shows as text, outside of pictures, controls and hidden parts."""
    found: Counter[str] = Counter()

    def look(one: Node) -> None:
        if one.classes & NOT_FIGURES or one.tag in {"svg", "form", "nav", "script"}:
            return
        for child in one.children:
            if isinstance(child, str):
                found.update(re.findall(r"\d[\d,.]*\d|\d", child))
            else:
                look(child)

    look(node)
    return found


def pictures(main: Node) -> int:
    """How many pictures, bars and signs stand outside of controls and comments."""
    if main.classes & (NOT_FIGURES - {"narrow"} | {"comments"}):
        return 0
    inner = [child for child in main.children if isinstance(child, Node)]
    return int(main.tag == "svg" and bool(main.raw)) + sum(pictures(child) for child in inner)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/agents/",
        "/causes/",
        "/matrix/",
        "/trend/?interval=month",
        "/responses/",
        "/segments/?from=2026-11-01&b_to=2026-10-31",
        "agent",
        "cause",
    ],
)
def test_a_pdf_says_every_number_of_its_page(
    manager: User, company: simulation.Simulated, path: str
) -> None:
    agent, cause = Agent.objects.all()[0], Cause.objects.all()[0]
    path = {"agent": f"/agents/{agent.pk}/", "cause": f"/causes/{cause.code}/"}.get(path, path)
    client = signed_in(manager)
    page, answer = client.get(path), client.get(f"/pdf{path}")
    assert answer["Content-Type"] == "application/pdf"
    document = PdfReader(io.BytesIO(answer.content))
    said = "\n".join(one.extract_text() for one in document.pages)
    shown = numbers(main_of(page.content.decode()))
    printed = Counter(re.findall(r"\d[\d,.]*\d|\d", said))
    assert sum(shown.values()) > 20
    assert shown - printed == Counter()
    assert f"Page 1 of {len(document.pages)}" in said
    assert "Period: " in said


def test_a_pdf_names_its_filters_and_its_file(manager: User, company: simulation.Simulated) -> None:
    answer = signed_in(manager).get(
        "/pdf/causes/?from=2026-10-01&to=2026-10-31&channel=phone&by=resolved"
    )
    said = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "1 October 2026 to 31 October 2026 (days of the resolutions" in said
    assert "Channel: phone" in said
    name = 'filename="stabledoor-causes-2026-10-01-to-2026-10-31.pdf"'
    assert name in answer["Content-Disposition"]


def test_a_pdf_of_wrong_filters_says_what_is_wrong(manager: User) -> None:
    answer = signed_in(manager).get("/pdf/causes/?product=Nothing")
    assert answer.status_code == 400
    assert "There is no product “Nothing”" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/pdf/matrix/", "/pdf/settings/", "/pdf/pdf/causes/", "/pdf/", "/pdf//"]
)
def test_a_pdf_of_what_is_not_ones_own_is_a_404(path: str) -> None:
    assert client_of(Role.CAUSE_OWNER).get(path).status_code == 404
