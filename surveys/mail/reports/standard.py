"""Reports as the standards have them: delivery status (RFC 3464) and feedback (RFC 5965)."""

from __future__ import annotations

import re
from typing import Final

from surveys.mail.reports import judging
from surveys.mail.reports.found import Fate, Kind, clean, sorted_fates
from surveys.mail.reports.mime import Part, header_block

MOST_BLOCKS: Final = 30
_STATUS: Final = re.compile(r"\s*([245])\s*\.\s*(\d{1,3})\s*\.\s*(\d{1,3})")
_COMPLAINTS: Final = frozenset({"abuse", "fraud", "other", "virus", "opt-out"})
_COMMENT: Final = re.compile(r"\([^()]{0,500}\)")


def delivery_fates(message: Part) -> tuple[Fate, ...]:
    """Of each recipient that a delivery status names; empty where the message has no such part."""
    fates: list[Fate] = []
    for part in message.walk():
        if part.media_type in ("message/delivery-status", "message/global-delivery-status"):
            # The headers of what is returned look alike, but stand in parts of their own.
            blocks = (b for b in _blocks(part.content()) if "action" in b or "status" in b)
            fates.extend(_fate(block, _beside(message)) for block in blocks)
    return sorted_fates(fates)


def feedback(message: Part) -> tuple[Fate, ...]:
    """A complaint (ARF). `not-spam` is none, and `auth-failure` is about us, not by a person."""
    for part in message.walk():
        if part.media_type == "message/feedback-report":
            block = header_block(part.content())
            kind = _first(block, "feedback-type").strip().lower()
            address = _address(_first(block, "original-rcpt-to"))
            found = Kind.COMPLAINT if kind in _COMPLAINTS else Kind.OTHER
            if kind == "auth-failure":
                found = Kind.POLICY
            agent = clean(_first(block, "user-agent"))
            return (
                Fate(found, "", f"Feedback “{clean(kind)}” by {agent or 'a provider'}", address),
            )
    return ()


def _blocks(content: bytes) -> list[dict[str, list[str]]]:
    pieces = re.split(rb"\n[ \t]*\n+", content.strip(b"\n"), maxsplit=MOST_BLOCKS)
    return [header_block(piece) for piece in pieces[:MOST_BLOCKS]]


def _fate(block: dict[str, list[str]], beside: str) -> Fate:
    action = _COMMENT.sub("", _first(block, "action")).strip().lower()
    found = _STATUS.match(_first(block, "status"))
    code = f"{int(found[1])}.{int(found[2])}.{int(found[3])}" if found else ""
    said = _first(block, "diagnostic-code")
    words = said.partition(";")[2] if ";" in said[:40] else said
    names = [_address(_first(block, name)) for name in ("original-recipient", "final-recipient")]
    address = next((name for name in names if name), "")
    if action in ("delivered", "relayed", "expanded") or (not action and code.startswith("2.")):
        return Fate(Kind.DELIVERED, code, clean(words), address)
    if action == "delayed":
        return Fate(Kind.DELAYED, code, clean(words), address)
    # Some say nothing but 5.0.0 here, and what happened in the words for people.
    judged = judging.judge(words or beside, code, address)
    if not words and code and not code.endswith(".0.0"):
        judged = judging.judge("", code, address)
    return judged


def _beside(message: Part) -> str:
    """The words for people that stand before the status."""
    for part in message.walk():
        if part.media_type in ("text/plain", "text/html") and not part.children:
            return part.text()[:2000]
    return ""


def _address(value: str) -> str:
    """`rfc822; ada@example.com` → the address, in lower case."""
    text = _COMMENT.sub("", value.rpartition(";")[2]).strip().strip("<>").strip()
    return text.lower()[:254] if "@" in text and " " not in text else ""


def _first(block: dict[str, list[str]], name: str) -> str:
    found = block.get(name)
    return found[0] if found else ""
