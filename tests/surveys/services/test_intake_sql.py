"""Lists on their way into PostgreSQL: what arrives is what was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.services.intake_sql import array, rows

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values) | st.lists(st.none() | values)


@pytest.mark.django_db
@given(
    maybe(TEXT | st.sampled_from(["", "NULL", "null", '"', "\\", "{", "}", ",", " ", '","'])),
    maybe(st.integers(-(2**63), 2**63 - 1)),
    maybe(MOMENTS),
    st.lists(st.booleans()),
)
def test_lists_arrive_as_they_were(
    texts: list[Any], numbers: list[Any], moments: list[Any], truths: list[bool]
) -> None:
    [arrived] = rows(
        "SELECT %s::text[], %s::bigint[], %s::timestamptz[], %s::boolean[]",
        *(texts, numbers, moments, truths),
    )
    assert arrived == (texts, numbers, moments, truths)


def test_whatever_is_not_simple_is_left_to_the_driver() -> None:
    for values in ([], [None], [b"bytes"], [1, "mixed"], [["nested"]]):
        assert array(values) is values
