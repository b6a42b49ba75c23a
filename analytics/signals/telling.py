"""A signal as it is told outside: numbers, a sentence, and the way to the page of its cause."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, cast

from django.conf import settings
from django.urls import reverse

from analytics.reports import Alarm, CauseName
from analytics.reports.charted import Chart, Series
from analytics.sharing.alarm_words import in_words, since_in_words
from analytics.signalled import Signal
from surveys.console.figures import day

#: What `value`, `centre` and `limit` are.
UNITS: Final = {
    "dismay": "share of answers",
    "cases": "cases per 1,000 of all cases",
}
Json = dict[str, Any]


def told(signal: Signal, fewest: int) -> Json:
    """One signal. Dismay that fewer than `fewest` answers tell of is told without its figures:
    they could tell what one of few said. `cause` is what its cause is now."""
    cause = signal.cause.merged_into or signal.cause
    alarm = _alarm(signal, CauseName(cause.code, cause.name))
    is_shown = signal.series != "dismay" or signal.n >= fewest
    return {
        "id": signal.pk,
        "cause": {
            "code": cause.code,
            "name": cause.name,
            "owner": str(cause.owner) if cause.owner else None,
            "url": settings.SITE_URL + reverse("cause", kwargs={"code": cause.code}) + "#by-week",
        },
        "series": signal.series,
        "chart": signal.chart,
        "week": signal.week.isoformat(),
        "since": signal.since.isoformat() if signal.since else None,
        "unit": UNITS[signal.series],
        "value": _figure(signal.value) if is_shown else None,
        "centre": _figure(signal.centre) if is_shown else None,
        "limit": _figure(signal.high) if is_shown else None,
        "n": signal.n if is_shown else None,
        "sentence": _sentence(alarm) if is_shown else _veiled(alarm),
        "raised_at": signal.raised_at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
    }


def _alarm(signal: Signal, cause: CauseName) -> Alarm:
    return Alarm(
        cause=cause,
        series=cast(Series, signal.series),
        chart=cast(Chart, signal.chart),
        week=signal.week,
        value=signal.value,
        centre=signal.centre,
        high=signal.high,
        n=signal.n,
        since=signal.since,
        is_on=signal.is_on,
        last_week=signal.last_week,
    )


def _figure(value: float | None) -> float | None:
    # As many digits as anybody could mean, and the same bytes on every machine.
    return None if value is None else float(f"{value:.6g}")


def _sentence(alarm: Alarm) -> str:
    return " ".join(filter(None, [in_words(alarm), since_in_words(alarm)]))


def _veiled(alarm: Alarm) -> str:
    return (
        f"In the week of {day(alarm.week)} more were dismayed than chance explains. Too few "
        "answered to tell how many."
    )
