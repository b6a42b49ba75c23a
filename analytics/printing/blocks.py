"""The content of a page as a list of blocks: what stands in a document, top to bottom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from analytics.printing.tree import Node, parse, squeeze

Block = dict[str, Any]

_INLINE: Final = frozenset(
    {"span", "strong", "em", "b", "i", "small", "sub", "sup", "abbr", "code", "time", "br", "wbr",
     "mark", "button", "bdi"}
)  # fmt: skip
#: Seen by screen readers only; in print the words would stand twice or without sense.
_UNSEEN: Final = frozenset({"unseen"})
#: A picture is drawn twice on a page; paper has room for the wide one.
_NARROW: Final = frozenset({"narrow"})
#: Inline elements that stand on a line of their own.
_OWN_LINE: Final = frozenset({"under"})


def blocks(main: Node) -> list[Block]:
    """The blocks of a page's content; its `h1` is left to the title."""
    return list(_blocks(main))


def _blocks(node: Node) -> Iterator[Block]:
    loose: list[Node | str] = []
    for child in node.children:
        if isinstance(child, str) or child.tag in _INLINE:
            loose.append(child)
            continue
        yield from _paragraph(loose)
        loose = []
        yield from _block(child)
    yield from _paragraph(loose)


def _paragraph(parts: list[Node | str], kind: str = "text") -> Iterator[Block]:
    text = words(Node("", {}, parts))
    if text:
        yield {"kind": kind, "text": text}


def _block(node: Node) -> Iterator[Block]:
    if node.classes & (_UNSEEN | _NARROW) or node.attributes.get("aria-hidden") == "true":
        return
    match node.tag:
        case "h1":
            return
        case "h2" | "h3" | "h4" | "h5" | "h6":
            yield {"kind": "heading", "level": min(int(node.tag[1]) - 1, 3), "text": words(node)}
        case "table":
            yield _table(node)
        case "svg":
            yield {"kind": "picture", "svg": node.raw, "alt": said_by(node.raw)}
        case "dl":
            yield {"kind": "facts", "rows": _facts(node)}
        case "ul" | "ol":
            items = [child for child in node.children if isinstance(child, Node)]
            yield {"kind": "list", "items": [words(item) for item in items]}
        case "p" | "summary" | "blockquote" | "figcaption":
            kind = "strong" if node.tag == "summary" else "text"
            kind = "figure" if "figure-value" in node.classes else kind
            quiet = node.classes & {"note", "quietly", "lead"}
            yield from _paragraph(node.children, "note" if quiet else kind)
        case _ if "meaning" in node.classes:
            for block in _blocks(node):
                yield block | {"kind": "note"} if block["kind"] == "text" else block
        case _:
            yield from _blocks(node)


def words(node: Node) -> str:
    """The text of an element as read: what is only for screen readers left out, lines kept."""
    lines = (squeeze(line) for line in "".join(_words(node)).split("\n"))
    return "\n".join(line for line in lines if line)


def _words(node: Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield re.sub("[ \t\r\n\f]+", " ", child)
        elif child.tag == "br":
            yield "\n"
        elif child.tag == "svg" or child.classes & _UNSEEN:
            continue
        else:
            own_line = child.classes & _OWN_LINE or child.tag not in _INLINE
            yield "\n" if own_line else ""
            yield from _words(child)
            yield "\n" if own_line else ""


def _facts(node: Node) -> list[list[str]]:
    rows: list[list[str]] = []
    for child in node.walk():
        if child.tag == "dt":
            rows.append([words(child), ""])
        elif child.tag == "dd" and rows:
            rows[-1][1] = "\n".join(part for part in (rows[-1][1], words(child)) if part)
    return rows


def _table(node: Node) -> Block:
    head: list[list[Block]] = []
    body: list[list[Block]] = []
    caption = node.find("caption")

    def rows(parent: Node, target: list[list[Block]]) -> None:
        for child in parent.children:
            if not isinstance(child, Node):
                continue
            if child.tag == "tr":
                cells = (c for c in child.children if isinstance(c, Node))
                target.append([_cell(c) for c in cells if c.tag in ("td", "th")])
            elif child.tag in ("thead", "tbody", "tfoot"):
                hidden = child.classes & _UNSEEN
                rows(child, head if child.tag == "thead" and not hidden else [] if hidden else body)

    rows(node, body)
    widths = [sum(cell["colspan"] for cell in row) for row in head + body]
    return {
        "kind": "table",
        "caption": words(caption) if caption else "",
        "columns": max(widths, default=1),
        "head": head,
        "body": body,
    }


def _cell(node: Node) -> Block:
    return {
        "text": words(node),
        "number": "number" in node.classes,
        "strong": node.tag == "th",
        "colspan": _whole(node.attributes.get("colspan")),
        "rowspan": _whole(node.attributes.get("rowspan")),
    }


def _whole(text: str | None) -> int:
    return max(int(text), 1) if text and text.isdecimal() and len(text) < 4 else 1


def said_by(svg: str) -> str:
    """What a picture says in words: its own title and description."""
    found = []
    for name in ("title", "desc"):
        match = re.search(rf"<{name}>(.*?)</{name}>", svg, re.DOTALL)
        if match:
            found.append(parse(match.group(1)).text())
    return ". ".join(part.rstrip(".") for part in dict.fromkeys(found) if part)
