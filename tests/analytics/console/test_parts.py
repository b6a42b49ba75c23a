"""Long tables in parts: every row once, whatever the part, the order, the file or the paper."""

from __future__ import annotations

import csv
import io
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pypdf import PdfReader

from analytics import simulation
from analytics.console import agents, causes
from analytics.kept import ShareLink
from analytics.printing.tree import Node, parse
from surveys.models import Cause, User
from tests.analytics.console.filed import Page
from tests.analytics.console.keeping import shared, signed_in
from tests.factories import ResolutionFactory

pytestmark = pytest.mark.django_db
ROWS = 4
PATHS = ["/agents/", "/causes/"]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, company: simulation.Simulated) -> None:
    """Parts short enough for nine agents and twelve causes to need three each."""
    monkeypatch.setattr(agents, "ROWS", ROWS)
    monkeypatch.setattr(causes, "ROWS", ROWS)
    for name in range(6):
        ResolutionFactory(cause__name=f"Rare {name}", cause__code=f"rare-{name}")


@pytest.fixture
def client(manager: User) -> Client:
    return signed_in(manager)


def _table(page: str) -> list[str]:
    """The names in the table of figures, in its order."""
    [table] = [one for one in parse(page).walk() if "dense" in one.classes]
    return [_first_line(one) for one in table.walk() if one.attributes.get("scope") == "row"]


def _first_line(heading: Node) -> str:
    link = heading.find("a")
    return (link or heading).text()


def _walk(client: Client, address: str) -> list[list[str]]:
    """The names of each part, by following the links to the next one."""
    found = []
    while address:
        page = client.get(address).content.decode()
        found.append(_table(page))
        further = [n for n in parse(page).walk() if n.attributes.get("rel") == "next"]
        [href] = [one.attributes["href"] for one in further] or [""]
        address = urlsplit(address).path + href if href else ""
    return found


def _filed(client: Client, path: str) -> list[str]:
    """The names in the file that the page offers."""
    link = Page(client, path).links()["CSV"]
    text = b"".join(client.get(link.replace("&notes=1", ""))).decode()
    name = "agent.name" if "agents" in path else "cause.name"
    return [row[name] for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "?from=2026-10-20&by=resolved"])
def test_the_parts_of_a_table_are_its_file(client: Client, path: str, query: str) -> None:
    parts = _walk(client, path + query)
    assert [len(part) for part in parts[:-1]] == [ROWS] * (len(parts) - 1)
    assert len(parts) > 1
    assert [name for part in parts for name in part] == _filed(client, path + query)


def test_agents_by_number_of_ratings_are_the_same_agents(client: Client) -> None:
    parts = _walk(client, "/agents/?order=ratings")
    names = [name for part in parts for name in part]
    rows = {row.agent.name: row.n for row in client.get("/agents/").context["report"].results}
    assert [rows[name] for name in names] == sorted(rows.values(), reverse=True)
    assert sorted(names) == sorted(_filed(client, "/agents/?order=ratings"))


def test_a_part_says_what_it_is_and_every_other_question_begins_at_the_start(
    client: Client,
) -> None:
    page = Page(client, "/agents/?page=2&order=ratings&channel=phone")
    assert f"{ROWS + 1}–{2 * ROWS} of 9 agents, by number of ratings." in page.html
    periods = [n for n in page.tree.walk() if n.attributes.get("aria-label") == "Period"]
    for one in periods[0].walk():
        if one.tag == "a":
            asked = parse_qs(urlsplit(one.attributes["href"]).query)
            assert (asked["order"], asked["channel"]) == (["ratings"], ["phone"])
            assert "page" not in asked
    assert all("page=" not in link for link in page.links().values())


@pytest.mark.parametrize("path", PATHS)
def test_a_part_behind_the_last_is_the_last(client: Client, path: str) -> None:
    last = _walk(client, path)[-1]
    assert _table(client.get(f"{path}?page=99").content.decode()) == last


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "²", "9" * 30])
def test_a_part_that_is_no_number_is_refused_in_words(client: Client, path: str, page: str) -> None:
    answered = client.get(path, {"page": page})
    assert answered.status_code == 400
    assert "“page” must be a number from 1 on." in answered.content.decode()


def test_an_unknown_order_is_refused_in_words(client: Client) -> None:
    answered = client.get("/agents/?order=score")
    assert answered.status_code == 400
    assert "“order” must be name or ratings." in answered.content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_paper_and_links_have_the_whole_table(client: Client, manager: User, path: str) -> None:
    everyone = _filed(client, path)
    answer = client.get(f"/pdf{path}?page=2")
    pages = PdfReader(io.BytesIO(answer.content)).pages
    text = " ".join("\n".join(page.extract_text() for page in pages).split())
    assert all(name in text for name in everyone)
    assert "Page: 2" not in text
    link, address = shared(manager, path, "page=2", names=True)
    assert "page" not in parse_qs(ShareLink.objects.get(pk=link.pk).query)
    assert len(_table(Client().get(address).content.decode())) == len(everyone) - _unknown(path)


def _unknown(path: str) -> int:
    """Of causes with one case, none of which is told to a stranger."""
    return Cause.objects.filter(code__startswith="rare-").count() if "causes" in path else 0


def test_paper_with_an_end_says_what_it_leaves_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causes, "MOST_ROWS", 5)
    pages = PdfReader(io.BytesIO(client.get("/pdf/causes/").content)).pages
    text = " ".join("\n".join(page.extract_text() for page in pages).split())
    assert "These are the first 5, worst first; 7 more stand in the files." in text


def test_the_picture_draws_the_agents_of_the_part_and_says_how_many_there_are(
    client: Client,
) -> None:
    report = client.get("/agents/").context["report"].results
    page = client.get("/agents/?page=2").content.decode()
    [picture] = [n for n in parse(page).walk() if {"picture", "wide"} <= n.classes and
                 "ch-intervals" in n.children[0].raw]  # type: ignore[union-attr]  # fmt: skip
    drawn = picture.children[0].raw  # type: ignore[union-attr]
    shown = [row for row in report[ROWS : 2 * ROWS] if row.shrunk is not None]
    assert [row.agent.name in drawn for row in report] == [row in shown for row in report]
    everyone = sum(row.shrunk is not None for row in report)
    assert f"and {everyone - len(shown)} more" in drawn
