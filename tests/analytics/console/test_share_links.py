"""Links to share: they show what a stranger may see, lead nowhere, and end."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analytics import simulation
from analytics.kept import ShareLink, SharingEvent
from analytics.printing.tree import parse
from analytics.sharing import links
from surveys.models import Agent, Cause, Customer, Response, Team, User
from tests.analytics.console.keeping import (
    main_of,
    numbers,
    pictures,
    shared,
    signed_in,
)
from tests.factories import TeamFactory, UserFactory
from tests.surveys.staff import NO_PASSWORD, client_of

pytestmark = pytest.mark.django_db
Role = User.Role


def test_a_link_shows_the_same_figures_and_leads_nowhere(
    manager: User, company: simulation.Simulated
) -> None:
    _, address = shared(manager, "/causes/", "period=90d")
    answer = Client().get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    tags = {node.tag for node in parse(page).walk()}
    assert not tags & {"a", "form", "input", "select", "script", "iframe", "nav"}
    own = signed_in(manager).get(f"/causes/?{ShareLink.objects.get().query}").content.decode()
    assert numbers(main_of(own)) - numbers(main_of(page)) == Counter()
    assert pictures(main_of(own)) == pictures(main_of(page)) > 1


SHARED = [
    "/",
    "/agents/",
    "/matrix/",
    "/trend/?interval=day",
    "/segments/?channel=phone&b_to=2026-10-31",
    "/?compare=previous&from=2026-11-01",
    "cause",
]


def test_a_link_shows_no_figure_that_its_page_has_not(
    manager: User, company: simulation.Simulated
) -> None:
    for path in SHARED:
        path = path if path != "cause" else f"/causes/{Cause.objects.all()[0].code}/"
        path, _, query = path.partition("?")
        link, address = shared(manager, path, query, names=True)
        page = Client().get(address).content.decode()
        own = signed_in(manager).get(f"{path}?{link.query}").content.decode()
        extra = numbers(main_of(page)) - numbers(main_of(own))
        assert sum(extra.values()) == 0, extra
        assert sum(numbers(main_of(page)).values()) > 10


def test_a_link_keeps_the_days_that_its_period_meant(
    manager: User, company: simulation.Simulated
) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        link, _ = shared(manager, "/causes/", "period=last_month&channel=phone&channel=chat")
        other, _ = shared(manager, "/segments/", "period=7d&b_period=last_month")
    assert link.query == "channel=phone&channel=chat&from=2026-10-01&to=2026-10-31"
    assert other.query == "from=2026-11-16&to=2026-11-21&b_from=2026-10-01&b_to=2026-10-31"


def test_a_link_tells_no_customer_and_comments_only_where_ticked(
    manager: User, company: simulation.Simulated
) -> None:
    response = Response.objects.order_by("-answered_at")[0]
    Response.objects.filter(pk=response.pk).update(fix_comment="Ask for Zebedee")
    Customer.objects.update(name="Zebulon Quirk", email="zebulon@quirk.example")
    handled = response.invitation.resolution.handled_by.order_by("-share")
    agent = handled[0].agent
    for path in ("/", f"/agents/{agent.pk}/", "/matrix/", "/trend/", "/causes/"):
        _, address = shared(manager, path, names=True)
        page = Client().get(address).content.decode()
        assert not re.search("Zeb", page), path
        _, address = shared(manager, path, comments=True, names=True)
        page = Client().get(address).content.decode()
        assert "Quirk" not in page, path
        assert ("Ask for Zebedee" in page) == (path in ("/", f"/agents/{agent.pk}/")), path


def test_what_could_tell_one_customer_apart_cannot_be_shared(
    manager: User, company: simulation.Simulated
) -> None:
    client = signed_in(manager)
    for path in ("/responses/", "/who-answered/"):
        client.post("/settings/links/", {"path": path, "query": "", "days": "30"})
        assert "Share by a link" not in client.get(path).content.decode()
    assert not ShareLink.objects.exists()


def test_a_link_shows_what_its_sharer_may_see_when_it_is_read(
    company: simulation.Simulated,
) -> None:
    first, second = Team.objects.get(), TeamFactory()
    lead: User = UserFactory(role=Role.TEAM_LEAD, team=first, password=NO_PASSWORD)
    _, address = shared(lead, "/agents/", names=True)
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
    assert (line.n_views, line.n_openers) == (4, 2)
    assert "4 times by 2" in signed_in(manager).get("/settings/links/").content.decode()
    told = SharingEvent.objects.order_by("id").values_list("actor", "action")
    assert list(told) == [
        (manager.email, "made a link"),
        ("somebody with the link", "opened a link for the first time"),
    ]
    assert sum(opening.n for opening in link.openings.all()) == 4
    assert line.last_opened_at is not None
    assert "192.0.2" not in str(list(link.openings.values()))


def test_a_flood_of_one_link_is_slowed_and_no_other(manager: User) -> None:
    _, flooded = shared(manager, "/causes/")
    _, other = shared(manager, "/causes/")
    start = time.monotonic()
    answers = [Client().get(flooded).status_code for _ in range(30)]
    assert answers[:20] == [200] * 20
    # One more every two seconds, however slow the machine is.
    assert answers.count(200) <= 20 + (time.monotonic() - start) / 2
    assert set(answers) == {200, 429}
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
