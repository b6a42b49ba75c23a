"""The fields of the editor: each with what it holds, what its author saw, and what is wrong.

A field is posted as ``t:PLACE`` (a text) or ``f:PLACE`` (anything else), beside ``w:…``: what stood
there when the page was made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveys.builder.editor.findings import Shown
from surveys.questionnaire.places import Document, field_place, text_place

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was posted and could not be stored: shown again, with the reason. ``theirs`` is set
    where somebody else wrote there meanwhile."""

    value: str
    was: str
    message: str
    theirs: str | None = None
    story: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``kind``: text, line, check, number, select or checks. ``was``: what its author
    saw there; ``now``: what stands there, as ``was`` would say it."""

    name: str
    place: str
    kind: str
    label: str
    value: Any
    was: str
    now: str
    help: str = ""
    limit: int = 0
    choices: tuple[Choice, ...] = ()
    placeholder: str = ""
    source: str = ""
    findings: tuple[Shown, ...] = ()
    kept: Kept | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.place.replace(".", "-").replace("_", "-")

    @property
    def is_wrong(self) -> bool:
        return self.kept is not None or any(finding.is_error for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the fields of one page of the editor."""

    document: Document
    language: str
    findings: Sequence[Shown]
    kept: Mapping[str, Kept]
    #: What is known to whoever is typing, where their fields stay as they are.
    seen: Mapping[str, str] = field(default_factory=dict)

    def text(self, place: str, label: str, *, kind: str = "text", **more: Any) -> Field:
        """A text in the language edited; the default language's stands above it as the source."""
        where = text_place(self.document, place)
        value = where.texts.get(self.language, "")
        default = self.document["default_language"]
        source = where.texts.get(default, "") if self.language != default else ""
        return self._made(
            f"t:{place}", place, kind, label, value, value, limit=where.limit, source=source, **more
        )

    def field(self, place: str, label: str, *, kind: str = "check", **more: Any) -> Field:
        """What is not a text."""
        holder, key = field_place(self.document, place)
        value = holder.get(key, _missing(kind, key))
        return self._made(f"f:{place}", place, kind, label, value, json.dumps(value), **more)

    def _made(
        self, name: str, place: str, kind: str, label: str, value: Any, was: str, **more: Any
    ) -> Field:
        now = was
        kept, was = self.kept.get(name), self.seen.get(name, was)
        if kept is not None:
            value, was = kept.value, kept.was
        about = tuple(finding for finding in self.findings if finding.place == place)
        return Field(name, place, kind, label, value, was, now, findings=about, kept=kept, **more)


def _missing(kind: str, key: str) -> bool | None:
    """What a field is that the document leaves out."""
    return key == "randomise" if kind == "check" else None
