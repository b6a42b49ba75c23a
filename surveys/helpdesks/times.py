"""Moments as helpdesks tell them: seconds or thousandths since 1970, ISO 8601 in its many forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from surveys.helpdesks.base import UnreadableError
from surveys.helpdesks.reading import Node

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100

_ISO: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?"
    r"\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"-?\d{1,20}(\.\d{1,12})?")
# Seconds until the year 5138, else thousandths, else millionths.
_MOST_SECONDS: Final = 1e11
_MOST_THOUSANDTHS: Final = 1e14

# What Rails calls the zones whose names are no city of the IANA list.
_RAILS: Final = {
    "pacific time (us & canada)": "America/Los_Angeles",
    "mountain time (us & canada)": "America/Denver",
    "central time (us & canada)": "America/Chicago",
    "eastern time (us & canada)": "America/New_York",
    "atlantic time (canada)": "America/Halifax",
    "arizona": "America/Phoenix",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "edinburgh": "Europe/London",
    "bern": "Europe/Zurich",
    "kyiv": "Europe/Kyiv",
    "new delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "chennai": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "osaka": "Asia/Tokyo",
    "abu dhabi": "Asia/Dubai",
    "brasilia": "America/Sao_Paulo",
}


def moment(node: Node) -> datetime | None:
    """When, aware; None where nothing is told or no time can be made out. A time without a zone
    is taken as UTC.

    Raises: UnreadableError for a time of another age.
    """
    text = node.text()
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return _since_1970(node, float(text))
    match = _ISO.fullmatch(text)
    if match is None or text.startswith("0000-00"):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    _check_year(node, year)
    fraction = int((match[7] or "0")[:6].ljust(6, "0"))
    try:
        zone = _zone(match[8] or "")
        return datetime(year, month, day, hour, minute, min(second, 59), fraction, zone)
    except ValueError:
        raise UnreadableError(f"{node.name}: is no date") from None


def _since_1970(node: Node, number: float) -> datetime | None:
    if number == 0:
        return None
    if abs(number) >= _MOST_THOUSANDTHS:
        number /= 1e6
    elif abs(number) >= _MOST_SECONDS:
        number /= 1e3
    try:
        # Through whole thousandths: floats keep no more of a moment of today exactly.
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(number * 1000))
    except OverflowError:
        raise UnreadableError(f"{node.name}: lies outside {FIRST_YEAR}-{LAST_YEAR}") from None
    _check_year(node, found.year)
    return found


def _check_year(node: Node, year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableError(
            f"{node.name}: lies in the year {year}, outside {FIRST_YEAR}-{LAST_YEAR}"
        )


def _zone(text: str) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if text[0] == "-" else away)


@cache
def _zones() -> dict[str, str]:
    """IANA names and their cities, without case; a city found twice is left out."""
    found: dict[str, str] = {}
    for name in sorted(available_timezones()):
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/")):
            city = name.rpartition("/")[2].replace("_", " ").casefold()
            found[city] = "" if city in found else name
    found |= {name.casefold(): name for name in available_timezones()}
    return found | _RAILS


def zone_name(text: str) -> str:
    """The IANA name of a zone told by that name, by its city, or as Rails calls it; else empty."""
    return _zones().get(text.strip().casefold(), "") if text else ""
