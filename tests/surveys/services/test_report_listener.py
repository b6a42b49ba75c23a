"""Reports over real sockets: LMTP and SMTP."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from surveys.models import DeliveryReport, ReportTally, Suppression
from surveys.services import report_listener
from tests.surveys.services.came_back import ADDRESS, HARD, bounce, path_of, sent

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def listening(protocol: str) -> Iterator[int]:
    """A listener in a thread; its port."""
    found = report_listener.listen("127.0.0.1", 0)
    stop: list[Callable[[], object]] = []
    ready = threading.Event()

    async def serve() -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(ended.set))
        ready.set()
        await report_listener.serve(protocol, found, ended)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    try:
        yield found.getsockname()[1]
    finally:
        stop[0]()
        thread.join(20)


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(autouse=True)
def _close_after_each_piece_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lanes' own connections must not outlive the test's database."""

    def close() -> None:
        connection.close()  # which one it is depends on the thread

    monkeypatch.setattr(report_listener, "close_old_connections", close)


@pytest.fixture(params=["lmtp", "smtp"])
def server(request: pytest.FixtureRequest) -> Iterator[smtplib.SMTP]:
    """A session with the listener."""
    kind = smtplib.LMTP if request.param == "lmtp" else smtplib.SMTP
    with listening(request.param) as port, kind("127.0.0.1", port) as session:
        session.ehlo_or_helo_if_needed()
        yield session


def deliver(server: smtplib.SMTP, recipient: str, raw: bytes) -> tuple[int, bytes]:
    """What is answered at the end, or where it is refused."""
    server.mail("")
    answer = server.rcpt(recipient)
    return server.data(raw) if answer[0] == 250 else answer


def test_report_to_its_return_path_is_taken(server: smtplib.SMTP) -> None:
    mails = [sent("ada@example.com"), sent("bob@example.com")]
    for mail in mails:
        assert deliver(server, path_of(mail), bounce(mail, *HARD))[0] == 250
    assert sorted(Suppression.objects.values_list("email", flat=True)) == [
        "ada@example.com",
        "bob@example.com",
    ]
    assert set(DeliveryReport.objects.values_list("source", flat=True)) <= {"lmtp", "smtp"}


def test_same_report_again_is_accepted_and_does_nothing(server: smtplib.SMTP) -> None:
    mail = sent()
    raw = bounce(mail, *HARD)
    assert [deliver(server, path_of(mail), raw)[0] for _ in range(2)] == [250, 250]
    assert DeliveryReport.objects.count() == 1


def test_all_other_recipients_are_refused(server: smtplib.SMTP) -> None:
    path = path_of(sent())
    local, _, domain = path.partition("@")
    forged = f"{local[:-2]}{'aa' if local[-2:] != 'aa' else 'ba'}@{domain}"
    for recipient in (ADDRESS, "ada@example.com", forged, path + ".org"):
        assert deliver(server, recipient, b"x")[0] == 550
    assert dict(ReportTally.objects.values_list("outcome", "n")) == {"forged": 1}


def test_persons_letter_is_refused_with_words(server: smtplib.SMTP) -> None:
    code, words = deliver(server, path_of(sent()), b"Subject: Re: hello\r\n\r\nThank you!")
    assert (code, b"nobody reads it" in words) == (550, True)


def test_one_recipient_at_a_time(server: smtplib.SMTP) -> None:
    path = path_of(sent())
    server.mail("")
    assert [server.rcpt(path)[0] for _ in range(2)] == [250, 452]


def test_report_that_comes_too_early_is_to_be_sent_again(server: smtplib.SMTP) -> None:
    mail = sent(status="sending", sent_at=None, invitation={"status": "sending"})
    raw = bounce(mail, *HARD)
    assert deliver(server, path_of(mail), raw)[0] == 451
    mail.status = "sent"
    mail.save()
    assert deliver(server, path_of(mail), raw)[0] == 250
    assert DeliveryReport.objects.count() == 1


def test_report_is_to_be_sent_again_while_the_database_is_away(
    server: smtplib.SMTP, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = sent()
    raw = bounce(mail, *HARD)

    def cut() -> None:
        connection.close()
        connection.settings_dict = connection.settings_dict | {"HOST": "127.0.0.1", "PORT": "1"}

    def mend() -> None:
        connection.close()
        connection.settings_dict = settings.DATABASES["default"]

    monkeypatch.setattr(report_listener, "close_old_connections", cut)
    assert deliver(server, path_of(mail), raw)[0] == 451
    monkeypatch.setattr(report_listener, "close_old_connections", mend)
    assert deliver(server, path_of(mail), raw)[0] == 250
    assert DeliveryReport.objects.count() == 1


def test_too_much_is_refused_and_the_session_goes_on(server: smtplib.SMTP) -> None:
    mail = sent()
    line = b"x" * 998 + b"\r\n"
    too_much = line * (report_listener.LARGEST // len(line) + 2)
    assert deliver(server, path_of(mail), too_much)[0] == 552
    server.rset()
    assert deliver(server, path_of(mail), bounce(mail, *HARD))[0] == 250


def test_long_line_is_no_reason_to_refuse(server: smtplib.SMTP) -> None:
    mail = sent()
    raw = bounce(mail, *HARD) + b"y" * 20_000 + b"\r\n"
    assert deliver(server, path_of(mail), raw)[0] == 250


def test_silent_client_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_listener, "SECONDS", 0.2)
    with listening("lmtp") as port, socket.create_connection(("127.0.0.1", port), 10) as client:
        assert client.recv(1000).startswith(b"220")
        assert client.recv(1000) == b""


def test_further_sessions_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_listener, "MOST_SESSIONS", 1)
    with listening("smtp") as port:
        with socket.create_connection(("127.0.0.1", port), 10) as first:
            assert first.recv(1000).startswith(b"220")
            with socket.create_connection(("127.0.0.1", port), 10) as second:
                assert second.recv(1000).startswith(b"421")
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", port), 10) as third:
                if third.recv(1000).startswith(b"220"):
                    return
        raise AssertionError("a session that ended still counts")
