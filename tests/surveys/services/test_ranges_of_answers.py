"""The database itself refuses an answer that its scale does not have."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from surveys.models import Response
from surveys.questionnaire.default import default_definition
from surveys.services.answering import ITEM_COLUMNS
from tests.factories import ResponseFactory

pytestmark = pytest.mark.django_db

TOPS = {
    ITEM_COLUMNS[item.id]: max(item.answer_values)
    for item in default_definition().items
    if item.id in ITEM_COLUMNS and item.type != "multiple"
}


def test_every_column_of_one_number_is_tried() -> None:
    assert set(TOPS) == set(ITEM_COLUMNS.values()) - {"f3"}


@pytest.mark.parametrize(("column", "top"), TOPS.items())
def test_a_column_holds_its_scale_and_nothing_beside_it(column: str, top: int) -> None:
    response = Response.objects.filter(pk=ResponseFactory().pk)
    for held in (1, top, None):
        response.update(**{column: held})
    for refused in (0, top + 1, -1):
        with pytest.raises(IntegrityError, match="in_range"), transaction.atomic():
            response.update(**{column: refused})
