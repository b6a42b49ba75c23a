"""What a post means: the answers that are asked of this respondent and valid, and the faults.

Never raises, whatever is posted. Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from .asking import Answer, Answers, Facts, Rotation, is_asked
from .schema import (
    MAX_COMMENT_CHARACTERS,
    MAX_LONG_TEXT_CHARACTERS,
    MAX_SHORT_TEXT_CHARACTERS,
    NPS_POINTS,
    Definition,
    Item,
    ItemType,
)

ErrorKey = Literal[
    "invalid_option", "none_with_others", "exclusive_with_others", "comment_too_long",
    "answer_too_long", "number_invalid", "number_out_of_range", "date_invalid", "required",
]  # fmt: skip
Posted = Mapping[str, "str | Sequence[str]"]

#: What a number without bounds of its own may be; the schema allows no wider ones.
NUMBER_BOUNDS: Final = (-1_000_000_000, 1_000_000_000)
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_OPTION_VALUE: Final = re.compile(r"0|[1-9][0-9]?")
# A text keeps every character but those no store or reader can hold: control characters
# other than tab and line feed, and lone surrogates.
_TEXT_REMOVED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Digits of any script; int() reads them all.
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}")
_MINUS_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "-")
)
# Keyboards of right-to-left languages may put a direction mark beside a number.
_MARKS: Final = re.compile("[\u061c\u200e\u200f]")
# Year first, or with full stops day first: neither can be read in two ways, as 3/4/2026 can.
_DATES: Final = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})"),
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a post says.

    ``answers``: only what was posted, is asked of this respondent and is valid. What is typed and
    was left empty is ``""``, a multiple item with nothing ticked ``()``: both take an earlier
    answer back.
    ``errors``: item or comment id → key in the locale group ``error``; the valid rest stands.
    ``kept``: long or refused text as typed, to be shown again in its field.
    """

    answers: dict[str, Answer]
    errors: dict[str, ErrorKey]
    kept: dict[str, str]


def parse_answers(
    definition: Definition,
    rotation: Rotation,
    facts: Facts,
    posted: Posted,
    *,
    answers: Answers | None = None,
    block: str | None = None,
) -> Parsed:
    """What a post means for this respondent; never raises whatever is posted.

    Any item the respondent is asked is accepted, whichever page it stands on. Unknown fields and
    items not asked of them (rotation, skip) are ignored: an old tab must not lose the rest. A
    rating posted twice counts as its last value. ``answers`` are those stored already; ``block``
    is the page posted: only then can unticking everything be told from not having been shown.

    "None of these" together with something else is an error and not silently resolved: either
    tick may be the slip, and guessing would put words into the customer's mouth.
    """
    parsed = Parsed({}, {}, {})
    merged: dict[str, Answer] = dict(answers or {})
    for own in definition.blocks:
        for item in own.items:
            unticked = item.type == "multiple" and own.id == block
            if item.id not in posted and not unticked:
                continue
            if not is_asked(item, rotation, facts, merged):
                continue
            _READERS[item.type](item, facts, _values(posted, item.id), parsed, unticked)
            if item.id in parsed.answers:
                merged[item.id] = parsed.answers[item.id]
        if own.comment is not None and own.comment.id in posted:
            _parse_text(own.comment.id, posted, parsed, MAX_COMMENT_CHARACTERS, "comment_too_long")
    return parsed


def parse_item(item: Item, values: Sequence[str], facts: Facts) -> Parsed:
    """What values mean as the answer to one item, whether or not it is asked of anybody."""
    parsed = Parsed({}, {}, {})
    _READERS[item.type](item, facts, list(values), parsed, False)
    return parsed


def parse_preselect(
    definition: Definition, rotation: Rotation, facts: Facts, query: Posted
) -> dict[str, Answer]:
    """The rating tapped in the mail (``?F1=4``), checked like a post but never stored.

    Only headline items: a longer link could otherwise arrive with a whole survey filled in.
    """
    tapped = {i.id: query[i.id] for i in definition.items if i.headline and i.id in query}
    return parse_answers(definition, rotation, facts, tapped).answers if tapped else {}


def clean_comment(raw: str) -> str:
    """A text as stored: line ends as LF, unstorable characters removed, blank ends trimmed."""
    return _TEXT_REMOVED.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()


def read_number(raw: str) -> int | None:
    """A whole number in the digits of any script, None where it is none."""
    plain = _MARKS.sub("", raw).strip().translate(_MINUS_SIGNS)
    return int(plain) if _NUMBER.fullmatch(plain) else None


