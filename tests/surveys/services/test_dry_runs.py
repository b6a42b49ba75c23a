"""What a policy would have made of the last 30 days: the same as intake did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from surveys.models import Agent, Cause, Customer, Invitation, Policy, Resolution
from surveys.services import agent_volumes, dry_runs
from surveys.services.dry_runs import Answered, TooSlowError, dry_run
from surveys.services.publishing import ensure_defaults
from tests.factories import InvitationFactory, PolicyFactory, ResponseFactory, SuppressionFactory
from tests.surveys.services.told import NOW, at, case, take

pytestmark = pytest.mark.django_db
DAY = 24.0


@pytest.fixture(autouse=True)
def _defaults() -> Iterator[None]:
    ensure_defaults()
    agent_volumes.forget()
    yield
    agent_volumes.forget()


def _tell(n: int, days_ago: float, **fields: Any) -> None:
    """A case of the n-th customer, told when it was resolved."""
    moment = NOW - timedelta(days=days_ago)
    told = {
        "external_id": f"{n}-{days_ago}",
        "resolved_at": moment.isoformat(),
        "customer": {"email": f"c{n}@example.com", "timezone": "Asia/Tokyo"},
        "agents": [{"external_id": f"a{n % 2}", "name": f"Agent {n % 2}"}],
    }
    take(case(**(told | fields)), now=moment)


def _send() -> None:
    """What was planned went out at its time."""
    for invitation in Invitation.objects.filter(status="scheduled"):
        invitation.status, invitation.sent_at = "sent", invitation.due_at
        invitation.save(update_fields=["status", "sent_at"])


def _policy() -> Policy:
    return Policy.objects.get(slug="default")


def test_a_dry_run_finds_what_intake_did() -> None:
    Policy.objects.update(
        quiet_hours={"start": "21:00", "end": "08:00"},
        cause_days=60,
        cooldown_days=3,
        sample_rate=0.8,
        conditions={"severity": {"not": ["9"]}},
    )
    SuppressionFactory(email="c3@example.com")
    for n in range(8):
        for days_ago in (29, 20, 18.5, 10, 3):
            _tell(n, days_ago, severity="9" if (n, days_ago) == (7, 3) else "1")
            _send()
    _tell(20, 5, customer={"external_id": "no-address"})
    _tell(21, 6, status="resolved")
    take(
        case(
            external_id="21-6",
            status="reopened",
            resolved_at=None,
            occurred_at=at(6 * DAY - 1),
            customer={"email": "c21@example.com", "timezone": "Asia/Tokyo"},
        ),
        now=NOW - timedelta(days=5),
    )
    found = dry_run(_policy(), NOW)
    planned = Invitation.objects.filter(status="sent")
    assert (found.n_cases, found.n_read, found.part) == (42, 42, 1.0)
    assert found.n_surveyed == planned.count() > 5
    assert found.n_fix == planned.filter(asks="fix").count() > 0
    assert found.n_both == planned.filter(asks="both").count() > 0
    assert found.n_moved > 0
    assert found.n_ours == 41
    assert found.elsewhere == [("No policy surveys this case", 1)]
    skipped = dict(found.skipped)
    for words, code in (
        ("Another survey of the same customer within 3 days", "cooldown"),
        ("The customer unsubscribed or must not be written to", "suppressed"),
        ("Not in the sample", "sampled_out"),
        ("The customer's e-mail address is not known", "no_address"),
        ("Reopened before the survey was sent", "reopened"),
    ):
        assert skipped.pop(words, 0) == Invitation.objects.filter(reason_code=code).count(), code
    assert skipped == {}


def test_a_dry_run_writes_nothing_and_counts_what_was_sent_before() -> None:
    Policy.objects.update(cooldown_days=30)
    _tell(1, 35)
    _send()
    _tell(1, 20)
    _tell(2, 20)
    before = list(Invitation.objects.values())
    found = dry_run(_policy(), NOW)
    assert (found.n_ours, found.n_surveyed) == (2, 1)
    assert found.skipped == [("Another survey of the same customer within 30 days", 1)]
    assert list(Invitation.objects.values()) == before


def test_a_dry_run_of_a_policy_not_saved_is_tried_first_and_as_if_switched_on() -> None:
    _tell(1, 20, product="Fibre")
    _tell(2, 20)
    new = Policy(
        name="Fibre",
        questionnaire=_policy().questionnaire,
        conditions={"product": ["Fibre"]},
        enabled=False,
    )
    found = dry_run(new, NOW)
    assert (found.n_ours, found.n_surveyed) == (1, 1)
    assert found.elsewhere == [("Taken by the policy “Every resolved case”", 1)]
    assert Policy.objects.count() == 1
    behind = PolicyFactory(slug="behind", position=5)
    assert dry_run(behind, NOW).n_ours == 0


def test_answers_are_expected_by_agent_and_by_cause() -> None:
    Policy.objects.update(cooldown_days=0, cause_days=60)
    for n in range(6):
        _tell(n, 20, cause="bill")
        _tell(n, 10, cause="bill")
        _tell(n, 9, cause="line", agents=[{"external_id": "bot"}])
    Agent.objects.filter(external_id="bot").update(is_bot=True)
    Cause.objects.filter(code="bill").update(name="The bill")
    found = dry_run(_policy(), NOW)
    assert found.response == Answered(0.2, "assumed")
    assert [(line.name, line.cases, line.surveys) for line in found.agents] == [
        ("Agent 0", 6, 6),
        ("Agent 1", 6, 6),
    ]
    assert found.agents[0].answers == pytest.approx(1.2)
    # Of each customer the second survey asks about the fix alone.
    assert [(line.name, line.cases, line.surveys) for line in found.causes] == [
        ("line", 6, 6),
        ("The bill", 12, 6),
    ]


@pytest.mark.parametrize(("n_sent", "source"), [(49, "assumed"), (50, "policy")])
def test_the_share_answered_is_measured_where_enough_was_sent(n_sent: int, source: str) -> None:
    policy = _policy()
    for n in range(n_sent):
        invitation = InvitationFactory(
            policy=policy, resolution__resolved_at=NOW - timedelta(days=40)
        )
        if n % 2:
            ResponseFactory(invitation=invitation)
    assert dry_run(policy, NOW).response == Answered(0.5 if source == "policy" else 0.2, source)
    new = Policy(name="New", questionnaire=policy.questionnaire)
    assert dry_run(new, NOW).response.source == {"policy": "company"}.get(source, source)


def test_a_large_company_is_projected_from_a_part_of_its_customers(monkeypatch: Any) -> None:
    for n in range(60):
        _tell(n, 20)
    monkeypatch.setattr(dry_runs, "MOST_CASES", 20)
    found = dry_run(_policy(), NOW)
    assert found.n_cases == 60
    assert 8 <= found.n_read <= 34
    assert found.part == found.n_read / 60
    assert (found.n_ours, found.n_surveyed) == (60, 60)


def test_an_empty_company_has_an_empty_dry_run() -> None:
    found = dry_run(_policy(), NOW)
    assert (found.n_cases, found.n_ours, found.skipped, found.agents) == (0, 0, [], [])


def test_a_database_that_takes_too_long_is_given_up(monkeypatch: Any) -> None:
    monkeypatch.setattr(dry_runs, "_PATIENCE", "5ms")
    monkeypatch.setattr(dry_runs, "_COUNT", "SELECT pg_sleep(1)::text, %s::text, %s::text")
    with pytest.raises(TooSlowError):
        dry_run(_policy(), NOW)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
    assert (Customer.objects.count(), Resolution.objects.count()) == (0, 0)
