"""The few pieces every picture is drawn from: escaped text, elements, the frame of a picture.

Public functions
    escape(text) -> str                     for content and attribute values
    tag(name, *children, **attributes)      one element; children are markup, attributes are escaped
    label(x, y, words, …)                   a line of text
    link(href, *children)                   the children, clickable where there is an address
    picture(kind, width, height, title, description, *children, linked=False)
    blank(kind, words, width)               a small picture that says why there is nothing to see
    shorten(words, width)                   cut to the room there is
    room_for(names, most)                   the room that names need
    percent(share), amount(value)           numbers as people read them
    standalone(svg)                         a picture as a file of its own
"""

import math
import re
import unicodedata
from collections.abc import Iterable
from xml.sax.saxutils import escape as escape_markup

#: Widths of the two variants in user units: at about one unit per CSS pixel text stays readable.
WIDE = 720.0
NARROW = 360.0

# Okabe and Ito's palette and one purple of Tol's: apart for every kind of colour vision. These are
# presentation attributes, which any rule of a style sheet overrides.
FIX = "#0072b2"
CAUSE = "#d55e00"
UNSEPARATED = "#7a4e8c"
MASKED = "#aa3377"
INK = "currentColor"

_FAMILY = "system-ui, Segoe UI, Roboto, Helvetica, Arial, sans-serif"

# What XML 1.0 cannot carry, and the replacement that says so.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SAFE_ADDRESS = re.compile(r"(?:https?://|/(?!/)|\?|#)")


def escape(text: object) -> str:
    """Text for element content or a double-quoted attribute; illegal characters become U+FFFD."""
    legal = _ILLEGAL.sub("\ufffd", str(text))
    return escape_markup(legal, {'"': "&quot;", "'": "&#39;"})


def tag(name: str, *children: str, **attributes: str | float | None) -> str:
    """One element. `class_` → class, `stroke_width` → stroke-width; None leaves an attribute out.

    Raises: ValueError for a number that is not finite: "nothing to say" is None, and not drawn.
    """
    written = "".join(
        f' {_attribute(key)}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(children)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value)
    if not math.isfinite(value):
        raise ValueError(f"a picture cannot place {value}")
    return f"{value:.2f}".rstrip("0").rstrip(".")


def label(
    x: float,
    y: float,
    words: object,
    *,
    css: str = "ch-label",
    anchor: str = "start",
    size: float = 12,
    turned: bool = False,
) -> str:
    """A line of text with its baseline at y; `turned` reads from bottom to top."""
    return tag(
        "text",
        escape(words),
        class_=css,
        x=x,
        y=y,
        text_anchor=None if anchor == "start" else anchor,
        font_size=size,
        fill=INK,
        transform=f"rotate(-90 {_value(x)} {_value(y)})" if turned else None,
    )


def line(x1: float, y1: float, x2: float, y2: float, css: str, **attributes: str | float) -> str:
    """A straight line in the colour of the text, unless a style sheet says otherwise."""
    given: dict[str, str | float] = {"stroke": INK, **attributes}
    return tag("line", class_=css, x1=x1, y1=y1, x2=x2, y2=y2, **given)


def grid(x1: float, y1: float, x2: float, y2: float) -> str:
    """A faint line to read values by."""
    return line(x1, y1, x2, y2, "ch-grid", stroke_opacity=0.15)


def titled(words: str, *children: str, css: str | None = None) -> str:
    """A group whose tooltip says the words."""
    return tag("g", tag("title", escape(words)), *children, class_=css)


def link(href: str | None, *children: str) -> str:
    """The children, as a link where there is an address.

    Raises: ValueError for an address that is neither http(s) nor on this site.
    """
    if href is None:
        return "".join(children)
    if not _SAFE_ADDRESS.match(href):
        raise ValueError(f"not an address a picture may link to: {href!r}")
    return tag("a", *children, class_="ch-link", href=href)


def picture(
    kind: str,
    width: float,
    height: float,
    title: str,
    description: str,
    *children: str,
    linked: bool = False,
) -> str:
    """The whole picture. It fills its container; a style sheet may set a greatest width.

    With links inside its role is "group": an image hides what it contains from assistive tools,
    and a link must not be hidden.
    """
    return tag(
        "svg",
        tag("title", escape(title)),
        tag("desc", escape(description)),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        class_=f"ch ch-{kind}",
        role="group" if linked else "img",
        aria_label=title,
    )


def blank(kind: str, words: str, width: float) -> str:
    """A small picture that says why there is nothing to see."""
    note = label(width / 2, 44, words, css="ch-empty", anchor="middle", size=13)
    return picture(f"{kind} ch-blank", width, 80, words, words, note)


def shorten(words: str, width: float, size: float = 12) -> str:
    """The words, cut with an ellipsis where they would be wider than `width`.

    Widths are estimated (0.52 of the size a letter, the whole size for East Asian wide ones): the
    server has no font to measure with.
    """
    room = width / size
    used = 0.0
    for place, letter in enumerate(words):
        used += 1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.52
        if used > room:
            return words[: max(place - 1, 1)].rstrip() + "…"
    return words


def wrap(words: str, width: float, size: float = 12) -> list[str]:
    """Two lines at most, broken at a space; the second is cut where it is still too long."""
    first, rest = "", words.split()
    while rest and (not first or shorten(f"{first} {rest[0]}", width, size)[-1] != "…"):
        first = f"{first} {rest.pop(0)}".strip()
    lines = [first, " ".join(rest)] if rest else [first]
    return [shorten(one, width, size) for one in lines]


def percent(share: float) -> str:
    """A share in whole per cent, its sign set off as on the pages."""
    return f"{share * 100:.0f}\u202f%"


def room_for(names: Iterable[str], most: float, size: float = 12) -> float:
    """The width of the longest name, at most `most`: what a column of names needs, generously."""
    return min(max((len(name) for name in names), default=0) * 0.6 * size, most)


def amount(value: float) -> str:
    """A count or an index: whole from 10 on, one decimal below."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.1f}"


def standalone(svg: str) -> str:
    """A picture as a file of its own, for mail and print: with a size, a ground, and the colours
    and letters that a page's style sheet would have given it.

    Raises: ValueError for anything but a picture made here.
    """
    found = re.match(r'<svg xmlns="[^"]+" viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise ValueError("this is no picture")
    width, height = found.groups()
    frame = f' width="{width}" height="{height}" color="#1b1c1f" font-family="{_FAMILY}"'
    start = svg.index(">") + 1
    ground = tag("rect", width="100%", height="100%", fill="#ffffff")
    return svg[: start - 1] + frame + ">" + ground + svg[start:]
