"""Pictures are well-formed, inert, and show what they were given."""

import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts import (
    IntervalRow,
    ParetoBar,
    TrendMark,
    TrendPanel,
    TrendPoint,
    interval_chart,
    matrix_chart,
    pareto_chart,
    sparkline,
    trend_chart,
)
from analytics.charts.scales import day_label, month_label, nice_ceiling, regular, ticks
from analytics.charts.svg import amount, shorten

SVG = "{http://www.w3.org/2000/svg}"
FIX = ["Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"]
CAUSE = ["Not at all", "A little", "Moderately", "A lot", "A great deal"]
CELLS = [
    [3, 4, 5, 9, 22],
    [4, 6, 8, 14, 15],
    [6, 9, 15, 12, 9],
    [22, 34, 41, 37, 21],
    [88, 61, 44, 38, 27],
]
ALLOWED = {
    "svg", "title", "desc", "g", "a", "text", "rect", "line", "circle", "polyline", "polygon",
    "path",
}  # fmt: skip


def parse(picture: str) -> ET.Element:
    """The picture as XML; refuses everything that a strict page could not hold."""
    root = ET.fromstring(picture)  # noqa: S314
    assert root.tag == f"{SVG}svg"
    assert root.attrib["viewBox"].startswith("0 0 ")
    assert [child.tag for child in list(root)[:2]] == [f"{SVG}title", f"{SVG}desc"]
    linked = root.find(f".//{SVG}a") is not None
    assert root.attrib["role"] == ("group" if linked else "img")
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ALLOWED
        names = set(element.attrib)
        assert not names & {"style", "id"}
        assert not any(name.startswith("on") for name in names)
        assert not any(value in {"nan", "inf", "-inf"} for value in element.attrib.values())
    return root


def texts(root: ET.Element, css: str | None = None) -> list[str]:
    found = root.iter(f"{SVG}text")
    return [item.text or "" for item in found if css is None or item.get("class") == css]


def tooltips(root: ET.Element) -> list[str]:
    return [title.text or "" for title in root.findall(f".//{SVG}g/{SVG}title")]


def draw_matrix(
    cells: list[list[int]] = CELLS, words: str = "Handling", narrow: bool = False
) -> str:
    return matrix_chart(
        cells,
        title=words,
        description=words,
        fix_axis=words,
        cause_axis="Bothered",
        fix_labels=FIX,
        cause_labels=CAUSE,
        masked_label="Masked 123",
        empty="No answers yet",
        narrow=narrow,
    )


def draw_pareto(bars: list[ParetoBar], **more: object) -> str:
    words = {"title": "Causes", "description": "Worst first", "empty": "No causes yet"}
    axes = {"value_axis": "Index", "cumulative_axis": "Of all"}
    return pareto_chart(bars, **words, **axes, **more)  # type: ignore[arg-type]


def draw_intervals(rows: list[IntervalRow], **more: object) -> str:
    words = {"title": "Agents", "description": "Shares", "axis": "Satisfied", "empty": "No agents"}
    return interval_chart(rows, **words, **more)  # type: ignore[arg-type]


def draw_trend(panels: list[TrendPanel], narrow: bool = False) -> str:
    words = {"title": "Trend", "description": "By week", "empty": "Nothing yet"}
    return trend_chart(panels, **words, narrow=narrow)


def points(values: list[float | None], first: dt.date = dt.date(2026, 1, 5)) -> list[TrendPoint]:
    return [
        TrendPoint(
            first + dt.timedelta(weeks=place),
            value,
            None if value is None else value / 2,
            None if value is None else (1 + value) / 2,
            0 if value is None else 40,
        )
        for place, value in enumerate(values)
    ]


@pytest.mark.parametrize("narrow", [False, True])
def test_matrix_chart_shows_every_count_and_outlines_the_masked_corner(narrow: bool) -> None:
    root = parse(draw_matrix(narrow=narrow))
    top_down = [str(count) for row in reversed(CELLS) for count in row]
    assert texts(root, "ch-count") == top_down
    masked = [group for group in root.iter(f"{SVG}g") if "ch-cell-masked" in group.get("class", "")]
    assert [texts(group)[0] for group in masked] == ["38", "27", "37", "21"]
    corner = next(box for box in root.iter(f"{SVG}rect") if box.get("class") == "ch-masked")
    boxes = [group.find(f"{SVG}rect") for group in masked]
    left = min(float(box.attrib["x"]) for box in boxes if box is not None)
    assert float(corner.attrib["x"]) == pytest.approx(left - 1, abs=0.02)
    assert texts(root, "ch-masked-label") == ["Masked 123"]
    assert "Very satisfied / A great deal: 27 of 554 (5\u202f%)" in tooltips(root)
    assert root.attrib["viewBox"].split()[2] == ("360" if narrow else "576")


