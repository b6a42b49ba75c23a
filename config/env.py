"""Configuration from the environment: one table of variables, read once, wrong values named.

Every variable may also be given as NAME_FILE, the path of a file that holds the value. An empty
value counts as unset. `docs/configuration.md` is written from the table by `manage.py
write_reference`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.env_kinds import (
    Listener,
    Mail,
    WrongValueError,
    boolean,
    bounce_address,
    bracketed,
    database,
    days,
    directory,
    email,
    gateway,
    host,
    hosts,
    imap,
    level,
    listener,
    mailbox,
    message_rates,
    names,
    port,
    rates,
    redis,
    secret,
    sentry,
    site,
    text,
    time_zone,
)

__all__ = [
    "Listener",
    "Mail",
    "WrongValueError",
    "bracketed",
    "database",
    "email",
    "imap",
    "listener",
    "mailbox",
]

BASE_DIR = Path(__file__).resolve().parent.parent


class ConfigurationError(Exception):
    """A variable is wrong. The message is one line: its name, what was wrong, an example."""


@dataclass(frozen=True)
class Variable:
    """One row of the table."""

    name: str
    read: Callable[[str], Any]
    kind: str
    default: str
    example: str
    help: str


_IN_HOME = "generated into the home; required where DATABASE_URL is set"

TABLE = (
    Variable(
        "STABLEDOOR_HOME", directory, "directory", ".stabledoor/ in the checkout",
        "/srv/stabledoor",
        "Where embedded services, generated secrets, logs and captured mail lie.",
    ),
    Variable("HOST", host, "host", "127.0.0.1", "192.0.2.10", "Where the web server listens."),
    Variable("PORT", port, "port", "8000", "8080", "The port the web server listens on."),
    Variable(
        "DATABASE_URL", database, "postgres address", "an embedded PostgreSQL in the home",
        "postgres://stabledoor:password@db.example.org:5432/stabledoor",
        "The PostgreSQL database, version 14 or newer. Query parameters (`?sslmode=require`) go to "
        "libpq.",
    ),
    Variable(
        "REDIS_URL", redis, "redis address", "an embedded Redis in the home",
        "redis://cache.example.org:6379/0",
        "Broker of the background jobs and cache. Nothing in it needs to survive.",
    ),
    Variable(
        "EMAIL_URL", email, "smtp address", "a local mail catcher, its mail at /demo/inbox/",
        "smtp://user:password@mail.example.org:587?tls=starttls",
        "The mail server. `tls` is `starttls`, `ssl` or `off`. Or a mail provider by its HTTP API: "
        "`postmark://KEY@default`; see [channels](channels.md).",
    ),
    Variable(
        "EMAIL_WEBHOOK_SECRET", text, "secret", "none: nothing is heard of mails",
        "stabledoor:a-long-random-password",
        "With which the mail provider of EMAIL_URL proves itself at `/api/mail-events/`: the key "
        "it signs with, or a user and password; see [channels](channels.md).",
    ),
    Variable(
        "DEFAULT_FROM_EMAIL", mailbox, "mailbox", "Stabledoor <survey@localhost>",
        "Northline Support <survey@example.org>", "The sender of every mail.",
    ),
    Variable(
        "MAIL_LIMITS", rates, "comma-separated limits", "none", "50/s, example.com=300/min",
        "The most mails that leave per s, min or h: to everyone, and to single domains.",
    ),
    Variable(
        "SMS_URL", gateway, "gateway address", "none: no SMS can be sent",
        "twilio://SID:TOKEN@default?from=+15550100",
        "The gateway of short messages, and the number, name or service they come from; see "
        "[channels](channels.md).",
    ),
    Variable(
        "WHATSAPP_URL", gateway, "gateway address", "none: nothing goes by WhatsApp",
        "twilio://SID:TOKEN@default?from=+15550100&template=HX0123456789abcdef0123456789abcdef",
        "The same for WhatsApp; `template` is the approved template, with the company as 1 and "
        "the link as 2.",
    ),
    Variable(
        "MESSAGE_LIMITS", message_rates, "comma-separated limits", "none",
        "sms=1/s, whatsapp=40/s",
        "The most messages that leave by SMS or WhatsApp per s, min or h.",
    ),
    Variable(
        "DKIM_SELECTOR", host, "name", "none", "s2026",
        "The selector that your mail server signs with; `doctor` looks up its key.",
    ),
    Variable(
        "BOUNCE_ADDRESS", bounce_address, "mail address", "none: bounces go to the sender",
        "bounce@survey.example.org",
        "Where mails that cannot be delivered come back to. Each mail gets a signed address of its "
        "own, `bounce+…@survey.example.org`, all of which must reach the mailbox or listener "
        "below; see [bounces](bounces.md).",
    ),
    Variable(
        "IMAP_URL", imap, "imap address", "none",
        "imaps://user:password@mail.example.org/INBOX",
        "The mailbox of BOUNCE_ADDRESS, read every minute. It must serve nothing else: what was "
        "read is deleted. `?tls=starttls` for `imap://`.",
    ),
    Variable(
        "BOUNCE_LISTENER", listener, "lmtp or smtp address", "none", "lmtp://127.0.0.1:8024",
        "Where `manage.py receive_bounces` takes reports from your mail server; `up` starts it.",
    ),
    Variable(
        "SECRET_KEY", secret, "secret", _IN_HOME,
        "$(python -c 'import secrets; print(secrets.token_urlsafe(48))')",
        "Signs sessions and makes survey links. Links already sent outlive a change of it.",
    ),
    Variable(
        "SECRET_KEY_FALLBACKS", names, "comma-separated secrets", "none", "the-former-key",
        "Former keys: sessions signed and mails planned with them still hold.",
    ),
    Variable(
        "SITE_URL", site, "web address", "http://HOST:PORT", "https://survey.example.org",
        "The address customers and staff use; links in mails begin with it.",
    ),
    Variable(
        "ALLOWED_HOSTS", hosts, "comma-separated hosts",
        "localhost, 127.0.0.1, [::1], HOST and the host of SITE_URL",
        "survey.example.org,survey.internal", "Host names the web server answers to.",
    ),
    Variable(
        "COMPANY_NAME", text, "text", "Stabledoor Telecom", "Northline",
        "The company's name in mails and on survey pages.",
    ),
    Variable(
        "COMPANY_TIME_ZONE", time_zone, "time zone", "UTC", "Europe/Berlin",
        "Which day “the last 28 days” end on, and when digests leave, for readers who set no time "
        "zone of their own. Days themselves are counted in UTC.",
    ),
    Variable(
        "FOLLOW_UP_DAYS", days, "days", "2", "1",
        "In how many working days, Monday to Friday, a customer who asked for it is to be called "
        "back.",
    ),
    Variable(
        "DEBUG", boolean, "on or off", "off", "on",
        "Error pages with details. Never where others can reach the server.",
    ),
    Variable(
        "BEHIND_PROXY", boolean, "on or off", "off", "on",
        "Trust X-Forwarded-Proto and X-Forwarded-For of the proxy in front. Only where a proxy "
        "sets them.",
    ),
    Variable(
        "WEBHOOK_ALLOW_PRIVATE", boolean, "on or off", "off", "on",
        "Let outgoing events, and questions to a helpdesk's API, go to private addresses, without "
        "TLS, and to any port. For trying things out, or for a helpdesk in your own network: who "
        "may add an endpoint or a connection can then reach what stands behind your firewall.",
    ),
    Variable(
        "METRICS", boolean, "on or off", "off", "on",
        "Answer /metrics for Prometheus. Keep the path from the public at the proxy.",
    ),
    Variable(
        "SENTRY_DSN", sentry, "web address", "off",
        "https://key@sentry.example.org/1", "Where errors are reported. Off when unset.",
    ),
    Variable(
        "LOG_LEVEL", level, "level", "INFO", "WARNING",
        "DEBUG, INFO, WARNING or ERROR.",
    ),
)  # fmt: skip


def load(environ: Mapping[str, str]) -> dict[str, Any]:
    """Every variable by name, read and checked; None where unset.

    Raises: ConfigurationError, naming the variable.
    """
    values = {}
    for variable in TABLE:
        raw = _raw(variable, environ)
        try:
            values[variable.name] = None if raw is None else variable.read(raw)
        except WrongValueError as error:
            raise _error(variable, str(error)) from error
    if values["DATABASE_URL"] and not values["SECRET_KEY"]:
        key = next(variable for variable in TABLE if variable.name == "SECRET_KEY")
        raise _error(key, "it must be set where DATABASE_URL is set")
    return values


def given(name: str, environ: Mapping[str, str]) -> bool:
    """Whether a variable is set, itself or as NAME_FILE."""
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def address_of(host: str, port: int) -> str:
    """The web address of a host and port; an IPv6 address gets its brackets."""
    return f"http://{bracketed(host)}:{port}"


def _raw(variable: Variable, environ: Mapping[str, str]) -> str | None:
    name = variable.name
    value, path = environ.get(name), environ.get(f"{name}_FILE")
    try:
        (value or "").encode()
    except UnicodeEncodeError as error:  # what the environment holds beside text
        raise _error(variable, "it is not UTF-8") from error
    if value and path:
        raise _error(variable, f"{name} and {name}_FILE are both set; keep one")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise _error(
                variable, f"{name}_FILE names {path}, which cannot be read: {reason}"
            ) from error
        if not value:
            raise _error(variable, f"{name}_FILE names {path}, which is empty")
    return value or None


def _error(variable: Variable, what: str) -> ConfigurationError:
    message = f"{variable.name} is wrong: {what}. Example: {variable.name}={variable.example}"
    return ConfigurationError(message)
