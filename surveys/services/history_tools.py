"""What other tools export: which columns hold what, on which scale, at what time. Pure.

Header names are compared without regard to case, spaces and signs. Where a tool's file was never
seen, its columns are those its interface and its guides name; `--mapping` names any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

#: Our columns of a rating; those of the case are named as `import_cases` names them.
COLUMNS: Final = (
    "rating_id", "rating", "scale", "answered_at", "comment", "external_id", "customer_email",
    "customer_phone", "customer_language", "agent_name", "team", "product", "cause", "channel",
)  # fmt: skip
NEEDED: Final = ("rating", "answered_at")


class NotSatisfactionError(ValueError):
    """A survey that asks for something else than how content the customer is."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Answers from `low` to `high`, of which those from `top` on count as the best."""

    name: str
    low: int
    high: int
    top: int

    def holds(self, value: int) -> bool:
        return self.low <= value <= self.high

    def position(self, value: int) -> float:
        return (value - self.low) / (self.high - self.low)


SCALES: Final[Mapping[str, Scale]] = {
    scale.name: scale
    for scale in (
        Scale("good-bad", 0, 1, 1),
        Scale("1-2", 1, 2, 2),
        Scale("1-3", 1, 3, 3),
        Scale("1-5", 1, 5, 4),
        Scale("1-7", 1, 7, 6),
        Scale("1-10", 1, 10, 9),
        Scale("0-10", 0, 10, 9),
    )
}
#: What exports write for a scale; "csat" alone names none, but each tool's own.
_SCALE_WORDS: Final[Mapping[str, str]] = {
    "nps": "0-10", "enps": "0-10", "netpromoterscore": "0-10",
    "5star": "1-5", "stars5": "1-5", "fivestar": "1-5", "stars": "1-5", "starsfive": "1-5",
    "smileys": "1-5", "goodbad": "good-bad",
    "2": "1-2", "3": "1-3", "5": "1-5", "7": "1-7", "10": "1-10",
    "12": "1-2", "13": "1-3", "15": "1-5", "17": "1-7", "110": "1-10", "010": "0-10",
}  # fmt: skip
_OTHER_QUESTIONS: Final[Mapping[str, str]] = {
    "ces": "asks how much effort it took",
    "customereffortscore": "asks how much effort it took",
    "pmf": "asks how much the product would be missed",
    "productmarketfit": "asks how much the product would be missed",
}
#: Answers in words, each with the scale that it is of.
_ANSWER_WORDS: Final[Mapping[str, tuple[str, int]]] = {
    "good": ("good-bad", 1), "goodwithcomment": ("good-bad", 1), "satisfied": ("good-bad", 1),
    "bad": ("good-bad", 0), "badwithcomment": ("good-bad", 0), "unsatisfied": ("good-bad", 0),
    "goodimsatisfied": ("good-bad", 1), "badimunsatisfied": ("good-bad", 0),
    "positive": ("1-3", 3), "neutral": ("1-3", 2), "negative": ("1-3", 1),
}  # fmt: skip
#: What stands in the place of a rating that nobody gave.
_UNRATED: Final = frozenset({"", "offered", "unoffered", "unrated", "norating", "null", "none"})
_OF: Final = re.compile(r"(\d{1,2})\s*(?:/|of|out of)\s*(\d{1,2})", re.IGNORECASE)
_WHOLE: Final = re.compile(r"(\d{1,2})(?:\.0+)?")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool's export: by column of ours the headers it may stand under, the likeliest first."""

    key: str
    name: str
    headers: Mapping[str, tuple[str, ...]]
    #: Of numbers whose file does not say their scale; None where it has to be told.
    scale: str | None = None
    #: What "CSAT" means there.
    csat: str | None = None


_CUSTOMER: Final = {
    "customer_email": ("customer email", "email", "person email", "contact email address"),
    "customer_phone": ("customer phone", "phone number", "phone", "contact phone number"),
    "customer_language": ("language", "locale"),
    "team": ("team", "group", "team name", "department", "ticket group"),
    "product": ("product", "brand"),
    "cause": ("cause", "category"),
    "channel": ("channel", "ticket channel", "source", "delighted source"),
}

