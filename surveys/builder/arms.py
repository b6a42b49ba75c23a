"""A definition as each half of the customers meets it, to be read beside each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings

from surveys.questionnaire.rendering import (
    ARMS,
    SECONDS_PER_CLOSED_ITEM,
    Facts,
    Page,
    pages,
    rotations,
)
from surveys.questionnaire.schema import Definition
from surveys.questionnaire.texts import direction, language_name
from surveys.services.published import causes_to_pick

ONE_PERSON = Facts(human_handled=True, n_agents=1)
ARM_NAMES = {"fix_first": "Fix first", "cause_first": "Cause first"}


@dataclass(frozen=True)
class Arm:
    """The pages as one half of the customers sees them."""

    name: str
    pages: tuple[Page, ...]
    n_questions: int
    seconds: int


@dataclass(frozen=True)
class BothArms:
    """Both halves in one language."""

    languages: list[tuple[str, str]]
    language: str
    direction: str
    arms: list[Arm]


def both_arms(definition: Definition, language: str) -> BothArms:
    """In the language asked for, else in the default one."""
    if language not in definition.languages:
        language = definition.default_language
    return BothArms(
        languages=[(code, language_name(code)) for code in definition.languages],
        language=language,
        direction=direction(language),
        arms=[_arm(definition, number, language) for number in range(len(ARMS))],
    )


def size_of(definition: Definition) -> tuple[int, int]:
    """Questions that one customer meets at most, and the seconds they take without comments."""
    arm = _arm(definition, 0, definition.default_language)
    return arm.n_questions, arm.seconds


def _arm(definition: Definition, number: int, language: str) -> Arm:
    lots = rotations(definition)
    facts = ONE_PERSON
    if any(item.type == "cause_picker" for item in definition.items):
        facts = replace(facts, causes=causes_to_pick())
    # Each arm shows another of the rotating questions, so that all can be read.
    shown = pages(
        definition,
        ARMS[number],
        lots[number % len(lots)],
        facts,
        language,
        {},
        company=settings.COMPANY_NAME,
    )
    n_questions = shown[0].n_questions if shown else 0
    return Arm(ARM_NAMES[ARMS[number]], shown, n_questions, n_questions * SECONDS_PER_CLOSED_ITEM)
