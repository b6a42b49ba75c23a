"""The PDF says what the page says; a picture becomes a PNG without a font of the system."""

# ruff: noqa: E501 -- markup reads better unbroken

from __future__ import annotations

import io

from PIL import Image
from pypdf import PdfReader

from analytics import charts
from analytics.printing import About, pdf, png

ABOUT = About("Northline", ("Period: all time", "Team: A or B"), "Made today")


def text_of(document: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)


def test_words_tables_facts_and_definitions_are_all_there() -> None:
    said = text_of(
        pdf(
            """<main><h1>Causes</h1><p>Eight of 9</p>
            <table><caption>The figures</caption><thead><tr><th>Cause</th><th class="number">n</th></tr></thead>
            <tbody><tr><th>Bill #1 *wrong* $x$ [link] @me</th><td class="number">1,234<span class="under">57–65 %</span></td></tr>
            <tr><td colspan="2">too few</td></tr></tbody></table>
            <dl><div><dt>Invited</dt><dd>77</dd><dd>bounces included</dd></div></dl>
            <details><summary>What this is</summary><p>A Wilson interval ≥ 95 %.</p></details>
            <ul><li>one</li><li>two</li></ul></main>""",
            ABOUT,
        )
    )
    for words in ("Causes", "Eight of 9", "The figures", "1,234", "57–65", "too few", "Invited", "77",
                  "bounces included", "What this is", "A Wilson interval ≥ 95", "one", "two",
                  "Northline", "Period: all time", "Team: A or B", "Made today", "Page 1 of 1",
                  "Bill #1 *wrong* $x$ [link] @me"):  # fmt: skip
        assert words in said, words


def test_a_long_table_goes_on_under_its_head() -> None:
    rows = "".join(f"<tr><th>row {k}</th><td>{k}</td></tr>" for k in range(200))
    table = f"<table><thead><tr><th>Agent</th><th>n</th></tr></thead><tbody>{rows}</tbody></table>"
    document = PdfReader(io.BytesIO(pdf(f"<main><h1>A</h1>{table}</main>", ABOUT)))
    assert len(document.pages) > 2
    assert all("Agent" in page.extract_text() for page in document.pages)
    assert f"Page 2 of {len(document.pages)}" in document.pages[1].extract_text()


def test_a_picture_brings_its_words_with_it() -> None:
    bars = [charts.ParetoBar("Plan change", 12, 8, 16), charts.ParetoBar("Bill", 4, 1, 6)]
    svg = charts.pareto_chart(
        bars, title="Causes", description="Worst first", value_axis="customers",
        cumulative_axis="of all", empty="",
    )  # fmt: skip
    document = pdf(f'<main><h1>A</h1><div class="picture wide">{svg}</div></main>', ABOUT)
    root = PdfReader(io.BytesIO(document)).trailer["/Root"]
    assert root["/Lang"] == "en"  # type: ignore[index]
    assert "/StructTreeRoot" in root  # type: ignore[operator]
    with Image.open(io.BytesIO(png(svg, width=300, scale=2))) as picture:
        pixels = picture.convert("RGB").tobytes()
        colours = {tuple(pixels[place : place + 3]) for place in range(0, len(pixels), 3)}
        assert picture.width == (300 + 16) * 2
    assert any(
        colour[0] - colour[2] > 60 for colour in colours
    )  # a cause is orange, as on the pages
    assert len(colours) > 20  # words are drawn, smoothed


def test_nothing_at_all_is_still_a_page() -> None:
    assert "Page 1 of 1" in text_of(pdf("<main></main>", ABOUT))
