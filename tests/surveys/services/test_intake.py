"""What becomes of cases as they arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError

from surveys.models import (
    Agent,
    Case,
    CaseEvent,
    Cause,
    Delivery,
    Invitation,
    Policy,
    Questionnaire,
    Resolution,
    ResolutionAgent,
)
from surveys.services import intake, intake_cases, intake_people, tokens
from surveys.services.publishing import ensure_defaults
from tests.factories import AgentFactory, ErasedCustomerFactory, SuppressionFactory
from tests.surveys.services.told import NOW, at, case, dump, read, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _defaults() -> None:
    ensure_defaults()


def _invitation(number: str = "1") -> Invitation:
    """The survey of a case's latest resolution."""
    found = Invitation.objects.filter(resolution__case__external_id=number)
    return found.latest("resolution__resolved_at")


def _said(number: str = "1") -> tuple[str, str]:
    invitation = _invitation(number)
    return invitation.status, invitation.reason


def test_take_creates_everything_once() -> None:
    [outcome] = take(case(agents=[{"external_id": "a1", "name": "Grace"}, {"external_id": "a2"}]))
    assert (outcome.outcome, outcome.errors) == ("created", [])
    resolution = Resolution.objects.get()
    snapshot = resolution.team, resolution.product, resolution.cause
    assert [str(part) for part in snapshot] == ["Mobile", "Prepaid", "plan-change"]
    assert (resolution.n_agents, resolution.human_handled) == (2, True)
    shares = ResolutionAgent.objects.values_list("agent__external_id", "share")
    assert sorted(shares) == [("a1", 0.5), ("a2", 0.5)]
    agent = Agent.objects.get(external_id="a1")
    assert (agent.name, str(agent.team)) == ("Grace", "Mobile")
    assert Cause.objects.get().mapped_at is None
    invitation = _invitation()
    assert (invitation.status, invitation.language) == ("scheduled", "de")
    assert invitation.due_at == NOW - timedelta(hours=1)
    assert bytes(invitation.token_hash) == tokens.hash_of(tokens.token_of(invitation.nonce))
    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.status, delivery.due_at) == (
        "invitation",
        "queued",
        invitation.due_at,
    )


def test_take_again_is_unchanged_and_writes_nothing() -> None:
    take(case())
    before = dump()
    [outcome] = take(case(), now=NOW + timedelta(hours=3))
    assert outcome.outcome == "unchanged"
    assert outcome.invitation == intake.InvitationNow(
        "scheduled", NOW - timedelta(hours=1), "", NOW - timedelta(hours=5)
    )
    assert dump() == before
    assert CaseEvent.objects.count() == 1


def test_take_answers_in_the_order_told() -> None:
    first, again, bad, other = take(
        case(), case(), case(status="x"), case(external_id="2", status="open", resolved_at=None)
    )
    assert [o.outcome for o in (first, again, bad, other)] == [
        "created",
        "unchanged",
        "rejected",
        "created",
    ]
    assert (other.invitation, bad.errors) == (
        None,
        [("status", "is none of open, resolved, reopened")],
    )


def test_take_a_changed_event_updates_the_case_but_no_snapshot() -> None:
    take(case())
    agents = [{"external_id": "a9"}]
    [outcome] = take(case(team="Fibre", subject="Other", agents=agents))
    assert outcome.outcome == "updated"
    assert Case.objects.get().subject == "Other"
    assert str(Resolution.objects.get().team) == "Mobile"
    assert ResolutionAgent.objects.get().agent.external_id == "a1"


def test_take_a_later_edit_moves_no_blame() -> None:
    take(case(), case(occurred_at=at(1), team="Fibre"))
    assert str(Resolution.objects.get().team) == "Mobile"


def test_take_an_earlier_resolution_told_late_is_snapshotted_instead() -> None:
    take(case(team="Fibre"))
    take(case(resolved_at=at(8), team="Mobile"))
    resolution = Resolution.objects.get()
    assert (str(resolution.team), resolution.resolved_at) == ("Mobile", NOW - timedelta(hours=8))


