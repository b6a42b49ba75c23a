import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.matrix import choose_again, empty_cells, matrix, separation

tables = st.lists(st.lists(st.integers(0, 30), min_size=5, max_size=5), min_size=5, max_size=5)


def test_matrix_reads_masked_dissatisfaction() -> None:
    cells = empty_cells()
    cells[4, 4] = cells[3, 3] = cells[3, 4] = 27  # satisfied and dismayed: 81
    cells[4, 0] = 182  # satisfied, not dismayed: together 263 satisfied
    cells[2, 4] = 5
    cells[0, 0] = 3
    result = matrix(cells)
    masked = result.masked
    assert (result.n, masked.n, masked.count, masked.n_satisfied) == (271, 271, 81, 263)
    assert round(masked.share_satisfied, 6) == round(81 / 263, 6)
    limits = (masked.share_satisfied_low, masked.share_satisfied_high)
    assert tuple(round(limit, 4) for limit in limits) == (0.2553, 0.3662)
    assert round(masked.share_all, 6) == round(81 / 271, 6)
    assert masked.share_all_low < masked.share_all < masked.share_all_high
    assert not masked.too_few
    quadrants = result.quadrants
    assert (quadrants.served_well, quadrants.masked) == (182, 81)
    assert (quadrants.neither, quadrants.neither_dismayed) == (0, 5)
    assert (quadrants.failed, quadrants.failed_dismayed) == (3, 0)


def test_matrix_of_no_answers_says_nothing() -> None:
    result = matrix(empty_cells())
    assert result.cells == ((0,) * 5,) * 5
    assert result.masked.too_few
    assert math.isnan(result.masked.share_all)
    assert math.isnan(result.masked.share_satisfied_low)
    assert math.isnan(result.separation.r)
    assert not result.separation.hardly


def test_matrix_is_too_few_below_thirty() -> None:
    cells = empty_cells()
    cells[4, 4] = 29
    assert matrix(cells).masked.too_few
    cells[4, 4] = 30
    assert not matrix(cells).masked.too_few


@pytest.mark.parametrize("cells", [np.zeros((4, 5)), np.full((5, 5), 0.5), np.full((5, 5), -1)])
def test_matrix_refuses_what_is_no_table_of_counts(cells: np.ndarray) -> None:
    with pytest.raises(ValueError, match="cells must be"):
        matrix(cells)


def test_separation_flags_ratings_that_move_together() -> None:
    against = separation(np.fliplr(np.eye(5, dtype=int)) * 20)
    assert (against.r, against.hardly) == (-1.0, True)
    apart = separation(np.ones((5, 5), dtype=int))
    assert (apart.r, apart.hardly) == (0.0, False)


def test_separation_needs_four_answers_for_an_interval() -> None:
    cells = empty_cells()
    cells[0, 0] = cells[1, 2] = cells[4, 1] = 1
    assert not math.isnan(separation(cells).r)
    assert math.isnan(separation(cells).r_low)
    cells[2, 2] = 1
    assert not math.isnan(separation(cells).r_low)


def test_separation_without_variance_is_nan() -> None:
    cells = empty_cells()
    cells[4] = 12
    assert math.isnan(separation(cells).r)


@given(tables)
def test_separation_equals_pearson_of_the_raw_answers(rows: list[list[int]]) -> None:
    cells = np.array(rows)
    fix, cause = np.repeat(np.argwhere(cells >= 0), cells.ravel(), axis=0).T + 1
    result = separation(cells)
    if len(fix) == 0 or np.ptp(fix) == 0 or np.ptp(cause) == 0:
        assert math.isnan(result.r)
        return
    assert abs(result.r - np.corrcoef(fix, cause)[0, 1]) < 1e-9
    if result.n >= 4:
        assert -1 <= result.r_low <= result.r <= result.r_high <= 1


@given(tables)
def test_matrix_quadrants_add_up_and_shares_lie_in_their_intervals(rows: list[list[int]]) -> None:
    result = matrix(rows)
    quadrants = result.quadrants
    parts = [getattr(quadrants, name) for name in quadrants.__slots__]
    assert sum(parts) == result.n == sum(map(sum, rows))
    masked = result.masked
    if masked.n:
        assert 0 <= masked.share_all_low <= masked.share_all <= masked.share_all_high <= 1
    if masked.n_satisfied:
        assert masked.share_satisfied_low <= masked.share_satisfied <= masked.share_satisfied_high


@given(tables, tables)
def test_matrix_of_a_sum_counts_as_the_sum_of_matrices(
    first: list[list[int]], second: list[list[int]]
) -> None:
    together = matrix(np.add(first, second))
    assert together.n == matrix(first).n + matrix(second).n
    assert together.masked.count == matrix(first).masked.count + matrix(second).masked.count


def test_choose_again_gives_newcombes_published_difference() -> None:
    result = choose_again(56, 70, 48, 80)
    assert (round(result.served_well, 4), round(result.masked, 4)) == (0.8, 0.6)
    assert (round(result.low, 4), round(result.high, 4)) == (0.0524, 0.3339)


def test_choose_again_gives_each_share_its_wilson_interval() -> None:
    result = choose_again(81, 263, 15, 148)  # Newcombe 1998, table I
    well = (round(result.served_well_low, 4), round(result.served_well_high, 4))
    masked = (round(result.masked_low, 4), round(result.masked_high, 4))
    assert (well, masked) == ((0.2553, 0.3662), (0.0624, 0.1605))


def test_choose_again_without_one_group_says_nothing() -> None:
    result = choose_again(5, 7, 0, 0)
    assert math.isnan(result.masked)
    assert math.isnan(result.difference)
    assert math.isnan(result.low)
    assert math.isnan(result.masked_low)
    assert result.served_well_low < result.served_well < result.served_well_high
