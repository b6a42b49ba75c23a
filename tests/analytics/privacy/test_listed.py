"""A listed answer tells nothing of its case but what was said: neither how it was answered, nor
what its questionnaire asks of some cases only."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from analytics import reports
from analytics.aggregates import apply_all
from analytics.filters import Filters
from surveys.models import Cause, Product, Questionnaire, QuestionnaireVersion, Response, User
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.questionnaire.schema import CaseRule, Definition, Item
from surveys.services.access import Scope, scope_for
from tests.analytics.answered import answer
from tests.analytics.privacy.world import known_to_nobody
from tests.factories import (
    CauseFactory,
    InvitationFactory,
    QuestionnaireFactory,
    QuestionnaireVersionFactory,
    ResolutionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cause() -> Cause:
    made: Cause = CauseFactory.create(owner=UserFactory.create(role=User.Role.CAUSE_OWNER))
    return made


def _scope(cause: Cause) -> Scope:
    assert cause.owner is not None
    return scope_for(cause.owner)


def _question(name: str, **how: Any) -> Item:
    return Item(id=name, dimension="cause.own", type="nps", stem={"en": f"{name}?"}, **how)


def _asking(*items: Item, without: str = "") -> Definition:
    """The default questionnaire with more questions about the cause, or with one fewer."""
    definition = default_definition()
    blocks = tuple(
        msgspec.structs.replace(
            block,
            items=tuple(one for one in block.items if one.id != without)
            + items * (block.id == "cause"),
        )
        for block in definition.blocks
    )
    return msgspec.structs.replace(definition, blocks=blocks)


def _version(definition: Definition, of: Questionnaire, number: int = 1) -> QuestionnaireVersion:
    found: QuestionnaireVersion = QuestionnaireVersionFactory.create(
        questionnaire=of, number=number, definition=to_builtins(definition)
    )
    return found


_HOURS = itertools.count()


def _answered(cause: Cause, version: QuestionnaireVersion, **how: Any) -> Response:
    at = timezone.now() - dt.timedelta(days=20) + dt.timedelta(hours=next(_HOURS) % 100)
    resolution = ResolutionFactory.create(
        cause=cause,
        product=Product.objects.get_or_create(name=how.pop("product", "TV"))[0],
        resolved_at=at,
    )
    asked = InvitationFactory.create(resolution=resolution, sent_at=at, version=version)
    return answer(asked, at=at, c1=3, **how)


def _listed(cause: Cause) -> list[dict[str, Any]]:
    apply_all()
    page = reports.responses(Filters(), _scope(cause))
    return [row.as_dict() for row in page.results]


def test_what_the_questionnaire_asks_of_one_product_alone_is_not_told(cause: Cause) -> None:
    """Who lists the cases knows which of the five was about Fibre."""
    only = CaseRule(fact="product", op="not_in", values=("Fibre",))
    asked = _asking(_question("X1"), _question("X2", skip_when=(only,)))
    version = _version(asked, QuestionnaireFactory.create(slug="of-this-test"))
    for product in ("TV", "TV", "Fibre", "TV", "TV"):
        extra = {"X1": 4} | ({"X2": 9} if product == "Fibre" else {})
        _answered(cause, version, product=product, extra=extra)
    rows = _listed(cause)
    assert [row["items"].get("X1") for row in rows] == [4] * 5
    assert [row["items"].get("X2") for row in rows] == [None] * 5
    assert {answer["id"] for row in rows for answer in row["own"]} == {"X1"}
    # Of five about Fibre it tells nothing but what was said.
    for _ in range(5):
        _answered(cause, version, product="Fibre", extra={"X1": 4, "X2": 9})
    rows = _listed(cause)
    assert sorted(row["items"].get("X2", 0) for row in rows) == [0] * 5 + [9] * 5


def test_what_only_some_of_the_questionnaires_ask_is_not_told(cause: Cause) -> None:
    base = QuestionnaireFactory.create(slug="of-this-test")
    one = _version(_asking(_question("X1")), base)
    other = _version(_asking(_question("X1"), without="C3"), base, 2)
    for k in range(5):
        said = {"c3": 2} if k else {}
        _answered(cause, one if k else other, c2=4, extra={"X1": 4}, **said)
    rows = _listed(cause)
    # Five of the first version would have been told with C3.
    assert [row["items"] for row in rows] == [{"C1": 3, "C2": 4}] * 5


def test_how_an_answer_was_given_is_not_told(cause: Cause) -> None:
    """A customer who says "I changed my mind, and left out the rest" is not found by it."""
    version = _version(_asking(), QuestionnaireFactory.create(slug="of-this-test"))
    answers = [_answered(cause, version) for _ in range(5)]
    before = _listed(cause)
    known_to_nobody(answers[2])
    assert _listed(cause) == before
