"""Configuration from the environment: one table of variables, read once, wrong values named.

Every variable may also be given as NAME_FILE, the path of a file that holds the value. An empty
value counts as unset. `docs/configuration.md` is written from the table by `manage.py
write_reference`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

BASE_DIR = Path(__file__).resolve().parent.parent


class ConfigurationError(Exception):
    """A variable is wrong. The message is one line: its name, what was wrong, an example."""


class WrongValueError(ValueError):
    """What is wrong with a value, in words that do not repeat a secret."""


@dataclass(frozen=True)
class Variable:
    """One row of the table."""

    name: str
    read: Callable[[str], Any]
    kind: str
    default: str
    example: str
    help: str


@dataclass(frozen=True)
class Mail:
    """How mail leaves: the parts of an EMAIL_URL."""

    host: str
    port: int
    user: str
    password: str
    security: str  # "", "starttls" or "ssl"


def text(value: str) -> str:
    return value


def boolean(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True}
    known |= {"0": False, "false": False, "no": False, "off": False}
    if value.lower() not in known:
        raise WrongValueError(f"{value!r} is neither on nor off")
    return known[value.lower()]


def port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
        raise WrongValueError(f"{value!r} is no port number between 1 and 65535")
    return int(value)


def host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", value):
        raise WrongValueError(f"{value!r} is no host name or address")
    return value


def names(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def hosts(value: str) -> list[str]:
    for name in names(value):
        if "/" in name or " " in name:
            raise WrongValueError(f"{name!r} is no host name: give names without scheme and path")
    return names(value)


def directory(value: str) -> Path:
    path = Path(value).expanduser()
    if path.exists() and not path.is_dir():
        raise WrongValueError(f"{value!r} is not a directory")
    return path.resolve()


def mailbox(value: str) -> str:
    address = parseaddr(value)[1]
    if value.count("<") != value.count(">"):
        raise WrongValueError(f"{value!r} leaves an angle bracket open")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or "\n" in value or "\r" in value:
        raise WrongValueError(f"{value!r} holds no mail address")
    return value


def time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WrongValueError(f"{value!r} is no time zone of the IANA database") from error
    return value


def secret(value: str) -> str:
    return value


def level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise WrongValueError(f"{value!r} is no level; known are DEBUG, INFO, WARNING and ERROR")
    return value.upper()


def site(value: str) -> str:
    url = _split(value, {"http": 80, "https": 443})
    if url.query or url.fragment:
        raise WrongValueError("it must end with the host or a path")
    return value.rstrip("/")


def sentry(value: str) -> str:
    url = _split(value, {"http": 80, "https": 443})
    if not url.username:
        raise WrongValueError("the key before the host is missing")
    if not url.path.rpartition("/")[2].isdecimal():
        raise WrongValueError("it must end with the number of a project")
    return value


def database(value: str) -> dict[str, Any]:
    """Django's settings of a `postgres://` address; query parameters become options of libpq."""
    url = _split(value, {"postgres": 5432, "postgresql": 5432, "pgsql": 5432}, socket=True)
    name = unquote(url.path.lstrip("/"))
    if not name:
        raise WrongValueError("the database's name is missing at the end")
    options = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", "") or unquote(_hostname(url)),
        "PORT": str(url.port or ""),
        "OPTIONS": options,
    }


def redis(value: str) -> str:
    url = urlsplit(value)
    if url.scheme == "unix":
        if not url.path:
            raise WrongValueError("the socket's path is missing")
        return value
    url = _split(value, {"redis": 6379, "rediss": 6379})
    if url.path.strip("/") and not url.path.strip("/").isdigit():
        raise WrongValueError(f"{url.path.strip('/')!r} is no database number")
    return value


TLS = {"": "", "off": "", "no": "", "false": "", "0": ""}
TLS |= {"on": "starttls", "yes": "starttls", "true": "starttls", "1": "starttls"}
TLS |= {"starttls": "starttls", "ssl": "ssl"}


def email(value: str) -> Mail:
    """`smtp://user:pass@host:port?tls=starttls|ssl|off`; `smtps://` is the same as tls=ssl."""
    url = _split(value, {"smtp": 25, "smtps": 465})
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    security = TLS.get(options.pop("tls", "ssl" if url.scheme == "smtps" else "").lower())
    if security is None:
        raise WrongValueError("tls must be starttls, ssl or off")
    if options:
        raise WrongValueError(f"unknown parameter {next(iter(options))!r}; only tls is known")
    usual = {"": 25, "starttls": 587, "ssl": 465}[security]
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return Mail(_hostname(url), url.port or usual, user, password, security)


_SECONDS = {"s": 1, "min": 60, "h": 3600}


def rates(value: str) -> dict[str, float]:
    """Mails a second by domain, "" for all: `50/s, example.com=300/min`."""
    found: dict[str, float] = {}
    for part in names(value):
        domain, _, rate = part.rpartition("=")
        read = re.fullmatch(r"([0-9]{1,6})\s*/\s*(s|min|h)", rate.strip())
        if not read or not int(read[1]):
            raise WrongValueError(f"{rate.strip()!r} is no number of mails per s, min or h")
        domain = domain.strip().lower()
        if domain and not re.fullmatch(r"[a-z0-9.-]+", domain):
            raise WrongValueError(f"{domain!r} is no domain")
        if domain in found:
            raise WrongValueError(f"{domain or 'the limit of all mails'} is given twice")
        found[domain] = int(read[1]) / _SECONDS[read[2]]
    return found


def _split(value: str, schemes: Mapping[str, int], *, socket: bool = False) -> SplitResult:
    try:
        url = urlsplit(value)
        number = url.port
    except ValueError as error:
        raise WrongValueError("it cannot be read as an address: is the port a number?") from error
    if url.scheme not in schemes:
        raise WrongValueError(
            f"it must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"
        )
    if not _hostname(url) and not (socket and "host=" in url.query):
        raise WrongValueError("the host is missing")
    if re.search(r"[\s\"'<>\\^`{|}]", _hostname(url)):
        raise WrongValueError(f"{_hostname(url)!r} is no host name")
    if number == 0:
        raise WrongValueError("0 is no port number")
    return url


def _hostname(url: SplitResult) -> str:
    """The host as it is written: a socket's directory, percent-encoded, keeps its capitals."""
    found = url.netloc.rpartition("@")[2]
    if found.startswith("["):
        return found[1:].partition("]")[0]
    return found.partition(":")[0]


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
        "The mail server. `tls` is `starttls`, `ssl` or `off`.",
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
        "DKIM_SELECTOR", host, "name", "none", "s2026",
        "The selector that your mail server signs with; `doctor` looks up its key.",
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
        "DEBUG", boolean, "on or off", "off", "on",
        "Error pages with details. Never where others can reach the server.",
    ),
    Variable(
        "BEHIND_PROXY", boolean, "on or off", "off", "on",
        "Trust X-Forwarded-Proto and X-Forwarded-For of the proxy in front. Only where a proxy "
        "sets them.",
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


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


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
