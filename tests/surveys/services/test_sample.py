"""Loading and removing the sample half year on a real database."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from analytics.aggregates import apply_all, verify
from analytics.models import CountedResponse
from surveys.models import Agent, Case, Cause, Customer, Delivery, Invitation, Response, Team, User
from surveys.sample import cast
from surveys.services import answering, sample, tokens
from surveys.services.demo_case import resolve_demo_case
from surveys.services.publishing import ensure_defaults
from tests.factories import AgentFactory, CaseFactory, CauseFactory

pytestmark = pytest.mark.django_db


def _load(n_cases: int = 120) -> int:
    return sample.load_sample(n_cases, 1, timezone.now(), lambda _: None)


def test_load_sample_goes_through_the_services_and_leaves_nothing_to_send() -> None:
    n_responses = _load()
    assert Case.objects.filter(is_sample=True).count() == 120
    assert Response.objects.filter(is_sample=True).count() == n_responses > 20
    assert Agent.objects.filter(is_sample=True).count() == 40
    assert not Delivery.objects.filter(status__in=("queued", "sending")).exists()
    assert set(Invitation.objects.values_list("status", flat=True)) <= {
        "sent",
        "expired",
        "failed",
        "skipped",
    }


def test_load_sample_has_one_login_for_each_role() -> None:
    _load(10)
    assert set(User.objects.filter(is_sample=True).values_list("role", flat=True)) == set(
        User.Role.values
    )
    manager = User.objects.get(email="manager@demo.example")
    assert manager.check_password(sample.PASSWORD)


def test_load_once_makes_no_login_and_loads_no_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sample, "N_CASES", 60)
    assert [sample.load_once(timezone.now()), sample.load_once(timezone.now())] == [True, False]
    assert Case.objects.filter(is_sample=True).count() == 60
    assert not User.objects.exists()


def _tried() -> Delivery:
    """A case of "Resolve a case now", whose mail waits."""
    ensure_defaults()
    resolve_demo_case(language="en", now=timezone.now())
    return Delivery.objects.select_related("invitation").get()


def test_load_once_loads_the_story_beside_a_tried_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "N_CASES", 60)
    _tried()
    assert not sample.is_loaded()
    assert [sample.load_once(timezone.now()), sample.load_once(timezone.now())] == [True, False]
    assert sample.is_loaded()
    assert Case.objects.filter(is_sample=True).count() == 61


def test_load_sample_leaves_the_mail_of_a_tried_case_to_be_sent() -> None:
    waiting = _tried()
    _load(60)
    waiting.refresh_from_db()
    waiting.invitation.refresh_from_db()
    assert (waiting.status, waiting.invitation.status) == ("queued", "scheduled")
    assert waiting.invitation.sent_at is None


def test_load_sample_completes_what_a_tried_case_mentioned_first() -> None:
    _tried()
    _load(10)
    agent = Agent.objects.select_related("team").get(external_id="agent-amara-okafor")
    assert agent.team is not None
    assert agent.team.name == next(
        team for team, names in cast.TEAMS.items() if "Amara Okafor" in names
    )
    told = next(cause for cause in cast.CAUSES if cause.code == "plan-change")
    cause = Cause.objects.get(code="plan-change")
    assert (cause.name, cause.description) == (told.name, told.description)


def test_load_sample_leaves_a_real_cause_and_agent_of_the_same_name_as_they_are() -> None:
    CauseFactory(code="plan-change", name="Ours", description="Our words")
    AgentFactory(external_id="agent-amara-okafor", name="Our Amara", team=None)
    sample._cast(with_logins=False)
    assert Cause.objects.get(code="plan-change").name == "Ours"
    agent = Agent.objects.get(external_id="agent-amara-okafor")
    assert (agent.name, agent.team) == ("Our Amara", None)


def test_remove_sample_data_takes_tried_cases_and_their_answers_along() -> None:
    waiting = _tried()
    _load(20)
    token = tokens.token_of(waiting.invitation.nonce)
    Delivery.objects.filter(pk=waiting.pk).update(status="sent")
    Invitation.objects.filter(pk=waiting.invitation_id).update(
        status="sent", sent_at=timezone.now()
    )
    asked = answering.find(token, timezone.now())
    assert asked is not None
    answering.store_answers(asked, {"F1": 5, "C1": 2}, language="en", now=timezone.now())
    apply_all()
    assert CountedResponse.objects.filter(
        response_id__in=Response.objects.filter(invitation=waiting.invitation_id)
    ).exists()
    assert sample.remove_sample_data() == 21
    apply_all()
    assert not sample.is_loaded()
    for model in (Case, Response, CountedResponse, Customer, Team, Agent, Cause):
        assert not model.objects.exists()
    assert verify() == []


def test_load_sample_equals_its_recount() -> None:
    n_responses = _load()
    apply_all()
    assert CountedResponse.objects.count() == n_responses
    assert verify() == []


def test_load_sample_never_answers_in_the_future() -> None:
    now = timezone.now()
    sample.load_sample(200, 3, now, lambda _: None)
    assert not Response.objects.filter(answered_at__gt=now).exists()
    assert not Case.objects.filter(last_event_at__gt=now + dt.timedelta(days=1)).exists()


def test_remove_sample_data_leaves_real_cases_and_empty_aggregates() -> None:
    real = CaseFactory()
    _load()
    apply_all()
    assert sample.remove_sample_data() == 120
    apply_all()
    assert list(Case.objects.all()) == [real]
    assert not CountedResponse.objects.exists()
    assert verify() == []
    assert not Customer.objects.exclude(pk=real.customer_id).exists()
    for model in (Team, Agent, Cause):
        assert not model.objects.filter(is_sample=True).exists()


def test_remove_sample_data_keeps_the_only_admin() -> None:
    _load(10)
    sample.remove_sample_data()
    assert [user.role for user in User.objects.all()] == ["admin"]


def test_remove_sample_data_removes_the_sample_admin_where_another_is() -> None:
    User.objects.create_user("own@example.com", "a long password", role=User.Role.ADMIN)
    _load(10)
    sample.remove_sample_data()
    assert [user.email for user in User.objects.all()] == ["own@example.com"]
