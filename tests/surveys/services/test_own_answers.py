"""Answers to questions of the designer's own: who may read which, and in which words."""

from __future__ import annotations

import pytest
from django.conf import settings
from msgspec import structs

from surveys.services import own_answers
from surveys.services.access import API_REPORTS, EVERYTHING, NOTHING, Scope
from surveys.services.own_answers import OwnAnswer
from tests.factories import CauseFactory
from tests.surveys.every_type import every_type, own, published

pytestmark = pytest.mark.django_db

FIX = ("X1", "X2", "X3", "X4", "X5", "X6", "X7")
CAUSE = ("X8", "X9", "X10", "X11")
AGENT = Scope(None, (1,), None, sees_fix=True, sees_agents=True)
LEAD = Scope((1,), None, None, sees_fix=True, sees_agents=True, sees_identity=True)
OWNER = Scope(None, None, (1,), sees_cause=True)


@pytest.mark.parametrize(
    ("scope", "ids"),
    [
        (EVERYTHING, (*FIX, *CAUSE, "X12")),
        (API_REPORTS, (*FIX, *CAUSE, "X12")),
        (LEAD, FIX),
        (OWNER, CAUSE),
        # X8 is marked for agents as well, and asks about the cause: never theirs.
        (AGENT, ("X1", "X7")),
        (NOTHING, ()),
    ],
)
def test_each_reader_sees_their_side(scope: Scope, ids: tuple[str, ...]) -> None:
    version = published(every_type())
    assert own_answers.readable(version.pk, scope) == ids
    assert own_answers.all_readable([version.pk, version.pk], scope) == ids


def test_an_invitation_without_a_version_shows_nothing() -> None:
    assert own_answers.seen(None, {"X1": 3}, EVERYTHING) == {}


def test_what_the_version_does_not_ask_is_not_shown() -> None:
    version = published(every_type())
    extra = {"X1": 3, "X99": 1, "F1": 5}
    assert own_answers.seen(version.pk, extra, EVERYTHING) == {"X1": 3}


def test_answers_are_told_in_words() -> None:
    version = published(every_type())
    answers = {"X12": 0, "X6": [1, 3], "X4": 2, "X9": -5, "X10": "2026-11-21"}
    question = f"What about {{}} at {settings.COMPANY_NAME}?".format
    assert own_answers.in_words(version.pk, answers) == (
        OwnAnswer("X4", "fix", question("X4"), "Answer 2"),
        OwnAnswer("X6", "fix", question("X6"), "Answer 1, Answer 3"),
        OwnAnswer("X9", "cause", question("X9"), "-5"),
        OwnAnswer("X10", "cause", question("X10"), "2026-11-21"),
        OwnAnswer("X12", "both", question("X12"), "0 of 10"),
    )


def test_a_picked_cause_is_told_by_its_name_and_by_its_code_where_it_is_gone() -> None:
    version = published(every_type())
    CauseFactory(code="late-card", name="Card came late")
    for code, words in (("late-card", "Card came late"), ("gone", "gone")):
        (told,) = own_answers.in_words(version.pk, {"X11": code})
        assert told.answer == words


@pytest.mark.parametrize(
    ("product", "named"), [("Fibre", "Fibre"), ("", settings.COMPANY_NAME)], ids=["known", "not"]
)
def test_a_question_names_the_product_or_the_company(product: str, named: str) -> None:
    definition = every_type()
    asked = structs.replace(own("X1", "short_text"), stem={"en": "How is {product}?", "ar": "؟"})
    block = structs.replace(definition.blocks[0], items=(asked,))
    version = published(structs.replace(definition, blocks=(block,)))
    (told,) = own_answers.in_words(version.pk, {"X1": "well"}, product=product)
    assert told.question == f"How is {named}?"
