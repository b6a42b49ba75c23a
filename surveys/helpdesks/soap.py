"""SOAP as Salesforce's outbound messages are sent in it. No entities, no document types, no depth:
defusedxml refuses the first two, a builder that counts the third."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from surveys.helpdesks.base import Call, UnreadableError
from surveys.helpdesks.reading import MOST_DEPTH, MOST_ITEMS, Node

_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_PLACE: Final = "Envelope.Body.notifications"


@dataclass(frozen=True, slots=True)
class Notifications:
    """Whose message it is, and its cases: id of the notification, fields. The field `#type` is the
    name of the object's type."""

    organisation: str
    cases: list[tuple[str, Node]]


def is_xml(call: Call) -> bool:
    """Whether the body begins as XML does."""
    return call.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


class _Builder(TreeBuilder):
    """Builds the tree, as long as it is no abyss."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Any:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise UnreadableError(f"body: is nested deeper than {MOST_DEPTH}")
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Any:
        self._depth -= 1
        return super().end(tag)


def notifications(call: Call) -> Notifications:
    """Raises: UnreadableError."""
    root = _parsed(call.body)
    if _name(root) != "Envelope":
        raise UnreadableError(f"{_name(root)[:80]}: is no Envelope")
    message = _child(_child(root, "Body", "Envelope"), "notifications", "Envelope.Body")
    organisation = message.find("{*}OrganizationId")
    found = message.findall("{*}Notification")
    if len(found) > MOST_ITEMS:
        raise UnreadableError(f"{_PLACE}: has more than {MOST_ITEMS} entries")
    cases = []
    for number, notification in enumerate(found):
        path = f"{_PLACE}.Notification[{number}]"
        event_id = notification.find("{*}Id")
        record = _child(notification, "sObject", path)
        told: dict[str, Any] = {}
        for field in record:
            told.setdefault(_name(field), field.text)
        told["#type"] = record.get(_TYPE, "").rpartition(":")[2]
        event_text = event_id.text if event_id is not None else None
        cases.append((Node(event_text, f"{path}.Id").id(), Node(told, f"{path}.sObject")))
    text = organisation.text if organisation is not None else None
    return Notifications(Node(text, f"{_PLACE}.OrganizationId").id(), cases)


def _parsed(body: bytes) -> Element:
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True)
    try:
        parser.feed(body)
        root: Element = parser.close()
    except DefusedXmlException:
        raise UnreadableError("body: has a document type or entities") from None
    except ParseError as error:
        line, column = error.position
        raise UnreadableError(f"body: is not XML at line {line}, column {column + 1}") from None
    except (LookupError, ValueError):
        raise UnreadableError("body: is XML in an encoding that is not known") from None
    return root


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _child(element: Element, name: str, path: str) -> Element:
    found = element.find(f"{{*}}{name}")
    if found is None:
        raise UnreadableError(f"{path}.{name}: is missing")
    return found
