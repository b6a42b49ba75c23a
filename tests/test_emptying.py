"""The database is empty after a test that commits, and as watchful as before."""

from __future__ import annotations

from threading import Event

import pytest
from django.db import DatabaseError, connection, transaction

from surveys.models import Customer, Invitation, Policy, Questionnaire, QuestionnaireVersion
from surveys.services.publishing import DEFAULT_SLUG
from tests.emptying import FEW, delete_few
from tests.factories import CustomerFactory, InvitationFactory
from tests.threads import PATIENCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def rows_by_table() -> dict[str, int]:
    """How many rows each table that is not empty has."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 -- our tables
            if n := cursor.fetchone()[0]:
                found[table] = n
    return found


def test_few_rows_are_deleted_and_what_is_published_stays_guarded() -> None:
    InvitationFactory()
    Policy.objects.filter(slug=DEFAULT_SLUG).update(delay_minutes=0)
    assert delete_few("default")
    fresh = rows_by_table()
    assert not fresh.keys() & {"surveys_invitation", "surveys_case", "surveys_customer"}
    assert Policy.objects.get().slug == Questionnaire.objects.get().slug == DEFAULT_SLUG
    assert Policy.objects.get().delay_minutes == Policy().delay_minutes
    assert QuestionnaireVersion.objects.count() == 1
    assert delete_few("default")
    assert rows_by_table() == fresh
    version = InvitationFactory().version
    with pytest.raises(DatabaseError), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(definition={})


def test_many_rows_are_left_to_the_truncation() -> None:
    CustomerFactory.create_batch(FEW + 1)
    assert not delete_few("default")
    assert Customer.objects.count() == FEW + 1


def test_who_still_writes_is_waited_for() -> None:
    has_written = Event()

    def write() -> None:
        with transaction.atomic():
            InvitationFactory()
            has_written.set()

    def empty() -> None:
        assert has_written.wait(PATIENCE)
        assert delete_few("default")

    at_once(write, empty)
    assert Invitation.objects.count() == 0
