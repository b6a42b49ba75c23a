"""The funnel as a picture, and any picture as a file of its own."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from analytics import charts
from tests.analytics.charts.test_charts import SVG, parse


def _funnel(**more: Any) -> str:
    points = [
        charts.FunnelPoint("Ada <b>", 40, 0.82),
        charts.FunnelPoint("Worse", 120, 0.4, "flagged", "/agents/2/"),
        charts.FunnelPoint("Apart", 60, 0.9, "apart"),
    ]
    limits = [charts.FunnelLimit(n, 0.8 - 4 / n, 0.9, 0.8 - 6 / n, 0.95) for n in (30, 60, 120)]
    words: dict[str, Any] = {
        "title": "t", "description": "d", "x_axis": "n", "y_axis": "share", "empty": "none",
        "target": 0.8,
    }  # fmt: skip
    return charts.funnel_chart(points, limits, **(words | more))


@pytest.mark.parametrize("narrow", [False, True])
def test_a_funnel_tells_agents_apart_by_shape_and_escapes_their_names(narrow: bool) -> None:
    root = parse(_funnel(narrow=narrow))
    for css in ("ch-flag", "ch-apart", "ch-dot ch-fix"):
        assert len(root.findall(f".//*[@class='{css}']")) == 1
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert "Ada <b>: 82\u202f%, n = 40" in titles


def test_a_funnel_of_nobody_says_so() -> None:
    words: Any = {"title": "t", "description": "d", "x_axis": "n", "y_axis": "share"}
    assert "nobody yet" in charts.funnel_chart([], [], **words, empty="nobody yet")


def test_a_picture_alone_has_a_size_a_ground_and_its_own_letters() -> None:
    alone = charts.standalone(_funnel())
    root = ET.fromstring(alone)  # noqa: S314 - our own
    assert root.get("width") == "720"
    assert root.get("font-family")
    assert root[0].get("fill") == "#ffffff"
    assert "style" not in alone
    with pytest.raises(ValueError, match="no picture"):
        charts.standalone("<p>hello</p>")
