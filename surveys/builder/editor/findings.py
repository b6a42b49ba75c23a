"""The lint's findings, sorted to the places that they concern."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from surveys.builder.translating.table import name_of
from surveys.questionnaire.lint import Finding, lint
from surveys.questionnaire.places import BLOCK_IDS, Document, is_item
from surveys.questionnaire.schema import Definition

_IN_BLOCK: Final = re.compile(r"^\$\.blocks\[(\d+)\](?:\.items\[(\d+)\])?(.*)$")
_INDEX: Final = re.compile(r"\[(\d+)\]")
_TOP: Final = {"lead_in": "start", "randomise": "start", "thanks": "thanks"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding beside its place. ``desk`` is the entry of the outline that it belongs to;
    ``language`` the one whose translations mend it."""

    place: str
    desk: str
    severity: str
    message: str
    why: str
    language: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


def find(
    definition: Definition, document: Document, previous: Definition | None
) -> tuple[Shown, ...]:
    """All findings of a draft, each with its place."""
    found: list[Shown] = []
    missing: dict[str, list[Finding]] = {}
    default = f".{definition.default_language}"
    for finding in lint(definition, previous):
        if finding.code == "missing_text" and not finding.path.endswith(default):
            missing.setdefault(desk_of(place_of(finding.path, document)), []).append(finding)
        else:
            found.append(_shown(finding, document))
    return (*found, *(_untranslated(desk, each) for desk, each in missing.items()))


def _untranslated(desk: str, missing: list[Finding]) -> Shown:
    """What is not translated of one question, said once: nobody translates while still wording."""
    languages = list(dict.fromkeys(each.path.rpartition(".")[2] for each in missing))
    texts = {each.path.rpartition(".")[0] for each in missing}
    what = "1 text is" if len(texts) == 1 else f"{len(texts)} texts are"
    message = f"{what} not translated into {', '.join(map(name_of, languages))}."
    return Shown(desk, desk, missing[0].severity, message, missing[0].why, languages[0])


def of_desk(findings: Iterable[Shown], desk: str) -> list[Shown]:
    return [finding for finding in findings if finding.desk == desk]


def _shown(finding: Finding, document: Document) -> Shown:
    place = place_of(finding.path, document)
    message = "There are no words here yet." if finding.message == "Is blank." else finding.message
    return Shown(place, desk_of(place), finding.severity, message, finding.why)


def desk_of(place: str) -> str:
    """The entry of the outline under which a place is edited."""
    head = place.partition(".")[0]
    if is_item(head) or head in BLOCK_IDS:
        return head
    return _TOP.get(head, "settings")


def place_of(path: str, document: Document) -> str:
    """`$.blocks[0].items[1].stem.en` → `F2.stem`. A path that leads nowhere names its nearest."""
    found = _IN_BLOCK.match(path)
    if not found:
        return path.removeprefix("$").removeprefix(".").partition(".")[0].partition("[")[0]
    blocks = document["blocks"]
    number = int(found[1])
    if number >= len(blocks):
        return "blocks"
    block = blocks[number]
    if found[2] is None:
        return f"{block['id']}{_rest(found[3], {})}"
    position = int(found[2])
    if position >= len(block["items"]):
        return str(block["id"])
    item = block["items"][position]
    return f"{item['id']}{_rest(found[3], item)}"


def _rest(rest: str, item: dict[str, Any]) -> str:
    """What is below an item or a block, without the language; options by number, not by place."""
    parts = [part for part in rest.split(".") if part]
    if not parts:
        return ""
    head = parts[0].partition("[")[0]
    if head == "comment":
        return f".comment.{parts[1]}" if len(parts) > 1 else ".comment"
    if head == "items":
        return ""
    index = _INDEX.search(parts[0])
    options = item.get("options", [])
    if head == "options" and index and int(index[1]) < len(options) and len(parts) > 1:
        return f".options.{options[int(index[1])]['value']}.{parts[1]}"
    return f".{head}"
