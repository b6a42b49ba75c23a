"""A cause by the week as a picture, and alarms in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from analytics import charts
from analytics.actions import days_in_words
from analytics.console.pictures import Picture, Table, cause_address, draw
from analytics.reports import (
    ActionMark,
    Alarm,
    AlarmsReport,
    CauseChartReport,
    ChartSeries,
    TrendMark,
    compared_in_words,
)
from analytics.sharing.alarm_words import in_words, since_in_words
from surveys.console.figures import count, day, plural, share
from surveys.services.access import Scope
from surveys.services.staffing import owners_told

_NAMES = {
    "dismay": "▲ Dismayed, of those answering",
    "cases": "▲ Cases per 1,000 cases of all causes",
}


def cause_chart_picture(
    report: CauseChartReport, change: dt.date | None = None, *, name: str = ""
) -> Picture:
    """Dismay and cases under each other; actions, or the day of a change, as lines through both."""
    said = f"{plural(len(report.alarms), 'alarm')} in the weeks shown."
    if report.actions:
        said += f" Done about it: {'; '.join(map(_action_in_words, report.actions))}."
    marks = [_action(mark) for mark in report.actions]
    if change is not None and _is_shown(change, report):
        marks.append(_change(change))
    panels = [
        _panel(report.dismay, [*map(_version, report.marks), *marks]),
        _panel(report.cases, marks),
    ]
    return draw(
        lambda narrow: charts.control_chart(
            panels,
            title=f"{report.cause.name} by week",
            description=f"Weekly values within the limits of chance. {said}",
            empty="No whole week has a case of this cause yet.",
            narrow=narrow,
        ),
        name,
        _table(report),
    )


def _version(mark: TrendMark) -> charts.ControlMark:
    return charts.ControlMark(mark.date, f"v{mark.version}", compared_in_words(mark))


def _action(mark: ActionMark) -> charts.ControlMark:
    return charts.ControlMark(mark.began_on, mark.label, _action_in_words(mark), mark.done_on)


def _action_in_words(mark: ActionMark) -> str:
    return f"{mark.label}, {mark.title}: {days_in_words(mark.began_on, mark.done_on)}"


def _is_shown(on: dt.date, report: CauseChartReport) -> bool:
    """Whether a day lies in one of the weeks drawn."""
    weeks = [point.week for point in report.cases.points]
    return bool(weeks) and weeks[0] <= on < weeks[-1] + dt.timedelta(weeks=1)


def _change(on: dt.date) -> charts.ControlMark:
    return charts.ControlMark(on, "change", f"The change of {day(on)}")


def _panel(series: ChartSeries, marks: list[charts.ControlMark]) -> charts.ControlPanel:
    points = [
        charts.ControlPoint(
            point.week,
            point.value,
            point.n,
            point.low,
            point.high,
            point.signal,
            point.level,
            point.level_signal,
            point.is_baseline,
            point.together,
        )
        for point in series.points
    ]
    return charts.ControlPanel(
        _NAMES[series.series],
        points,
        series.centre,
        "share" if series.series == "dismay" else "rate",
        marks,
        series.shifts,
        "" if series.ready else "no limits before 20 weeks",
    )


def _table(report: CauseChartReport) -> Table:
    columns = ["Week from", "Dismayed", "Chance explains", "Answers", "Cases per 1,000",
               "Chance explains", "Cases", "Outside"]  # fmt: skip
    columns += ["Done about it"] * bool(report.actions)
    rows = []
    for dismay, cases in zip(
        reversed(report.dismay.points), reversed(report.cases.points), strict=True
    ):
        outside = [
            words
            for words, signal in (
                ("dismay", dismay.signal),
                ("dismay, with the week before", dismay.together),
                ("dismay, smoothed", dismay.level_signal),
                ("cases", cases.signal),
                ("cases, with the week before", cases.together),
                ("cases, smoothed", cases.level_signal),
            )
            if signal
        ]
        rows.append(
            [
                day(dismay.week),
                share(dismay.value),
                _between(dismay.low, dismay.high, is_share=True),
                count(dismay.n),
                count(cases.value),
                _between(cases.low, cases.high, is_share=False),
                count(cases.n),
                ", ".join(outside) or "–",
                *[", ".join(done_in(dismay.week, report.actions)) or "–"] * bool(report.actions),
            ]
        )
    return Table(columns, rows)


def done_in(week: dt.date, actions: tuple[ActionMark, ...], *, named: bool = False) -> list[str]:
    """What of these actions happened in the week of a Monday; `named` with their titles."""
    told = []
    for mark in actions:
        called = f"{mark.label} {mark.title}" if named else mark.label
        begins, ends = (
            day is not None and week <= day < week + dt.timedelta(weeks=1)
            for day in (mark.began_on, mark.done_on)
        )
        if begins:
            told.append(f"{called} begins" if mark.began_on != mark.done_on else called)
        if ends and mark.began_on != mark.done_on:
            told.append(f"{called} rolled out")
    return told


def _between(low: float | None, high: float | None, *, is_share: bool) -> str:
    if low is None or high is None:
        return "–"
    write = share if is_share else count
    return f"{write(low)} to {write(high)}"


@dataclass(frozen=True)
class AlarmLine:
    """One alarm as a sentence with the way to its cause."""

    cause: str
    address: str
    sentence: str
    since: str
    is_on: bool
    owner: str


def alarm_lines(alarms: tuple[Alarm, ...], query: str, scope: Scope) -> list[AlarmLine]:
    """Alarms in words, in their order, and who owns the cause; whom a stranger is not told."""
    owners = owners_told((alarm.cause.code for alarm in alarms), scope)
    return [
        AlarmLine(
            alarm.cause.name,
            cause_address(alarm.cause.code, query) + "#by-week",
            in_words(alarm),
            since_in_words(alarm),
            alarm.is_on,
            owners.get(alarm.cause.code, ""),
        )
        for alarm in alarms
    ]


def promise_in_words(report: AlarmsReport) -> str:
    """How many alarms chance alone raises."""
    if not report.n_watched:
        return (
            f"{plural(report.n_causes, 'cause')} so far, none with the 20 weeks that limits need."
        )
    often = f"about {report.false_a_year:.1f} alarms a year"
    return (
        f"Chance alone raises {often}: {plural(report.n_watched, 'weekly chart')} of "
        f"{plural(report.n_causes, 'cause')} watched, each false once in 1,000 weeks, less often "
        "where weeks are small."
    )
