"""What a published version asks, read once per process: published versions never change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from surveys.models import Cause, QuestionnaireVersion
from surveys.questionnaire.asking import (
    Asks,
    CauseName,
    facts_that_matter,
    narrowed,
    steering_items,
)
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.schema import Definition
from surveys.services.offered_causes import fit, shown, used_most

#: The versions read so far that let the customer pick a cause. Only for these does looking a link
#: up read the taxonomy.
PICKERS: Final[set[int]] = set()


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """A version, or the half of it that an invitation asks.

    ``steering``: the items whose answers decide what else is asked, in order. ``matter``: which of
    channel, product and causes make a difference to its pages.
    """

    definition: Definition
    steering: tuple[str, ...]
    matter: frozenset[str]


@lru_cache(maxsize=256)
def published(version_id: int, asks: Asks = "both") -> Published:
    """What is asked under a version; invitations only ever carry published, immutable ones."""
    if asks != "both":
        definition = narrowed(published(version_id).definition, asks)
    else:
        definition = from_builtins(QuestionnaireVersion.objects.get(pk=version_id).definition)
    matter = facts_that_matter(definition)
    if "causes" in matter:
        PICKERS.add(version_id)
    return Published(definition, tuple(sorted(steering_items(definition))), matter)


def definition_of(version_id: int) -> Definition:
    """The whole definition of a version."""
    return published(version_id).definition


def causes_to_pick() -> tuple[CauseName, ...]:
    """What a cause picker offers now: the mapped causes. Those of the sample only as long as there
    are no others."""
    mapped = Cause.objects.filter(mapped_at__isnull=False)
    own = mapped.filter(is_sample=False)
    found = _in_order((own if own.exists() else mapped).values_list("code", "name", "names"))
    return found if fit(found) else shown(found, used_most())


def offered(document: str, picked: frozenset[str] = frozenset()) -> tuple[CauseName, ...]:
    """The causes of a JSON document of [code, name, names], in order, each with whether there is
    room for it on a page; for what was picked there always is."""
    found = _offered(document)
    if _fit(document):
        return found
    codes = frozenset(cause.code for cause in found) if picked else picked
    return _shown(document, used_most(), picked & codes)


# Kept by its very content, so that no change of the taxonomy is missed.
@lru_cache(maxsize=256)
def _offered(document: str) -> tuple[CauseName, ...]:
    return _in_order(json.loads(document))


@lru_cache(maxsize=256)
def _fit(document: str) -> bool:
    return fit(_offered(document))


@lru_cache(maxsize=256)
def _shown(
    document: str, ranking: tuple[str, ...], picked: frozenset[str]
) -> tuple[CauseName, ...]:
    return shown(_offered(document), ranking, picked)


def _in_order(causes: Iterable[tuple[str, str, dict[str, str]]]) -> tuple[CauseName, ...]:
    """By name, as people sort: the database may sort capitals first."""
    named = [
        CauseName(code, name or code, names=tuple(sorted(names.items())))
        for code, name, names in causes
    ]
    return tuple(sorted(named, key=lambda cause: (cause.name.casefold(), cause.code)))
