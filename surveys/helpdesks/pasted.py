"""Bodies that people paste into a helpdesk, filled in by it: JSON, more or less.

Placeholders are not always escaped, so a customer's quotation marks may stand in the text as they
are. What can be put right without guessing is; the rest is refused with its place. Names may be
written in any of the ways people write them (`ticketId`, `ticket_id`).
"""

from __future__ import annotations

import json
import re
from typing import Final

from surveys.helpdesks.base import Call
from surveys.helpdesks.reading import Node, check_depth, mailbox, not_json, parse, plain, text_of

# Nobody pastes more than this; mending takes some microseconds for each placeholder.
_MOST_MENDED: Final = 500_000
# After a quotation mark that ends a text comes the end of what holds it, or the next name.
_ENDS_NAME: Final = re.compile(r"\s*:")
_ENDS_VALUE: Final = re.compile(r'\s*(?:[}\]]|$|,\s*"[^"\\\n]{1,80}"\s*:|,\s*[}\]])')
_ENDS_ITEM: Final = re.compile(r'\s*(?:[}\]]|$|,\s*["{[\d}\]])')
_ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_NO_VALUE: Final = re.compile(r":(\s*)(?=[,}])")
_LAST_COMMA: Final = re.compile(r",(?=\s*[}\]])")
_PLAIN: Final = re.compile(r'[^"]+')
_IN_TEXT: Final = re.compile(r'[^"\\]+')


def pasted_json(call: Call) -> Node:
    """The body, mended where its placeholders broke it.

    Raises: UnreadableError.
    """
    text = text_of(call)
    check_depth(call.body)
    try:
        return parse(text)
    except json.JSONDecodeError as error:
        if len(text) > _MOST_MENDED:
            raise not_json(error) from None
        try:
            return parse(_mended(text))
        except json.JSONDecodeError:
            raise not_json(error) from None


def _mended(text: str) -> str:
    """The text with stray quotation marks and backslashes escaped, and empty places filled. Each
    character is looked at once, and a few behind each quotation mark."""
    parts: list[str] = []
    holders: list[str] = []
    is_value = False
    position = 0
    while position < len(text):
        if text[position] == '"':
            holder = holders[-1] if holders else ""
            ends = _ENDS_ITEM if holder == "[" else _ENDS_VALUE if is_value else _ENDS_NAME
            string, position = _string(text, position + 1, ends)
            parts.append(string)
            continue
        between = _PLAIN.match(text, position)
        piece = between[0] if between else ""
        for sign in re.findall(r"[][{}:,]", piece):
            if sign in "[{":
                holders.append(sign)
            elif sign in "]}" and holders:
                holders.pop()
            is_value = sign == ":" or (sign in "[," and bool(holders) and holders[-1] == "[")
        parts.append(_LAST_COMMA.sub("", _NO_VALUE.sub(r": null\1", piece)))
        position += len(piece)
    return "".join(parts)


def _string(text: str, position: int, ends: re.Pattern[str]) -> tuple[str, int]:
    """A text from behind its first quotation mark, as JSON, and where it ends."""
    parts = ['"']
    while position < len(text):
        if run := _IN_TEXT.match(text, position):
            parts.append(run[0])
            position = run.end()
        elif text[position] == "\\":
            escape = _ESCAPE.match(text, position)
            parts.append(escape[0] if escape else "\\\\")
            position = escape.end() if escape else position + 1
        elif ends.match(text, position + 1):
            return "".join([*parts, '"']), position + 1
        else:
            parts.append('\\"')
            position += 1
    return "".join(parts), position


class Pasted:
    """What stands in such a body and in the objects named, whatever way the names are written."""

    def __init__(self, *places: Node) -> None:
        """Earlier places win."""
        self._named: dict[str, Node] = {}
        for place in places:
            for name, node in place.entries():
                if node.is_said and not _is_placeholder(node.value):
                    self._named.setdefault(plain(name), node)
        self._nowhere = Node(None, places[0].path if places else "")

    def at(self, *names: str) -> Node:
        """The first of these that says anything."""
        for name in names:
            if name in self._named:
                return self._named[name]
        path = f"{self._nowhere.path}.{names[0]}" if self._nowhere.path else names[0]
        return Node(None, path)

    def person(self, *names: str) -> tuple[str, str, str]:
        """Id, name and address of somebody: an object, `Pat <pat@example.com>`, or values named
        after them (`requester_email`)."""
        node = self.at(*names)
        own = Pasted(node)
        name, email = mailbox(node.text()) if isinstance(node.value, str) else ("", "")
        flat = [[f"{who}{part}" for who in names] for part in ("id", "name", "email")]
        return (
            own.at("id", "accountid", "externalid").id() or self.at(*flat[0]).id(),
            own.at("name", "displayname", "fullname").text() or self.at(*flat[1]).text() or name,
            own.at("email", "emailaddress", "mail").email() or self.at(*flat[2]).email() or email,
        )


def _is_placeholder(value: object) -> bool:
    return isinstance(value, str) and value.strip().startswith("{{") and "}}" in value
