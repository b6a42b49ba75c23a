"""What is found in a message that came back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_WORDS: Final = 300
_ADDRESS: Final = re.compile(r"[^\s@]{0,200}@\S*")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Kind(StrEnum):
    """What a report says became of a mail."""

    HARD = "hard"  # the mailbox or its domain does not exist
    SOFT = "soft"  # full, or away for now: another mail may get through
    POLICY = "policy"  # they do not want this mail, or not from us; the mailbox may be fine
    COMPLAINT = "complaint"  # the person calls it spam
    DELAYED = "delayed"  # still being tried
    AUTO_REPLY = "auto_reply"  # somebody is away; the mail did arrive
    CHALLENGE = "challenge"  # wants a person to confirm that one wrote
    DELIVERED = "delivered"  # arrived, or was passed on
    OTHER = "other"  # a person's reply, or nothing that is known


#: Of several recipients the worst says what became of the mail.
WORST_FIRST: Final = (Kind.HARD, Kind.POLICY, Kind.SOFT, Kind.DELAYED, Kind.DELIVERED)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail for one recipient; ``address`` in lower case, perhaps unknown."""

    kind: Kind
    code: str = ""
    words: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A message that came back.

    ``form``: which kind of writing it was read from. ``fates``: worst first, at least one.
    ``addressed``: every address it may have been sent to, or names as the envelope sender of what
    it is about. ``message_id``: its own, '' where it has none.
    """

    form: str
    fates: tuple[Fate, ...]
    addressed: tuple[str, ...] = ()
    message_id: str = ""

    @property
    def kind(self) -> Kind:
        return self.fates[0].kind

    def about(self, address: str) -> Fate:
        """The fate for this recipient; for one it does not name, the worst."""
        wanted = address.strip().lower()
        return next((fate for fate in self.fates if fate.address == wanted), self.fates[0])


def sorted_fates(fates: list[Fate]) -> tuple[Fate, ...]:
    """The fates, worst first."""
    return tuple(sorted(fates, key=lambda fate: WORST_FIRST.index(fate.kind)))


def clean(words: str) -> str:
    """A server's words in one line, without anybody's address, cut to size."""
    line = " ".join(_CONTROLS.sub(" ", words[:4000]).split())
    return _ADDRESS.sub("…", line)[:MOST_WORDS]
