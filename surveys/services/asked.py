"""One respondent's survey, as the services that show and store it pass it on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from surveys.questionnaire.asking import Answer, Arm, Asks, Facts, Rotation
from surveys.questionnaire.branding import Look
from surveys.questionnaire.schema import Definition
from surveys.services.published import Published, published


class State(Enum):
    """What a genuine link opens just now."""

    OPEN = "open"
    REOPENED = "reopened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Asked:
    """One respondent's survey: what decides its pages, and what is answered so far.

    ``answers`` maps item and comment ids to the current answers; blank ones are absent.
    ``answered_in`` is the language of the last answer, None before the first. ``look`` is how the
    policy's brand looks, None without one.

    ``as_said``: what the page said that was sent, of a survey nobody answered yet
    (`first_answers`). It was not looked up: whatever is done by it must ask for the same again.
    """

    token_hash: bytes
    state: State
    version_id: int
    asks: Asks
    arm: Arm
    rotation: Rotation
    facts: Facts
    look: Look | None
    language: str
    expires_at: dt.datetime | None
    answers: dict[str, Answer]
    response_id: int | None
    answered_in: str | None
    completed: bool
    wants_call_back: bool
    wants_news: bool
    as_said: bool = False

    @property
    def published(self) -> Published:
        """What is asked, without the block that this invitation leaves out."""
        return published(self.version_id, self.asks)

    @property
    def definition(self) -> Definition:
        return self.published.definition
