"""The files that a page offers, read as somebody would who has nothing but them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree import ElementTree as ET

from django.test import Client

from analytics.printing.tree import Node, parse
from surveys.models import Agent, Cause, Product, Team, User
from tests.surveys.staff import client_of

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Row = dict[str, str]


@dataclass(frozen=True)
class Filed:
    """A file: its rows by column, and the lines about itself by their first cell."""

    rows: list[Row]
    notes: dict[str, str]

    def number(self, name: str) -> float | None:
        """A figure beside the table."""
        return number(self.notes[name])


def number(text: str) -> float | None:
    return float(text) if text not in ("", None) else None


class Page:
    """A page as read: its tables as texts, and the files it offers."""

    def __init__(self, client: Client, path: str, status: int = 200) -> None:
        if "PRODUCT" in path:
            path = path.replace("PRODUCT", quote(Product.objects.all()[0].name))
        self.client, self.path = client, path
        answer = client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        self.html = answer.content.decode()
        self.tree = parse(self.html)

    def links(self) -> dict[str, str]:
        """The files by their name on the page."""
        found = [node for node in self.tree.walk() if "exports" in node.classes]
        return {
            link.text(): link.attributes["href"]
            for node in found
            for link in node.walk()
            if link.tag == "a"
        }

    def file(self, name: str) -> Filed:
        """One file, asserted to be the same as CSV and as XLSX."""
        links = self.links()
        kinds = [f"{name} CSV".strip(), f"{name} XLSX".strip()]
        first, other = (self._read(links[kind]) for kind in kinds)
        assert [_in_a_spreadsheet(row) for row in first.rows] == other.rows
        assert _in_a_spreadsheet(first.notes) == other.notes
        return first

    def _read(self, href: str) -> Filed:
        answer = self.client.get(href)
        assert answer.status_code == 200, (href, answer.status_code)
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        if "format=csv" in href:
            return _from_csv(content.decode())
        return _from_xlsx(content)

    def table(self, heading: str) -> list[list[str]]:
        """The body of the table in the section of this heading's id, cell by cell."""
        section = next(
            node
            for node in self.tree.walk()
            if node.tag == "section" and node.attributes.get("aria-labelledby") == heading
        )
        return [
            [cell.text() for cell in row.walk() if cell.tag in ("th", "td")]
            for body in section.walk()
            if body.tag == "tbody"
            for row in body.walk()
            if row.tag == "tr"
        ]

    def section(self, heading: str) -> str:
        """All text of a section."""
        found: Node = next(
            node for node in self.tree.walk() if node.attributes.get("aria-labelledby") == heading
        )
        return found.text()


def _in_a_spreadsheet(row: Row) -> Row:
    """A line of CSV as a worksheet keeps it: sixteen digits, truth values as numbers."""
    return {name: _kept(text) for name, text in row.items()}


def _kept(text: str) -> str:
    if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text):
        return f"{float(text):.16G}"
    return {"true": "1", "false": "0"}.get(text, text).replace("\r\n", "\n")


def _from_csv(text: str) -> Filed:
    table, _, about = text.partition("\r\n\r\n")
    notes = list(csv.reader(io.StringIO(about, newline="")))
    return Filed(list(csv.DictReader(io.StringIO(table, newline=""))), _notes(notes))


def _notes(lines: list[list[str]]) -> Row:
    return {line[0]: line[1] if len(line) > 1 else "" for line in lines if line}


def _from_xlsx(content: bytes) -> Filed:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [_sheet(book.read(f"xl/worksheets/sheet{n}.xml")) for n in (1, 2)]
    header, *lines = sheets[0]
    rows = [dict(zip(header, [*line, *[""] * len(header)], strict=False)) for line in lines]
    return Filed(rows, _notes([line for line in sheets[1] if any(line)]))


def _sheet(xml: bytes) -> list[list[str]]:
    root = ET.fromstring(xml)  # noqa: S314 -- written by ourselves
    assert not root.findall(f".//{_MAIN}f")
    return [_line(row) for row in root.iter(f"{_MAIN}row")]


def _line(row: ET.Element) -> list[str]:
    cells: dict[int, str] = {}
    for cell in row.iter(f"{_MAIN}c"):
        letters = re.sub(r"\d", "", cell.attrib["r"])
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - 64
        parts = [p.text or "" for p in cell.iter() if p.tag in {f"{_MAIN}t", f"{_MAIN}v"}]
        cells[place - 1] = "".join(parts)
    return [cells.get(place, "") for place in range(max(cells, default=-1) + 1)]


@dataclass(frozen=True)
class Readers:
    """One of each kind of reader, all with answers of their own."""

    manager: Client
    lead: Client
    owner: Client
    agent: Client
    own: Agent
    cause: Cause


def readers_of_company() -> Readers:
    """Who reads the simulated company."""
    own, cause = Agent.objects.all()[0], Cause.objects.order_by("pk")[0]
    owner = client_of(User.Role.CAUSE_OWNER)
    Cause.objects.filter(pk=cause.pk).update(owner=User.objects.get(role=User.Role.CAUSE_OWNER))
    lead = client_of(User.Role.TEAM_LEAD, team=Team.objects.get())
    agent = client_of(User.Role.AGENT, agent=own)
    return Readers(client_of(User.Role.MANAGER), lead, owner, agent, own, cause)


def too_few(row: Row) -> bool:
    return row["too_few"] in ("true", "1")
