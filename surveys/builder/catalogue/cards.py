"""What a new questionnaire may begin as: templates of different trades, or next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from surveys.builder.arms import size_of
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.gallery import templates
from surveys.questionnaire.schema import Definition

BLANK: Final = "blank"


@dataclass(frozen=True)
class Card:
    """One way to begin."""

    slug: str
    name: str
    trade: str
    summary: str
    definition: Definition
    template: str = ""

    @property
    def n_questions(self) -> int:
        return size_of(self.definition)[0]

    @property
    def seconds(self) -> int:
        return size_of(self.definition)[1]

    @property
    def n_languages(self) -> int:
        return len(self.definition.languages)


def cards() -> list[Card]:
    """The default questionnaire, the templates, and the two questions nobody can do without."""
    return [
        Card(
            "default",
            "Fix and cause",
            "Every trade",
            "The questionnaire every installation starts with.",
            default_definition(),
        ),
        *(
            Card(found.slug, found.name, found.trade, found.summary, found.definition, found.slug)
            for found in templates()
        ),
        Card(
            BLANK,
            "Two questions",
            "From scratch",
            "Only the headline of each side. Add what you need.",
            bare_definition(),
        ),
    ]


def card_named(slug: str) -> Card | None:
    return next((card for card in cards() if card.slug == slug), None)


def bare_definition() -> Definition:
    """The least that may be published: how was it handled, how much did it bother."""
    whole = default_definition()
    return msgspec.structs.replace(
        whole,
        blocks=tuple(
            msgspec.structs.replace(block, items=block.items[:1])
            for block in whole.blocks
            if block.id != "closing"
        ),
    )
