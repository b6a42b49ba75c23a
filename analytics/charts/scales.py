"""Round numbers and readable dates for axes.

nice_ceiling(value) -> float                where an axis ends: the next round number, steps fine
ticks(low, high, number) -> list[float]     round values within low…high
day_label(day, with_year) -> str            "5 Jan", "5 Jan 2026"
month_label(day, with_year) -> str          "Jan", "Jan 2026"
regular(number, most) -> list[int]          places at equal distances, the last among them
"""

import datetime as dt
import math

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_ENDS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12)
_STEPS = (1, 2, 2.5, 5, 10, 20)


def nice_ceiling(value: float) -> float:
    """The smallest round number that is not below value; 1 for nothing.

    Its steps are finer than those of ticks: the end of an axis is room, and 1,000 for 511 would
    waste half of it.
    """
    return _round_up(value, _ENDS)


def ticks(low: float, high: float, number: int) -> list[float]:
    """About `number` steps at round values from low to high, both within."""
    step = _round_up((high - low) / number, _STEPS)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def _round_up(value: float, factors: tuple[float, ...]) -> float:
    if value < 1e-9:  # Also what is too small for a power of ten to divide by.
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in factors if factor * power >= value * (1 - 1e-9))


def day_label(day: dt.date, with_year: bool) -> str:
    """A date as people write it; English whatever the server's locale."""
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if with_year else "")


def month_label(day: dt.date, with_year: bool) -> str:
    """A month as people write it; English whatever the server's locale."""
    return _MONTHS[day.month - 1] + (f" {day.year}" if with_year else "")


def regular(number: int, most: int) -> list[int]:
    """At most `most` of the places 0 … number − 1, all at one distance, counted from the last: what
    is newest is named, and no gap looks longer than another."""
    step = max(math.ceil(number / most), 1)
    return list(range(number - 1, -1, -step))[::-1]
