"""How statements are planned ends with their transaction."""

import pandas as pd
import pytest

from analytics.frames.sql import frame, long_frame, merging, rows

SETTINGS = (
    "SELECT current_setting('enable_hashjoin'), current_setting('random_page_cost'),"
    " current_setting('work_mem')"
)


@pytest.mark.django_db(transaction=True)
def test_merging_lasts_as_long_as_its_transaction() -> None:
    before = rows(SETTINGS)
    with merging():
        assert rows(SETTINGS) == [("off", "1.1", "64MB")]
    assert rows(SETTINGS) == before
    with pytest.raises(ZeroDivisionError), merging():
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
