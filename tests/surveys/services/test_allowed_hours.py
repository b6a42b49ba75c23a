"""When mail may go out where the customer lives."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.services.allowed_hours import (
    ALWAYS,
    EVERY_DAY,
    Hours,
    is_allowed,
    next_allowed,
    read_hours,
)

WORKDAYS = frozenset({1, 2, 3, 4, 5})
NIGHT = Hours(time(21), time(8))
OFFICE = Hours(time(18), time(9), WORKDAYS)

CLOCKS = st.builds(time, st.integers(0, 23), st.integers(0, 59))
HOURS = st.builds(
    lambda pair, days: Hours(pair and pair[0], pair and pair[1], days),
    st.none() | st.tuples(CLOCKS, CLOCKS).filter(lambda pair: pair[0] != pair[1]),
    st.frozensets(st.integers(1, 7), min_size=1),
)
# Those whose clocks jump at midnight, by half an hour, by a day; and those that never do.
ZONES = st.sampled_from(
    ("", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo", "Asia/Kolkata",
     "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "America/Havana")
)  # fmt: skip
MOMENTS = st.datetimes(
    datetime(2011, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)
) | st.builds(
    # Around the changes of the clocks, where the mistakes are.
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from(
        [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC),
         datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC),
         datetime(2011, 12, 30, tzinfo=UTC), datetime(2026, 4, 24, tzinfo=UTC),
         datetime(2026, 4, 5, tzinfo=UTC), datetime(2026, 9, 6, tzinfo=UTC)]
    ),
    st.integers(-1500, 1500),
)  # fmt: skip


@given(moment=MOMENTS, hours=HOURS, zone=ZONES)
def test_next_allowed_is_never_quiet_nor_earlier_and_stays_when_asked_again(
    moment: datetime, hours: Hours, zone: str
) -> None:
    found = next_allowed(moment, hours, zone)
    assert found >= moment
    assert is_allowed(found, hours, zone)
    assert next_allowed(found, hours, zone) == found
    assert (found == moment) == is_allowed(moment, hours, zone)


@given(moment=MOMENTS, hours=HOURS, zone=ZONES, part=st.floats(0, 1))
def test_next_allowed_passes_over_no_allowed_moment(
    moment: datetime, hours: Hours, zone: str, part: float
) -> None:
    found = next_allowed(moment, hours, zone)
    between = moment + (found - moment) * part
    assert between == found or not is_allowed(between, hours, zone)


@pytest.mark.parametrize(
    ("moment", "hours", "zone", "found"),
    [
        ("2026-11-20T12:00Z", ALWAYS, "", "2026-11-20T12:00Z"),
        ("2026-11-20T18:00Z", OFFICE, "", "2026-11-23T09:00Z"),  # Friday evening: Monday morning
        ("2026-11-21T12:00Z", OFFICE, "", "2026-11-23T09:00Z"),  # Saturday noon
        ("2026-11-22T16:00Z", OFFICE, "Asia/Tokyo", "2026-11-23T00:00Z"),  # Monday 1:00 there
        ("2026-03-29T00:30Z", Hours(time(1), time(2, 30)), "Europe/Berlin", "2026-03-29T01:00Z"),
        ("2026-10-25T00:15Z", Hours(time(1), time(2, 30)), "Europe/Berlin", "2026-10-25T00:30Z"),
        ("2026-10-25T01:15Z", Hours(time(1), time(2, 30)), "Europe/Berlin", "2026-10-25T01:30Z"),
    ],
)
def test_next_allowed_by_the_local_clock(moment: str, hours: Hours, zone: str, found: str) -> None:
    assert next_allowed(datetime.fromisoformat(moment), hours, zone) == datetime.fromisoformat(
        found
    )


@pytest.mark.parametrize("zone", ["", "Nowhere/Atlantis", "../etc/passwd"])
def test_a_zone_not_known_is_taken_for_utc(zone: str) -> None:
    night = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    assert next_allowed(night, NIGHT, zone) == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def test_read_hours_of_what_a_policy_stores() -> None:
    assert read_hours(None, None) == ALWAYS
    assert read_hours(None, []).weekdays == EVERY_DAY
    stored = read_hours({"start": "18:00", "end": "09:00"}, [1, 2, 3, 4, 5])
    assert stored == OFFICE
