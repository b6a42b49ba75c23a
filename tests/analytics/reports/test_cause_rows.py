"""Rows that are made when they are read: the same as if all had been made at once."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics import reports, simulation
from analytics.filters import Filters
from analytics.frames import names
from analytics.reports import CauseRows, made_rows
from surveys.models import Cause
from surveys.services.access import EVERYTHING
from tests.factories import NOW, CauseFactory, ResolutionFactory

pytestmark = pytest.mark.django_db
LAST_DAY = dt.date(2026, 11, 20)


@pytest.fixture
def rows() -> CauseRows:
    simulation.simulate(
        300, seed=5, last_day=LAST_DAY, agents=4, causes=9, days=30, response_rate=0.6
    )
    for name in ("b", "a"):  # two of a size, told apart by their names
        ResolutionFactory(cause=CauseFactory(code=f"z-{name}", name=name), resolved_at=NOW)
    return reports.causes(Filters(), EVERYTHING).results


def test_rows_are_a_sequence_like_a_tuple(rows: CauseRows, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tuple(rows)
    monkeypatch.setattr(made_rows, "CHUNK", 4)
    assert tuple(rows) == whole
    assert len(rows) == len(whole) == 11
    assert [rows[at] for at in range(-11, 11)] == [whole[at] for at in range(-11, 11)]
    for part in (slice(3), slice(2, 7), slice(-2, None), slice(None, None, -1), slice(20, 30)):
        assert rows[part] == whole[part]
    assert rows == whole
    assert rows != whole[1:]
    with pytest.raises(IndexError):
        rows[11]


@pytest.mark.parametrize("figure", ["index", "preventable", "share_of_dismay"])
def test_rows_are_chosen_and_ranked_by_what_they_say(rows: CauseRows, figure: str) -> None:
    told = [row for row in rows if getattr(row, figure)]
    assert rows.having(figure) == tuple(told)
    ranked = sorted(told, key=lambda row: (-getattr(row, figure), row.cause.name))
    assert rows.ranked(figure) == tuple(ranked)
    assert len({getattr(row, figure) for row in told}) < len(told)
    assert rows.sum(figure) == pytest.approx(sum(getattr(row, figure) for row in told))
    middle = getattr(ranked[4], figure)
    assert rows.reaching(figure, middle) == tuple(r for r in told if getattr(r, figure) >= middle)


def test_figures_that_may_be_withheld_choose_no_row(rows: CauseRows) -> None:
    with pytest.raises(KeyError, match="dismayed"):
        rows.having("dismayed")


def test_nothing_answered_is_nothing_to_rank() -> None:
    ResolutionFactory(cause=CauseFactory(), resolved_at=NOW)
    found = reports.causes(Filters(), EVERYTHING).results
    assert len(found) == 1
    assert len(found.having("index")) == len(found.ranked("preventable")) == 0
    assert found.sum("index") == 0


def test_many_causes_are_called_what_few_are(
    rows: CauseRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [*Cause.objects.values_list("pk", flat=True), 10**12]
    asked_for = names.causes(ids)
    monkeypatch.setattr(names, "_MANY", 2)
    assert names.causes(ids) == asked_for
    assert set(asked_for) == set(ids[:-1])
