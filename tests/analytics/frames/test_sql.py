"""How statements are planned ends with their transaction."""

import pandas as pd
import pytest
from django.db import transaction

from analytics.frames.sql import frame, hashing, long_frame, rows

SETTINGS = (
    "SELECT current_setting('enable_nestloop'), current_setting('work_mem'),"
    " current_setting('max_parallel_workers_per_gather')"
)


@pytest.mark.django_db(transaction=True)
def test_hashing_lasts_as_long_as_its_statements() -> None:
    before = rows(SETTINGS)
    with transaction.atomic():
        with hashing():
            assert rows(SETTINGS) == [("off", "64MB", "0")]
        assert rows(SETTINGS) == before
    with hashing():
        assert rows(SETTINGS) != before
    assert rows(SETTINGS) == before
    with pytest.raises(ZeroDivisionError), hashing():
        raise ZeroDivisionError
    assert rows(SETTINGS) == before
    assert before[0][0] == "on"


@pytest.mark.django_db
def test_a_long_frame_is_the_frame_of_the_same_statement() -> None:
    statement = (
        "SELECT k AS number, NULLIF(k, 2) AS gap, 'Ä,{' || k AS word"
        " FROM generate_series(1, %(last)s::bigint) AS k"
    )
    names = ("number", "gap", "word")
    for last in (3, 2, 1, 0):
        values = {"last": last}
        pd.testing.assert_frame_equal(
            long_frame(names, statement, values), frame(statement, values)
        )
