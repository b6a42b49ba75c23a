"""Digests: what each role is told, and the mail that tells it."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import io
import re
from email.message import EmailMessage

import pytest
import time_machine
from django.test import Client
from PIL import Image

from analytics import reports, simulation
from analytics.aggregates import apply_all, pack_days
from analytics.filters import Filters
from analytics.kept import DigestMail
from surveys.console.figures import between, count, share
from surveys.models import Agent, Cause, Customer, Resolution, Team, User
from surveys.services.access import EVERYTHING
from tests.analytics.answered import answer
from tests.analytics.sharing.conftest import MONDAY
from tests.analytics.sharing.digesting import body, reader, send, subscribed, the_mail
from tests.factories import CauseFactory, InvitationFactory, ResolutionFactory
from tests.smtp_server import SmtpServer
from tests.surveys.staff import BACKEND

pytestmark = pytest.mark.django_db
Role = User.Role
Status = DigestMail.Status


def test_a_manager_is_told_what_the_overview_says(
    smtp: SmtpServer, company: simulation.Simulated
) -> None:
    subscribed(reader(Role.MANAGER))
    assert send().sent == 1
    message = the_mail(smtp)
    week = Filters(from_=dt.date(2026, 11, 16), to=dt.date(2026, 11, 22))
    report = reports.overview(week, EVERYTHING)
    assert report.fix
    assert report.cause
    for kind in ("plain", "html"):
        said = body(message, kind)
        for words in (
            share(report.fix.top2), between(report.fix.top2_low, report.fix.top2_high),
            f"n = {count(report.fix.n)}", share(report.cause.dismayed),
            between(report.cause.dismayed_low, report.cause.dismayed_high),
            f"{count(report.completed)} of {count(report.invited)} invited",
        ):  # fmt: skip
            assert words in said, (kind, words)
    address = re.search(r"https://survey\S+compare=previous", body(message, "plain"))
    assert address is not None
    path = address.group().removeprefix("https://survey.northline.example")
    client = Client()
    client.force_login(User.objects.get(role=Role.MANAGER), BACKEND)
    page = client.get(path)
    assert page.status_code == 200
    assert f"n&nbsp;=&nbsp;<b>{count(report.fix.n)}</b>" in page.content.decode()


def test_a_digest_is_a_mail_as_it_should_be(
    smtp: SmtpServer, company: simulation.Simulated
) -> None:
    subscribed(reader(Role.MANAGER, email="mia@northline.example"))
    send()
    (received,) = smtp.received
    message = the_mail(smtp)
    assert received.content.isascii()
    assert max(map(len, received.content.split(b"\r\n"))) <= 100
    assert b"\n" not in received.content.replace(b"\r\n", b"")
    assert message["To"] == "mia@northline.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    html = body(message, "html")
    images = re.findall(r'<img src="cid:([^"]+)"[^>]* alt="([^"]+)"', html)
    assert [f"<{cid}>" for cid, _ in images] == [part["Content-ID"] for part in pictures]
    worst = reports.causes(
        Filters(from_=dt.date(2026, 11, 16), to=dt.date(2026, 11, 22)), EVERYTHING
    ).results
    assert any(row.cause.name in images[0][1] for row in worst)
    assert all(alt in body(message, "plain") for _, alt in images)
    for part in pictures:
        with Image.open(io.BytesIO(part.get_content())) as picture:
            assert picture.width > 600
    assert (
        re.findall(r"""(?:src|href)=["'](?!cid:|https://survey\.northline\.example/)""", html) == []
    )


@pytest.mark.parametrize("enough", [True, False])
def test_what_to_fix_first_is_that_of_the_overview(
    smtp: SmtpServer, company: simulation.Simulated, enough: bool
) -> None:
    """A flood of cases of which too few were asked is drawn, and not called first."""
    cause = Cause.objects.get(code="sim-cause-5-2")
    if not enough:
        at = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)
        flood = CauseFactory(name="Flood")
        for _ in range(200):
            ResolutionFactory(cause=flood, resolved_at=at)
        answer(InvitationFactory(resolution=Resolution.objects.latest("pk")), at=at, f1=4, c1=5)
        apply_all()
        pack_days(at_once=True)
    user = reader(Role.MANAGER)
    subscribed(user)
    assert send().sent == 1
    said = body(the_mail(smtp), "plain")
    client = Client()
    client.force_login(user, BACKEND)
    page = client.get("/?from=2026-11-16&to=2026-11-22").content.decode()
    first = re.search(r'class="fix-first">.*?<a [^>]*>([^<]+)</a>', page, re.DOTALL)
    assert (first is not None) is enough
    assert ("Fix first: " in said) is enough
    if first:
        assert f"Fix first: {first[1]}, about " in said
    else:
        assert "Flood: about " in said
        assert "too few answered to say how they felt (n = 1), 200 cases." in said
    assert cause.name in said


def test_each_role_is_told_its_own_part(smtp: SmtpServer, company: simulation.Simulated) -> None:
    team, agent, cause = Team.objects.all()[0], Agent.objects.all()[0], Cause.objects.all()[0]
    owner = reader(Role.CAUSE_OWNER)
    Cause.objects.filter(pk=cause.pk).update(owner=owner)
    readers = [reader(Role.TEAM_LEAD, team=team), reader(Role.AGENT, agent=agent), owner]
    Customer.objects.update(name="Zebulon Quirk", email="zebulon@quirk.example")
    for user in readers:
        subscribed(user, "monthly", due_at=MONDAY)
    assert send().sent == 3
    told = {}
    for received in smtp.received:
        message = email.message_from_bytes(received.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        told[received.recipient] = body(message, "plain") + body(message, "html")
    of_team, of_agent, of_owner = (told[user.email] for user in readers)
    agents = set(Agent.objects.values_list("name", flat=True))
    causes = set(Cause.objects.values_list("name", flat=True))
    assert not any(name in of_owner for name in agents)
    assert not any(name in of_owner for name in causes - {cause.name})
    assert cause.name in of_owner
    assert not any(name in of_team + of_agent for name in causes)
    assert not any(name in of_agent for name in agents - {agent.name})
    assert f"/agents/{agent.pk}/?period=28d" in of_agent
    assert not any("Quirk" in said or "quirk" in said for said in told.values())
    with time_machine.travel(MONDAY):
        for user in readers:
            address = re.search(r"https://survey[^\s\"]+/\?[^\s\"]+", told[user.email])
            assert address is not None
            client = Client()
            client.force_login(user, BACKEND)
            path = address.group().removeprefix("https://survey.northline.example")
            assert client.get(path).status_code == 200, path
            assert client.get(f"/pdf{path}").headers["Content-Type"] == "application/pdf", path


def test_where_nobody_answered_nothing_is_sent_and_the_row_says_so(smtp: SmtpServer) -> None:
    for role in (Role.MANAGER, Role.TEAM_LEAD, Role.AGENT, Role.CAUSE_OWNER):
        subscribed(reader(role))
    counts = send()
    assert (counts.sent, counts.skipped, smtp.received) == (0, 4, [])
    assert {mail.reason for mail in DigestMail.objects.all()} == {
        "Nobody answered in this period, so there was nothing to tell."
    }


def test_a_name_cannot_break_out_of_a_mail(smtp: SmtpServer, company: simulation.Simulated) -> None:
    Cause.objects.update(name="<script>x</script>\r\nBcc: all@example.com & “co”")
    subscribed(reader(Role.MANAGER))
    send()
    message = the_mail(smtp)
    assert "Bcc" not in message
    assert "<script" not in body(message, "html")
    assert smtp.recipients == [User.objects.get(role=Role.MANAGER).email]
