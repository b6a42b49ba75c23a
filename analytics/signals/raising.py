"""What the charts tell now, against what was raised before: once each, whoever asks how often.

In one transaction under a lock that nobody waits for: a second worker leaves it to the first, and
one that dies leaves nothing behind, neither a signal nor the word of it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from django.db import connection, transaction

from analytics import reports
from analytics.filters import Filters
from analytics.reports import Alarm, AlarmsReport
from analytics.reports.access import FEWEST_FOR_OTHERS
from analytics.signalled import Signal
from analytics.signals.telling import told
from surveys.models import AnswerChange, Cause
from surveys.services.access import EVERYTHING
from surveys.services.outgoing import kinds, noting

#: What began in a week that ended longer ago is recorded, and told to nobody as news.
NEWS: Final = dt.timedelta(days=14)
#: Answers wait two seconds to be counted; where some waited so long, charts tell of a part.
_BEHIND: Final = dt.timedelta(minutes=1)
LOCK: Final = 7_205_811
Key = tuple[int, str]


@dataclass(slots=True)
class Counts:
    """What a round did. `told` of those raised were news."""

    raised: int = 0
    told: int = 0
    withdrawn: int = 0
    again: int = 0


@dataclass(slots=True)
class _Known:
    """The signals that the weeks of a report can speak of, by what their cause is now."""

    now: dt.datetime
    by_key: dict[Key, list[Signal]] = field(default_factory=lambda: defaultdict(list))
    matched: set[int] = field(default_factory=set)
    _before: set[tuple[str, str]] | None = None

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(dt.UTC).date()

    def of(self, alarm: Alarm, cause: Cause) -> list[Signal]:
        """Those that are the same alarm: of the same cause, and their weeks overlap. Where the
        first of them is out of line no more, the alarm begins later and is no other one."""
        return [
            signal
            for signal in self.by_key[cause.pk, alarm.series]
            if signal.week <= alarm.last_week and alarm.week <= signal.last_week
        ]

    def is_news(self, alarm: Alarm, cause: Cause) -> bool:
        """Whether it could not have been told longer ago. A rise that the limits hide is seen
        weeks after it began: it is old where the charts of that time showed it already."""
        if alarm.chart != "early":
            return alarm.week + dt.timedelta(days=6) >= self.today - NEWS
        if self._before is None:
            before = reports.alarms(Filters(), EVERYTHING, self.today - NEWS).results
            self._before = {(one.cause.code, one.series) for one in before if one.is_on}
        return (cause.code, alarm.series) not in self._before


def raise_signals(now: dt.datetime) -> Counts:
    """Record the alarms of the last 13 whole weeks that were not raised yet, tell outside what of
    them is news, and mark as withdrawn what the charts do not tell any more.

    Does nothing while answers wait to be counted: charts would tell of a part of them.
    """
    with transaction.atomic():
        if not _lock() or _is_behind(now):
            return Counts()
        report = reports.alarms(Filters(), EVERYTHING, now.astimezone(dt.UTC).date())
        if report.first is None:
            return Counts()
        known, counts = _known(report, report.first, now), Counts()
        causes = _causes(alarm.cause.code for alarm in report.results)
        for alarm in report.results:
            _take(alarm, causes[alarm.cause.code], known, counts)
        _withdraw(known, report.first, counts)
    return counts


def _take(alarm: Alarm, cause: Cause, known: _Known, counts: Counts) -> None:
    same = known.of(alarm, cause)
    known.matched |= {signal.pk for signal in same}
    if not same:
        _raise(alarm, cause, known, counts)
        return
    if all(signal.withdrawn_at for signal in same):
        # Told before: it stands again, and is no news.
        same[0].withdrawn_at = None
        counts.again += 1
    for signal in same:
        if signal.withdrawn_at is None:
            signal.last_week, signal.is_on = max(alarm.last_week, signal.week), alarm.is_on
            signal.save(update_fields=["last_week", "is_on", "withdrawn_at"])


def _raise(alarm: Alarm, cause: Cause, known: _Known, counts: Counts) -> None:
    signal = Signal.objects.create(
        cause=cause,
        series=alarm.series,
        week=alarm.week,
        chart=alarm.chart,
        value=alarm.value,
        centre=alarm.centre,
        high=alarm.high,
        n=alarm.n,
        since=alarm.since,
        last_week=alarm.last_week,
        is_on=alarm.is_on,
        is_news=known.is_news(alarm, cause),
        raised_at=known.now,
    )
    counts.raised += 1
    # Sample data is told to nobody.
    if signal.is_news and not cause.is_sample:
        noting.tell(kinds.SIGNAL, lambda: told(signal, FEWEST_FOR_OTHERS), known.now)
        counts.told += 1


def _withdraw(known: _Known, first: dt.date, counts: Counts) -> None:
    for found in known.by_key.values():
        for signal in found:
            is_charted = signal.last_week >= first and signal.withdrawn_at is None
            if is_charted and signal.pk not in known.matched:
                signal.withdrawn_at, signal.is_on = known.now, False
                signal.save(update_fields=["withdrawn_at", "is_on"])
                counts.withdrawn += 1


def _known(report: AlarmsReport, first: dt.date, now: dt.datetime) -> _Known:
    """What lasted into the weeks of the report, or into those of an alarm that began before."""
    known = _Known(now)
    Signal.objects.filter(is_on=True, last_week__lt=first).update(is_on=False)
    earliest = min([first, *(alarm.week for alarm in report.results)])
    found = Signal.objects.filter(last_week__gte=earliest).select_related("cause")
    for signal in found.order_by("-week", "-pk"):
        cause = signal.cause.merged_into_id or signal.cause_id
        known.by_key[cause, signal.series].append(signal)
    return known


def _causes(codes: Iterable[str]) -> dict[str, Cause]:
    found = Cause.objects.filter(code__in=set(codes)).select_related("owner")
    return {cause.code: cause for cause in found}


def _lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _is_behind(now: dt.datetime) -> bool:
    """Whether the oldest change of an answer waits longer than usual, as while a merge of causes or
    an import is counted."""
    oldest = AnswerChange.objects.order_by("pk").values_list("created_at", flat=True).first()
    return oldest is not None and oldest < now - _BEHIND
