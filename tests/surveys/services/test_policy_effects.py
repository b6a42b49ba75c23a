"""What a policy does to the cases that arrive and to the mails that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from surveys.models import Agent, Customer, Delivery, Invitation, Policy
from surveys.services import agent_volumes
from surveys.services.delivery_claims import Scope, claim
from surveys.services.delivery_outcomes import Accepted, mark_sent, put_in_flight
from surveys.services.policy_rules import load_rules, rule_of
from surveys.services.publishing import ensure_defaults
from tests.factories import (
    NOW,
    AgentFactory,
    InvitationFactory,
    PolicyFactory,
    ResolutionFactory,
    ResponseFactory,
)
from tests.surveys.services import told
from tests.surveys.services.outbox import queued, queued_reminder
from tests.surveys.services.told import at, case, take

pytestmark = pytest.mark.django_db
NIGHT = {"start": "21:00", "end": "08:00"}
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _defaults() -> Iterator[None]:
    ensure_defaults()
    agent_volumes.forget()
    yield
    agent_volumes.forget()


def _plans() -> dict[str, tuple[str, str]]:
    found = Invitation.objects.values_list("resolution__case__external_id", "status", "asks")
    return {number: (status, asks) for number, status, asks in found}


def test_conditions_see_tags_machines_and_numbers_of_agents() -> None:
    AgentFactory(external_id="bot", is_bot=True)
    conditions = {
        "tags": {"not": ["test"]},
        "human_handled": True,
        "n_agents": {"max": 2},
        "severity": {"not": ["1"]},
    }
    Policy.objects.update(conditions=conditions, cooldown_days=0)
    bot, people = {"external_id": "bot"}, [{"external_id": f"a{n}"} for n in range(3)]
    take(
        case(external_id="good", agents=[bot, people[0]]),
        case(external_id="tagged", tags=["vip", "test"]),
        case(external_id="machine", agents=[bot]),
        case(external_id="nobody", agents=None),
        case(external_id="many", agents=people),
        case(external_id="slight", severity="1"),
    )
    taken = Invitation.objects.filter(policy__isnull=False)
    assert [i.resolution.case.external_id for i in taken] == ["good"]


def test_the_cause_is_asked_once_in_its_period_and_the_fix_each_time() -> None:
    Policy.objects.update(cooldown_days=0, cause_days=90)
    take(case(external_id="1", resolved_at=at(50)))
    take(case(external_id="2"), case(external_id="3", cause="other"))
    assert _plans() == {
        "1": ("scheduled", "both"),
        "2": ("scheduled", "fix"),
        "3": ("scheduled", "both"),
    }


def test_the_cause_is_asked_after_all_where_the_first_survey_was_called_off() -> None:
    Policy.objects.update(cooldown_days=0, cause_days=90)
    take(case(external_id="1", resolved_at=at(9)), case(external_id="2"))
    take(case(external_id="1", status="reopened", resolved_at=None, occurred_at=at(4)))
    assert _plans() == {"1": ("cancelled", "both"), "2": ("scheduled", "both")}


def test_a_cause_asked_in_a_survey_sent_counts_and_a_fix_alone_does_not() -> None:
    Policy.objects.update(cooldown_days=0, cause_days=90)
    take(case(external_id="1", resolved_at=at(50)))
    Invitation.objects.update(status="sent", sent_at=told.NOW - 45 * HOUR)
    take(case(external_id="2", resolved_at=at(9)))
    assert _plans()["2"] == ("scheduled", "fix")
    Invitation.objects.update(asks="fix", status="sent", sent_at=told.NOW)
    take(case(external_id="3"))
    assert _plans()["3"] == ("scheduled", "both")


def test_a_survey_of_the_fix_alone_carries_the_fix_in_its_mail() -> None:
    delivery = queued()
    Invitation.objects.update(asks="fix", arm="cause_first")
    [mail] = claim(Scope(NOW), 10).mails
    assert (mail.delivery_id, mail.arm) == (delivery.pk, "fix_first")


@pytest.mark.parametrize("kind", ["invitation", "reminder"])
def test_a_mail_that_comes_late_waits_for_the_end_of_the_night(kind: str) -> None:
    delivery = queued() if kind == "invitation" else queued_reminder()
    Policy.objects.update(quiet_hours=NIGHT, weekdays=[1, 2, 3, 4, 5])
    Customer.objects.update(timezone="Asia/Tokyo")
    friday_night = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    assert claim(Scope(friday_night), 10).mails == []
    delivery.refresh_from_db()
    monday_morning = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    assert (delivery.status, delivery.due_at) == ("queued", monday_morning)
    planned = Invitation.objects.get().due_at
    assert planned == (monday_morning if kind == "invitation" else NOW)
    assert len(claim(Scope(monday_morning), 10).mails) == 1


def test_ignoring_the_delay_ignores_the_night_too() -> None:
    queued()
    Policy.objects.update(quiet_hours={"start": "11:00", "end": "13:00"})
    assert len(claim(Scope(NOW, ignore_delay=True), 10).mails) == 1


def test_a_reminder_keeps_the_customers_night_and_weekend() -> None:
    queued()
    Policy.objects.update(reminder_days=2, weekdays=[1, 2, 3, 4, 5])
    claimed = claim(Scope(NOW), 10)
    [mail] = claimed.mails
    put_in_flight(claimed.lease, [mail], NOW)
    assert mark_sent(claimed.lease, [Accepted(mail, NOW)])
    # NOW is a Friday noon: two days later is Sunday.
    reminder = Delivery.objects.get(kind="reminder")
    assert reminder.due_at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def _history(agent: Agent, n_cases: int, n_answered: int, days_ago: float) -> None:
    for number in range(n_cases):
        resolution = ResolutionFactory(agents=[agent], resolved_at=NOW - timedelta(days=days_ago))
        invitation = InvitationFactory(resolution=resolution)
        if number < n_answered:
            ResponseFactory(invitation=invitation)


def test_volumes_count_what_came_to_the_lot_and_what_was_answered() -> None:
    busy, bot = AgentFactory(external_id="busy"), AgentFactory(external_id="bot", is_bot=True)
    _history(busy, 10, 10, 40)
    _history(busy, 6, 0, 15)
    _history(bot, 2, 0, 15)
    Invitation.objects.filter(resolution__handled_by__agent=bot).update(reason_code="sampled_out")
    refused = ResolutionFactory(agents=[busy], resolved_at=NOW - timedelta(days=15))
    InvitationFactory(resolution=refused, status="skipped", reason_code="suppressed")
    measured = agent_volumes.measure(NOW).by_agent
    assert set(measured) == {"busy"}
    # Six cases in fifteen days; 10 of 16 drawn were answered, and the company's like that.
    assert measured["busy"].cases == pytest.approx(12)
    company = (10 + 0.2 * 50) / (16 + 50)
    assert measured["busy"].answered == pytest.approx((10 + company * 50) / (16 + 50))


def test_an_agent_with_few_cases_is_always_asked_about_and_a_busy_one_at_the_base_rate() -> None:
    busy = AgentFactory(external_id="busy")
    _history(busy, 30, 30, 20)
    Policy.objects.update(sample_rate=0, agent_target=1, cooldown_days=0)
    agents = {"busy": [{"external_id": "busy"}], "new": [{"external_id": "new"}]}
    for n in range(40):
        take(
            *(
                case(external_id=f"{name}{n}", agents=who, customer={"email": f"{name}{n}@e.org"})
                for name, who in agents.items()
            )
        )
    surveyed = Invitation.objects.filter(status="scheduled")
    assert surveyed.filter(resolution__case__external_id__startswith="new").count() == 40
    assert 0 < surveyed.filter(resolution__case__external_id__startswith="busy").count() < 25
    left_out = Invitation.objects.filter(reason_code="sampled_out").first()
    assert left_out is not None
    assert left_out.reason.endswith(" %, drawn so that each agent gets 1 answer a month")


def test_a_policy_read_alone_is_the_same_rule_as_in_the_list() -> None:
    PolicyFactory(
        slug="narrow",
        conditions={"severity": {"not": ["low"]}},
        quiet_hours=NIGHT,
        weekdays=[1, 2],
        agent_target=30,
        cause_days=90,
        position=1,
    )
    rules = load_rules()
    assert [rule_of(policy) for policy in Policy.objects.all()] == rules
    assert [rule.cause_days for rule in rules] == [None, 90]
