"""What is left out of a table for a stranger: the few, and whom a total would give away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analytics.reports.strangers import kept, named
from surveys.services.access import Scope


@given(st.lists(st.integers(0, 40), max_size=12), st.sampled_from([5, 10]))
def test_what_is_shown_and_what_is_not_are_both_of_many(numbers: list[int], least: int) -> None:
    shown = kept(numbers, least)
    inside = [n for n, is_shown in zip(numbers, shown, strict=True) if is_shown]
    outside = [n for n, is_shown in zip(numbers, shown, strict=True) if not is_shown]
    assert all(n == 0 or n >= least for n in inside)
    # Together with a total they tell what the others sum to, and no less than that.
    assert not outside or sum(outside) >= least or not any(inside)


@given(st.lists(st.integers(0, 40), max_size=12))
def test_no_more_is_left_out_than_is_needed(numbers: list[int]) -> None:
    shown = kept(numbers, 5)
    few = sum(n for n in numbers if n < 5)
    if few == 0 or few >= 5:
        assert shown == [n == 0 or n >= 5 for n in numbers]
    else:
        many = sorted(n for n in numbers if n >= 5)
        left_out = sorted(
            n for n, is_shown in zip(numbers, shown, strict=True) if not is_shown and n >= 5
        )
        assert left_out == many[:1]


def test_a_made_up_name_is_the_same_in_one_link_and_another_in_the_next() -> None:
    one, two = (Scope(alias_key=key) for key in (b"one", b"two"))
    assert named(7, "ext-7", "Rosa", one) == named(7, "renamed", "Rosa", one)
    assert named(7, "ext-7", "Rosa", one) != named(8, "ext-7", "Rosa", one)
    assert named(7, "ext-7", "Rosa", one) != named(7, "ext-7", "Rosa", two)
    assert "Rosa" not in str(named(7, "ext-7", "Rosa", one))
    assert named(7, "ext-7", "Rosa", Scope()).name == "Rosa"
