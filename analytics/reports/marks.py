"""Preventive actions as marks on the charts of their cause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from analytics.frames.actions import Registered
from analytics.reports.charted import ActionMark


def marks_of(found: Iterable[Registered]) -> tuple[ActionMark, ...]:
    """The actions of one cause, called A1, A2 … in the order in which they began."""
    in_order = sorted(found, key=lambda one: (one.began_on, one.id))
    return tuple(
        ActionMark(one.id, f"A{number}", one.title, one.began_on, one.done_on, one.dated_on)
        for number, one in enumerate(in_order, start=1)
    )


def within(marks: Iterable[ActionMark], mondays: Sequence[dt.date]) -> tuple[ActionMark, ...]:
    """Those that began in one of these weeks, in a row without gaps."""
    if not mondays:
        return ()
    first, end = mondays[0], mondays[-1] + dt.timedelta(weeks=1)
    return tuple(mark for mark in marks if first <= mark.began_on < end)
