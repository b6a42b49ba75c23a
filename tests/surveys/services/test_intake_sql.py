"""A transaction that PostgreSQL ended to resolve a conflict is done again, as a whole."""

from __future__ import annotations

from collections.abc import Callable

import psycopg.errors
import pytest
from django.db import OperationalError, connection, transaction

from surveys.models import Product
from surveys.services.intake_sql import with_retries

pytestmark = pytest.mark.django_db(transaction=True)
CONFLICTS = ["deadlock_detected", "serialization_failure"]


def fails_at_first(n: int, condition: str) -> Callable[[], int]:
    """Work that writes a row and is then ended by the server, n times."""
    tried = 0

    def work() -> int:
        nonlocal tried
        tried += 1
        Product.objects.create(name=f"attempt {tried}")
        if tried <= n:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"DO $$ BEGIN RAISE EXCEPTION 'ended' USING ERRCODE = '{condition}'; END $$"
                )
        return tried

    return work


@pytest.mark.parametrize("condition", CONFLICTS)
def test_a_conflict_is_tried_again_from_the_beginning(condition: str) -> None:
    assert with_retries(fails_at_first(2, condition)) == 3
    assert list(Product.objects.values_list("name", flat=True)) == ["attempt 3"]


def test_a_conflict_that_stays_is_told_after_five_attempts() -> None:
    work = fails_at_first(99, "deadlock_detected")
    with pytest.raises(OperationalError) as caught:
        with_retries(work)
    assert isinstance(caught.value.__cause__, psycopg.errors.DeadlockDetected)
    assert not Product.objects.exists()
    with pytest.raises(OperationalError):
        work()
    assert Product.objects.get().name == "attempt 6"


def test_another_error_is_not_tried_again() -> None:
    work = fails_at_first(1, "query_canceled")
    with pytest.raises(OperationalError):
        with_retries(work)
    assert with_retries(work) == 2


def test_inside_of_another_transaction_nothing_is_tried_again() -> None:
    work = fails_at_first(1, "deadlock_detected")
    with transaction.atomic():
        with pytest.raises(OperationalError):
            with_retries(work)
        assert work() == 2
