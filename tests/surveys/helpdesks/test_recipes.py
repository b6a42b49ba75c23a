"""docs/helpdesks says of each helpdesk what its adapter does, and its templates are read by it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from surveys.console.helpdesk_guide import GUIDES
from surveys.helpdesks import ADAPTERS
from surveys.helpdesks.base import IGNORED, REOPENED, RESOLVED, NotAuthenticError
from surveys.helpdesks.pasted import pasted_json
from surveys.helpdesks.statuses import OPEN
from tests.surveys.helpdesks.calls import NOW, WIRING, call, read_one, signature, signed
from tests.surveys.helpdesks.composed import BODIES

DOCS = Path(__file__).parents[3] / "docs" / "helpdesks"
KINDS = sorted(ADAPTERS)
PASTED = [kind for kind in KINDS if ADAPTERS[kind].TEMPLATE]  # type: ignore[attr-defined]
# What the helpdesk writes into the places of a template, by words in the placeholder.
FILLED = [
    ("triggered_event", "{status:{from:2,to:4}}"),
    ("email", "pat@example.com"),
    ("address", "pat@example.com"),
    ("language", "German"),
    ("zone", "Berlin"),
    ("resolutiondate", "2026-11-22T17:00:00.0+0000"),
    ("time", "2026-11-22T17:00:00Z"),
    ("created", "2026-11-22T16:00:00Z"),
    ("status", "Resolved"),
    ("id", "4711"),
    ("key", "HELP-1"),
    ("cause", "Dust"),
    ("option_title", "Dust"),
    ("tags", "a b"),
    ("labels", "a, b"),
]


def _page(kind: str) -> str:
    return (DOCS / f"{kind}.md").read_text()


def _template(kind: str) -> str:
    template: str = ADAPTERS[kind].TEMPLATE  # type: ignore[attr-defined]
    return template


def filled(template: str, **own: str) -> str:
    def fill(match: re.Match[str]) -> str:
        words = match[0].casefold()
        return next((v for k, v in [*own.items(), *FILLED] if k in words), 'Jo "the" Doe')

    return re.sub(r"\{\{.*?\}\}", fill, template)


def test_every_kind_has_a_page_and_every_page_a_kind() -> None:
    assert {path.stem for path in DOCS.glob("*.md")} - {"README"} == set(KINDS)
    table = (DOCS / "README.md").read_text()
    assert all(f"]({kind}.md)" in table for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_page_has_the_parts_and_the_statuses_of_its_adapter(kind: str) -> None:
    page = _page(kind)
    parts = ("How it is proven", "What is not in the body", "Statuses", "When something is wrong")
    assert [part for part in parts if f"## {part}\n" not in page] == []
    statuses = page.partition("## Statuses\n")[2].partition("\n## ")[0]
    known: dict[str, str] = ADAPTERS[kind].STATUSES  # type: ignore[attr-defined]
    assert [name for name in known if f"`{name}`" not in statuses] == []


@pytest.mark.parametrize("kind", KINDS)
def test_page_names_the_headers_that_prove_a_call(kind: str) -> None:
    page = _page(kind).casefold()
    told = [f"`{name}`" for name in signature(kind, b"")]
    assert [name for name in told if name not in page] == []
    # What the adapter complains of is what the page names.
    body, headers = BODIES[kind][0]
    with pytest.raises(NotAuthenticError) as refused:
        ADAPTERS[kind].verify(call(kind, body, headers), WIRING, NOW)
    words = str(refused.value).removesuffix(" is missing").casefold().split(" or ")
    assert any(word.removeprefix("the ") in page for word in words)


@pytest.mark.parametrize("kind", KINDS)
def test_page_shows_the_template_as_it_is_pasted(kind: str) -> None:
    blocks = re.findall(r"```json\n(.*?)```", _page(kind), re.DOTALL)
    assert blocks == ([_template(kind)] if _template(kind) else [])
    assert bool(blocks) != ("There is nothing to paste." in _page(kind))
    assert bool(blocks) == any(way.pastes for way in GUIDES[kind].ways)


@pytest.mark.parametrize("kind", PASTED)
def test_template_once_filled_is_read_whole(kind: str) -> None:
    body = filled(_template(kind))
    if kind == "generic":  # a program fills it, and writes JSON
        body = body.replace('"the"', '\\"the\\"')
    event = read_one(kind, body)
    assert (event.outcome, event.case) == (RESOLVED, "HELP-1" if kind == "jira" else "4711")
    assert (event.email, event.name) == ("pat@example.com", 'Jo "the" Doe')
    assert event.agents[0].email == "pat@example.com"
    assert event.cause == ("Dust" if kind != "jira" else "")
    if kind in ("zendesk", "jira"):
        assert event.tags == ("a", "b")


@pytest.mark.parametrize(
    ("kind", "own", "outcome"),
    [
        ("zendesk", {"status": "Open"}, REOPENED),
        ("zendesk", {"status": "Closed"}, IGNORED),
        ("jira", {"status": "In Progress"}, REOPENED),
        ("freshdesk", {"triggered_event": "{status:{from:4,to:2}}"}, REOPENED),
        ("freshdesk", {"triggered_event": "{status:{from:4,to:5}}"}, IGNORED),
        ("generic", {"status": "reopened", '"the"': ""}, REOPENED),
    ],
)
def test_template_tells_what_was_opened_again(kind: str, own: dict[str, str], outcome: str) -> None:
    body = filled(_template(kind), **own)
    if kind == "generic":
        body = body.replace('"the"', "the")
    assert read_one(kind, body).outcome == outcome


@pytest.mark.parametrize("kind", PASTED)
def test_placeholders_that_nobody_filled_say_nothing(kind: str) -> None:
    """Zendesk leaves empty what it does not know; others send the placeholder as it stands."""
    empty = re.sub(
        r"\{\{.*?\}\}",
        lambda m: "4711" if "id" in m[0].casefold() or "key" in m[0] else "",
        _template(kind),
    )
    if kind == "generic":
        empty = empty.replace('"status": ""', '"status": "resolved"')
    document: dict[str, Any] = pasted_json(call(kind, empty)).value
    assert json.dumps(document)
    event = read_one(kind, empty)
    assert event.case == "4711"
    assert (event.name, event.cause, event.language) == ("", "", "")


def test_words_of_the_readme_are_those_of_the_adapters() -> None:
    assert OPEN == "open"
    readme = (DOCS / "README.md").read_text()
    for meaning in (RESOLVED, OPEN, IGNORED):
        assert f"**{meaning}**" in readme
    assert signed("generic", b"{}").headers["webhook-id"] == "msg_1"
