"""What the tests of kept reports share: readers, their menu, links, and the figures of a page."""

from __future__ import annotations

import re
from collections import Counter

from django.test import Client

from analytics.kept import ShareLink
from analytics.printing.tree import Node, parse
from analytics.sharing import links
from surveys.models import User
from tests.surveys.staff import BACKEND


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def save(client: Client, name: str, path: str, query: str = "", *, shared: bool = False) -> None:
    posted = {"name": name, "path": path, "query": query, "is_shared": "1" if shared else ""}
    assert client.post("/settings/views/", posted).status_code == 302


def menu_of(client: Client, path: str = "/causes/") -> list[str]:
    found = parse(client.get(path).content.decode())
    menus = [node for node in found.walk() if "bar-menu-views" in node.classes]
    return [link.text() for menu in menus for link in menu.walk() if link.tag == "a"]


def shared(
    user: User, path: str, query: str = "", *, comments: bool = False, names: bool = False
) -> tuple[ShareLink, str]:
    """A link made by its form, and its address."""
    posted = {"path": path, "query": query, "days": "30"}
    posted |= {"with_comments": "1"} if comments else {}
    posted |= {"with_names": "1"} if names else {}
    assert signed_in(user).post("/settings/links/", posted).status_code == 302
    link = ShareLink.objects.latest("id")
    token = links.token_of(link)
    assert token
    return link, f"/shared/{token}/"


def main_of(page: str) -> Node:
    main = parse(page).find("main")
    assert main is not None
    return main


#: What is of the reader and not of the report: filters and ways on.
NOT_FIGURES = {
    "filters",
    "messages",
    "more",
    "narrow",
    "unseen",
    "shared-note",
    "on-screen",
}


def numbers(node: Node) -> Counter[str]:
    """Every number that a page shows as text, outside of pictures, controls and hidden parts."""
    found: Counter[str] = Counter()

    def look(one: Node) -> None:
        if one.classes & NOT_FIGURES or one.tag in {"svg", "form", "nav", "script"}:
            return
        for child in one.children:
            if isinstance(child, str):
                found.update(re.findall(r"\d[\d,.]*\d|\d", child))
            else:
                look(child)

    look(node)
    return found


def pictures(main: Node) -> int:
    """How many pictures, bars and signs stand outside of controls and comments."""
    if main.classes & (NOT_FIGURES - {"narrow"} | {"comments"}):
        return 0
    inner = [child for child in main.children if isinstance(child, Node)]
    return int(main.tag == "svg" and bool(main.raw)) + sum(pictures(child) for child in inner)
