"""What a variable may hold: one reader for each kind, which checks a value and takes it apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.esp import PROVIDERS

# A local part may have 64 characters, and the signed path takes 37 of them.
LONGEST_BOUNCE_NAME = 27


class WrongValueError(ValueError):
    """What is wrong with a value, in words that do not repeat a secret."""


@dataclass(frozen=True)
class Mail:
    """How mail leaves: the parts of an EMAIL_URL."""

    host: str
    port: int
    user: str
    password: str
    security: str  # "", "starttls" or "ssl"
    folder: str = ""  # of an IMAP_URL
    esp: str = ""  # the provider, where there is no server
    api_url: str = ""


@dataclass(frozen=True)
class Gateway:
    """How short messages leave: the parts of an SMS_URL or WHATSAPP_URL."""

    kind: str
    user: str
    password: str
    sender: str
    api_url: str = ""
    template: str = ""


@dataclass(frozen=True)
class Listener:
    """Where reports are taken in: the parts of a BOUNCE_LISTENER."""

    protocol: str  # "lmtp" or "smtp"
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"{self.protocol}://{bracketed(self.host)}:{self.port}"


def text(value: str) -> str:
    return value


def boolean(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True}
    known |= {"0": False, "false": False, "no": False, "off": False}
    if value.lower() not in known:
        raise WrongValueError(f"{value!r} is neither on nor off")
    return known[value.lower()]


def days(value: str) -> int:
    """A number of days, none to 90."""
    if not (value.isascii() and value.isdecimal() and len(value) < 3 and int(value) <= 90):
        raise WrongValueError(f"{value!r} is no number of days from 0 to 90")
    return int(value)


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


def _security(url: SplitResult, secured: str) -> str:
    """What `?tls=` says; without it the scheme, which `secured` is where TLS comes first."""
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    security = TLS.get(options.pop("tls", "ssl" if url.scheme == secured else "").lower())
    if security is None:
        raise WrongValueError("tls must be starttls, ssl or off")
    if options:
        raise WrongValueError(f"unknown parameter {next(iter(options))!r}; only tls is known")
    return security


def email(value: str) -> Mail:
    """`smtp://user:pass@host:port?tls=starttls|ssl|off`; `smtps://` is the same as tls=ssl; or a
    provider, `postmark://KEY@default`."""
    if value.partition("://")[0] in PROVIDERS:
        return _provider(value)
    url = _split(value, {"smtp": 25, "smtps": 465})
    security = _security(url, "smtps")
    usual = {"": 25, "starttls": 587, "ssl": 465}[security]
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return Mail(_hostname(url), url.port or usual, user, password, security)


def _provider(value: str) -> Mail:
    url = _split(value, dict.fromkeys(PROVIDERS, 443))
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    api_url = options.pop("api_url", "")
    if options:
        raise WrongValueError(f"unknown parameter {next(iter(options))!r}; only api_url is known")
    key, second = unquote(url.username or ""), unquote(url.password or "")
    if not key:
        raise WrongValueError("the key before the host is missing")
    if PROVIDERS[url.scheme].second and not second:
        raise WrongValueError(
            f"{url.scheme} needs two keys, as in {url.scheme}://KEY:SECRET@default"
        )
    return Mail(_hostname(url), 443, key, second, "ssl", esp=url.scheme, api_url=api_url)


def gateway(value: str) -> Gateway:
    """`twilio://SID:TOKEN@default?from=+15550100`, and perhaps `&template=` and `&api_url=`."""
    url = _split(value, {"twilio": 443})
    # A plus sign of a number, which a query takes for a blank.
    options = dict(parse_qsl(url.query.replace("+", "%2B"), keep_blank_values=True))
    sender, template = options.pop("from", "").strip(), options.pop("template", "")
    api_url = options.pop("api_url", "")
    if options:
        known = "from, template and api_url"
        raise WrongValueError(f"unknown parameter {next(iter(options))!r}; known are {known}")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if not re.fullmatch(r"[A-Za-z0-9]{2,64}", user) or not password:
        raise WrongValueError("the account and its token before the host are missing")
    if not re.fullmatch(r"\+[1-9][0-9]{4,14}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11}|[0-9]{3,8}", sender):
        raise WrongValueError(
            "from must be a number with its country, a name of at most 11 letters, or a "
            "messaging service (MG…)"
        )
    if template and not re.fullmatch(r"HX[0-9a-f]{32}", template):
        raise WrongValueError("template must be the name of one, HX and 32 hexadecimal digits")
    if api_url:
        _split(api_url, {"http": 80, "https": 443})
    return Gateway(url.scheme, user, password, sender, api_url, template)


def imap(value: str) -> Mail:
    """`imaps://user:pass@host:port/FOLDER`, or `imap://…?tls=starttls|off`."""
    url = _split(value, {"imap": 143, "imaps": 993})
    security = _security(url, "imaps")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if not user:
        raise WrongValueError("the user before the host is missing")
    folder = unquote(url.path.strip("/")) or "INBOX"
    if not re.fullmatch(r"[^\x00-\x1f\x7f\"\\]{1,200}", folder) or not folder.isascii():
        raise WrongValueError(f"{folder!r} is no folder's name in plain ASCII")
    usual = 993 if security == "ssl" else 143
    return Mail(_hostname(url), url.port or usual, user, password, security, folder)


_SECONDS = {"s": 1, "min": 60, "h": 3600}


def rates(value: str) -> dict[str, float]:
    """Mails a second by domain, "" for all: `50/s, example.com=300/min`."""
    found = _rates(value, "mails")
    for domain in found:
        if domain and not re.fullmatch(r"[a-z0-9.-]+", domain):
            raise WrongValueError(f"{domain!r} is no domain")
    return found


def message_rates(value: str) -> dict[str, float]:
    """Messages a second by channel: `sms=1/s, whatsapp=40/s`."""
    found = _rates(value, "messages")
    for channel in found:
        if channel not in {"sms", "whatsapp"}:
            raise WrongValueError(f"{channel!r} is neither sms nor whatsapp")
    return found


def _rates(value: str, of: str) -> dict[str, float]:
    """So many a second by name, "" where a limit has none."""
    found: dict[str, float] = {}
    for part in names(value):
        name, _, rate = part.rpartition("=")
        name = name.strip().lower()
        read = re.fullmatch(r"([0-9]{1,6})\s*/\s*(s|min|h)", rate.strip())
        if not read or not int(read[1]):
            raise WrongValueError(f"{rate.strip()!r} is no number of {of} per s, min or h")
        if name in found:
            raise WrongValueError(f"{name or f'the limit of all {of}'} is given twice")
        found[name] = int(read[1]) / _SECONDS[read[2]]
    return found


def bounce_address(value: str) -> str:
    """A plain address whose local part leaves room for what is signed."""
    if not re.fullmatch(r"[A-Za-z0-9._=-]+@[A-Za-z0-9.-]+", value):
        raise WrongValueError(f"{value!r} is no plain address without name and plus sign")
    if len(value.rpartition("@")[0]) > LONGEST_BOUNCE_NAME:
        raise WrongValueError(f"the part before @ has more than {LONGEST_BOUNCE_NAME} characters")
    return value


def listener(value: str) -> Listener:
    """`lmtp://host:port` or `smtp://host:port`."""
    url = _split(value, {"lmtp": 24, "smtp": 25})
    if url.username or url.path.strip("/") or url.query:
        raise WrongValueError("it must end with the port")
    if not url.port:
        raise WrongValueError("the port is missing")
    return Listener(url.scheme, _hostname(url), url.port)


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


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
