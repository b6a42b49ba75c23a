"""What receiving servers look up of the sender's domain: SPF, DKIM and DMARC.

Mail that fails these is sorted out by the large providers, whatever else is right. Each check
says what was found and what to publish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import parseaddr
from typing import Final

import dns.exception
import dns.resolver
from django.conf import settings

from config.findings import Finding
from surveys.services.delivery_pacing import domain_of

# RFC 7208 4.6.4: with more, receivers give up with a permanent error.
MOST_LOOKUPS: Final = 10
_SECONDS: Final = 4.0
_UNASKED: Final = "ask again where the network has DNS; receivers will look it up"
_LOOKS_UP: Final = re.compile(r"^[+?~-]?(include:|a\b|mx\b|ptr\b|exists:)", re.IGNORECASE)
#: A key of 1,024 bits in base64; receivers refuse shorter ones (RFC 8301).
_SHORTEST_RSA: Final = 216


class DnsAwayError(Exception):
    """Nobody answered; nothing is known."""


def spf() -> Finding:
    """RFC 7208: who may send for the domain of the envelope, to which bounces go."""
    domain = sending_domain()
    if domain and settings.BOUNCE_ADDRESS:
        domain = domain_of(settings.BOUNCE_ADDRESS)
    if not domain:
        return _nothing_to_ask("spf")
    try:
        found = [text for text in texts(domain) if _begins(text, "v=spf1")]
        if not found:
            mend = f"publish TXT {domain} “v=spf1 … -all” that names your mail server"
            return Finding("spf", "warn", f"{domain} has none", mend)
        if len(found) > 1:
            mend = "publish one only; receivers take several for an error"
            return Finding("spf", "fault", f"{domain} has {len(found)}", mend)
        lookups = _lookups(found[0], {domain})
    except DnsAwayError as error:
        return Finding("spf", "warn", str(error), _UNASKED)
    if lookups > MOST_LOOKUPS:
        mend = f"name fewer includes: receivers stop at {MOST_LOOKUPS} look-ups"
        return Finding("spf", "fault", f"more than {MOST_LOOKUPS} look-ups", mend)
    terms = found[0].lower().split()
    if "+all" in terms or "all" in terms:
        mend = "end it with -all or ~all: as it is, anybody may send in your name"
        return Finding("spf", "warn", f"{domain} lets everybody send", mend)
    return Finding("spf", "ok", found[0])


def dkim() -> Finding:
    """RFC 6376: the key that signatures of the mail server are checked with."""
    domain, selector = sending_domain(), settings.DKIM_SELECTOR
    if not domain:
        return _nothing_to_ask("dkim")
    if not selector:
        mend = "set DKIM_SELECTOR to the selector your mail server signs with (s= in its signature)"
        return Finding("dkim", "warn", "not looked up: the selector is not known", mend)
    name = f"{selector}._domainkey.{domain}"
    try:
        found = [text for text in texts(name) if "p" in _tags(text)]
    except DnsAwayError as error:
        return Finding("dkim", "warn", str(error), _UNASKED)
    if not found:
        mend = f"publish TXT {name} with the key that your mail server shows"
        return Finding("dkim", "fault", f"{name} has no key", mend)
    tags = _tags(found[0])
    key = "".join(tags["p"].split())
    if not key:
        mend = "publish the new key, or set DKIM_SELECTOR to the one in use"
        return Finding("dkim", "fault", f"the key of {name} is revoked", mend)
    if tags.get("k", "rsa") == "rsa" and len(key) < _SHORTEST_RSA:
        mend = "make a key of 2,048 bits; receivers ignore short ones"
        return Finding("dkim", "fault", f"the key of {name} is too short", mend)
    return Finding("dkim", "ok", f"a key at {name}")


def dmarc() -> Finding:
    """RFC 7489: what receivers are to do with mail that fails both, for the domain or above it."""
    domain = sending_domain()
    if not domain:
        return _nothing_to_ask("dmarc")
    try:
        for owner in _upwards(domain):
            found = [text for text in texts(f"_dmarc.{owner}") if _begins(text, "v=dmarc1")]
            if len(found) > 1:
                mend = "publish one only; receivers ignore several"
                return Finding("dmarc", "fault", f"_dmarc.{owner} has {len(found)}", mend)
            if found:
                return _policy(owner, _tags(found[0]))
    except DnsAwayError as error:
        return Finding("dmarc", "warn", str(error), _UNASKED)
    mend = f"publish TXT _dmarc.{domain} “v=DMARC1; p=none; rua=mailto:…”, and tighten p later"
    return Finding("dmarc", "warn", f"{domain} has none", mend)


def _policy(owner: str, tags: dict[str, str]) -> Finding:
    policy = tags.get("p", "").lower()
    if policy not in {"none", "quarantine", "reject"}:
        mend = "set p to none, quarantine or reject"
        return Finding("dmarc", "fault", f"_dmarc.{owner} has no policy", mend)
    return Finding("dmarc", "ok", f"_dmarc.{owner} says {policy}")


def sending_domain() -> str:
    """The domain of the sender; "" where no mail leaves this machine."""
    domain = domain_of(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    return "" if settings.CAUGHT_MAIL or "." not in domain else domain


def resolver() -> dns.resolver.Resolver:
    """The system's."""
    return dns.resolver.Resolver()


def texts(name: str) -> list[str]:
    """The TXT records of a name, none where there is no such name.

    Raises: DnsAwayError.
    """
    try:
        answer = resolver().resolve(name, "TXT", lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise DnsAwayError(f"DNS did not tell of {name}: {type(error).__name__}") from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _nothing_to_ask(name: str) -> Finding:
    return Finding(name, "ok", "no mail leaves for other domains yet")


def _begins(text: str, version: str) -> bool:
    return re.match(rf"{re.escape(version)}(?![\w-])", text.strip(), re.IGNORECASE) is not None


def _tags(text: str) -> dict[str, str]:
    """The tag=value pairs of a DKIM or DMARC record."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _lookups(record: str, seen: set[str]) -> int:
    """How many names receivers look up for a record, its includes followed; stops past the most."""
    n = 0
    for term in record.split()[1:]:
        followed = re.match(r"(?:[+?~-]?include:|redirect=)(\S+)", term, re.IGNORECASE)
        n += bool(followed or _LOOKS_UP.match(term))
        other = followed[1].lower() if followed else ""
        if other and "%" not in other and other not in seen and n <= MOST_LOOKUPS:
            seen.add(other)
            n += sum(_lookups(t, seen) for t in texts(other) if _begins(t, "v=spf1"))
    return n


def _upwards(domain: str) -> Iterable[str]:
    """The domain and those above it, down to two labels."""
    labels = domain.split(".")
    for place in range(max(1, len(labels) - 1)):
        yield ".".join(labels[place:])
