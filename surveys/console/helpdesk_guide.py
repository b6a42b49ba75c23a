"""What to click in each helpdesk, step by step; whose the secret is; what proves a call.

The steps stand in `recipes/`, one text for each helpdesk. The connection's page shows them, and
`manage.py write_reference` writes them into docs/helpdesks/. In them `**bold**` is what is read on
the helpdesk's screen and `` `code` `` what is typed. The first paragraph says what is connected;
"## " begins a way of doing so, where there are several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OURS: Final = "ours"
THEIRS: Final = "theirs"
IN_ADDRESS: Final = "address"
#: Paragraphs that stand for the body to paste, and for there being none.
BODY: Final = "The body to paste:"
NO_BODY: Final = "There is nothing to paste."

#: Whose the secret is: made here and pasted there, made there and pasted here, or part of the
#: address.
_SECRETS: Final[Mapping[str, str]] = {
    "zendesk": THEIRS,
    "freshdesk": OURS,
    "intercom": THEIRS,
    "jira": OURS,
    "hubspot": THEIRS,
    "salesforce": IN_ADDRESS,
    "chatwoot": THEIRS,
    "zammad": OURS,
    "glpi": THEIRS,
    "freescout": THEIRS,
    "generic": OURS,
}
_RECIPES: Final = Path(__file__).parent / "recipes"
_STEP: Final = re.compile(r"^[0-9]+\. ", re.MULTILINE)


@dataclass(frozen=True)
class Way:
    """One way to connect: its steps, and whether they end with the body to paste. `title` is empty
    where there is no other; `notes` say what else is worth knowing of it."""

    title: str
    steps: tuple[str, ...]
    pastes: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Guide:
    """How a helpdesk is connected. `line` says what is; `secret` whose the secret is."""

    line: str
    secret: str
    ways: tuple[Way, ...]


def _guide(kind: str) -> Guide:
    intro, *parts = re.split(r"^## ", text_of(kind), flags=re.MULTILINE)
    line, _, rest = intro.partition("\n\n")
    ways = [_way(title.strip(), body) for title, _, body in _titled(rest, parts)]
    return Guide(_plain(line), _SECRETS[kind], tuple(ways))


def _titled(rest: str, parts: list[str]) -> Iterator[tuple[str, str, str]]:
    if _STEP.search(rest):
        yield "", "", rest
    for part in parts:
        yield part.partition("\n\n")


def _way(title: str, body: str) -> Way:
    paragraphs = [part for part in body.split("\n\n") if part.strip()]
    steps = [_plain(step) for part in paragraphs for step in _STEP.split(part)[1:]]
    told = [_plain(part) for part in paragraphs if not _STEP.match(part)]
    notes = [part for part in told if part not in (BODY, NO_BODY)]
    return Way(title, tuple(steps), BODY in told, tuple(notes))


def _plain(text: str) -> str:
    return " ".join(text.split())


def text_of(kind: str) -> str:
    """A recipe as it is written."""
    return (_RECIPES / f"{kind}.md").read_text(encoding="utf-8")


def markdown(kind: str, template: str) -> str:
    """A recipe as it stands in docs/helpdesks/, with the body to paste."""
    return text_of(kind).replace(f"{BODY}\n", f"{BODY}\n\n```json\n{template}```\n")


GUIDES: Final[Mapping[str, Guide]] = {kind: _guide(kind) for kind in _SECRETS}
