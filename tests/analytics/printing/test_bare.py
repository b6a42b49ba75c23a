"""What of a page leaves the house: its content, nothing that leads anywhere or does anything."""
# ruff: noqa: E501 -- markup reads better unbroken

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from analytics.printing import bare
from analytics.printing.blocks import blocks
from analytics.printing.tree import parse

PAGE = """<!doctype html><html><body><nav><a href="/agents/">Agents</a></nav>
<main id="main"><div class="filters"><form><input name="from"></form><p class="chips">x</p></div>
<h1>Causes &amp; “effects”</h1>
<p onclick="steal()">See <a href="/cases/7/">case 7</a>: <b>12&nbsp;%</b> &lt;script&gt;</p>
<script>alert(1)</script><style>p{}</style><iframe src="/x"></iframe><img src="/secret.png">
<form method="post"><button>Remove</button></form>
<button type="button" class="term" popovertarget="what-n" onclick="x()">n</button>
<details class="behind"><summary>As a file</summary><p class="behind-files"><a href="/x">SVG</a></p></details>
<section aria-labelledby="said"><h2 id="said">Said lately</h2><ul class="comments"><li>Jane is rude</li></ul></section>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" onload="x()"><a href="/agents/1/" class="ch-link"><text>Ada</text></a><script>1</script><use href="/y"/></svg>
</main></body></html>"""


def test_only_the_content_stays() -> None:
    found = bare(PAGE)
    assert found.title == "Causes & “effects”"
    for gone in ("href", "onclick", "onload", "<script", "<style", "<form", "<iframe", "<img",
                 "secret", "Remove", "alert", "Agents", "As a file", "Jane", "Said lately",
                 "ch-link", "<a"):  # fmt: skip
        assert gone not in found.html, gone
    assert "See case 7: <b>12\u00a0%</b> &lt;script&gt;" in found.html
    assert '<button class="term" popovertarget="what-n" type="button">n</button>' in found.html
    assert 'viewBox="0 0 10 10"' in found.html
    assert "Ada" in found.html


def test_a_picture_is_drawn_whatever_prefix_another_module_registered() -> None:
    ET.register_namespace("", "urn:another")
    assert '<svg viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg">' in bare(PAGE).html


def test_comments_stay_where_they_were_ticked() -> None:
    found = bare(PAGE, keep_comments=True)
    assert "Jane is rude" in found.html
    assert "href" not in found.html


@pytest.mark.parametrize(
    "hostile",
    [
        '<p title="&quot;><script>alert(1)</script>">x</p>',
        "<p>&lt;img src=x onerror=alert(1)&gt;</p>",
        '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><p>x</p></foreignObject><a href="javascript:1">y</a></svg>',
        "<svg onload=alert(1)>",
        '<svg xmlns="http://www.w3.org/2000/svg"><a href="x">&xxe;</a></svg>',
    ],
)
def test_what_was_escaped_stays_escaped(hostile: str) -> None:
    written = bare(f"<main>{hostile}</main>").html
    tags = [node.tag for node in parse(written).walk()]
    assert not {"script", "img", "a", "foreignobject"} & set(tags)
    assert "javascript" not in written
    attributes = {name for node in parse(written).walk() for name in node.attributes}
    assert not any(name.startswith("on") for name in attributes)


def test_a_name_stays_in_its_sentence_whatever_way_it_is_read() -> None:
    page = "<main><h1>Causes</h1><p>Roaming, <span>owned by <bdi>עדה</bdi></span> now</p></main>"
    found = bare(page)
    assert "<span>owned by <bdi>עדה</bdi></span> now" in found.html
    assert "Roaming, owned by עדה now" in [one.get("text") for one in blocks(parse(found.html))]


def test_a_page_without_content_is_refused() -> None:
    with pytest.raises(ValueError, match="no main part"):
        bare("<p>nothing</p>")
