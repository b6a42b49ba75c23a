"""A page as a PDF: title, question in words, figures, pictures, definitions, page numbers.

Set by typst from the page's own content: nothing is computed here, so nothing can differ. Tagged,
with the pictures' words as alternative text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analytics.printing.bare import content
from analytics.printing.blocks import Block, blocks
from analytics.printing.pictures import FONTS, coloured

#: As high as this part of its width, a picture is drawn at full width.
_LOW: Final = 0.5
_TEMPLATE: Final = Path(__file__).with_name("report.typ")


@dataclass(frozen=True)
class About:
    """What stands above and below: whose report, which question, when it was made."""

    company: str
    question: tuple[str, ...]
    made: str


def pdf(html: str, about: About, *, keep_comments: bool = True) -> bytes:
    """The document of a rendered page.

    Raises: ValueError for a page without `main`.
    """
    import typst

    main = content(html, keep_comments=keep_comments)
    heading = main.find("h1")
    described = {
        "title": heading.text() if heading else "Report",
        "company": about.company,
        "about": list(about.question),
        "made": about.made,
        "fonts": list(FONTS),
        "blocks": [_sized(block) for block in blocks(main)],
    }
    made = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs={"doc": json.dumps(described)},
    )
    return bytes(made)


def _sized(block: Block) -> Block:
    if block["kind"] != "picture":
        return block
    return block | {"svg": coloured(block["svg"]), "width": _width(block["svg"])}


def _width(svg: str) -> float:
    """Per cent of the page's width: what is as high as wide would fill a page alone."""
    found = re.search(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"', svg)
    if found is None or not float(found.group(1)):
        return 100
    return min(max(100 * _LOW * float(found.group(1)) / float(found.group(2)), 62), 100)
