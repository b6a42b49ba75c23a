"""A rendered page as a tree, with its pictures kept whole.

Reads what our own templates write, which is well formed; where an end tag is missing, the nearest
open element of that name ends, as a browser would have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_VOID: Final = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "source", "col"})
_SVG: Final = re.compile(r"<svg\b.*?</svg\s*>", re.DOTALL | re.IGNORECASE)
_PLACE: Final = "stabledoor-svg"


@dataclass
class Node:
    """An element; a picture is an `svg` whose `raw` is its markup, with no children here."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    raw: str = ""

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(self.attributes.get("class", "").split())

    def walk(self) -> Iterator[Node]:
        """This element and all below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def find(self, tag: str) -> Node | None:
        """The first element of a name."""
        return next((node for node in self.walk() if node.tag == tag), None)

    def text(self) -> str:
        """All text in it, white space drawn together (no-break spaces stay)."""
        return squeeze("".join(self._texts()))

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()


def squeeze(text: str) -> str:
    """Runs of breaking white space as one space."""
    return re.sub("[ \t\r\n\f]+", " ", text).strip(" ")


def parse(html: str) -> Node:
    """The tree of a page."""
    pictures: list[str] = []

    def kept(match: re.Match[str]) -> str:
        pictures.append(match.group())
        return f'<{_PLACE} n="{len(pictures) - 1}"></{_PLACE}>'

    parser = _Parser(pictures)
    parser.feed(_SVG.sub(kept, html))
    parser.close()
    return parser.root


class _Parser(HTMLParser):
    def __init__(self, pictures: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]
        self._pictures = pictures

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == _PLACE:
            raw = self._pictures[int(attributes["n"])]
            opening = re.match(r'<svg\b[^>]*?\bclass="([^"]*)"', raw)
            hidden = 'aria-hidden="true"' in raw.partition(">")[0]
            found = {"class": opening.group(1) if opening else ""}
            found |= {"aria-hidden": "true"} if hidden else {}
            self._open[-1].children.append(Node("svg", found, raw=raw))
            return
        node = Node(tag, attributes)
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