def test_matrix_chart_shades_by_the_largest_cell() -> None:
    cells = [[0] * 5 for _ in range(5)]
    cells[4][0], cells[0][0] = 100, 1
    shades = [group.get("class") for group in parse(draw_matrix(cells)).iter(f"{SVG}g")]
    assert shades[0] == "ch-cell ch-q5"
    assert shades[20] == "ch-cell ch-q1"
    assert shades[1] == "ch-cell ch-q0"


def test_matrix_chart_refuses_other_shapes() -> None:
    with pytest.raises(ValueError, match="5×5"):
        draw_matrix([[1] * 4] * 5)


def test_pareto_chart_adds_up_and_links() -> None:
    bars = [
        ParetoBar("Billing", 60, 50, 75, href="/causes/billing/?from=2026-01-01&to=2026-02-01"),
        ParetoBar("Network", 30),
        ParetoBar("Other", 10),
    ]
    root = parse(draw_pareto(bars))
    assert tooltips(root) == [
        "Billing: 60 (50–75), cumulative 60\u202f%",
        "Network: 30, cumulative 90\u202f%",
        "Other: 10, cumulative 100\u202f%",
        "cumulative 60\u202f%",
        "cumulative 90\u202f%",
        "cumulative 100\u202f%",
    ]
    links = [link.attrib["href"] for link in root.iter(f"{SVG}a")]
    assert links == ["/causes/billing/?from=2026-01-01&to=2026-02-01"]
    widths = [float(bar.attrib["width"]) for bar in root.iter(f"{SVG}rect")]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.02)


def test_pareto_chart_says_what_it_leaves_out() -> None:
    bars = [ParetoBar(f"Cause {number}", 10) for number in range(50)]
    root = parse(draw_pareto(bars, limit=20, narrow=True))
    assert len(list(root.iter(f"{SVG}rect"))) == 20
    assert "and 30 more" in texts(root)
    assert tooltips(root)[-1] == "Cause 19: 10, cumulative 40\u202f%"


def test_pareto_chart_for_phones_has_shares_where_a_line_would_cross_the_names() -> None:
    bars = [ParetoBar("Billing", 60), ParetoBar("Network", 30)]
    wide, narrow = (parse(draw_pareto(bars, narrow=one, total=120)) for one in (False, True))
    assert [len(list(root.iter(f"{SVG}polyline"))) for root in (wide, narrow)] == [1, 0]
    assert [words for words in texts(narrow, "ch-axis") if words.endswith("%")] == [
        "50\u202f%",
        "25\u202f%",
    ]


def test_interval_chart_places_dots_and_says_too_few() -> None:
    rows = [
        IntervalRow("Ada", 0.8, 0.7, 0.9, href="/agents/1/"),
        IntervalRow("Grace", 0.9, 0.85, 0.95),
        IntervalRow("Linus", None, None, None, note="too few (n = 4)"),
    ]
    root = parse(draw_intervals(rows, reference=0.8, reference_label="Company"))
    assert tooltips(root) == [
        "Ada: 80\u202f% (70\u202f%–90\u202f%)",
        "Grace: 90\u202f% (85\u202f%–95\u202f%)",
        "Linus: too few (n = 4)",
    ]
    assert texts(root, "ch-note") == ["too few (n = 4)"]
    dots = [float(dot.attrib["cx"]) for dot in root.iter(f"{SVG}circle")]
    assert len(dots) == 2
    line = next(item for item in root.iter(f"{SVG}line") if item.get("class") == "ch-reference")
    assert float(line.attrib["x1"]) == dots[0]
    assert texts(root, "ch-reference-label") == ["Company 80\u202f%"]


def test_interval_chart_of_nobody_with_enough_answers_is_drawn() -> None:
    root = parse(draw_intervals([IntervalRow("Linus", None, None, None, note="too few")]))
    assert texts(root, "ch-note") == ["too few"]


