"""Hard, soft or policy: from a status code and the words beside it.

Codes alone do not say it: servers put "mailbox full" under 5.1.1 and "no such user" under 5.7.1.
So words that are plain come first, then the code (RFC 3463), then the reply code (RFC 5321). In
doubt a mail counts as refused by policy or as soft: a person who could be reached is never
suppressed for an unclear word.
"""

from __future__ import annotations

import re
from typing import Final

from surveys.mail.reports.found import Fate, Kind, clean

#: `5.1.1` where no part of an address or longer number; also `#5.1.1`.
_ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY: Final = re.compile(r"(?<![\d.])([45]\d\d)(?=[ \-#:,]|$)")

_UNKNOWN_MAILBOX: Final = re.compile(
    r"(?:user|mailbox|recipient|address|account|alias|person|addressee)\b[^.\n]{0,60}?"
    r"\b(?:unknown|not found|not exist|n['o]t exist|invalid|no longer "
    r"(?:exists|valid|available|in use)|not listed|not known|not recognized|"
    r"couldn['’]t be found|could not be found|"
    r"has been (?:disabled|deactivated|deleted|suspended)|is (?:disabled|inactive|deactivated)|"
    r"wasn['’]t found|unavailable: no such)"
    r"|\b(?:no such (?:user|recipient|mailbox|address|person|account)|unknown (?:user|recipient|"
    r"address(?! error)|mailbox|local[ -]part|account)|invalid (?:recipient|mailbox|user|address)|"
    r"no mailbox (?:here )?by that name|does ?n['o]t have an? \S{1,40} account|"
    r"(?:user|recipient|mailbox|account|address)\S* (?:\S+ ){0,3}(?:does not|doesn['’]t) exist|"
    r"not listed in (?:domino|public)|recipnotfound|recipientnotfound|address not found|"
    r"wasn['’]t found at|not our customer|unrouteable address|bad destination mailbox|"
    r"disabled recipient|relaying denied: unknown|this (?:user|account) (?:has been|is) "
    r"(?:disabled|discontinued|closed))",
    re.IGNORECASE,
)
_UNKNOWN_DOMAIN: Final = re.compile(
    r"\b(?:host or domain name not found|host unknown|unknown host|domain (?:name )?not found|"
    r"no such domain|domain does(?: not|n['’]t) exist|name or service not known|nxdomain|"
    r"unrouteable mail domain|all relevant mx records point to non-existent hosts|"
    r"nullmx|null mx|does not accept mail|couldn['’]t find any host (?:by that name|named)|"
    r"illegal host/domain name|domain (?:\S+ )?(?:wasn['’]t|was not|couldn['’]t be|could not be) "
    r"found|[a-z0-9-]+\.[a-z]{2,24} does(?: not|n['’]t) exist|dns lookup failure|"
    r"host \S{1,255} not found|no mx record|indicated no smtp service)",
    re.IGNORECASE,
)
_FULL: Final = re.compile(
    r"\b(?:mailbox (?:\S+ ){0,3}full|(?:over|exceed\w*|out of) (?:\S+ ){0,4}?quota|"
    r"quota (?:\S+ ){0,3}exceed\w*|overquota|inbox (?:is )?full|"
    r"mailbox (?:size|storage) (?:\S+ ){0,3}exceed\w*|"
    r"insufficient (?:system |disk )?(?:storage|space)|not enough (?:storage|space)|"
    r"out of storage|storage (?:space )?(?:is )?full|no space left|too full|"
    r"receiving mail (?:at a rate|too quickly)|mailbox is full)",
    re.IGNORECASE,
)
_POLICY: Final = re.compile(
    r"\b(?:spam|spamhaus|spamcop|barracuda|blacklist\w*|block ?list\w*|blocklisted|dnsbl|rbl|"
    r"dmarc|dkim|spf|reputation|unsolicited|phish\w*|virus|malware|banned|prohibited|"
    r"message (?:was |is )?blocked|has been blocked|blocked using|blocked by|"
    r"rejected (?:due to|because of|for|by|as) (?:\S+ ){0,3}(?:policy|content|security)|"
    r"policy (?:reasons|violation|restriction\w*|rejection)|"
    r"(?:local|administrative|security) policy|"
    r"content (?:rejected|filter|not accepted|restriction\w*)|"
    r"administratively (?:denied|prohibited)|administrative prohibition|"
    r"not authenticated|unauthenticated|authentication (?:required|results)|"
    r"sender (?:address )?(?:rejected|denied|verify failed|verification failed)|"
    r"not authorized to send|restricted to (?:\S+ ){0,4}senders|"
    r"only accepts? (?:messages|mail) from|access denied - invalid helo|"
    r"relay(?:ing)? (?:access )?denied|not permitted to relay|greylist\w*|ptr record|reverse dns|"
    r"(?:message|mail) (?:\S+ ){0,3}(?:too (?:large|big)|exceeds (?:\S+ ){0,4}(?:size|limit))|"
    r"size (?:limit )?(?:exceeded|exceeds)|maximum (?:message )?size)",
    re.IGNORECASE,
)
#: About us, not about them, however alike it sounds.
_SENDER: Final = re.compile(
    r"\bsender(?:['’]s)? (?:\S+ ){0,2}?(?:address|domain|mailbox|e-?mail|user|account|unknown|"
    r"invalid|rejected|denied|not found)|\b(?:invalid|unknown|unroutable|bad) sender|"
    r"(?:in reply to|mail server after) (?:mail from|helo|ehlo)|\bsending (?:quota|limit|rate)|"
    r"\bdaily (?:\S+ )?(?:quota|limit)",
    re.IGNORECASE,
)
_FOR_NOW: Final = re.compile(
    r"\b(?:temporar\w+|malformed or unexpected|try (?:again|later)|retry (?:time|timeout|later)|"
    r"timed? ?out|time-?out|connection (?:refused|reset|timed out|lost)|resources|"
    r"throttl\w+|rate ?limit\w*|too many (?:connections|messages|recipients)|"
    r"service (?:not|un)available|delivery time expired|retry timeout exceeded|mail loop|"
    r"too many hops|server (?:busy|down)|maximum (?:retries|time in queue)|"
    r"could not be delivered within)",
    re.IGNORECASE,
)

