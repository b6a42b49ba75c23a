"""The content of a page for somebody who may see this page and nothing else.

Everything is left out but what is named here: an element or attribute that a template brings next
year is absent until somebody allows it. Links become their words.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from html import escape
from typing import Final

import defusedxml.ElementTree as SafeET

from analytics.printing.tree import Node, parse

_SVG: Final = "http://www.w3.org/2000/svg"

#: Elements that stay, and those of which only the content stays. All others go with their content.
_KEPT: Final = frozenset(
    {"main", "section", "article", "div", "header", "p", "h1", "h2", "h3", "h4", "h5", "h6",
     "span", "strong", "em", "b", "i", "small", "sub", "sup", "abbr", "code", "time", "table",
     "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "colgroup", "col", "ul", "ol", "li",
     "dl", "dt", "dd", "blockquote", "figure", "figcaption", "details", "summary", "br", "wbr",
     "mark", "bdi"}
)  # fmt: skip
_UNWRAPPED: Final = frozenset({"a", "label", "fieldset", "legend"})
#: Parts that belong to the signed-in reader: filters, ways on, forms, notices.
_LEFT_OUT: Final = frozenset(
    {"filters", "messages", "on-screen", "more", "skip", "chips", "pager", "buttons", "toolbar",
     "crumb", "meaning-way", "behind-files", "exports"}
)  # fmt: skip
_COMMENTS: Final = frozenset({"comments", "comment"})
#: What a section of comments is labelled by: without them its heading would promise nothing.
_SAID: Final = frozenset({"said", "comments"})
_ATTRIBUTES: Final = frozenset(
    {"class", "id", "scope", "colspan", "rowspan", "headers", "data-label", "role", "lang", "dir",
     "datetime", "title", "tabindex", "open", "aria-label", "aria-labelledby", "aria-describedby",
     "aria-hidden", "popover", "popovertarget"}
)  # fmt: skip
_NO_SVG: Final = frozenset({"script", "foreignObject", "style", "use", "image", "animate", "set"})


@dataclass(frozen=True)
class Bare:
    """The page's heading as text, and its content as markup that is safe to show to anybody."""

    title: str
    html: str


def bare(html: str, *, keep_comments: bool = False) -> Bare:
    """The content of a page without navigation, forms, links and, unless kept, comments.

    Raises: ValueError for a page that has no `main`.
    """
    main = content(html, keep_comments=keep_comments)
    heading = main.find("h1")
    title = heading.text() if heading else ""
    return Bare(title, "".join(_written(child) for child in main.children))


def content(html: str, *, keep_comments: bool = True) -> Node:
    """The allowed part of a page's `main`.

    Raises: ValueError for a page that has none.
    """
    main = parse(html).find("main")
    if main is None:
        raise ValueError("the page has no main part")
    return Node("main", {}, _allowed(main, keep_comments))


def _allowed(node: Node, keep_comments: bool) -> list[Node | str]:
    found: list[Node | str] = []
    for child in node.children:
        if isinstance(child, str):
            found.append(child)
        elif child.tag == "svg":
            found.append(Node("svg", child.attributes, raw=_without_links(child.raw)))
        elif child.classes & _LEFT_OUT or (not keep_comments and _is_said(child)):
            continue
        elif child.tag in _UNWRAPPED:
            found += _allowed(child, keep_comments)
        elif child.tag in _KEPT or _is_term(child):
            kept = {k: v for k, v in child.attributes.items() if k in _ATTRIBUTES}
            one = Node(child.tag, kept, _allowed(child, keep_comments))
            if not _is_hollow(one):
                found.append(one)
    return found


def _is_term(node: Node) -> bool:
    """The name of a figure, a button only because it opens what the figure means."""
    return node.tag == "button" and "term" in node.classes


def _is_hollow(node: Node) -> bool:
    """Something to unfold with nothing in it, for that was left out."""
    inside = [c for c in node.children if not (isinstance(c, str) and not c.strip())]
    return node.tag == "details" and all(isinstance(c, Node) and c.tag == "summary" for c in inside)


def _is_said(node: Node) -> bool:
    return bool(node.classes & _COMMENTS) or node.attributes.get("aria-labelledby") in _SAID


def _without_links(raw: str) -> str:
    """A picture without links, scripts and handlers; nothing where it is not well formed."""
    try:
        root = SafeET.fromstring(raw)
    except ET.ParseError:
        return ""
    is_whole = root.tag.startswith("{")  # not one of the small signs within a line of text
    _clean(root)
    if is_whole:
        root.set("xmlns", _SVG)
    written = io.BytesIO()
    ET.ElementTree(root).write(written, encoding="utf-8", xml_declaration=False)
    return written.getvalue().decode()


def _clean(element: ET.Element) -> None:
    """Names without their namespace: which prefix another module registered is not ours to know."""
    element.tag = element.tag.rpartition("}")[2]
    for name in list(element.attrib):
        if name.lower().startswith("on") or "href" in name.lower() or "}" in name:
            del element.attrib[name]
    for child in list(element):
        local = child.tag.rpartition("}")[2]
        if local in _NO_SVG:
            element.remove(child)
            continue
        if local == "a":
            child.tag = "g"
            child.attrib.clear()
        _clean(child)


def _written(node: Node | str) -> str:
    if isinstance(node, str):
        return escape(node, quote=False)
    if node.tag == "svg":
        return node.raw
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    if node.tag in ("br", "wbr", "col"):
        return f"<{node.tag}{attributes}>"
    if node.tag == "button":
        attributes += ' type="button"'
    inner = "".join(_written(child) for child in node.children)
    return f"<{node.tag}{attributes}>{inner}</{node.tag}>"
