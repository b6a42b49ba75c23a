"""What a message that came back is taken for."""

from __future__ import annotations

import base64
import gzip
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.mail.reports import Kind, parse
from surveys.mail.reports.found import MOST_WORDS, clean
from surveys.mail.reports.judging import judge
from tests.surveys.mail.reports.corpus import ADA, CORPUS, TO, arf, dsn, mail, recipient

_MESSAGES = [message for _, message, *_ in CORPUS]


@pytest.mark.parametrize(
    ("message", "kind", "code", "form"),
    [case[1:] for case in CORPUS],
    ids=[case[0] for case in CORPUS],
)
def test_report_is_what_its_program_means(message: bytes, kind: str, code: str, form: str) -> None:
    report = parse(message)
    fate = report.about(ADA)
    assert (fate.kind, fate.code, report.form) == (kind, code, form)


@pytest.mark.parametrize("message", _MESSAGES, ids=[case[0] for case in CORPUS])
def test_report_names_the_return_path_and_nobody_in_its_words(message: bytes) -> None:
    report = parse(message)
    assert TO in report.addressed
    assert all("@" not in fate.words and len(fate.words) <= MOST_WORDS for fate in report.fates)


def test_of_several_recipients_the_one_written_to_counts() -> None:
    report = parse(
        dsn(
            recipient("failed", "5.1.1", "550 5.1.1 no such user", "forwarded@example.org"),
            recipient("delivered", "2.0.0"),
        )
    )
    assert report.about("ADA@example.com").kind is Kind.DELIVERED
    assert report.about("nobody@example.com").kind is Kind.HARD


def test_what_we_wrote_ourselves_decides_nothing() -> None:
    ours = f"Return-Path: <{TO}>\n\nuser unknown, mailbox full, 550 5.1.1 no such user\n"
    report = parse(dsn(recipient("failed", "5.7.1", "550 5.7.1 rejected as spam"), returned=ours))
    assert report.kind is Kind.POLICY


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("550 5.1.7 Invalid sender address, user unknown", Kind.POLICY),
        ("550 Sender address is invalid", Kind.POLICY),
        ("550 sender's mailbox does not exist", Kind.POLICY),
        ("550 5.4.5 Daily sending quota exceeded", Kind.POLICY),
        ("550 5.7.1 recipient unknown; message blocked as spam", Kind.POLICY),
        ("550 5.1.1 user unknown, see our anti-spam page", Kind.HARD),
        ("451 4.1.8 sender domain not found", Kind.SOFT),
        ("450 4.1.1 user unknown for now", Kind.SOFT),
        ("550 Requested action not taken: mailbox unavailable", Kind.SOFT),
        ("5.1.0 - Unknown address error 550-'5.7.1 Access denied'", Kind.POLICY),
        ("550 5.1.0 Address rejected.", Kind.HARD),
        ("550 5.4.1 Recipient address rejected:\n Access denied", Kind.HARD),
        ("5.4.4 Unable to find a mail exchanger", Kind.HARD),
        ("553 nowhere.example does not exist", Kind.HARD),
        ("5.4.6 mail loop detected", Kind.SOFT),
        ("5.5.2 syntax error", Kind.POLICY),
        ("554 rejected", Kind.POLICY),
        ("", Kind.SOFT),
        ("host 192.0.2.51 port 5.1.1.7", Kind.SOFT),
    ],
)
def test_in_doubt_the_person_is_not_given_up(words: str, kind: Kind) -> None:
    assert judge(words).kind is kind


def test_number_in_a_persons_words_is_no_reason() -> None:
    away = mail("We moved to release 5.1.1, back on Monday.\n", subject="Urlaub", sender=ADA)
    empty_path = away.replace(f"<{ADA}>".encode(), b"<>", 1)
    assert parse(empty_path).kind is Kind.OTHER


def test_complaint_without_our_path_anywhere_names_none() -> None:
    report = parse(arf("abuse", returned="From: x\nSubject: redacted\n\nx\n"))
    assert (report.kind, TO in report.addressed) == (Kind.COMPLAINT, False)


