"""Whether and when a resolution is surveyed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

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

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RULE = Rule(
    policy_id=1,
    name="Every case",
    enabled=True,
    conditions={},
    delay=timedelta(hours=4),
    sample_rate=1.0,
    cooldown_days=30,
    quiet_from=None,
    quiet_until=None,
    version_id=1,
    languages=("en", "de", "pt-BR"),
    default_language="en",
)
NIGHT = replace(RULE, quiet_from=time(21), quiet_until=time(8))


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
