"""The funnel as a picture, and any picture as a file of its own."""

from __future__ import annotations

import re
from typing import Any, Literal
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


@pytest.mark.parametrize("narrow", [False, True])
def test_a_crowd_is_drawn_where_each_of_it_would_be(narrow: bool) -> None:
    """The same agents, as many as are marks of their own and with one more as one stroke."""
    kinds: tuple[Literal["plain", "apart", "flagged"], ...] = ("plain", "plain", "apart", "flagged")
    points = [
        charts.FunnelPoint(
            f"a{k}", 31 + 7 * k, 0.3 + 0.001 * (k * 37 % 600), kinds[k % 4], f"/a/{k}/"
        )
        for k in range(charts.MOST_DOTS)
    ]
    # One more at the place of the first, so that neither scale moves.
    alone, crowd = (
        parse(charts.funnel_chart(found, [], title="t", description="d", x_axis="n", y_axis="s",
                                  empty="none", narrow=narrow))
        for found in (points, [*points, points[0]])
    )  # fmt: skip
    dots = [(c.get("cx"), c.get("cy")) for c in alone.iter(f"{SVG}circle")]
    squares = [(r.get("x"), r.get("y")) for r in alone.findall(f".//{SVG}rect[@class='ch-apart']")]
    for css, places in (("ch-dots ch-fix", [*dots, dots[0]]), ("ch-apart", squares)):
        [path] = crowd.findall(f".//{SVG}path[@class='{css}']")
        drawn = re.findall(r"M([\d.]+) ([\d.]+)", path.get("d", ""))
        assert [tuple(map(float, one)) for one in drawn] == [
            pytest.approx([float(x or ""), float(y or "")], abs=0.06) for x, y in places
        ]
    assert [a.get("href") for a in crowd.iter(f"{SVG}a")] == [
        point.href for point in points if point.kind == "flagged"
    ]


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