def test_trend_chart_breaks_where_nobody_answered() -> None:
    panels = [
        TrendPanel("Satisfied", "ch-fix", points([0.8, 0.7, None, 0.9])),
        TrendPanel("Dismayed", "ch-cause", points([0.4, None, None, 0.5])),
    ]
    root = parse(draw_trend(panels))
    lines = list(root.iter(f"{SVG}polyline"))
    assert [line.attrib["class"] for line in lines] == [
        "ch-line ch-fix", "ch-line ch-fix", "ch-line ch-cause", "ch-line ch-cause",
    ]  # fmt: skip
    assert [len(line.attrib["points"].split()) for line in lines] == [2, 1, 1, 1]
    assert tooltips(root)[0] == "5 Jan 2026: Satisfied 80\u202f% (40\u202f%–90\u202f%), n = 40"
    # Both panels share the time axis.
    across = [dot.attrib["cx"] for dot in root.iter(f"{SVG}circle")]
    assert across[0] == across[3]
    assert across[2] == across[4]


def test_trend_chart_marks_partial_points_hollow() -> None:
    point = TrendPoint(dt.date(2026, 1, 5), 0.5, 0.4, 0.6, 9, partial=True)
    root = parse(draw_trend([TrendPanel("Satisfied", "ch-fix", [point])]))
    assert [dot.attrib["fill"] for dot in root.iter(f"{SVG}circle")] == ["none"]
    assert tooltips(root) == [
        "5 Jan 2026: Satisfied 50\u202f% (40\u202f%–60\u202f%), n = 9, partial"
    ]


def test_trend_chart_calls_months_by_their_names() -> None:
    months = [TrendPoint(dt.date(2026, month, 1), 0.5, 0.4, 0.6, 9) for month in (11, 12)] + [
        TrendPoint(dt.date(2027, 1, 1), 0.5, 0.4, 0.6, 9)
    ]
    root = parse(draw_trend([TrendPanel("Satisfied", "ch-fix", months)]))
    assert texts(root, "ch-axis")[-3:] == ["Nov 2026", "Dec", "Jan 2027"]
    assert tooltips(root)[0].startswith("Nov 2026: Satisfied")


def test_trend_chart_of_a_year_of_days_stays_small() -> None:
    values: list[float | None] = [0.5] * 366
    panels = [TrendPanel(name, f"ch-{name}", points(values)) for name in ("fix", "cause")]
    assert len(draw_trend(panels)) < 250_000


def test_sparkline_has_gaps_and_a_last_point() -> None:
    root = parse(sparkline([0.4, 0.5, None, 0.6, None], title="Five weeks"))
    assert len(list(root.iter(f"{SVG}polyline"))) == 2
    assert [dot.attrib["cx"] for dot in root.iter(f"{SVG}circle")] == ["88"]
    with pytest.raises(ValueError, match="low < high"):
        sparkline([1], title="", low=1, high=1)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (draw_matrix([[0] * 5] * 5), "No answers yet"),
        (draw_pareto([]), "No causes yet"),
        (draw_pareto([ParetoBar("Billing", 0)]), "No causes yet"),
        (draw_intervals([]), "No agents"),
        (draw_trend([]), "Nothing yet"),
        (draw_trend([TrendPanel("Satisfied", "ch-fix", points([None, None]))]), "Nothing yet"),
    ],
)
def test_pictures_of_nothing_say_so(picture: str, words: str) -> None:
    assert texts(parse(picture)) == [words]


