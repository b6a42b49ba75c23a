"""The SMTP session itself: deadlines, encryption, credentials, dots."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from pytest_django.fixtures import Settings

from surveys.channels.transport import (
    Interrupted,
    MailServer,
    OutcomeUnknown,
    Refused,
    Server,
    Unreachable,
)
from tests.smtp_server import SmtpServer

MAIL = b"Subject: dots\r\n\r\n.\r\n..two\r\nend"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


def to(server: SmtpServer, **fields: object) -> Server:
    return Server(**{"host": "127.0.0.1", "port": server.port, "seconds": 1.5} | fields)  # type: ignore[arg-type]


def test_dots_arrive_as_they_were(server: SmtpServer) -> None:
    with MailServer(to(server)) as session:
        session.offer("a@example.org", "b@example.org")
        assert session.hand_over(MAIL) == "250 2.0.0 taken"
    assert server.received[0].content == MAIL + b"\r\n"


def test_withdrawn_offer_leaves_the_session_usable(server: SmtpServer) -> None:
    with MailServer(to(server)) as session:
        session.offer("a@example.org", "b@example.org")
        session.withdraw()
        session.offer("a@example.org", "c@example.org")
        session.hand_over(MAIL)
    assert server.recipients == ["c@example.org"]
    assert server.verbs.count("CONNECT") == 1


@pytest.mark.parametrize("pipelining", [False, True])
def test_session_is_usable_after_a_refusal(server: SmtpServer, pipelining: bool) -> None:
    server.pipelining = pipelining
    server.on("MAIL", "552 5.3.4 too big", times=1)
    server.on("RCPT", "550 5.1.1 unknown", recipient="bad@example.org")
    with MailServer(to(server)) as session:
        for recipient in ("first@example.org", "bad@example.org"):
            with pytest.raises(Refused):
                session.offer("a@example.org", recipient)
        session.offer("a@example.org", "good@example.org")
        session.hand_over(MAIL)
    assert server.recipients == ["good@example.org"]
    assert server.verbs.count("CONNECT") == 1


@pytest.mark.parametrize("late_no", [False, True])
@pytest.mark.parametrize("announced", [False, True])
@pytest.mark.parametrize("pipelining", [False, True])
def test_refused_mails_are_told_apart_however_many_verbs_leave_at_once(
    server: SmtpServer, pipelining: bool, announced: bool, late_no: bool
) -> None:
    server.pipelining, server.late_no = pipelining, late_no
    server.on("MAIL", "552 5.3.4 too big", times=1)
    server.on("RCPT", "550 5.1.1 unknown", recipient="bad@example.org")
    server.on("DATA", "451 4.3.0 not now", recipient="later@example.org")
    server.on("DOT", "554 5.6.0 spam", recipient="spam@example.org")
    told = {}
    names = ("first", "bad", "good", "later", "spam", "other")
    with MailServer(to(server)) as session:
        for name, next_one in zip(names, (*names[1:], ""), strict=True):
            following = ("a@example.org", f"{next_one}@example.org") if next_one else None
            try:
                said = session.deliver(
                    "a@example.org",
                    f"{name}@example.org",
                    MAIL,
                    following if announced else None,
                )
            except Refused as error:
                said = f"{error.stage} {error.code}"
            told[name] = said
    assert told == {
        "first": "MAIL 552",
        "bad": "RCPT 550",
        "good": "250 2.0.0 taken",
        "later": "DATA 451",
        "spam": "content 554",
        "other": "250 2.0.0 taken",
    }
    assert server.recipients == ["good@example.org", "other@example.org"]
    assert server.verbs.count("CONNECT") == 1


@pytest.fixture
def announcing(server: SmtpServer) -> Iterator[MailServer]:
    """A session that has delivered one mail and asked about the next."""
    server.pipelining = True
    with MailServer(to(server)) as session:
        session.deliver(
            "a@example.org", "first@example.org", MAIL, ("a@example.org", "next@example.org")
        )
        yield session


def test_mail_that_was_announced_and_does_not_leave_is_sent_to_nobody(
    server: SmtpServer, announcing: MailServer
) -> None:
    announcing.deliver("a@example.org", "other@example.org", MAIL)
    assert server.recipients == ["first@example.org", "other@example.org"]
    assert [one.content for one in server.received] == [MAIL + b"\r\n"] * 2


def test_announced_mail_can_be_offered_and_withdrawn(
    server: SmtpServer, announcing: MailServer
) -> None:
    announcing.offer("a@example.org", "next@example.org")
    announcing.withdraw()
    announcing.offer("a@example.org", "last@example.org")
    announcing.hand_over(MAIL)
    assert server.recipients == ["first@example.org", "last@example.org"]


def test_session_ends_without_a_word_where_a_mail_is_waited_for(
    server: SmtpServer, announcing: MailServer
) -> None:
    announcing.close()
    announcing.deliver("a@example.org", "other@example.org", MAIL)
    assert server.recipients == ["first@example.org", "other@example.org"]
    assert "QUIT" not in server.verbs


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_session_that_breaks_behind_a_mail_loses_only_the_next(
    server: SmtpServer, verb: Literal["RCPT", "DATA"]
) -> None:
    server.pipelining = True
    server.on(verb, "drop", times=1, recipient="next@example.org")
    following = ("a@example.org", "next@example.org")
    with MailServer(to(server)) as session:
        session.deliver("a@example.org", "first@example.org", MAIL, following)
        with pytest.raises(Interrupted):
            session.deliver(*following, MAIL)
        session.deliver(*following, MAIL)
    assert server.recipients == ["first@example.org", "next@example.org"]


def test_announced_mail_is_not_known_to_have_left_where_the_one_before_is_unknown(
    server: SmtpServer,
) -> None:
    server.pipelining = True
    server.on("DOT", "drop", times=1, recipient="first@example.org")
    following = ("a@example.org", "next@example.org")
    with MailServer(to(server)) as session:
        with pytest.raises(OutcomeUnknown):
            session.deliver("a@example.org", "first@example.org", MAIL, following)
        session.deliver(*following, MAIL)
    assert server.recipients == ["next@example.org"]


def test_credentials_are_refused_in_words(server: SmtpServer) -> None:
    server.on("EHLO", "250-test\r\n250 AUTH PLAIN")
    server.on("AUTH", "535 5.7.8 wrong password")
    with pytest.raises(Unreachable, match=r"it answered 535 5\.7\.8 wrong password"):
        MailServer(to(server, user="me", password="secret")).connect()


def test_credentials_are_presented(server: SmtpServer) -> None:
    server.on("EHLO", "250-test\r\n250 AUTH PLAIN")
    with MailServer(to(server, user="me", password="secret")) as session:
        session.connect()
    assert "AUTH" in server.verbs


def test_demanded_encryption_is_never_done_without(server: SmtpServer) -> None:
    with pytest.raises(Unreachable, match="STARTTLS"):
        MailServer(to(server, starttls=True)).connect()
    assert server.verbs == ["CONNECT", "EHLO"]


def test_tls_from_the_first_byte_is_not_spoken_to_a_plain_server(server: SmtpServer) -> None:
    with pytest.raises(Unreachable):
        MailServer(to(server, ssl=True)).connect()
    assert "EHLO" not in server.verbs


@contextmanager
def answering_byte_by_byte(first: bytes) -> Iterator[int]:
    """A server that says ``first``, then a reply without end, one byte at a time."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(first)
                try:
                    while not stop.wait(0.05):
                        connection.sendall(b"2")
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stop.set()
            thread.join(5)


