"""A chart of control as a picture."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.charts import ControlMark, ControlPanel, ControlPoint, control_chart
from tests.analytics.charts.test_charts import SVG, parse

MONDAY = dt.date(2026, 5, 4)


def _panels() -> list[ControlPanel]:
    def point(place: int, value: float | None, signal: int = 0, ring: int = 0) -> ControlPoint:
        week = MONDAY + dt.timedelta(weeks=place)
        return ControlPoint(week, value, 20, 0.1, 0.5, signal, 0.3, ring, baseline=place < 2)

    points = [point(0, 0.3), point(1, None), point(2, 0.8, 1, 1), point(3, 0.05, -1)]
    marks = [ControlMark(MONDAY + dt.timedelta(days=9), "v2", "C1 changed <here>")]
    rates = [ControlPoint(one.week, 120.0, 9, None, None) for one in points]
    return [
        ControlPanel("Dismayed", points, 0.3, "share", marks, [MONDAY + dt.timedelta(weeks=2)]),
        ControlPanel("Cases", rates, None, "rate", note="no limits before 20 weeks"),
    ]


@pytest.mark.parametrize("narrow", [False, True])
def test_what_is_outside_has_another_shape_and_says_so(narrow: bool) -> None:
    words = {"title": "t", "description": "d", "empty": "none"}
    root = parse(control_chart(_panels(), **words, narrow=narrow))
    assert len(root.findall(".//*[@class='ch-alarm']")) == 1
    assert len(root.findall(".//*[@class='ch-alarm ch-below']")) == 1
    assert len(root.findall(".//*[@class='ch-ring']")) == 1
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    assert any("80\u202f%" in one and "above the limit" in one for one in titles)
    assert "C1 changed <here>" in titles
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "no limits before 20 weeks" in texts


def test_a_week_that_is_outside_with_the_one_before_has_a_ring_and_says_so() -> None:
    points = [
        ControlPoint(MONDAY + dt.timedelta(weeks=place), 0.4, 20, 0.1, 0.5, together=place == 1)
        for place in range(3)
    ]
    panel = ControlPanel("Dismayed", points, 0.3)
    root = parse(control_chart([panel], title="t", description="d", empty="none"))
    assert len(root.findall(".//*[@class='ch-ring']")) == 1
    assert root.findall(".//*[@class='ch-alarm']") == []
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    told = [one for one in titles if "with the week before" in one]
    assert len(told) == 1
    assert "11 May" in told[0]


def test_nothing_to_chart_says_so() -> None:
    empty = ControlPanel("Dismayed", [ControlPoint(MONDAY, None, 0, None, None)])
    assert "no week yet" in control_chart([empty], title="t", description="d", empty="no week yet")


def test_a_roll_out_is_a_bar_from_its_first_day_to_its_last() -> None:
    day = dt.timedelta(days=1)
    points = [ControlPoint(MONDAY + 7 * n * day, 0.3, 20, None, None) for n in range(5)]

    def bars(began: int, until: int | None) -> list[tuple[float, float]]:
        end = None if until is None else MONDAY + until * day
        mark = ControlMark(MONDAY + began * day, "A1", "Done", end)
        panel = ControlPanel("Dismayed", points, marks=[mark])
        root = parse(control_chart([panel], title="t", description="d", empty="none"))
        assert [t.text for t in root.iter(f"{SVG}text")].count("A1") == 1
        found = root.findall(".//*[@class='ch-rollout']")
        return [(float(one.attrib["x"]), float(one.attrib["width"])) for one in found]

    [(left, width)], [(other, twice)] = bars(7, 14), bars(7, 21)
    assert left == other
    assert twice == pytest.approx(2 * width, abs=0.2)
    # At once, or still going on: a line alone.
    assert bars(7, 7) == bars(7, None) == []
    # What goes on after the last week ends with the picture.
    assert bars(21, 400) == bars(21, 28)