TOOLS: Final[Mapping[str, Tool]] = {
    tool.key: tool
    for tool in (
        Tool(
            "delighted",
            "Delighted",
            {
                **_CUSTOMER,
                "rating_id": ("id", "response id", "survey response id", "permalink"),
                "rating": ("score",),
                "scale": ("survey type", "survey_type", "metric"),
                "answered_at": ("created at", "response time", "responded at", "survey date"),
                "comment": ("comment",),
                "external_id": ("ticket id", "case id", "ticket", "order id"),
                "agent_name": ("agent", "agent name", "assignee", "representative"),
            },
            csat="1-5",
        ),
        Tool(
            "nicereply",
            "Nicereply",
            {
                **_CUSTOMER,
                "rating_id": ("rating id", "id"),
                "rating": ("score", "rating"),
                "scale": ("scale", "metric", "survey metric"),
                "answered_at": ("created at", "date", "rated at", "time", "created"),
                "comment": ("comment", "feedback"),
                "external_id": ("ticket id", "ticket", "ticket number"),
                "agent_name": ("agent", "user", "agent name", "username"),
            },
        ),
        Tool(
            "simplesat",
            "Simplesat",
            {
                **_CUSTOMER,
                "rating_id": ("answer id", "response id", "id"),
                "rating": ("rating", "choice", "answer", "score", "sentiment"),
                "scale": ("scale", "rating scale", "metric"),
                "answered_at": ("created", "date", "response date", "created at", "submitted at"),
                "comment": ("comment", "follow up answer", "feedback"),
                "external_id": ("ticket id", "ticket external id", "ticket", "ticket number"),
                "agent_name": ("team member", "team members", "agent", "team member name"),
            },
        ),
        Tool(
            "zendesk",
            "Zendesk",
            {
                **_CUSTOMER,
                "customer_email": ("requester email", "customer email", "email"),
                "rating_id": ("satisfaction rating id", "survey response id", "response id"),
                "rating": (
                    *("ticket satisfaction rating", "satisfaction score", "satisfaction rating"),
                    *("csat rating", "survey rating", "rating", "score"),
                ),
                "scale": ("scale", "rating scale"),
                "answered_at": (
                    *("ticket satisfaction rating timestamp", "survey response timestamp"),
                    *("rated at", "response date", "submitted at", "created at"),
                    *("updated at", "date", "timestamp"),
                ),
                "comment": (
                    *("ticket satisfaction comment", "satisfaction comment", "csat comment"),
                    *("survey comment", "comment"),
                ),
                "external_id": ("ticket id", "ticket", "id"),
                "agent_name": ("assignee name", "assignee", "agent", "rated agent"),
                "team": ("ticket group", "group", "group name", "team"),
            },
            scale="1-5",
            csat="1-5",
        ),
        Tool(
            "chatwoot",
            "Chatwoot",
            {
                **_CUSTOMER,
                "rating": ("rating",),
                "answered_at": ("recorded date", "recorded at", "created at"),
                "comment": ("feedback comment", "feedback"),
                "external_id": ("link to the conversation", "conversation id"),
                "agent_name": ("agent name", "agent"),
            },
            scale="1-5",
            csat="1-5",
        ),
    )
}


def bare(text: str) -> str:
    """Letters and digits alone, in lower case: how headers and words are compared."""
    return "".join(character for character in text.casefold() if character.isalnum())


def headers_of(tool: Tool, header: Sequence[str]) -> dict[str, str]:
    """By column of ours the header of a file that holds it, as the file writes it. Of two that
    would do, the likelier one; a header that stands twice is nobody's."""
    known: dict[str, list[str]] = {}
    for name in header:
        known.setdefault(bare(name), []).append(name)
    found: dict[str, str] = {}
    for column, names in tool.headers.items():
        for name in names:
            if len(hits := known.get(bare(name), [])) == 1 and hits[0] not in found.values():
                found[column] = hits[0]
                break
    return found


def is_unrated(text: str) -> bool:
    """Whether a cell says that nobody rated."""
    return bare(text) in _UNRATED


def scale_of(tool: Tool, text: str) -> str | None:
    """The scale that a cell names; None where it names none.

    Raises: NotSatisfactionError for another question.
    """
    word = bare(text)
    if word in _OTHER_QUESTIONS:
        raise NotSatisfactionError(_OTHER_QUESTIONS[word])
    return tool.csat if word == "csat" else _SCALE_WORDS.get(word)


def rating_of(text: str, scale: str | None) -> tuple[Scale, int] | None:
    """A cell as an answer on a scale; None where it is none. Words and "4/5" bring their own scale,
    which must not contradict the one that is told."""
    word = _ANSWER_WORDS.get(bare(text))
    if word is not None:
        return (SCALES[word[0]], word[1]) if scale in (None, word[0], "1-5") else None
    parts = _OF.fullmatch(text)
    if parts is not None:
        own = f"1-{int(parts[2])}"
        if own not in SCALES or (scale not in (None, own) and (scale, own) != ("0-10", "1-10")):
            return None
        scale = scale or own
    whole = parts or _WHOLE.fullmatch(text)
    if whole is None or scale is None or scale not in SCALES or not text.isascii():
        return None
    value = int(whole[1])
    return (SCALES[scale], value) if SCALES[scale].holds(value) else None


_ZONES: Final = re.compile(r" (?:UTC|GMT|Z)$")
_OFFSET: Final = re.compile(r" ([+-]\d{2}):?(\d{2})$")
_EPOCH: Final = re.compile(r"[0-9]{9,10}")
#: Written out, so that nobody can take the month for the day.
_WRITTEN: Final = (
    "%b %d, %Y", "%b %d, %Y %H:%M", "%b %d, %Y %I:%M %p", "%b %d, %Y, %I:%M %p",
    "%b %d, %Y %I:%M:%S %p", "%B %d, %Y", "%B %d, %Y %H:%M", "%B %d, %Y %I:%M %p",
    "%B %d, %Y, %I:%M %p", "%d %b %Y", "%d %b %Y %H:%M", "%d %B %Y", "%d %B %Y %H:%M",
    "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S",
)  # fmt: skip


def moment_of(text: str, zone: tzinfo) -> datetime | None:
    """A time as these tools write it, in UTC; without a zone of its own it is in `zone`.

    ISO 8601, the same with "UTC" or an offset behind it, seconds since 1970, months in English
    words. None for what is neither, and for 03/04/2024: whose order nobody can tell.
    """
    text = " ".join(text.split())
    if _EPOCH.fullmatch(text) and text.isascii():
        return datetime.fromtimestamp(int(text), UTC)
    found = _ZONES.subn("+00:00", text)[0]
    found = _OFFSET.sub(r"\1:\2", found)
    moment = _iso(found) or _written(text)
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written(text: str) -> datetime | None:
    for pattern in _WRITTEN:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 (its zone is told beside it)
        except ValueError:
            continue
    return None
