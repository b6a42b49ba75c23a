"""Digests: due when the calendar says, sent once, telling each role its own part."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import io
import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from PIL import Image

from analytics import reports, simulation
from analytics.filters import Filters
from analytics.kept import DigestMail, DigestSubscription, ReaderSettings
from analytics.sharing.digests import outbox, planning, sending
from analytics.sharing.digests.planning import Cadence, next_due
from surveys.console.figures import between, count, share
from surveys.models import Agent, Cause, Customer, Suppression, Team, User
from surveys.services.access import EVERYTHING
from surveys.services.tokens import email_hash
from tests.analytics.sharing.conftest import MONDAY
from tests.factories import UserFactory
from tests.smtp_server import ACCEPT_AND_DROP, DROP, VERBS, SmtpServer
from tests.surveys.staff import BACKEND, NO_PASSWORD
from tests.threads import at_once

pytestmark = pytest.mark.django_db
Role = User.Role
Status = DigestMail.Status


def reader(role: str, **fields: Any) -> User:
    user: User = UserFactory(role=role, password=NO_PASSWORD, **fields)
    return user


def subscribed(
    user: User, cadence: str = "weekly", *, due_at: dt.datetime = MONDAY
) -> DigestSubscription:
    found = planning.subscribe(user, cadence, 8, due_at - dt.timedelta(days=40))
    DigestSubscription.objects.filter(pk=found.pk).update(next_due_at=due_at)
    found.refresh_from_db()
    return found


def send(at: dt.datetime = MONDAY) -> sending.Counts:
    return sending.send_due(clock=lambda: at)


def the_mail(smtp: SmtpServer) -> EmailMessage:
    (received,) = smtp.received
    found = email.message_from_bytes(received.content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


# --- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cadence", "zone", "after", "due"),
    [
        ("daily", "UTC", "2026-11-22T07:59", "2026-11-22T08:00"),
        ("daily", "UTC", "2026-11-22T08:00", "2026-11-23T08:00"),
        ("weekly", "Europe/Berlin", "2026-11-22T12:00", "2026-11-23T07:00"),
        ("weekly", "Pacific/Auckland", "2026-11-22T12:00", "2026-11-22T19:00"),
        ("monthly", "America/New_York", "2026-01-31T23:00", "2026-02-01T13:00"),
        # An hour of winter's and of summer's time: always eight o'clock there.
        ("daily", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T06:00"),
        ("daily", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T07:00"),
    ],
)
def test_a_digest_is_due_at_its_hour_where_the_reader_is(
    cadence: str, zone: str, after: str, due: str
) -> None:
    moment = dt.datetime.fromisoformat(f"{after}+00:00")
    found = next_due(Cadence(cadence), 8, ZoneInfo(zone), moment)
    assert found == dt.datetime.fromisoformat(f"{due}+00:00")


def test_an_hour_that_the_clock_skips_or_repeats_comes_once() -> None:
    berlin, spring = ZoneInfo("Europe/Berlin"), dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    skipped = next_due(Cadence.DAILY, 2, berlin, spring)
    assert skipped == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)
    repeated = next_due(Cadence.DAILY, 2, berlin, dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC))
    assert next_due(Cadence.DAILY, 2, berlin, repeated) - repeated == dt.timedelta(hours=25)


def test_what_was_missed_is_not_made_up_for_but_the_newest(smtp: SmtpServer) -> None:
    subscribed(reader(Role.MANAGER), "daily", due_at=MONDAY - dt.timedelta(days=9))
    assert send().planned == 1
    mail = DigestMail.objects.get()
    assert (mail.from_date, mail.to_date) == (dt.date(2026, 11, 22), dt.date(2026, 11, 22))
    assert DigestSubscription.objects.get().next_due_at > MONDAY


def test_planning_twice_plans_once() -> None:
    subscription = subscribed(reader(Role.MANAGER))
    assert planning.plan(MONDAY) == 1
    DigestSubscription.objects.filter(pk=subscription.pk).update(next_due_at=MONDAY)
    assert planning.plan(MONDAY) == 0
    mail = DigestMail.objects.get()
    assert (mail.from_date, mail.to_date) == (dt.date(2026, 11, 16), dt.date(2026, 11, 22))


def test_subscribing_again_changes_the_hour_and_no_second_one() -> None:
    user = reader(Role.MANAGER)
    first = planning.subscribe(user, "weekly", 8, MONDAY)
    again = planning.subscribe(user, "weekly", 17, MONDAY)
    assert (again.pk, again.hour) == (first.pk, 17)
    with pytest.raises(planning.DigestError):
        planning.subscribe(user, "hourly", 8, MONDAY)
    with pytest.raises(planning.DigestError):
        planning.subscribe(user, "daily", 24, MONDAY)


# --- what -----------------------------------------------------------------------------------------


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


# --- stopping -------------------------------------------------------------------------------------


def unsubscribe_url(message: EmailMessage) -> str:
    return (
        str(message["List-Unsubscribe"])
        .strip()
        .strip("<>")
        .removeprefix("https://survey.northline.example")
    )


def test_one_click_stops_a_digest_and_a_look_does_not(
    smtp: SmtpServer, company: simulation.Simulated
) -> None:
    subscribed(reader(Role.MANAGER))
    send()
    url = unsubscribe_url(the_mail(smtp))
    client = Client(enforce_csrf_checks=True)
    assert client.get(url).status_code == client.head(url).status_code == 200
    assert DigestSubscription.objects.filter(stopped_at=None).exists()
    answer = client.post(url, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.cookies) == (200, {})
    assert client.post(url).status_code == 200
    assert not DigestSubscription.objects.filter(stopped_at=None).exists()
    assert send(MONDAY + dt.timedelta(days=8)).planned == 0
    assert client.post("/digest-off/nothing/").status_code == 404


def test_what_was_planned_is_not_sent_after_it_was_stopped(
    smtp: SmtpServer, company: simulation.Simulated
) -> None:
    subscription = subscribed(reader(Role.MANAGER))
    planning.plan(MONDAY)
    mail = outbox.claim(MONDAY)
    assert mail is not None
    planning.stop(subscription, MONDAY)
    assert not outbox.put_in_flight(mail, MONDAY)


@pytest.mark.parametrize("why", ["unsubscribed", "switched off", "suppressed", "designer now"])
def test_nothing_leaves_for_a_reader_who_went_after_it_was_planned(
    smtp: SmtpServer, company: simulation.Simulated, why: str
) -> None:
    subscription = subscribed(reader(Role.MANAGER))
    planning.plan(MONDAY)
    if why == "unsubscribed":
        DigestSubscription.objects.update(stopped_at=MONDAY)
    elif why == "switched off":
        User.objects.update(is_active=False)
    elif why == "designer now":
        User.objects.update(role=Role.DESIGNER)
    else:
        address = subscription.user.email
        Suppression.objects.create(
            email=address, email_hash=email_hash(address), reason=Suppression.Reason.BOUNCED
        )
    counts = send()
    assert (counts.sent, counts.skipped, smtp.received) == (0, 1, [])
    assert DigestMail.objects.get().status == Status.SKIPPED


def planning_row(subscription: DigestSubscription) -> DigestMail:
    return DigestMail.objects.create(
        subscription=subscription,
        from_date=dt.date(2026, 11, 16),
        to_date=dt.date(2026, 11, 22),
        due_at=MONDAY,
    )


def test_the_page_orders_stops_and_shows_what_became_of_each(
    smtp: SmtpServer, company: simulation.Simulated
) -> None:
    user = reader(Role.MANAGER)
    client = Client()
    client.force_login(user, BACKEND)
    client.post("/settings/digests/", {"cadence": "weekly", "hour": "7", "time_zone": "Asia/Tokyo"})
    subscription = DigestSubscription.objects.get()
    assert subscription.next_due_at.astimezone(ZoneInfo("Asia/Tokyo")).hour == 7
    assert ReaderSettings.objects.get().time_zone == "Asia/Tokyo"
    client.post("/settings/digests/", {"cadence": "daily", "hour": "7", "time_zone": "Mars/Base"})
    client.post("/settings/digests/", {"cadence": "daily", "hour": "25", "time_zone": "UTC"})
    assert DigestSubscription.objects.count() == 1
    planning_row(subscription)
    send()
    assert "Sent" in client.get("/settings/digests/").content.decode()
    other = Client()
    other.force_login(reader(Role.ADMIN), BACKEND)
    assert other.post(f"/settings/digests/{subscription.pk}/stop/").status_code == 404
    client.post(f"/settings/digests/{subscription.pk}/stop/")
    subscription.refresh_from_db()
    assert subscription.stopped_at is not None


# --- once and for all -----------------------------------------------------------------------------

LATER = MONDAY + outbox.LEASE + dt.timedelta(hours=6)


class Killed(BaseException):
    """The process ends here."""


def dies_before(step: int) -> bool:
    """Send in a process that ends before this statement; False where it has fewer."""
    n_run = 0

    def run(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal n_run
        n_run += 1
        if n_run > step:
            raise Killed
        return execute(*arguments)

    with connection.execute_wrapper(run):
        try:
            send()
        except Killed:
            return True
    return False


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_statement_loses_and_doubles_nothing(smtp: SmtpServer) -> None:
    simulation.simulate(
        60, seed=5, last_day=dt.date(2026, 11, 22), agents=2, causes=2, days=7, response_rate=0.9
    )
    ends: list[str] = []
    died = True
    while died:
        address = f"step{len(ends)}@example.com"
        subscription = subscribed(reader(Role.MANAGER, email=address))
        died = dies_before(len(ends))
        send(LATER)
        send(LATER + outbox.LEASE + dt.timedelta(seconds=1))
        (mail,) = DigestMail.objects.filter(subscription=subscription)
        n_arrived = smtp.recipients.count(address)
        where = f"killed before statement {len(ends)}"
        assert (mail.status, n_arrived) in {("sent", 1), ("unknown", 1), ("unknown", 0)}, where
        ends.append(mail.status)
        subscription.delete()
    assert len(ends) > 20
    # Only between "in flight" and "sent" can a mail's fate be unknown.
    assert 1 <= ends.count("unknown") <= 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_digest_once(smtp: SmtpServer) -> None:
    simulation.simulate(
        60, seed=5, last_day=dt.date(2026, 11, 22), agents=2, causes=2, days=7, response_rate=0.9
    )
    for k in range(6):
        subscribed(reader(Role.MANAGER, email=f"reader{k}@example.com"))
    counts = at_once(send, send, send)
    assert sorted(smtp.recipients) == [f"reader{k}@example.com" for k in range(6)]
    assert sum(count.planned for count in counts) == 6
    assert set(DigestMail.objects.values_list("status", flat=True)) == {"sent"}


@pytest.mark.parametrize("verb", VERBS)
def test_a_server_that_drops_the_line_gets_no_second_mail_after_the_content(
    smtp: SmtpServer, company: simulation.Simulated, verb: Any
) -> None:
    subscribed(reader(Role.MANAGER))
    smtp.on(verb, DROP, times=1)
    send()
    mail = DigestMail.objects.get()
    uncertain = verb in ("CONTENT", "DOT")
    assert mail.status == (Status.UNKNOWN if uncertain else Status.QUEUED)
    send(LATER)
    mail.refresh_from_db()
    assert mail.status == (Status.UNKNOWN if uncertain else Status.SENT)
    assert len(smtp.received) == (0 if uncertain else 1)


def test_an_accepted_mail_without_an_answer_is_unknown_and_not_repeated(
    smtp: SmtpServer, company: simulation.Simulated
) -> None:
    subscribed(reader(Role.MANAGER))
    smtp.on("DOT", ACCEPT_AND_DROP, times=1)
    send()
    send(LATER)
    assert DigestMail.objects.get().status == Status.UNKNOWN
    assert len(smtp.received) == 1


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(
    smtp: SmtpServer, company: simulation.Simulated
) -> None:
    subscribed(reader(Role.MANAGER))
    smtp.on("RCPT", "451 4.2.0 later", times=1)
    assert send().retried == 1
    assert send().sent == 0  # the pause is not over
    smtp.on("RCPT", "550 5.1.1 nobody here", times=1)
    assert send(LATER).failed == 1
    mail = DigestMail.objects.get()
    assert (mail.status, mail.n_attempts) == (Status.FAILED, 2)
    assert "550" in mail.reason
    assert send(LATER + dt.timedelta(hours=9)).sent == 0


def test_without_a_mail_server_nothing_is_lost_and_no_attempt_is_counted(
    smtp: SmtpServer, company: simulation.Simulated, settings: Any
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    subscribed(reader(Role.MANAGER))
    assert "cannot be used" in send().stopped
    mail = DigestMail.objects.get()
    assert (mail.status, mail.n_attempts) == (Status.QUEUED, 0)
    settings.EMAIL_PORT = port
    assert send().sent == 1


def test_one_that_cannot_be_built_holds_up_nobody(
    smtp: SmtpServer, company: simulation.Simulated
) -> None:
    subscribed(reader(Role.MANAGER, email="no address"))
    subscribed(reader(Role.ANALYST))
    counts = send()
    assert (counts.failed, counts.sent) == (1, 1)


def test_the_command_sends_what_is_due(
    smtp: SmtpServer, company: simulation.Simulated, capsys: pytest.CaptureFixture[str]
) -> None:
    subscribed(reader(Role.MANAGER), due_at=MONDAY - dt.timedelta(days=400))
    call_command("send_digests", dry_run=True)
    assert capsys.readouterr().out == "1 digest is due; none was sent.\n"
    assert not DigestMail.objects.exists()
    call_command("send_digests", json=True)
    assert '"planned": 1' in capsys.readouterr().out
