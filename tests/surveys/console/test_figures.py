"""Figures and times as people read them."""

from __future__ import annotations

import datetime as dt

import pytest

from surveys.console import figures

UTC = dt.UTC


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0.0, "0\u202f%"),
        (0.614, "61\u202f%"),
        (0.615, "62\u202f%"),
        (0.004, "<1\u202f%"),
        (0.9999, ">99\u202f%"),
        (1.0, "100\u202f%"),
    ],
)
def test_share_rounds_but_never_to_nothing_or_everything(value: float | None, written: str) -> None:
    assert figures.share(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0.0, "near 0\u202f%"),
        (0.614, "61\u202f%"),
        (0.994, "99\u202f%"),
        (1.0, "near 100\u202f%"),
    ],
)
def test_near_share_does_not_pretend_at_the_ends(value: float | None, written: str) -> None:
    assert figures.near_share(value) == written


def test_between_writes_the_sign_once() -> None:
    assert figures.between(0.571, 0.649) == "57–65\u202f%"


def test_between_of_equal_ends_is_one_figure() -> None:
    assert figures.between(0.501, 0.502) == "50\u202f%"


def test_between_of_nothing_is_a_dash() -> None:
    assert figures.between(None, 0.5) == "–"


def test_span_groups_thousands() -> None:
    assert figures.span(12, 34567) == "12–34,567"


@pytest.mark.parametrize(
    ("value", "written"), [(0.4149, "0.41"), (-0.11, "−0.11"), (-0.001, "0.00"), (None, "–")]
)
def test_correlation_has_a_true_minus_and_no_minus_nought(
    value: float | None, written: str
) -> None:
    assert figures.correlation(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0.387, "+39"), (-0.03, "−3"), (0.001, "0"), (None, "–")]
)
def test_points_carry_their_sign(value: float | None, written: str) -> None:
    assert figures.points(value) == written


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(0, "0 minutes"), (1, "1 minute"), (90, "90 minutes"), (240, "4 hours"), (2880, "2 days")],
)
def test_duration_takes_the_largest_whole_unit(minutes: int, written: str) -> None:
    assert figures.duration(minutes) == written


def test_day_is_written_in_words() -> None:
    assert figures.day(dt.date(2026, 11, 1)) == "1 November 2026"


def test_moment_is_written_to_the_minute() -> None:
    assert figures.moment(dt.datetime(2026, 11, 1, 14, 5, 59, tzinfo=UTC)) == "1 Nov 2026, 14:05"


def test_short_moment_has_the_year_only_where_it_is_not_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: dt.date(2026, 12, 31))
    assert figures.short_moment(dt.datetime(2026, 11, 1, 14, 5, tzinfo=UTC)) == "1 Nov, 14:05"
    assert figures.short_moment(dt.datetime(2025, 11, 1, 14, 5, tzinfo=UTC)) == "1 Nov 2025, 14:05"
    assert figures.short_moment(None) == "–"


def test_stars_of_a_missing_rating_is_a_dash() -> None:
    assert figures.stars("") == "–"


def test_interval_bar_stays_inside_its_line() -> None:
    bar = figures.interval_bar(0.99, 0.95, 1.02, "fix")
    assert 'x="95.00%"' in bar
    assert 'width="5.00%"' in bar


def test_interval_bar_of_nothing_is_nothing() -> None:
    assert figures.interval_bar(None, None, None) == ""
