"""What comes back after a mail was accepted: read from bytes, judged, never trusted.

    parse(raw) -> Report      whatever the bytes are; it never raises, and works within bounds

A report says what became of one mail: hard, soft, policy, a complaint, a mere delay, or nothing of
the kind. Whether it is genuine is not decided here: that says the signature in one of the
addresses it was sent to or names (`surveys/services/return_paths.py`).
"""

from __future__ import annotations

import re
from typing import Final

from surveys.mail.reports import plain, standard
from surveys.mail.reports.found import Fate, Kind, Report
from surveys.mail.reports.mime import MOST_BYTES, Part, header_block, read

__all__ = ["MOST_BYTES", "Fate", "Kind", "Report", "parse"]

#: Where the address stands that a message was delivered to, most trustworthy first.
_DELIVERED_TO: Final = (
    "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "to", "cc",
)  # fmt: skip
_MOST_ADDRESSES: Final = 40
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._=+-]{1,80}@[A-Za-z0-9.-]{1,255}")


def parse(raw: bytes) -> Report:
    """The report that these bytes are."""
    message = read(raw)
    addressed = _addressed(message)
    message_id = message.get("message-id").strip()[:500]
    for form, fates in (
        ("arf", standard.feedback(message)),
        ("rfc3464", standard.delivery_fates(message)),
    ):
        if fates:
            return Report(form, fates, addressed, message_id)
    form, fates = plain.read(message)
    return Report(form, fates, addressed, message_id)


def _addressed(message: Part) -> tuple[str, ...]:
    """Everything that may be the return path: what the message was delivered to, and the sender
    on the envelope of the mail it returns (providers send complaints to an address of their own
    list)."""
    found: list[str] = []
    for name in _DELIVERED_TO:
        for value in message.headers.get(name, [])[:5]:
            found += _ADDRESS.findall(value[:4000])
    for part in message.walk():
        if part.media_type == "message/feedback-report":
            found += _ADDRESS.findall(_one(header_block(part.content()), "original-mail-from"))
        elif part.media_type == "text/rfc822-headers":
            found += _ADDRESS.findall(_one(header_block(part.content()), "return-path"))
        elif part is not message:
            found += _ADDRESS.findall(part.get("return-path")[:1000])
    return tuple(dict.fromkeys(address.lower() for address in found))[:_MOST_ADDRESSES]


def _one(block: dict[str, list[str]], name: str) -> str:
    return block.get(name, [""])[0][:1000]
