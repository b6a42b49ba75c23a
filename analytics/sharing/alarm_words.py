"""Alarms as sentences: the same on the pages and in digests."""

from __future__ import annotations

from analytics.reports import Alarm
from surveys.console.figures import count, day, plural, share


def in_words(alarm: Alarm) -> str:
    """What happened, and what is usual."""
    when = f"In the week of {day(alarm.week)}"
    if alarm.series == "dismay":
        what = f"{share(alarm.value)} were dismayed ({count(alarm.n)} answers)"
        usual = f"; usual is {share(alarm.centre)}"
    else:
        what = f"{plural(alarm.n, 'case')} came, {count(alarm.value)} per 1,000 of all cases"
        usual = f"; usual are {count(alarm.centre)}"
    how = "" if alarm.chart == "week" else ". No single week is out of line, the run of weeks is"
    return f"{when} {what}{usual}{how}."


def since_in_words(alarm: Alarm) -> str:
    """Since when the level is another; empty where that is not known."""
    if not alarm.since:
        return ""
    return f"It has been higher since the week of {day(alarm.since)}."
