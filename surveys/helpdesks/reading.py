"""Reads what a helpdesk sent, value by value, and names the place of a fault.

A `Node` is a value with its path in the body. Whatever stands there, an accessor gives a value of
its own type or raises UnreadableError: what is absent, null or of another kind reads as empty, and
what could never be stored (NUL, a lone surrogate, an endless number) is a fault of its field.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from surveys.helpdesks.base import Call, UnreadableError

MOST_DEPTH: Final = 100
MOST_ITEMS: Final = 1000
LONGEST_ID: Final = 200

_BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{}]', re.DOTALL)
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_UTF8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_STEP: Final = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d{1,6})\]|([^.\[\]]+)|(\.)')
_MAILBOX: Final = re.compile(r"\s*\"?([^<>\"]*?)\"?\s*<\s*([^<>\s]+)\s*>\s*")
# A rough look: what passes is judged again when it is taken in.
_ADDRESS: Final = re.compile(
    r"[^\s@<>,;:\"()]{1,64}@(?:[^\s@<>,;:\"().]{1,63}\.)+[^\s@<>,;:\"().]{2,63}"
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the body and where it stands there."""

    value: Any
    path: str = ""

    def at(self, *names: str | int) -> Node:
        """What stands below, by names and numbers; nothing where there is none."""
        node = self
        for name in names:
            node = node._below(name)
        return node

    def _below(self, name: str | int) -> Node:
        found: Any = None
        if isinstance(name, int):
            if isinstance(self.value, list) and 0 <= name < len(self.value):
                found = self.value[name]
            return Node(found, f"{self.path}[{name}]")
        if isinstance(self.value, dict):
            found = self.value.get(name)
        return Node(found, f"{self.path}.{name}" if self.path else name)

    def first(self, *names: str) -> Node:
        """The first of these names below which anything is said."""
        for name in names:
            if (found := self.at(*name.split("."))).is_said:
                return found
        return self.at(*names[0].split("."))

    @property
    def is_said(self) -> bool:
        """Whether anything stands here but null and blank text."""
        return self.value is not None and not (
            isinstance(self.value, str) and not self.value.strip()
        )

    def items(self) -> list[Node]:
        """The entries of a list; none where it is no list.

        Raises: UnreadableError for more than anybody sends.
        """
        if not isinstance(self.value, list):
            return []
        if len(self.value) > MOST_ITEMS:
            raise UnreadableError(f"{self.path or 'body'}: has more than {MOST_ITEMS} entries")
        return [Node(value, f"{self.path}[{n}]") for n, value in enumerate(self.value)]

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Names and values of an object; none where it is none."""
        if isinstance(self.value, dict):
            for name in self.value:
                yield name, self.at(name)

    def text(self) -> str:
        """Text, or a number as text, trimmed; empty for anything else.

        Raises: UnreadableError.
        """
        value = self.value
        if isinstance(value, str):
            return self._storable(value).strip()
        if isinstance(value, bool):
            return ""
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise UnreadableError(f"{self.name}: is not a finite number")
            return str(int(value)) if value == int(value) else repr(value)
        return ""

    def id(self) -> str:
        """An id, sent as text or number; empty where none is told.

        Raises: UnreadableError.
        """
        text = self.text()
        if len(text) > LONGEST_ID:
            raise UnreadableError(f"{self.name}: is longer than {LONGEST_ID} characters")
        return text

    def required_id(self) -> str:
        """Raises: UnreadableError where no id is told."""
        if text := self.id():
            return text
        raise UnreadableError(f"{self.name}: {'is no id' if self.is_said else 'is missing'}")

    def required_object(self) -> Node:
        """Raises: UnreadableError where it is no object."""
        if isinstance(self.value, dict):
            return self
        raise UnreadableError(f"{self.name}: {'is no object' if self.is_said else 'is missing'}")

    def label(self) -> str:
        """What people call it: text, or the name, title or value of an object, or of the first
        entry of a list."""
        node = self
        if isinstance(node.value, list):
            node = node.at(0)
        if isinstance(node.value, dict):
            node = node.first("name", "title", "label", "text", "displayName", "value")
        return node.text()

    def email(self) -> str:
        """An address of mail; empty where it is not one, so that it is asked for."""
        return mailbox(self.text())[1]

    def flag(self) -> bool | None:
        """Yes or no, also as text; None where neither is told."""
        if isinstance(self.value, bool):
            return self.value
        return {"true": True, "1": True, "false": False, "0": False}.get(self.text().casefold())

    def words(self) -> tuple[str, ...]:
        """Labels in a list, or in one text with commas or blanks between them."""
        if isinstance(self.value, str):
            text = self.text()
            parts = text.split(",") if "," in text else text.split()
        else:
            parts = [item.label() for item in self.items()]
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))

    @property
    def name(self) -> str:
        """The path as it is told: short, and without what it complains of."""
        return self.path.encode(errors="replace").decode().replace("\x00", "?")[:200] or "body"

    def _storable(self, text: str) -> str:
        if "\x00" in text:
            raise UnreadableError(f"{self.name}: has a NUL character")
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise UnreadableError(f"{self.name}: has half a character (a lone surrogate)")
        return text


def mailbox(text: str) -> tuple[str, str]:
    """Name and address of `Pat <pat@example.com>`, or of an address alone; empty where none."""
    if match := _MAILBOX.fullmatch(text[:600]):
        return match[1].strip(), match[2] if _ADDRESS.fullmatch(match[2]) else ""
    return ("", text) if _ADDRESS.fullmatch(text) else (text, "")


def follow(document: Node, path: str) -> Node:
    """What stands at a dotted path, such as `ticket.fields[0].value` or `data["a.b"]`."""
    node, position = document, 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            return Node(None, path)
        position = step.end()
        if step[1] is not None:
            node = node.at(step[1].replace('\\"', '"').replace("\\\\", "\\"))
        elif step[2] is not None:
            node = node.at(int(step[2]))
        elif step[3] is not None:
            node = node.at(step[3].strip())
    return node


def text_of(call: Call) -> str:
    """The body as text.

    Raises: UnreadableError for another charset than UTF-8.
    """
    told = _CHARSET.search(call.headers.get("content-type", ""))
    if told and told[1].casefold() not in _UTF8:
        raise UnreadableError("Content-Type: the charset has to be UTF-8")
    try:
        text = call.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"body: is not UTF-8 at byte {error.start}") from None
    if not text.strip():
        raise UnreadableError("body: is empty")
    return text


def json_of(call: Call) -> Node:
    """The body as JSON.

    Raises: UnreadableError.
    """
    text = text_of(call)
    check_depth(call.body)
    try:
        return parse(text)
    except json.JSONDecodeError as error:
        raise not_json(error) from None


def not_json(error: json.JSONDecodeError) -> UnreadableError:
    """What is wrong with the form, and where."""
    return UnreadableError(
        f"body: is not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
    )


def parse(text: str) -> Node:
    """Raises: UnreadableError, and json.JSONDecodeError for what is no JSON."""
    try:
        return Node(json.loads(text, strict=False, object_pairs_hook=_object))
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise UnreadableError(f"body: is nested deeper than {MOST_DEPTH}") from None
    except ValueError:
        # Python's own guard against numbers whose reading takes quadratic time.
        raise UnreadableError("body: has a number of thousands of digits") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. A name told twice is refused: in a body put together by a template it is how a
    customer whose name holds quotation marks would write another address."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for n, name in enumerate(names) if name in names[:n])
        raise UnreadableError(f"{Node(None, twice).name}: is told twice in one object")
    return found


def check_depth(body: bytes) -> None:
    """Raises: UnreadableError for what is nested too deeply, before anything follows it down."""
    if body.count(b"{") + body.count(b"[") <= MOST_DEPTH:
        return
    depth = 0
    for match in _BRACKETS.finditer(body):
        sign = match[0]
        if sign in (b"{", b"["):
            depth += 1
            if depth > MOST_DEPTH:
                raise UnreadableError(f"body: is nested deeper than {MOST_DEPTH}")
        elif sign in (b"}", b"]"):
            depth -= 1


def plain(text: str) -> str:
    """A name as it is compared: without case, blanks, and signs between words."""
    return re.sub(r"[\W_]+", "", text.casefold())


_CAUSES: Final = (
    "cause", "rootcause", "causeofcontact", "causecategory", "rootcausecategory", "ursache",
    "ursachen", "grund", "causa", "motivo", "motif", "oorzaak", "reason", "contactreason",
)  # fmt: skip


def cause_in(fields: Node) -> str:
    """What stands in a field that people call cause, root cause or reason, in this order."""
    named: dict[str, Node] = {}
    for name, node in fields.entries():
        named.setdefault(plain(name.removeprefix("cf_").removesuffix("__c")), node)
    return next((label for name in _CAUSES if name in named if (label := named[name].label())), "")


def is_cause(name: str) -> bool:
    """Whether people call a field the cause."""
    return plain(name) in _CAUSES


def chosen(document: Node, fields: Mapping[str, str]) -> dict[str, Node]:
    """What stands where a connection says that our fields are to be read from."""
    return {name: follow(document, path) for name, path in fields.items() if path}
