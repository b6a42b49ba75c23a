"""How statements are planned ends with their transaction."""

import pytest

from analytics.frames.sql import merging, rows

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
