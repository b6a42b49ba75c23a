"""Alarms as sentences: the same on the pages and in digests."""

from __future__ import annotations

from typing import Final

from analytics.reports import Alarm
from surveys.console.figures import count, day, plural, share

#: What is out of line, where it is not the week alone.
_HOW: Final = {
    "week": "",
    "two_weeks": ". With the week before, that is more than chance explains",
    "smoothed": ". No single week is out of line, the run of weeks is",
    "early": ". The limits are made from weeks at both levels and are too wide to show it",
}


def in_words(alarm: Alarm) -> str:
    """What happened, and what is usual."""
    when = f"{'Since' if alarm.chart == 'early' else 'In'} the week of {day(alarm.week)}"
    before = "before it" if alarm.chart == "early" else "usual"
    if alarm.series == "dismay":
        what = f"{share(alarm.value)} were dismayed ({count(alarm.n)} answers)"
        usual = f"; {before} {'were' if alarm.chart == 'early' else 'is'} {share(alarm.centre)}"
    else:
        what = f"{plural(alarm.n, 'case')} came, {count(alarm.value)} per 1,000 of all cases"
        usual = f"; {before} {'were' if alarm.chart == 'early' else 'are'} {count(alarm.centre)}"
    return f"{when} {what}{usual}{_HOW[alarm.chart]}."


def since_in_words(alarm: Alarm) -> str:
    """Since when the level is another; empty where that is not known."""
    if not alarm.since or alarm.chart == "early":
        return ""
    return f"It has been higher since the week of {day(alarm.since)}."
