"""Mails that take off together: fewer commits where the server is quick, and every promise kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from surveys.models import Delivery, Suppression
from surveys.services import delivery_round
from surveys.services.delivery import Counts, dispatch_all, dispatch_round
from surveys.services.delivery_round import SOON, TOGETHER
from surveys.services.suppressions import suppress
from tests.factories import NOW
from tests.smtp_server import ACCEPT_AND_DROP, DROP, SmtpServer
from tests.surveys.services.outbox import queued, story

pytestmark = pytest.mark.django_db

N_MAILS = 60


@pytest.fixture
def due(smtp: SmtpServer) -> list[Delivery]:
    smtp.pipelining = True
    return [queued(f"c{number}@example.com") for number in range(N_MAILS)]


@contextmanager
def looks() -> Iterator[list[int]]:
    """How many mails took off at each of the last looks."""
    found: list[int] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "in_flight_at = %(moment)s" in sql:
            found.append(params["next"].count(",") + 1)  # an array as PostgreSQL writes it
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


def test_quick_server_gets_more_and_more_together(
    smtp: SmtpServer, due: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A tenth of a second may pass on a loaded machine, however quick its server is.
    monkeypatch.setattr(delivery_round, "SOON", 60.0)
    with looks() as found:
        assert dispatch_round(NOW) == Counts(sent=N_MAILS)
    assert found[:3] == [1, 2, 4]
    assert max(found) <= TOGETHER
    assert sum(found) >= N_MAILS > 2 * len(found)
    assert smtp.recipients == [f"c{number}@example.com" for number in range(N_MAILS)]
    assert set(Delivery.objects.filter(kind="invitation").values_list("status", flat=True)) == {
        "sent"
    }
    assert Delivery.objects.filter(kind="reminder", status="queued").count() == N_MAILS


def test_slow_server_gets_them_one_by_one(smtp: SmtpServer) -> None:
    for number in range(5):
        queued(f"c{number}@example.com")
    smtp.watch = lambda verb: time.sleep(SOON if verb == "DOT" else 0)
    with looks() as found:
        assert dispatch_round(NOW) == Counts(sent=5)
    assert found == [1] * 5


def test_last_look_is_never_long_ago(smtp: SmtpServer, due: list[Delivery]) -> None:
    """A server that becomes slow while mails are in flight: those not begun are looked at anew."""
    slept: list[bool] = []

    def become_slow(verb: str) -> None:
        if verb == "DOT" and len(smtp.received) == 10 and not slept:
            slept.append(True)
            time.sleep(2 * SOON)

    smtp.watch = become_slow
    with looks() as found:
        dispatch_round(NOW)
    assert sum(found) > N_MAILS
    assert sorted(smtp.recipients) == sorted(f"c{number}@example.com" for number in range(N_MAILS))


def test_suppression_stops_all_that_had_no_last_look(smtp: SmtpServer, due: list[Delivery]) -> None:
    def stop_the_others(verb: str) -> None:
        if verb == "DOT" and len(smtp.received) == 0:
            smtp.watch = None
            stopping.extend(range(1, N_MAILS))

    stopping: list[int] = []
    smtp.watch = stop_the_others
    with looks() as found:

        def suppress_them(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            while stopping:
                suppress(f"c{stopping.pop()}@example.com", Suppression.Reason.MANUAL, now=NOW)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(suppress_them):
            counts = dispatch_round(NOW)
    assert counts.sent == 1
    assert smtp.recipients == ["c0@example.com"]
    assert found[0] == 1


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_session_that_breaks_costs_only_the_mail_it_broke_at(
    smtp: SmtpServer, due: list[Delivery], verb: Any
) -> None:
    # Who a mail is for is not known at MAIL.
    smtp.on(verb, DROP, times=1, recipient="" if verb == "MAIL" else "c20@example.com")
    counts = dispatch_round(NOW)
    assert counts.retried == 1
    assert counts.unknown == 0
    assert counts.sent == len(smtp.received)
    waiting = Delivery.objects.filter(kind="invitation", status="queued")
    assert set(waiting.values_list("in_flight_at", "lease")) == {(None, None)}
    dispatch_all(clock=lambda: NOW)
    assert len(set(smtp.recipients)) == len(smtp.recipients) == N_MAILS - 1


def test_mail_lost_after_its_content_is_the_only_unknown_one(
    smtp: SmtpServer, due: list[Delivery]
) -> None:
    smtp.on("DOT", ACCEPT_AND_DROP, recipient="c20@example.com")
    assert dispatch_all(clock=lambda: NOW) == Counts(sent=N_MAILS - 1, unknown=1)
    assert story(due[20]) == ("unknown", "unknown")
    assert len(set(smtp.recipients)) == len(smtp.recipients) == N_MAILS


def test_refusals_among_many_are_noted_one_by_one(smtp: SmtpServer, due: list[Delivery]) -> None:
    for number in range(0, N_MAILS, 3):
        smtp.on("RCPT", "550 5.1.1 nobody here", recipient=f"c{number}@example.com")
    for number in range(1, N_MAILS, 3):
        smtp.on("RCPT", "451 4.7.1 later", recipient=f"c{number}@example.com")
    third = N_MAILS // 3
    assert dispatch_round(NOW) == Counts(sent=third, failed=third, retried=third)
    assert Suppression.objects.count() == third
    assert sorted(smtp.recipients) == sorted(f"c{n}@example.com" for n in range(2, N_MAILS, 3))


def test_round_that_is_interrupted_frees_what_it_had_not_begun(
    smtp: SmtpServer, due: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    from surveys.channels.transport import MailServer

    original, n = MailServer.deliver, []

    def interrupted(self: MailServer, *mail: Any) -> str:
        n.append(1)
        if len(n) == 9:
            raise KeyboardInterrupt
        return original(self, *mail)

    monkeypatch.setattr(MailServer, "deliver", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dispatch_round(NOW)
    statuses = list(Delivery.objects.filter(kind="invitation").values_list("status", flat=True))
    assert statuses.count("sent") == len(smtp.received) == 9
    assert statuses.count("sending") == 1  # it had begun: unknown, when its lease has run out
    assert statuses.count("queued") == N_MAILS - 10
    free = Delivery.objects.filter(status="queued", kind="invitation")
    assert set(free.values_list("n_attempts", "in_flight_at")) == {(0, None)}
