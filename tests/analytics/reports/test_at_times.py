"""What is counted of millions of rows is kept for a while; what is not is counted each time."""

from __future__ import annotations

import itertools

import pytest
from django.core.cache import cache
from django.db import connection

from analytics.frames.selection import Selection
from analytics.reports import cached

pytestmark = pytest.mark.django_db
ASKED = Selection(channel=("phone",))


@pytest.fixture(autouse=True)
def forgotten() -> None:
    cache.clear()


@pytest.fixture
def many() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = %s WHERE oid = 'surveys_invitation'::regclass",
            [cached.MANY],
        )


def _twice(selection: Selection = ASKED) -> list[int]:
    numbers = itertools.count(1)
    return [cached.at_times("n", one, lambda: next(numbers)) for one in (ASKED, selection)]


def test_of_few_rows_it_is_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "COSTLY", -1)
    assert _twice() == [1, 2]


def test_what_takes_no_time_is_counted_each_time(
    many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached, "COSTLY", 3600)
    assert _twice() == [1, 2]


def test_what_takes_long_of_many_rows_is_kept(many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "COSTLY", -1)
    monkeypatch.setattr(cached, "TIMES", 1e9)
    assert _twice() == [1, 1]
    cache.clear()
    assert _twice(Selection(channel=("chat",))) == [1, 2]


def test_it_is_kept_for_as_long_as_it_was_dear(many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "COSTLY", -1)
    monkeypatch.setattr(cached, "TIMES", 0)
    assert _twice() == [1, 2]