@pytest.mark.parametrize("first", [b"", b"220 hello\r\n"])
def test_server_that_drips_cannot_keep_a_worker(first: bytes) -> None:
    with answering_byte_by_byte(first) as port:
        started = time.monotonic()
        with pytest.raises(Unreachable, match="took too long"):
            MailServer(Server("127.0.0.1", port, seconds=1.5)).connect()
        assert time.monotonic() - started < 1.4


def test_babble_is_no_mail_server(server: SmtpServer) -> None:
    server.on("CONNECT", "SSH-2.0-OpenSSH_9.2")
    with pytest.raises(Unreachable, match="no SMTP reply"):
        MailServer(to(server)).connect()


def test_answer_that_is_neither_yes_nor_no_tells_nothing(server: SmtpServer) -> None:
    server.on("RCPT", "199 well", times=1)
    server.on("DOT", "199 well", times=1)
    with MailServer(to(server)) as session:
        with pytest.raises(Interrupted):
            session.offer("a@example.org", "b@example.org")
        session.offer("a@example.org", "b@example.org")
        with pytest.raises(OutcomeUnknown):
            session.hand_over(MAIL)


@pytest.mark.parametrize(
    ("stage", "code", "said", "permanent", "bad_mailbox"),
    [
        ("RCPT", 550, b"5.1.1 no such user", True, True),
        ("content", 550, b"5.1.10 null MX", True, True),
        ("RCPT", 550, b"5.7.1 blocked", True, False),
        ("RCPT", 550, b"no such user", True, False),
        ("RCPT", 552, b"5.2.2 mailbox full", True, False),
        ("RCPT", 450, b"4.1.1 not yet", False, False),
        ("RCPT", 550, b"5.1.8 bad sender domain", True, False),
        ("MAIL", 550, b"5.1.1 who are you", True, False),
    ],
)
def test_only_a_bad_mailbox_is_called_one(
    stage: str, code: int, said: bytes, permanent: bool, bad_mailbox: bool
) -> None:
    refused = Refused(stage, code, said)  # type: ignore[arg-type]
    assert (refused.permanent, refused.bad_address) == (permanent, bad_mailbox)


@pytest.mark.parametrize(
    ("site", "greeting"),
    [
        ("https://survey.example.org", "survey.example.org"),
        ("http://127.0.0.1:8000", "[127.0.0.1]"),
        ("http://[::1]:8000", "[IPv6:::1]"),
    ],
)
def test_greeting_names_the_site(settings: Settings, site: str, greeting: str) -> None:
    settings.SITE_URL = site
    assert Server.configured().greeting == greeting


def test_no_setting_lets_a_mail_take_longer_than_half_a_minute(settings: Settings) -> None:
    settings.EMAIL_TIMEOUT = 600
    assert Server.configured().seconds == 30
