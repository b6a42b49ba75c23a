"""Which questions all of some customers were asked: where one was asked of some of them only, that
somebody answered it tells what their case was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from analytics.frames.listed import ITEMS
from surveys.questionnaire.asking import CauseName, Facts, is_asked
from surveys.questionnaire.schema import Item
from surveys.services.published import published

_STANDARD: Final = frozenset(name.upper() for name in ITEMS)
#: Whether there were any causes to pick from is the same for everyone.
_CAUSES: Final = (CauseName("", ""),)


def asked_of_all(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The ids of what every one of these customers was asked, as far as that does not hang on the
    lot or on their own answers.

    Shape: rows of `frames.listed` → ids in capitals. Questions of a questionnaire's own only where
    all rows are of one version: elsewhere the same id may mean another question.
    """
    found = list(rows)
    kinds = {
        (row["version_id"], row["human_handled"], row["n_agents"], row["channel"], row["product"])
        for row in found
    }
    asked = [_asked(*kind) for kind in kinds]
    shared = frozenset.intersection(*asked) if asked else frozenset()
    return shared if len({row["version_id"] for row in found}) == 1 else shared & _STANDARD


def _asked(
    version_id: int | None,
    human_handled: bool,
    n_agents: int,
    channel: str,
    product: str | None,
) -> frozenset[str]:
    """What one kind of case is asked; of an answer without a version, which was imported, all that
    every questionnaire may hold."""
    if version_id is None:
        return _STANDARD
    facts = Facts(human_handled, n_agents, channel, product or "", _CAUSES)
    definition = published(version_id).definition
    comments = {block.comment.id for block in definition.blocks if block.comment}
    return frozenset([*comments, *(item.id for item in definition.items if _is_asked(item, facts))])


def _is_asked(item: Item, facts: Facts) -> bool:
    return is_asked(item, item.id, facts, {})
