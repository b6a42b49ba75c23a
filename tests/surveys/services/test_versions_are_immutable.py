"""The database itself refuses to change, delete or truncate a published version."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from surveys.models import QuestionnaireVersion
from tests.factories import (
    QuestionnaireFactory,
    QuestionnaireVersionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CHANGES: dict[str, Any] = {
    "number": 7,
    "definition": {"version": 1},
    "published_at": None,
    "accepted_warnings": [{"code": "x", "path": "$", "message": "", "reason": "because"}],
    "changes": [{"item": "F1", "change": "nothing", "comparable": True}],
}


def published() -> QuestionnaireVersion:
    version: QuestionnaireVersion = QuestionnaireVersionFactory(
        questionnaire=QuestionnaireFactory(slug="own"), published_by=UserFactory()
    )
    return version


@pytest.mark.parametrize("column", [*CHANGES, "published_by_id", "questionnaire_id"])
def test_no_column_of_a_published_version_can_be_changed(column: str) -> None:
    version = published()
    value = CHANGES.get(column)
    if column == "published_by_id":
        value = UserFactory().pk
    elif column == "questionnaire_id":
        value = QuestionnaireFactory(slug="other").pk
    with pytest.raises(IntegrityError, match="is published and cannot be changed"):
        QuestionnaireVersion.objects.filter(pk=version.pk).update(**{column: value})


def test_all_columns_are_tried_above() -> None:
    tried = {*CHANGES, "published_by_id", "questionnaire_id", "id"}
    assert {field.attname for field in QuestionnaireVersion._meta.concrete_fields} == tried


def test_a_published_version_cannot_be_deleted() -> None:
    version = published()
    with pytest.raises(IntegrityError, match="is published"):
        QuestionnaireVersion.objects.filter(pk=version.pk).delete()


def test_who_published_may_leave_and_nothing_else_with_them() -> None:
    version = published()
    assert version.published_by is not None
    version.published_by.delete()
    assert QuestionnaireVersion.objects.get(pk=version.pk).published_by_id is None
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(published_by=None, number=9)


def test_an_unpublished_version_may_be_changed_published_and_deleted() -> None:
    version = QuestionnaireVersionFactory(number=2, published_at=None)
    version.definition = {}
    version.save()
    QuestionnaireVersionFactory(number=3, published_at=None).delete()
    version.published_at = timezone.now()
    version.save()
    with pytest.raises(IntegrityError, match="is published"):
        version.save()


@pytest.mark.django_db(transaction=True)
def test_published_versions_cannot_be_truncated() -> None:
    published()
    with connection.cursor() as cursor:
        cursor.execute("SET surveys.may_truncate = 'no'")
        try:
            with pytest.raises(IntegrityError, match="cannot be truncated"):
                cursor.execute("TRUNCATE surveys_questionnaireversion CASCADE")
        finally:
            cursor.execute("SET surveys.may_truncate = 'yes'")
    assert QuestionnaireVersion.objects.filter(questionnaire__slug="own").count() == 1
