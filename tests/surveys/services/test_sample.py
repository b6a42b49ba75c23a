"""Loading and removing the sample half year on a real database."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from analytics.aggregates import apply_all, verify
from analytics.models import CountedResponse
from surveys.models import Agent, Case, Cause, Customer, Delivery, Invitation, Response, Team, User
from surveys.services import sample
from tests.factories import CaseFactory

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
