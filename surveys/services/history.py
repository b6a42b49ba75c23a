"""History from tools that asked one question, kept apart from everything asked separately.

A rating is known by its tool and id. Of two states of one rating the later answered stands, of two
of one time always the same, so that files may come again, in any order and cut short: what is
stored in the end is the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from operator import attrgetter
from typing import Any, Final

from surveys.exports import unguard
from surveys.models import Customer, UnseparatedRating
from surveys.questionnaire.parsing import clean_comment
from surveys.questionnaire.schema import MAX_COMMENT_CHARACTERS
from surveys.services import history_tools as tools
from surveys.services import intake
from surveys.services.addresses import email_of
from surveys.services.history_sql import CASES, ERASED, LOCK, LOCK_SHARED, STORE
from surveys.services.importing import Counts, TakeBatch
from surveys.services.importing_csv import Row
from surveys.services.intake import Outcome
from surveys.services.intake_reading import EARLIEST
from surveys.services.intake_sql import columns_of, execute, rows, with_retries
from surveys.services.intake_words import language_of
from surveys.services.phones import phone_of
from surveys.services.tokens import email_hash

#: A row in which nobody rated: of a list of tickets, most are that.
UNRATED: Final = "unrated"
_WHEN: Final = "write it as 2026-11-20T14:30:00Z, or give its format in a mapping"
_ERASED: Final = "is of a customer who was erased on request"
_LAST_NUMBER: Final = re.compile(r"(\d+)/*(?:\?.*)?$")
_NAME_AND_ADDRESS: Final = re.compile(r"(.*\S)\s*\(([^()]*@[^()]*)\)")
_UNSTORABLE: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")
_SHORT: Final = 200


@dataclass(slots=True)
class HistoryCounts(Counts):
    """What became of a file's rows; `unrated` ones hold no rating."""

    unrated: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: its tool, the connection whose cases its tickets are, and what the
    file itself does not say."""

    tool: tools.Tool
    source: str = ""
    scale: str | None = None
    zone: tzinfo = UTC
    #: Whether it corrects what is stored, whichever was answered later.
    replaces: bool = False


@dataclass(slots=True)
class _Rating:
    """A row that can be stored. The names are those of the columns of the table."""

    external_id: str
    email_hash: str
    phone_hash: str
    agent: str
    team: str
    product: str
    cause: str
    channel: str
    language: str
    scale: str
    raw: str
    position: float
    top2: bool
    answered_at: datetime
    comment: str
    digest: str
    number: str
    case_id: int | None = None
    is_sample: bool = False


_STORED: Final = tuple(name for name in _Rating.__dataclass_fields__ if name != "number")
_ALL: Final = attrgetter(*_Rating.__dataclass_fields__)
_CELLS: Final = attrgetter(*_STORED)


def rating_taker(reading: Reading, now: datetime) -> TakeBatch:
    """Takes batches of rows as ratings of one question."""

    def take(batch: list[Row]) -> list[Outcome]:
        read = [_read(row, reading, now) for row in batch]
        return with_retries(lambda: _take(read, reading, now))

    return take


def erase(addresses: Iterable[str], customers: Sequence[Customer]) -> int:
    """Delete the ratings of these addresses and numbers, and those of the customers' cases; how
    many. Waits for batches that are being stored, so that none of them slips through."""
    execute(LOCK)
    hashes = [email_hash(address) for address in addresses]
    known = UnseparatedRating.objects.filter
    found = [
        known(email_hash__in=hashes).delete(),
        known(phone_hash__in=hashes).delete(),
        known(case__customer__in=customers).delete(),
    ]
    return sum(n for n, _ in found)


def _read(row: Row, reading: Reading, now: datetime) -> _Rating | Outcome:
    """The row as a rating; else what became of it."""
    values = row.values
    if row.fault:
        # A footer, such as the period of the report, is one cell in a table of many.
        is_footer = len(row.cells) == 1
        return _unrated() if is_footer else _rejected(None, [("", row.fault)])
    if tools.is_unrated(values.get("rating", "")):
        return _unrated()
    faults: list[tuple[str, str]] = []
    answer = _answer(values, reading, faults)
    asked = values.get("answered_at", "")
    answered_at = tools.moment_of(asked, reading.zone)
    if answered_at is None:
        faults.append(("answered_at", f"is no date or time ({asked[:40]!r}); {_WHEN}"))
    elif not EARLIEST <= answered_at <= now:
        faults.append(("answered_at", "is no time between the year 2000 and now"))
    if answer is None or answered_at is None or faults:
        return _rejected(values.get("rating_id"), faults)
    return _rating(values, *answer, answered_at)


def _answer(
    values: Mapping[str, str], reading: Reading, faults: list[tuple[str, str]]
) -> tuple[tools.Scale, int] | None:
    """The rating on its scale; where it is none, the reason is added to the faults."""
    tool, raw = reading.tool, values["rating"]
    try:
        told = tools.scale_of(tool, values.get("scale", "")) or reading.scale
    except tools.NotSatisfactionError as other:
        faults.append(("scale", f"{other}, which is not how satisfied somebody is"))
        return None
    scale = told or tool.scale
    found = tools.rating_of(raw, scale)
    if found is None and scale is None and raw.isascii() and raw.isdigit():
        known = ", ".join(tools.SCALES)
        faults.append(("scale", f"is not said by the file; give --scale (one of {known})"))
    elif found is None:
        on = f" on the scale {scale}" if scale else ""
        faults.append(("rating", f"is no rating{on} ({raw[:40]!r})"))
    return found


def _rating(
    values: Mapping[str, str], scale: tools.Scale, value: int, answered_at: datetime
) -> _Rating:
    agent = _short(values, "agent_name")
    if parts := _NAME_AND_ADDRESS.fullmatch(agent):
        agent = parts[1]
    number = _short(values, "external_id")
    if "://" in number and (last := _LAST_NUMBER.search(number)):
        number = last[1]
    email = email_of(values.get("customer_email", ""))
    phone = phone_of(unguard(values.get("customer_phone", "")))
    made = _Rating(
        external_id=_short(values, "rating_id"),
        email_hash=email_hash(email) if email else "",
        phone_hash=email_hash(phone) if phone else "",
        agent=agent,
        team=_short(values, "team"),
        product=_short(values, "product"),
        cause=_short(values, "cause"),
        channel=_short(values, "channel")[:50],
        language=language_of(values.get("customer_language", "")) or "",
        scale=scale.name,
        raw=_short(values, "rating")[:100],
        position=scale.position(value),
        top2=value >= scale.top,
        answered_at=answered_at,
        comment=clean_comment(unguard(values.get("comment", "")))[:MAX_COMMENT_CHARACTERS],
        digest="",
        number=number,
    )
    made.digest = _digest([str(value) for value in _ALL(made)])
    made.external_id = made.external_id or _made_id(made)
    return made


def _made_id(rating: _Rating) -> str:
    """For tools that export no id: what tells a rating from the others, but not how it was."""
    told = rating.number, rating.email_hash, rating.phone_hash, rating.agent
    return "made:" + _digest([*told, rating.answered_at.isoformat()])


def _digest(parts: Sequence[str]) -> str:
    told = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:32]


def _short(values: Mapping[str, str], name: str) -> str:
    return _UNSTORABLE.sub(" ", unguard(values.get(name, ""))).strip()[:_SHORT]


def _unrated() -> Outcome:
    return Outcome(None, UNRATED)


def _rejected(external_id: str | None, faults: list[tuple[str, str]]) -> Outcome:
    return Outcome(external_id, intake.REJECTED, faults)


def _take(read: Sequence[_Rating | Outcome], reading: Reading, now: datetime) -> list[Outcome]:
    """Store a batch. Of several states of one rating the one that stands is stored, the others
    change nothing."""
    execute(LOCK_SHARED)
    ratings = {place: one for place, one in enumerate(read) if isinstance(one, _Rating)}
    linked, erased = _with_cases(ratings, reading)
    standing: dict[str, int] = {}
    for place, rating in linked.items():
        first = standing.get(rating.external_id)
        if first is None or _order(rating) > _order(linked[first]):
            standing[rating.external_id] = place
    changed = _store([linked[place] for place in standing.values()], reading, now)
    outcomes = []
    for place, one in enumerate(read):
        if isinstance(one, Outcome):
            outcomes.append(one)
        elif place in erased:
            outcomes.append(_rejected(one.external_id, [("", _ERASED)]))
        elif standing[one.external_id] == place:
            outcome = changed.get(one.external_id, intake.UNCHANGED)
            outcomes.append(Outcome(one.external_id, outcome))
        else:
            outcomes.append(Outcome(one.external_id, intake.UNCHANGED))
    return outcomes


def _order(rating: _Rating) -> tuple[datetime, str]:
    return rating.answered_at, rating.digest


def _with_cases(
    ratings: Mapping[int, _Rating], reading: Reading
) -> tuple[dict[int, _Rating], set[int]]:
    """The ratings with their cases and what those were about, and those of erased customers."""
    hashes = {h for one in ratings.values() for h in (one.email_hash, one.phone_hash) if h}
    gone = {row[0] for row in rows(ERASED, list(hashes))} if hashes else set()
    asked = [(n, one.number, one.answered_at) for n, one in ratings.items() if one.number]
    found: dict[int, Sequence[Any]] = {}
    if reading.source and asked:
        found = {row[0]: row[1:] for row in rows(CASES, *columns_of(asked, 3), reading.source)}
    linked: dict[int, _Rating] = {}
    erased = set()
    for place, one in ratings.items():
        case_id, is_erased, is_sample, *about = found.get(place, (None, False, False))
        if is_erased or gone & {one.email_hash, one.phone_hash}:
            erased.add(place)
            continue
        names = ("agent", "team", "product", "cause", "channel", "language")
        one.case_id, one.is_sample = case_id, is_sample
        for name, text in zip(names, about, strict=False):
            if text:
                setattr(one, name, text)
        linked[place] = one
    return linked, erased


def _store(ratings: Sequence[_Rating], reading: Reading, now: datetime) -> dict[str, str]:
    """By id what became of those that changed anything."""
    if not ratings:
        return {}
    # In the order of the key, so that two imports never wait for each other in a circle.
    ordered = sorted(ratings, key=lambda one: one.external_id)
    columns = columns_of([_CELLS(one) for one in ordered], len(_STORED))
    found = rows(STORE, reading.tool.key, now, *columns, reading.replaces)
    return {name: intake.CREATED if is_new else intake.UPDATED for name, is_new in found}


__all__ = ["UNRATED", "HistoryCounts", "Reading", "erase", "rating_taker"]