_BAD_MAILBOX: Final = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4"})
_SENDER_AT_FAULT: Final = frozenset({"1.7", "1.8"})
_TOO_LARGE: Final = frozenset({"2.3", "3.4"})
#: Exchange Online refuses unknown recipients at its edge as 5.4.1 with just these words.
_EDGE: Final = re.compile(r"recipient address rejected: access denied", re.IGNORECASE)
_REJECTED: Final = re.compile(r"(?<!sender )address rejected", re.IGNORECASE)


def code_in(words: str) -> str:
    """The enhanced status code of a failure that stands in the words, the first that says
    something; else ''."""
    found = [f"{int(m[1])}.{int(m[2])}.{int(m[3])}" for m in _ENHANCED.finditer(words)]
    codes = [code for code in found if not code.startswith("2.")]
    return next((code for code in codes if not _is_vague(code)), codes[0] if codes else "")


def _is_vague(code: str) -> bool:
    return code.partition(".")[2] in {"0.0", "1.0", "5.0"}


def judge(words: str, code: str = "", address: str = "") -> Fate:
    """A failure as a fate. ``code`` may be a server's own summary (`5.0.0`): a more telling one in
    the words takes its place."""
    said = " ".join(words[:4000].split())
    told = code_in(said)
    if told and (not code or _is_vague(code)):
        code = told
    reply = _REPLY.search(said)
    kind = _kind(said, code, reply[1] if reply else "")
    return Fate(kind, code[:12], clean(said), address.strip().lower()[:254])


def _kind(words: str, code: str, reply: str) -> Kind:
    by_words = _by_words(words, code)
    if by_words is not None:
        return by_words
    status_class, _, detail = code.partition(".")
    if code:
        return _by_code(status_class, detail, words)
    if reply.startswith("4"):
        return Kind.SOFT
    # 550 and its like without a word that is known: not clear enough to give a person up.
    return Kind.POLICY if reply in {"552", "554", "571"} else Kind.SOFT


def _by_words(words: str, code: str) -> Kind | None:
    is_temporary = code.startswith("4.")
    detail = code.partition(".")[2]
    if detail in _SENDER_AT_FAULT or (detail not in _BAD_MAILBOX and _SENDER.search(words)):
        return Kind.SOFT if is_temporary else Kind.POLICY
    bad = _UNKNOWN_MAILBOX.search(words) or _UNKNOWN_DOMAIN.search(words)
    if bad and _POLICY.search(words) and detail not in _BAD_MAILBOX:
        return Kind.POLICY
    if _FULL.search(words):
        return Kind.SOFT
    is_edge = code == "5.4.1" and _EDGE.search(words)
    if bad or is_edge or (code == "5.1.0" and _REJECTED.search(words)):
        return Kind.SOFT if is_temporary else Kind.HARD
    if _POLICY.search(words):
        return Kind.POLICY
    return None


def _by_code(status_class: str, detail: str, words: str) -> Kind:
    if status_class != "5":
        return Kind.SOFT
    subject = detail.partition(".")[0]
    if detail in _SENDER_AT_FAULT or detail in _TOO_LARGE or subject in {"5", "6", "7"}:
        return Kind.POLICY
    if _FOR_NOW.search(words):
        return Kind.SOFT
    if detail in _BAD_MAILBOX:
        return Kind.HARD
    return Kind.SOFT