def test_take_an_earlier_resolution_told_late_leaves_a_sent_survey_alone() -> None:
    take(case(team="Fibre"))
    Invitation.objects.update(status="sent", sent_at=NOW)
    Delivery.objects.update(status="sent")
    take(case(resolved_at=at(8), team="Mobile"))
    assert str(Resolution.objects.get().team) == "Fibre"
    assert Invitation.objects.get().status == "sent"


def test_take_reopening_cancels_what_waits() -> None:
    take(case())
    [outcome] = take(case(status="reopened", resolved_at=None, occurred_at=at(2)))
    assert outcome.invitation is not None
    assert outcome.invitation.status == "cancelled"
    assert _said() == ("cancelled", "Reopened before the survey was sent")
    assert Resolution.objects.get().reopened_at == NOW - timedelta(hours=2)
    assert not Delivery.objects.exists()


def test_take_reopening_after_sending_cancels_only_the_reminder() -> None:
    take(case())
    Invitation.objects.update(status="sent", sent_at=NOW)
    Delivery.objects.update(status="sent")
    Delivery.objects.create(
        invitation=_invitation(), kind="reminder", status="queued", due_at=NOW + timedelta(days=4)
    )
    take(
        case(status="reopened", resolved_at=None, occurred_at=at(-1)), now=NOW + timedelta(hours=2)
    )
    assert _invitation().status == "sent"
    assert sorted(Delivery.objects.values_list("kind", "status")) == [
        ("invitation", "sent"),
        ("reminder", "cancelled"),
    ]


def test_take_resolved_again_is_surveyed_once_more() -> None:
    take(
        case(),
        case(status="reopened", resolved_at=None, occurred_at=at(4)),
        case(resolved_at=at(1)),
    )
    assert sorted(Invitation.objects.values_list("status", flat=True)) == ["cancelled", "scheduled"]


def test_take_an_untimed_reopening_told_twice_is_one() -> None:
    take(case())
    told = case(status="reopened", resolved_at=None)
    [first] = take(told, now=NOW)
    [second] = take(told, now=NOW + timedelta(minutes=1))
    assert (first.outcome, second.outcome) == ("updated", "unchanged")


@pytest.mark.parametrize(
    ("policy", "told", "words"),
    [
        ({"enabled": False}, {}, "The policy “Every resolved case” is switched off"),
        ({"conditions": {"product": ["Fibre"]}}, {}, "No policy surveys this case"),
        ({"sample_rate": 0}, {}, "Not in the sample of 0 %"),
        ({}, {"customer": {"external_id": "c1"}}, "The customer's e-mail address is not known"),
        ({}, {"customer": None}, "The customer's e-mail address is not known"),
        (
            {},
            {"customer": {"email": "Gone@example.com"}},
            "Customer unsubscribed on 3 May 2026",
        ),
    ],
)
def test_take_says_why_a_case_is_not_surveyed(
    policy: dict[str, Any], told: dict[str, Any], words: str
) -> None:
    SuppressionFactory(email="gone@example.com", created_at=datetime(2026, 5, 3, tzinfo=UTC))
    Policy.objects.update(**policy)
    take(case(**told))
    assert _said() == ("skipped", words)
    assert not Delivery.objects.exists()


def test_take_an_unpublished_questionnaire_surveys_nobody() -> None:
    Policy.objects.update(questionnaire=Questionnaire.objects.create(slug="new", name="New"))
    take(case())
    words = "The questionnaire of the policy “Every resolved case” is not published yet"
    assert _said() == ("skipped", words)


def test_take_an_address_told_later_is_surveyed() -> None:
    take(case(customer=None))
    take(case(status="resolved", occurred_at=at(1)))
    assert _said() == ("scheduled", "")