def test_sparkline_of_nothing_is_an_empty_picture() -> None:
    assert len(list(parse(sparkline([], title="No answers")))) == 2


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "data:text/html,x", "//evil.example/", "x"]
)
def test_pictures_refuse_addresses_that_run_or_leave(href: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        draw_pareto([ParetoBar("Billing", 1, href=href)])


def test_pictures_refuse_numbers_that_have_no_place() -> None:
    with pytest.raises(ValueError, match="cannot place nan"):
        draw_trend([TrendPanel("Satisfied", "ch-fix", points([0.5, float("nan")]))])


@given(st.text())
def test_pictures_hold_any_text_inertly(words: str) -> None:
    hostile = f'</text><script>alert("1")</script>{words}'
    parse(draw_matrix(words=hostile))
    parse(draw_pareto([ParetoBar(hostile, 3, 2, 4, href="/x/?q='\"><script>")]))
    parse(draw_intervals([IntervalRow(hostile, None, None, None, note=hostile, tooltip=hostile)]))
    parse(draw_trend([TrendPanel(hostile, "ch-fix", points([0.5]))]))
    root = parse(sparkline([0.5], title=hostile))
    title = root.find(f"{SVG}title")
    assert title is not None
    assert (title.text or "").startswith('</text><script>alert("1")</script>')


shares = st.one_of(st.none(), st.floats(0, 1))


@given(st.lists(shares, max_size=30), st.booleans())
def test_pictures_stay_within_their_frame(values: list[float | None], narrow: bool) -> None:
    rows = [IntervalRow("Ada", v, v and v / 2, v and (1 + v) / 2, note="few") for v in values]
    bars = [ParetoBar("Billing", 1_000 * (value or 0), None, None) for value in values]
    pictures = [
        draw_trend([TrendPanel("Satisfied", "ch-fix", points(values))], narrow),
        draw_intervals(rows, narrow=narrow, reference=0.5),
        draw_pareto(bars, narrow=narrow),
        sparkline(values, title="x"),
    ]
    for root in map(parse, pictures):
        width, height = (float(side) for side in root.attrib["viewBox"].split()[2:])
        for dot in root.iter(f"{SVG}circle"):
            assert 0 <= float(dot.attrib["cx"]) <= width
            assert 0 <= float(dot.attrib["cy"]) <= height


def test_scales_are_round() -> None:
    assert [nice_ceiling(value) for value in (0, 1e-312, 0.03, 1, 1.1, 3.5, 511, 1100)] == [
        1, 1, 0.03, 1, 1.2, 4, 600, 1200,
    ]  # fmt: skip
    assert ticks(0, nice_ceiling(511), 5) == [0, 200, 400, 600]
    assert ticks(0, 250, 5) == [0, 50, 100, 150, 200, 250]
    assert [round(value, 6) for value in ticks(0.5, 1, 5)] == [0.5, 0.6, 0.7, 0.8, 0.9, 1]
    assert regular(10, 4) == [0, 3, 6, 9]
    assert regular(27, 8) == [2, 6, 10, 14, 18, 22, 26]
    assert regular(3, 4) == [0, 1, 2]
    assert month_label(dt.date(2026, 3, 1), with_year=True) == "Mar 2026"
    assert day_label(dt.date(2026, 3, 1), with_year=True) == "1 Mar 2026"


def test_words_are_cut_to_the_room_there_is() -> None:
    assert shorten("Short", 100) == "Short"
    assert shorten("A very long name indeed", 60, 12) == "A very l…"
    assert len(shorten("契約変更のエラー", 60, 12)) < len("契約変更のエラー")
    assert [amount(value) for value in (0, 3, 3.25, 12.6, 12_345)] == [
        "0",
        "3",
        "3.2",
        "13",
        "12,345",
    ]


def lines_of(root: ET.Element, css: str) -> list[ET.Element]:
    return [line for line in root.iter(f"{SVG}line") if line.get("class") == css]


@pytest.mark.parametrize("narrow", [False, True])
def test_trend_chart_breaks_the_panel_where_its_question_changed(narrow: bool) -> None:
    days = [dt.date(2026, 1, 4), dt.date(2026, 2, 9), dt.date(2026, 2, 10), dt.date(2026, 12, 1)]
    marks = [
        TrendMark(day, f"v{place}", f"Changed & all, {place}") for place, day in enumerate(days)
    ]
    panels = [
        TrendPanel("Fix", "ch-fix", points([0.5] * 9), marks),
        TrendPanel("Cause", "ch-cause", points([0.5] * 9)),
    ]
    root = parse(draw_trend(panels, narrow))
    drawn = [float(line.attrib["x1"]) for line in lines_of(root, "ch-break")]
    right = float(root.attrib["viewBox"].split()[2]) - 14
    assert len(drawn) == 3  # the one before the first day is not
    assert drawn[0] < drawn[1] < drawn[2] == right
    assert [words for words in tooltips(root) if words.startswith("Changed")] == [
        f"Changed & all, {place}" for place in (1, 2, 3)
    ]
    assert texts(root, "ch-note") == ["v1", "v3"]  # v2 would cover v1
