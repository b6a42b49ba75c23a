"""The alarms that a digest tells: those of its weeks, and those that are still on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse

from analytics import reports
from analytics.filters import Filters
from analytics.reports import weekly
from analytics.sharing.alarm_words import in_words
from surveys.console.figures import plural
from surveys.services.access import Scope
from surveys.services.staffing import owners_of

_MOST: Final = 6


@dataclass(frozen=True)
class AlarmLine:
    """One alarm as a sentence, with the page of its cause up to the digest's last day."""

    cause: str
    sentence: str
    url: str
    is_new: bool
    owner: str


@dataclass(frozen=True)
class Alarms:
    """New ones first. `promise` says how many chance alone raises; empty where nothing is watched
    or nothing is told."""

    lines: tuple[AlarmLine, ...]
    n_new: int
    more: str
    promise: str


NONE: Final = Alarms((), 0, "", "")


def of(filters: Filters, scope: Scope) -> Alarms:
    """The alarms of the weeks that came to their end in these days, and before them in the last
    three months those that have not ended.

    A week is told once it is over: by a daily digest on Mondays, by the others with their period.
    Charts are those of all answers, as on the pages.
    """
    if filters.from_ is None or filters.to is None:
        return NONE
    today = filters.to + dt.timedelta(days=1)
    report = reports.alarms(Filters(to=filters.to), scope, today)
    if report.last is None or report.last + dt.timedelta(days=6) < filters.from_:
        return NONE  # no week came to its end: a daily digest says nothing twice
    # What began in a week that ended before these days was told by the digest before.
    first = weekly.monday(filters.from_)
    fresh = [alarm for alarm in report.results if alarm.week >= first]
    still = [alarm for alarm in report.results if alarm.week < first and alarm.is_on]
    told = [*fresh, *still]
    if not told:
        return NONE
    owners = owners_of(alarm.cause.code for alarm in told[:_MOST])
    lines = [_line(alarm, filters, owners, is_new=alarm in fresh) for alarm in told]
    more = f"{len(lines) - _MOST} more stand on the page." if len(lines) > _MOST else ""
    often = f"about {report.false_a_year:.1f} a year among {plural(report.n_causes, 'cause')}"
    return Alarms(tuple(lines[:_MOST]), len(fresh), more, f"Chance alone raises {often}.")


def _line(
    alarm: reports.Alarm, filters: Filters, owners: Mapping[str, str], *, is_new: bool
) -> AlarmLine:
    path = reverse("cause", kwargs={"code": alarm.cause.code})
    url = f"{settings.SITE_URL}{path}?{filters.to_query()}#by-week"
    owner = owners.get(alarm.cause.code, "")
    return AlarmLine(alarm.cause.name, in_words(alarm), url, is_new, owner)
