"""Whether and when a resolution is surveyed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.services.allowed_hours import Hours, is_allowed
from surveys.services.scheduling import (
    Candidate,
    Reason,
    Rule,
    due_at,
    language_for,
    not_in_sample,
    rule_for,
    space_out,
    suppressed,
)
from tests.surveys.services.test_allowed_hours import HOURS, ZONES

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RULE = Rule(
    policy_id=1,
    name="Every case",
    enabled=True,
    conditions={},
    delay=timedelta(hours=4),
    sample_rate=1.0,
    cooldown_days=30,
    version_id=1,
    languages=("en", "de", "pt-BR"),
    default_language="en",
)
NIGHT = replace(RULE, hours=Hours(time(21), time(8)))


def _candidate(days_ago: float, number: str = "1", *, reopened: bool = False) -> Candidate:
    return Candidate(NOW - timedelta(days=days_ago), "desk", number, RULE, "", reopened)


def test_rule_for_takes_the_first_enabled_that_holds() -> None:
    fibre = replace(RULE, policy_id=2, conditions={"product": ["Fibre"], "team": ["A", "B"]})
    assert rule_for([fibre, RULE], {"product": "Fibre", "team": "B"}) is fibre
    assert rule_for([fibre, RULE], {"product": "Fibre"}) is RULE


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (replace(RULE, conditions={"product": ["Fibre"]}), "No policy surveys this case"),
        (replace(RULE, enabled=False), "The policy “Every case” is switched off"),
        (
            replace(RULE, version_id=None),
            "The questionnaire of the policy “Every case” is not published yet",
        ),
    ],
)
def test_rule_for_says_why_there_is_none(rule: Rule, words: str) -> None:
    found = rule_for([rule], {"product": "Mobile"})
    assert isinstance(found, Reason)
    assert found.words == words


def test_sample_draws_the_same_lot_for_a_replay() -> None:
    half = replace(RULE, sample_rate=0.5)
    drawn = [not_in_sample(half, "desk", str(n), NOW) for n in range(2000)]
    assert drawn == [not_in_sample(half, "desk", str(n), NOW) for n in range(2000)]
    assert 900 < sum(reason is None for reason in drawn) < 1100
    reason = not_in_sample(replace(RULE, sample_rate=0.0), "desk", "1", NOW)
    assert reason == Reason("sampled_out", "Not in the sample of 0 %")


@pytest.mark.parametrize(
    ("resolved_at", "zone", "due"),
    [
        ("2026-11-20T10:00Z", "", "2026-11-20T14:00Z"),  # by day
        ("2026-11-20T18:00Z", "", "2026-11-21T08:00Z"),  # before midnight: next morning
        ("2026-11-20T22:30Z", "", "2026-11-21T08:00Z"),  # after midnight: this morning
        ("2026-11-20T04:00Z", "", "2026-11-20T08:00Z"),  # the night ends as it falls due
        ("2026-11-20T10:00Z", "Asia/Tokyo", "2026-11-20T23:00Z"),  # 23:00 there
        ("2026-03-28T22:30Z", "Europe/Berlin", "2026-03-29T06:00Z"),  # clocks go forward
        ("2026-10-24T22:30Z", "Europe/Berlin", "2026-10-25T07:00Z"),  # and back
    ],
)
def test_due_at_moves_out_of_the_quiet_hours(resolved_at: str, zone: str, due: str) -> None:
    assert due_at(datetime.fromisoformat(resolved_at), NIGHT, zone) == datetime.fromisoformat(due)


def test_due_at_of_an_old_case_lies_in_the_past() -> None:
    assert due_at(NOW - timedelta(days=900), RULE, "") == NOW - timedelta(days=900, hours=-4)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [("de", "de"), ("de-AT", "de"), ("pt", "pt-BR"), ("pt-PT", "pt-BR"), ("fr", "en"), ("", "en")],
)
def test_language_for_falls_back_by_region_then_to_the_default(wanted: str, given: str) -> None:
    assert language_for(RULE, wanted) == given


def test_space_out_plans_the_earliest_and_skips_within_the_cooldown() -> None:
    later, first = _candidate(0.01, "2"), _candidate(0.02, "1")
    space_out([later, first], [], NOW)
    assert (first.status, first.due_at) == ("scheduled", first.resolved_at + RULE.delay)
    assert (later.status, later.due_at) == ("skipped", None)
    assert later.reason == Reason(
        "cooldown", "Another survey for this customer is scheduled for 21 November 2026"
    )


def test_space_out_counts_surveys_sent() -> None:
    candidate = _candidate(0)
    space_out([candidate], [datetime(2026, 11, 3, tzinfo=UTC)], NOW)
    words = "Surveyed less than 30 days ago (on 3 November 2026)"
    assert candidate.reason == Reason("cooldown", words)
    space_out([candidate], [datetime(2026, 10, 1, tzinfo=UTC)], NOW)
    assert candidate.status == "scheduled"


@pytest.mark.parametrize(
    ("days", "status"),
    [(29.5, "skipped"), (30, "scheduled"), (-29.5, "skipped"), (-30, "scheduled")],
)
def test_space_out_counts_whole_days_before_and_after(days: float, status: str) -> None:
    candidate = _candidate(0)
    due = candidate.resolved_at + RULE.delay
    space_out([candidate], [due - timedelta(days=days)], NOW)
    assert candidate.status == status


def test_space_out_sends_a_backlog_of_old_cases_one_survey() -> None:
    old = [_candidate(days, str(days)) for days in (400, 300, 200)]
    space_out(old, [], NOW)
    assert [candidate.status for candidate in old] == ["scheduled", "skipped", "skipped"]


def test_space_out_does_not_count_what_was_reopened() -> None:
    first, later = _candidate(2, reopened=True), _candidate(1, "2")
    space_out([first, later], [], NOW)
    assert (first.status, later.status) == ("cancelled", "scheduled")
    assert first.reason == Reason("reopened", "Reopened before the survey was sent")


def test_suppressed_says_since_when() -> None:
    since = datetime(2026, 5, 3, tzinfo=UTC)
    assert suppressed("unsubscribed", since).words == "Customer unsubscribed on 3 May 2026"
    assert suppressed("erased", since) == Reason("erased", "The customer was erased on request")


def test_due_at_once_waits_for_the_end_of_the_night() -> None:
    old = NOW - timedelta(days=900)
    assert due_at(old, NIGHT, "", NOW) == NOW - timedelta(days=900, hours=-4)
    midnight = NOW + timedelta(hours=12)
    assert due_at(old, NIGHT, "", midnight) == midnight + timedelta(hours=8)
    assert due_at(old, NIGHT, "", midnight + timedelta(hours=2)) == midnight + timedelta(hours=8)


@given(
    resolved=st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    delay=st.integers(0, 4320),
    hours=HOURS,
    zone=ZONES,
    late=st.integers(-5000, 20000),
)
def test_due_at_is_never_quiet_never_early_and_the_same_again(
    resolved: datetime, delay: int, hours: Hours, zone: str, late: int
) -> None:
    rule = replace(RULE, delay=timedelta(minutes=delay), hours=hours)
    now = resolved + timedelta(minutes=late)
    due = due_at(resolved, rule, zone, now)
    assert due >= resolved + rule.delay
    assert due_at(resolved, rule, zone, now) == due
    # The moment at which it really goes out.
    assert is_allowed(max(due, now), hours, zone)


def _about(cause: str, days_ago: float, number: str = "1", **fields: Any) -> Candidate:
    rule = replace(RULE, cooldown_days=0, cause_days=90)
    resolved_at = NOW - timedelta(days=days_ago)
    return Candidate(resolved_at, "desk", number, rule, "", False, cause=cause, **fields)


def test_space_out_asks_about_a_cause_once_in_its_period() -> None:
    told = [_about("bill", 60, "1"), _about("line", 50, "2"), _about("bill", 40, "3")]
    told += [_about("", 30, "4"), _about("", 20, "5"), _about("bill", 0, "6")]
    for candidate in told:
        candidate.rule = replace(candidate.rule, cause_days=50)
    space_out(reversed(told), [], NOW - timedelta(days=100))
    assert [c.status for c in told] == ["scheduled"] * 6
    # Where nobody said the cause, nobody knows it to be the same.
    assert [c.asks for c in told] == ["both", "both", "fix", "both", "both", "both"]


def test_space_out_counts_causes_asked_before_and_asks_again_where_one_was_reopened() -> None:
    candidate = _about("bill", 0)
    space_out([candidate], [], NOW, [("bill", NOW - timedelta(days=30))])
    assert candidate.asks == "fix"
    space_out([candidate], [], NOW, [("line", NOW - timedelta(days=30))])
    assert candidate.asks == "both"
    first, later = _about("bill", 2, "1"), _about("bill", 1, "2")
    space_out([first, later], [], NOW)
    assert (first.asks, later.asks) == ("both", "fix")
    first.reopened = True
    space_out([first, later], [], NOW)
    assert (first.status, first.asks, later.asks) == ("cancelled", "both", "both")


def test_space_out_without_a_cadence_asks_both_every_time() -> None:
    candidate = replace(_about("bill", 0), rule=replace(RULE, cooldown_days=0))
    space_out([candidate], [], NOW, [("bill", NOW)])
    assert candidate.asks == "both"
