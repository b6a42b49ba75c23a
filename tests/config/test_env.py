"""The table of variables: what is read, what is refused and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config import env


def refusal(**values: str) -> str:
    with pytest.raises(env.ConfigurationError) as refused:
        env.load(values)
    return str(refused.value)


def test_nothing_set_reads_as_nothing() -> None:
    assert set(env.load({}).values()) == {None}


def test_empty_value_counts_as_unset() -> None:
    assert env.load({"DATABASE_URL": "", "DEBUG": ""}) == env.load({})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "postgres://me:p%40ss@db.example:5433/main?sslmode=require",
            ("main", "me", "p@ss", "db.example", "5433", {"sslmode": "require"}),
        ),
        ("postgres://me@%2FVar%2Frun/main", ("main", "me", "", "/Var/run", "", {})),
        ("postgresql://me@/main?host=/var/run", ("main", "me", "", "/var/run", "", {})),
        ("postgres://[::1]/main", ("main", "", "", "::1", "", {})),
    ],
)
def test_database_address_is_taken_apart(value: str, expected: tuple[Any, ...]) -> None:
    found = env.database(value)
    names = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    assert tuple(found[name] for name in names) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("smtp://mail.example", env.Mail("mail.example", 25, "", "", "")),
        (
            "smtp://u:p%3Aw@mail.example?tls=starttls",
            env.Mail("mail.example", 587, "u", "p:w", "starttls"),
        ),
        ("smtp://mail.example:2525?tls=ssl", env.Mail("mail.example", 2525, "", "", "ssl")),
        ("smtps://mail.example", env.Mail("mail.example", 465, "", "", "ssl")),
        ("smtp://mail.example?tls=off", env.Mail("mail.example", 25, "", "", "")),
    ],
)
def test_mail_address_is_taken_apart(value: str, expected: env.Mail) -> None:
    assert env.email(value) == expected


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        (
            "DATABASE_URL",
            "mysql://u:hidden@h/d",
            "it must begin with postgres:// or postgresql:// or pgsql://",
        ),
        ("DATABASE_URL", "postgres://h", "the database's name is missing at the end"),
        ("DATABASE_URL", "postgres:///d", "the host is missing"),
        (
            "DATABASE_URL",
            "postgres://u:hidden@h:port/d",
            "it cannot be read as an address: is the port a number?",
        ),
        ("REDIS_URL", "http://h", "it must begin with redis:// or rediss://"),
        ("REDIS_URL", "redis://h/first", "'first' is no database number"),
        ("EMAIL_URL", "smtp://h?tls=perhaps", "tls must be starttls, ssl or off"),
        ("EMAIL_URL", "smtp://h?ssl=on", "unknown parameter 'ssl'; only tls is known"),
        ("EMAIL_URL", "mail.example:25", "it must begin with smtp:// or smtps://"),
        ("SITE_URL", "survey.example", "it must begin with http:// or https://"),
        ("SITE_URL", "https://h/?x=1", "it must end with the host or a path"),
        ("SITE_URL", "http://a b", "'a b' is no host name"),
        ("SITE_URL", 'http://a"<b>', "'a\"<b>' is no host name"),
        ("SENTRY_DSN", "https://sentry.example/1", "the key before the host is missing"),
        ("SENTRY_DSN", "https://k@sentry.example/x", "it must end with the number of a project"),
        ("COMPANY_NAME", "North\udcffline", "it is not UTF-8"),
        (
            "ALLOWED_HOSTS",
            "https://h",
            "'https://h' is no host name: give names without scheme and path",
        ),
        ("DEFAULT_FROM_EMAIL", "nobody", "'nobody' holds no mail address"),
        ("DEBUG", "maybe", "'maybe' is neither on nor off"),
        ("PORT", "0", "'0' is no port number between 1 and 65535"),
        ("FOLLOW_UP_DAYS", "1.5", "'1.5' is no number of days from 0 to 90"),
        ("FOLLOW_UP_DAYS", "91", "'91' is no number of days from 0 to 90"),
        ("HOST", "a b", "'a b' is no host name or address"),
        ("MAIL_LIMITS", "5/day", "'5/day' is no number of mails per s, min or h"),
        ("MAIL_LIMITS", "a_b=5/s", "'a_b' is no domain"),
        ("MAIL_LIMITS", "5/s, 6/s", "the limit of all mails is given twice"),
        ("MESSAGE_LIMITS", "sms=0/s", "'0/s' is no number of messages per s, min or h"),
        ("MESSAGE_LIMITS", "5/s", "'' is neither sms nor whatsapp"),
        ("MESSAGE_LIMITS", "SMS=5/s, sms=6/s", "sms is given twice"),
        ("LOG_LEVEL", "loud", "'loud' is no level; known are DEBUG, INFO, WARNING and ERROR"),
    ],
)
def test_wrong_value_is_refused_with_name_and_example(name: str, value: str, what: str) -> None:
    example = next(row.example for row in env.TABLE if row.name == name)
    assert refusal(**{name: value}) == f"{name} is wrong: {what}. Example: {name}={example}"


def test_secret_key_is_required_beside_a_database() -> None:
    said = refusal(DATABASE_URL="postgres://h/d")
    assert said.startswith("SECRET_KEY is wrong: it must be set where DATABASE_URL is set.")


@pytest.mark.parametrize("variable", env.TABLE, ids=lambda row: row.name)
def test_every_variable_is_read_from_a_file_too(variable: env.Variable, tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text(variable.example + "\n")
    key = {} if variable.name == "SECRET_KEY" else {"SECRET_KEY": "k"}
    direct = env.load({variable.name: variable.example} | key)
    assert env.load({f"{variable.name}_FILE": str(file)} | key) == direct


def test_file_that_is_missing_is_named(tmp_path: Path) -> None:
    said = refusal(SECRET_KEY_FILE=str(tmp_path / "none"))
    assert said.startswith(
        f"SECRET_KEY is wrong: SECRET_KEY_FILE names {tmp_path}/none, "
        "which cannot be read: No such file or directory."
    )


def test_value_and_file_together_are_refused() -> None:
    said = refusal(SECRET_KEY="k", SECRET_KEY_FILE="/run/secrets/key")
    assert said.startswith("SECRET_KEY is wrong: SECRET_KEY and SECRET_KEY_FILE are both set;")


def test_limits_are_read_as_so_many_a_second() -> None:
    limits = env.load({"MAIL_LIMITS": "50/s, Example.com=300/min", "MESSAGE_LIMITS": "sms=36/h"})
    assert limits["MAIL_LIMITS"] == {"": 50.0, "example.com": 5.0}
    assert limits["MESSAGE_LIMITS"] == {"sms": 0.01}


@pytest.mark.parametrize("value", ["Ada <ada@example.org", "Ada ada@example.org>"])
def test_sender_with_an_open_angle_bracket_is_refused(value: str) -> None:
    with pytest.raises(env.WrongValueError, match="angle bracket"):
        env.mailbox(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "imaps://u:p%3Aw@mail.example/",
            env.Mail("mail.example", 993, "u", "p:w", "ssl", "INBOX"),
        ),
        (
            "imap://u@mail.example:1143/Back%20here?tls=starttls",
            env.Mail("mail.example", 1143, "u", "", "starttls", "Back here"),
        ),
        ("imap://u@mail.example/INBOX", env.Mail("mail.example", 143, "u", "", "", "INBOX")),
    ],
)
def test_mailbox_of_bounces_is_taken_apart(value: str, expected: env.Mail) -> None:
    assert env.imap(value) == expected


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("IMAP_URL", "pop3://u@mail.example", "must begin with imap:// or imaps://"),
        ("IMAP_URL", "imaps://mail.example/INBOX", "the user before the host is missing"),
        ("IMAP_URL", "imaps://u@mail.example/a%22b", "no folder's name"),
        ("IMAP_URL", "imaps://u@mail.example/%00", "no folder's name"),
        ("IMAP_URL", "imaps://u@mail.example?ssl=1", "unknown parameter 'ssl'"),
        ("BOUNCE_ADDRESS", "Bounces <b@example.org>", "no plain address"),
        ("BOUNCE_ADDRESS", "bounce+x@example.org", "no plain address"),
        ("BOUNCE_ADDRESS", "b" * 28 + "@example.org", "more than 27 characters"),
        ("BOUNCE_LISTENER", "127.0.0.1:8024", "must begin with lmtp:// or smtp://"),
        ("BOUNCE_LISTENER", "lmtp://127.0.0.1", "the port is missing"),
        ("BOUNCE_LISTENER", "lmtp://127.0.0.1:24/x", "must end with the port"),
    ],
)
def test_wrong_way_back_is_named(name: str, value: str, words: str) -> None:
    assert words in refusal(**{name: value})
    assert "secret" not in refusal(**{name: value})


def test_listener_keeps_brackets_of_an_ipv6_address() -> None:
    assert env.listener("smtp://[::1]:8025").url == "smtp://[::1]:8025"
