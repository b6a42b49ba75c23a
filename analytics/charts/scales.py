"""Round numbers and readable dates for axes.

nice_ceiling(value) -> float                the next 1, 2, 2.5 or 5 times a power of ten
ticks(low, high, number) -> list[float]     round values within low…high
day_label(day, with_year) -> str            "5 Jan", "5 Jan 2026"
spread(number, most) -> list[int]           evenly spaced places, first and last among them
"""

import datetime as dt
import math

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def nice_ceiling(value: float) -> float:
    """The smallest round number that is not below value; 1 for nothing."""
    if value < 1e-9:  # Also what is too small for a power of ten to divide by.
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        factor * power for factor in (1, 2, 2.5, 5, 10, 20) if factor * power >= value * (1 - 1e-9)
    )


def ticks(low: float, high: float, number: int) -> list[float]:
    """About `number` steps at round values from low to high, both within."""
    step = nice_ceiling((high - low) / number)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def day_label(day: dt.date, with_year: bool) -> str:
    """A date as people write it; English whatever the server's locale."""
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if with_year else "")


def spread(number: int, most: int) -> list[int]:
    """At most `most` (2 or more) of the places 0 … number − 1, evenly spaced, with both ends."""
    if number <= most:
        return list(range(number))
    return sorted({round(place * (number - 1) / (most - 1)) for place in range(most)})
