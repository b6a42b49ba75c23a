"""What the tests of the respondent's pages share."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db import connection

from surveys.models import Invitation
from surveys.services.tokens import token_of


def link(invitation: Invitation) -> str:
    return f"/s/{token_of(invitation.nonce)}/"


def unsubscribe_link(invitation: Invitation) -> str:
    return f"/u/{token_of(invitation.nonce)}/"


class Form(HTMLParser):
    """What a browser would send from a page, and what it shows ticked."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, list[str]] = {}
        self.controls: list[str] = []
        self.buttons: list[tuple[str, str]] = []
        self._area: str | None = None
        self._list = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "input":
            if found.get("type") not in {"radio", "checkbox"} or "checked" in found:
                self.fields.setdefault(name, []).append(found.get("value") or "")
            if name not in self.controls and found.get("type") != "hidden":
                self.controls.append(name)
        elif tag == "textarea":
            self._area = name
            self.fields[name] = [""]
            self.controls.append(name)
        elif tag == "select":
            self._list = name
            self.fields[name] = [""]
            self.controls.append(name)
        elif tag == "option" and "selected" in found:
            self.fields[self._list] = [found.get("value") or ""]
        elif tag == "button":
            self.buttons.append((name, found.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            # As a browser: one line feed after the tag is not part of the text.
            self.fields[self._area] = [(self.fields[self._area][0] + data).removeprefix("\n")]


def form(response: Any) -> Form:
    return Form(response.content.decode())


def words(response: Any) -> str:
    """The page's text without markup, white space joined."""
    body = re.sub(r"<(head|script|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")  # noqa: S608 -- our own tables
            found[table] = cursor.fetchall()
    return found
