"""Digests: stopped at once, sent once, and never again where nobody knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from analytics import simulation
from analytics.kept import DigestMail, DigestSubscription, ReaderSettings
from analytics.sharing.digests import outbox, planning
from surveys.models import Suppression, User
from surveys.services.tokens import email_hash
from tests.analytics.sharing.conftest import MONDAY
from tests.analytics.sharing.digesting import reader, send, subscribed, the_mail
from tests.smtp_server import ACCEPT_AND_DROP, DROP, VERBS, SmtpServer
from tests.surveys.staff import BACKEND
from tests.threads import at_once

pytestmark = pytest.mark.django_db
Role = User.Role
Status = DigestMail.Status


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