def test_words_lose_addresses_controls_and_length() -> None:
    said = "bob@example.org\x00 said\r\n <eve@example.net>: no " + "x" * 1000
    assert clean(said).startswith("… said … no xxx")
    assert len(clean(said)) == MOST_WORDS


# --- whatever comes -------------------------------------------------------------------------------


@given(st.binary(max_size=2000))
def test_rubbish_is_a_report_of_nothing(raw: bytes) -> None:
    assert parse(raw).fates


@settings(max_examples=150)
@given(
    st.sampled_from(_MESSAGES),
    st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6)), max_size=8),
)
def test_report_with_damage_is_still_some_report(
    message: bytes, damage: list[tuple[int, bytes]]
) -> None:
    broken = bytearray(message)
    for at, junk in damage:
        at %= len(broken)
        broken[at : at + len(junk)] = junk
    report = parse(bytes(broken))
    assert all(len(fate.words) <= MOST_WORDS and "@" not in fate.words for fate in report.fates)


_HEADERS = st.sampled_from(
    ["Content-Type: multipart/report; boundary=b", "Content-Type: message/rfc822",
     "Content-Type: message/delivery-status", "Content-Type: message/feedback-report",
     "Content-Type: text/html; charset=utf-7", "Content-Type: text/plain; charset=punycode",
     "Content-Type: text/plain; charset=idna", "Content-Transfer-Encoding: base64",
     "Content-Transfer-Encoding: quoted-printable", "Subject: =?utf-8?B?====?=",
     "Subject: =?base64_codec?Q?x?=", "Action: failed", "Status: 5.1.1", "Feedback-Type: abuse",
     "--b", "--b--", "", "<script", "=3D=", " folded"]
)  # fmt: skip


@given(st.lists(_HEADERS, max_size=40))
def test_mime_in_any_disorder_is_some_report(lines: list[str]) -> None:
    assert parse("\n".join(lines).encode()).fates


def _nested(depth: int) -> bytes:
    lines = []
    for n in range(depth):
        lines += [f"Content-Type: multipart/mixed; boundary=b{n}", "", f"--b{n}"]
    return "\n".join(lines).encode()


_MEGABYTE = 1024 * 1024
_BOMBS = {
    "parts in parts": _nested(20_000),
    "messages in messages": b"Content-Type: message/rfc822\n\n" * 30_000,
    "parts beside parts": b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nx\n" * 100_000,
    "blank lines": b"Content-Type: message/delivery-status\n\n" + b"\n" * _MEGABYTE,
    "blocks": b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 60_000,
    "headers": b"X: y\n" * 200_000,
    "one folded header": b"To: a\n" + b" a@b.example,\n" * 70_000,
    "one header": b"Subject: " + b"=?utf-8?Q?a?= " * 70_000,
    "one line": b"\n" + b"user@" * 200_000,
    "open tags": b"Content-Type: text/html\n\n" + b"<script" * 140_000,
    "open brackets": b"Content-Type: text/html\n\n" + b"<" * _MEGABYTE,
    "words that begin": b"From: mailer-daemon\n\nmailbox " + b"user recipient exceeds " * 40_000,
    "gzip": b"Content-Transfer-Encoding: base64\n\n"
    + base64.b64encode(gzip.compress(b"x" * 10**7)),
    "far too long": b"From: mailer-daemon\n\n" + b"x" * (20 * _MEGABYTE),
}


@pytest.mark.parametrize("name", _BOMBS)
def test_bomb_costs_little_time_and_memory(name: str) -> None:
    tracemalloc.start()
    started = time.process_time()
    try:
        assert parse(_BOMBS[name]).fates
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 5  # traced, and on a busy machine
    assert peak < 40 * _MEGABYTE


def test_mail_is_no_report_only_because_it_quotes_one() -> None:
    quoted = "\n".join(f"> {line}" for line in mail("x").decode().splitlines())
    report = parse(mail(f"Look:\n{quoted}\n> 550 5.1.1 user unknown\n", subject="hm", sender=ADA))
    assert report.kind is Kind.OTHER