def read_date(raw: str) -> str | None:
    """A day as ISO 8601, None where it is no day that can be read in one way only."""
    plain = _MARKS.sub("", raw).strip()
    for pattern in _DATES:
        if found := pattern.fullmatch(plain):
            year, month, day = (int(found[name]) for name in ("year", "month", "day"))
            if not FIRST_YEAR <= year <= LAST_YEAR:
                return None
            try:
                return dt.date(year, month, day).isoformat()
            except ValueError:
                return None
    return None


def bounds(item: Item) -> tuple[int, int]:
    """The lowest and the highest number that may be answered."""
    lowest, highest = NUMBER_BOUNDS
    return (
        lowest if item.low is None else item.low,
        highest if item.high is None else item.high,
    )


def _values(posted: Posted, name: str) -> list[str]:
    """All values posted under a name."""
    found = posted.get(name, ())
    return [found] if isinstance(found, str) else list(found)


Reader = Callable[[Item, Facts, list[str], Parsed, bool], None]


def _read_one(item: Item, facts: Facts, values: list[str], parsed: Parsed, own: bool) -> None:
    """A rating, one of several options, or a point of the NPS: its number."""
    raw = next((value for value in reversed(values) if value), None)
    if raw is None:
        return
    points = NPS_POINTS if item.type == "nps" else item.answer_values
    if _OPTION_VALUE.fullmatch(raw) and int(raw) in points:
        parsed.answers[item.id] = int(raw)
    else:
        parsed.errors[item.id] = "invalid_option"


def _read_multiple(item: Item, facts: Facts, values: list[str], parsed: Parsed, own: bool) -> None:
    ticked = [value for value in values if value]
    if not ticked and not own:
        return
    valid = {str(option.value): option for option in item.options}
    if not all(value in valid for value in ticked):
        parsed.errors[item.id] = "invalid_option"
        return
    chosen = sorted({int(value) for value in ticked})
    if len(chosen) > 1 and any(valid[str(value)].exclusive for value in chosen):
        # The locale's words for F3 name its own options.
        parsed.errors[item.id] = "none_with_others" if item.id == "F3" else "exclusive_with_others"
    else:
        parsed.answers[item.id] = tuple(chosen)


def _read_text(item: Item, facts: Facts, values: list[str], parsed: Parsed, own: bool) -> None:
    long = item.type == "long_text"
    limit = MAX_LONG_TEXT_CHARACTERS if long else MAX_SHORT_TEXT_CHARACTERS
    text = clean_comment(values[-1]) if values else ""
    if not long:
        text = " ".join(text.split())
    _keep_text(item.id, text, parsed, limit, "answer_too_long")


def _read_number(item: Item, facts: Facts, values: list[str], parsed: Parsed, own: bool) -> None:
    raw = clean_comment(values[-1]) if values else ""
    number = read_number(raw)
    lowest, highest = bounds(item)
    if not raw:
        parsed.answers[item.id] = ""
    elif number is None or not lowest <= number <= highest:
        parsed.errors[item.id] = "number_invalid" if number is None else "number_out_of_range"
        parsed.kept[item.id] = raw
    else:
        parsed.answers[item.id] = number


def _read_day(item: Item, facts: Facts, values: list[str], parsed: Parsed, own: bool) -> None:
    raw = clean_comment(values[-1]) if values else ""
    day = read_date(raw) if raw else ""
    if day is None:
        parsed.errors[item.id] = "date_invalid"
        parsed.kept[item.id] = raw
    else:
        parsed.answers[item.id] = day


def _read_cause(item: Item, facts: Facts, values: list[str], parsed: Parsed, own: bool) -> None:
    raw = values[-1] if values else ""
    if raw and all(raw != cause.code for cause in facts.causes):
        parsed.errors[item.id] = "invalid_option"
    else:
        parsed.answers[item.id] = raw


_READERS: Final[Mapping[ItemType, Reader]] = {
    "rating": _read_one,
    "yes_no": _read_one,
    "single": _read_one,
    "nps": _read_one,
    "multiple": _read_multiple,
    "short_text": _read_text,
    "long_text": _read_text,
    "number": _read_number,
    "date": _read_day,
    "cause_picker": _read_cause,
}


def _parse_text(name: str, posted: Posted, parsed: Parsed, limit: int, too_long: ErrorKey) -> None:
    found = _values(posted, name)
    _keep_text(name, clean_comment(found[-1] if found else ""), parsed, limit, too_long)


def _keep_text(name: str, text: str, parsed: Parsed, limit: int, too_long: ErrorKey) -> None:
    if len(text) > limit:
        parsed.errors[name] = too_long
        parsed.kept[name] = text
    else:
        parsed.answers[name] = text
