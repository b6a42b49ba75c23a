"""The database is empty after a test that commits, and as watchful as before."""

from __future__ import annotations

import time
from threading import Event
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from surveys.models import Invitation, Policy, Questionnaire, QuestionnaireVersion
from surveys.services.publishing import DEFAULT_SLUG
from tests import emptying
from tests.emptying import FEW, empty
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
    assert empty("default")
    fresh = rows_by_table()
    assert not fresh.keys() & {"surveys_invitation", "surveys_case", "surveys_customer"}
    assert Policy.objects.get().slug == Questionnaire.objects.get().slug == DEFAULT_SLUG
    assert Policy.objects.get().delay_minutes == Policy().delay_minutes
    assert QuestionnaireVersion.objects.count() == 1
    assert empty("default")
    assert rows_by_table() == fresh
    version = InvitationFactory().version
    with pytest.raises(DatabaseError), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(definition={})


def test_many_rows_leave_no_page_behind() -> None:
    CustomerFactory.create_batch(FEW + 1)
    assert empty("default")
    assert not rows_by_table().keys() & {"surveys_customer"}
    assert Policy.objects.get().slug == Questionnaire.objects.get().slug == DEFAULT_SLUG
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('surveys_customer')")
        assert cursor.fetchone() == (0,)


def test_who_still_writes_is_waited_for() -> None:
    has_written = Event()

    def write() -> None:
        with transaction.atomic():
            InvitationFactory()
            has_written.set()

    def empty_then() -> None:
        assert has_written.wait(PATIENCE)
        assert empty("default")

    at_once(write, empty_then)
    assert Invitation.objects.count() == 0


def test_who_reads_one_table_and_then_another_is_let_by() -> None:
    """As a request does whose browser is gone: neither of the two is ended."""
    first, *_, last = connection.introspection.django_table_names(
        only_existing=True, include_views=False
    )
    has_read = Event()

    def read() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'SELECT FROM "{last}"')
            has_read.set()
            wait_for_a_lock(cursor)
            cursor.execute(f'SELECT FROM "{first}"')

    def empty_then() -> None:
        assert has_read.wait(PATIENCE)
        assert empty("default")

    at_once(read, empty_then)


def wait_for_a_lock(cursor: Any) -> None:
    """Until somebody waits for a table."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'")
        if cursor.fetchone() != (0,):
            return
    pytest.fail("nobody waits")


def test_who_never_leaves_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptying, "PATIENCE", 0.5)
    holds, was_named = Event(), Event()

    def stay() -> None:
        with transaction.atomic():
            InvitationFactory()
            holds.set()
            assert was_named.wait(PATIENCE)

    def empty_then() -> None:
        assert holds.wait(PATIENCE)
        with pytest.raises(RuntimeError, match=r"not let go .*idle in transaction: INSERT INTO"):
            empty("default")
        was_named.set()

    at_once(stay, empty_then)
    assert Invitation.objects.count() == 1