def test_take_surveys_a_customer_once_in_the_cooldown() -> None:
    take(case(), case(external_id="2", resolved_at=at(3)))
    assert _said("1") == ("scheduled", "")
    day = "21 November 2026"
    assert _said("2") == ("skipped", f"Another survey for this customer is scheduled for {day}")
    take(case(status="reopened", resolved_at=None, occurred_at=at(1)))
    assert [_said("1")[0], _said("2")] == ["cancelled", ("scheduled", "")]


def test_take_keeps_the_cooldown_after_a_survey_was_sent() -> None:
    take(case())
    Invitation.objects.update(status="sent", sent_at=NOW)
    Delivery.objects.update(status="sent")
    take(case(external_id="2", resolved_at=at(1)))
    assert _said("2") == ("skipped", "Surveyed less than 30 days ago (on 21 November 2026)")


def test_take_history_writes_to_nobody() -> None:
    take(case(), is_history=True)
    assert _said() == ("skipped", "Imported as history")
    take(case())
    assert _said() == ("skipped", "Imported as history")


def test_take_a_case_only_bots_handled_is_not_human_handled() -> None:
    AgentFactory(external_id="bot", is_bot=True)
    take(case(agents=[{"external_id": "bot"}]), case(external_id="2", agents=None))
    found = Resolution.objects.order_by("case__external_id")
    assert list(found.values_list("n_agents", "human_handled")) == [(1, False), (0, False)]


def test_take_marks_what_is_sample() -> None:
    take(case(), is_sample=True)
    for row in (Case.objects.get(), Resolution.objects.get(), Invitation.objects.get()):
        assert row.is_sample


def test_take_stores_nothing_personal_of_someone_erased() -> None:
    ErasedCustomerFactory(email_hash=tokens.email_hash("ada@example.com"))
    take(case())
    assert _said() == ("skipped", "The customer was erased on request")
    content = CaseEvent.objects.get().content
    assert {"subject", "tags"} & set(content) == set()
    assert content["customer"] == {"erased": True}
    assert (Case.objects.get().subject, Case.objects.get().customer) == ("", None)
    assert [o.outcome for o in take(case())] == ["unchanged"]


def test_take_a_poison_case_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that checking does not know: the column is shorter than the check allows."""
    write = intake_cases.write_events

    def poisoned(works: list[intake_cases.Work], now: datetime) -> None:
        if any(work.key[1] == "2" for work in works):
            raise DataError("value too long for type character varying(10)\nmore")
        write(works, now)

    monkeypatch.setattr(intake_cases, "write_events", poisoned)
    outcomes = take(case(), case(external_id="2"), case(external_id="3"))
    assert [o.outcome for o in outcomes] == ["created", "rejected", "created"]
    words = "cannot be stored: value too long for type character varying(10)"
    assert outcomes[1].errors == [("", words)]
    assert sorted(Case.objects.values_list("external_id", flat=True)) == ["1", "3"]


def test_probe_says_the_same_and_undoes_it() -> None:
    outcomes = intake.probe(read(case()), now=NOW)
    assert [o.outcome for o in outcomes] == ["created"]
    assert not Case.objects.exists()


def test_tell_agents_keeps_the_newest_of_each_fact() -> None:
    def agent(name: str | None, email: str | None) -> list[dict[str, Any]]:
        return [{"external_id": "a1", "name": name, "email": email}]

    take(case(agents=agent("New", None), team="B", resolved_at=at(1)))
    take(case(external_id="2", agents=agent("Old", "old@example.org"), team="A"))
    found = Agent.objects.get()
    assert (found.name, found.email, str(found.team)) == ("New", "old@example.org", "B")


def test_newest_facts_of_one_moment_take_the_greater_text() -> None:
    told = [("k", NOW, {"name": "Ann"}), ("k", NOW, {"name": "Zoe"}), ("k", NOW, {"name": "Bo"})]
    assert intake_people.newest_facts(told, ["name"]) == {"k": {"name": (NOW, "Zoe")}}
