"""Changes between two definitions as the pages show them: by question, with what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.questionnaire.comparing import starts_anew
from surveys.questionnaire.diff import Change
from surveys.questionnaire.schema import Definition
from surveys.questionnaire.texts import direction


@dataclass(frozen=True)
class Line:
    """One change; `before` and `after` stand in `language`."""

    sentence: str
    before: str
    after: str
    language: str
    direction: str
    reason: str = ""


@dataclass(frozen=True)
class Group:
    """The changes of one question, or of the whole where `item` is empty."""

    item: str
    stem: str
    lines: tuple[Line, ...]
    restarts: str  # the sentence; empty where figures can be compared
    excusable: bool  # whether "the meaning is unchanged" may be declared

    @property
    def title(self) -> str:
        return self.item or "The whole questionnaire"


def groups_of(changes: Iterable[Change], definition: Definition) -> list[Group]:
    """In the order in which the questions are met; the whole first."""
    gathered: dict[str, list[Change]] = {}
    for change in changes:
        gathered.setdefault(change.item, []).append(change)
    return [
        _group(item, found, definition)
        for item, found in sorted(gathered.items(), key=lambda pair: bool(pair[0]))
    ]


def stored_groups(stored: Sequence[Mapping[str, Any]], definition: Definition) -> list[Group]:
    """The changes as they were kept with a version."""
    changes = []
    reasons: dict[str, str] = {}
    for one in stored:
        changes.append(
            Change(
                one.get("path", ""),
                one.get("item", ""),
                one.get("kind", "wording"),
                one.get("change", ""),
                comparable=bool(one.get("comparable", True)),
                language=one.get("language", ""),
                before=one.get("before", ""),
                after=one.get("after", ""),
            )
        )
        if one.get("reason"):
            reasons[changes[-1].path] = str(one["reason"])
    return [
        Group(
            group.item,
            group.stem,
            tuple(
                _line(change, reasons.get(change.path, ""))
                for change in changes
                if change.item == group.item
            ),
            group.restarts,
            group.excusable,
        )
        for group in groups_of(changes, definition)
    ]


def _group(item: str, changes: Sequence[Change], definition: Definition) -> Group:
    broken = [change for change in changes if not change.comparable]
    return Group(
        item=item,
        stem=_stem(item, definition),
        lines=tuple(_line(change) for change in changes),
        restarts=starts_anew(item, [change.kind for change in broken]) if broken else "",
        excusable=bool(broken) and bool(item) and all(change.excusable for change in broken),
    )


def _line(change: Change, reason: str = "") -> Line:
    language = change.language or "en"
    return Line(change.sentence, change.before, change.after, language, direction(language), reason)


def _stem(item_id: str, definition: Definition) -> str:
    for item in definition.items:
        if item.id == item_id:
            return item.stem.get(definition.default_language, "")
    return ""
