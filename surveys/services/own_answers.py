"""Answers to questions of the designer's own: who may read them, and what they say in words.

They stand in `Response.extra` by their id, which means something only beside the version that was
answered. A question belongs to the side of its dimension and of the page it stands on; what is on
neither side is for readers of both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from django.conf import settings

from surveys.models import Cause
from surveys.questionnaire.schema import Block, Definition, Item
from surveys.questionnaire.texts import DEFAULT_LANGUAGE, fill
from surveys.services.access import Scope
from surveys.services.answering import COMMENT_COLUMNS, ITEM_COLUMNS
from surveys.services.published import published

Side = Literal["fix", "cause", "both"]
_PART: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """One answer in words, its question in English where there is such a wording."""

    id: str
    side: Side
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class _Own:
    """A question or comment of the designer's own, and whether agents may read its answers."""

    id: str
    side: Side
    agent_visible: bool
    item: Item | None
    question: str


def readable(version_id: int | None, scope: Scope) -> tuple[str, ...]:
    """The ids of a version's own questions whose answers the reader may see, in reading order."""
    return () if version_id is None else _readable(version_id, _Reader.of(scope))


def all_readable(version_ids: Iterable[int], scope: Scope) -> tuple[str, ...]:
    """The same for several versions at once, each id once, X2 before X10."""
    found = {name for version_id in version_ids for name in readable(version_id, scope)}
    return tuple(sorted(found, key=_natural))


def seen(version_id: int | None, extra: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Those of a response's own answers that the reader may see, by id."""
    return {name: extra[name] for name in readable(version_id, scope) if name in extra}


def in_words(
    version_id: int, answers: Mapping[str, Any], *, product: str = ""
) -> tuple[OwnAnswer, ...]:
    """Own answers as people read them, in the order of the questions. ``product``: what their case
    was about; without one, or where the reader may not know it, the company's name stands for it.
    """
    company = settings.COMPANY_NAME
    values = {"company": company, "product": product or company, "brand": company}
    return tuple(
        OwnAnswer(
            own.id, own.side, fill(own.question, values), _worded(version_id, own, answers[own.id])
        )
        for own in _own(version_id)
        if own.id in answers
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """What of a scope decides over own answers."""

    sees_fix: bool
    sees_cause: bool
    is_agent: bool

    @classmethod
    def of(cls, scope: Scope) -> _Reader:
        return cls(scope.sees_fix, scope.sees_cause, scope.agent_ids is not None)

    def may_read(self, own: _Own) -> bool:
        if self.is_agent and not (own.agent_visible and own.side == "fix"):
            return False
        sees = {"fix": self.sees_fix, "cause": self.sees_cause}
        return sees.get(own.side, self.sees_fix and self.sees_cause)


@lru_cache(maxsize=1024)
def _readable(version_id: int, reader: _Reader) -> tuple[str, ...]:
    return tuple(own.id for own in _own(version_id) if reader.may_read(own))


@lru_cache(maxsize=256)
def _own(version_id: int) -> tuple[_Own, ...]:
    definition = published(version_id).definition
    found: list[_Own] = []
    for block in definition.blocks:
        for item in block.items:
            if item.id not in ITEM_COLUMNS:
                side = _side(block, item.dimension)
                question = _text(definition, item.stem)
                found.append(_Own(item.id, side, item.agent_visible, item, question))
        comment = block.comment
        if comment is not None and comment.id not in COMMENT_COLUMNS:
            question = _text(definition, comment.label)
            found.append(_Own(comment.id, _side(block, block.dimension), False, None, question))
    return tuple(found)


def _side(block: Block, dimension: str) -> Side:
    """One side only where page and dimension agree: a slip must never show a cause to an agent."""
    named = {block.dimension, dimension.partition(".")[0]}
    if named == {"fix"}:
        return "fix"
    return "cause" if named == {"cause"} else "both"


def _text(definition: Definition, text: Mapping[str, str]) -> str:
    default = text.get(definition.default_language, "")
    return text.get(DEFAULT_LANGUAGE) or default


def _worded(version_id: int, own: _Own, answer: Any) -> str:
    if own.item is not None and own.item.type == "cause_picker":
        return _cause_name(str(answer))
    if own.item is None or not own.item.options:
        is_point = own.item is not None and own.item.type == "nps"
        return f"{answer} of 10" if is_point else str(answer)
    definition = published(version_id).definition
    labels = {o.value: _text(definition, o.label) for o in own.item.options}
    chosen = answer if isinstance(answer, list | tuple) else [answer]
    return ", ".join(labels.get(value, str(value)) for value in chosen)


def _cause_name(code: str) -> str:
    """What a picked cause is called now; its code where it is no longer known."""
    name = Cause.objects.filter(code=code).values_list("name", flat=True).first()
    return name or code


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(p), "") if p.isdigit() else (-1, p) for p in _PART.split(name))
