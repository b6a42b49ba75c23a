"""A wish opens a follow-up in its own transaction; what becomes of it is told to endpoints once."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone
from pytest_django.fixtures import Settings

from surveys.models import FollowUp, FollowUpChange, Invitation, OutgoingEvent, User
from surveys.services import answering, follow_ups, privacy
from surveys.services.follow_ups import FollowUpError, due_after
from surveys.services.outgoing import endpoints
from surveys.services.outgoing.endpoints import Wish
from surveys.services.outgoing.sending import send_due
from surveys.services.tokens import token_of
from surveys.services.wishes import store_wishes
from tests.factories import FollowUpFactory, ResponseFactory, UserFactory
from tests.surveys.staff import NO_PASSWORD
from tests.webhook_receiver import Receiver

pytestmark = pytest.mark.django_db
FRIDAY = dt.datetime(2026, 11, 20, 15, 30, tzinfo=dt.UTC)
BY = "grace@example.com"
OPENED, CHANGED, CLOSED = "follow_up.opened", "follow_up.changed", "follow_up.closed"


def _wish(invitation: Invitation, now: dt.datetime = FRIDAY, **wishes: bool | None) -> bool:
    asked = answering.find(token_of(invitation.nonce), now)
    assert asked is not None
    return store_wishes(asked, **{"call_back": None, "news": None, **wishes}, now=now)


def _told() -> list[tuple[str, str]]:
    found = OutgoingEvent.objects.order_by("pk").values_list("type", "data__follow_up__kind")
    return [(kind, about) for kind, about in found]


def test_what_is_asked_is_opened_taken_back_and_asked_again() -> None:
    url = "https://crm.example.com/hooks"
    endpoints.add(Wish("CRM", url, [OPENED, CHANGED, CLOSED]), FRIDAY)
    invitation = ResponseFactory(invitation__expires_at=None).invitation
    assert _wish(invitation, call_back=True, news=True)
    assert _wish(invitation, call_back=True, news=True)  # the page sends both whenever it is saved
    call = FollowUp.objects.get(kind="call_back")
    assert (call.status, call.opened_at, call.due_at) == (
        "open",
        FRIDAY,
        dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC),
    )
    assert _wish(invitation, call_back=False)
    call.refresh_from_db()
    assert (call.status, call.closed_at) == ("withdrawn", FRIDAY)
    with pytest.raises(FollowUpError):
        follow_ups.close(call.pk, "Rang.", BY, FRIDAY)
    assert _wish(invitation, call_back=True)
    assert _told() == [
        (OPENED, "call_back"), (OPENED, "news"), (CLOSED, "call_back"), (OPENED, "call_back")
    ]  # fmt: skip
    assert FollowUp.objects.count() == 2


def test_what_is_done_stays_done_until_it_is_opened_again() -> None:
    invitation = ResponseFactory(invitation__expires_at=None).invitation
    user = UserFactory(role=User.Role.MANAGER, password=NO_PASSWORD)
    _wish(invitation, call_back=True)
    pk = FollowUp.objects.get().pk
    follow_ups.assign(pk, user, BY, FRIDAY)
    follow_ups.assign(pk, user, BY, FRIDAY)
    follow_ups.close(pk, "Rang.", BY, FRIDAY)
    follow_ups.close(pk, "Rang.", BY, FRIDAY)
    for wanted in (True, False):
        _wish(invitation, call_back=wanted)
    found = FollowUp.objects.get()
    assert (found.status, found.outcome, found.assignee) == ("done", "Rang.", user)
    with pytest.raises(FollowUpError):
        follow_ups.assign(pk, None, BY, FRIDAY)
    follow_ups.reopen(pk, BY, FRIDAY)
    log = FollowUpChange.objects.order_by("pk").values_list("kind", "actor", "note")
    assert list(log) == [
        ("opened", "the customer", ""),
        ("assigned", BY, user.email),
        ("done", BY, "Rang."),
        ("reopened", BY, ""),
    ]


@pytest.mark.parametrize("outcome", ["", " \n\t", "x" * 1001])
def test_an_outcome_must_say_something_short(outcome: str) -> None:
    with pytest.raises(FollowUpError) as caught:
        follow_ups.close(FollowUpFactory().pk, outcome, BY, FRIDAY)
    assert caught.value.field == "outcome"


def test_endpoints_get_it_signed_and_only_who_may_learns_of_the_customer(
    settings: Settings,
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    response = ResponseFactory(invitation__expires_at=None)
    customer = response.invitation.customer
    with Receiver() as receiver:
        for name, may in (("plain", False), ("personal", True)):
            url = f"{receiver.url}/{name}"
            endpoints.add(Wish(name, url, [CLOSED], with_personal_data=may), timezone.now())
        _wish(response.invitation, call_back=True)
        follow_ups.close(FollowUp.objects.get().pk, "Rang Ada.", BY, timezone.now())
        assert send_due(1).delivered == 2
        told = {one.path.rpartition("/")[2]: one.body["data"] for one in receiver.received}
    assert told["plain"]["follow_up"]["status"] == "done"
    assert "outcome" not in told["plain"]["follow_up"]
    assert "customer" not in told["plain"]
    assert told["personal"]["follow_up"]["outcome"] == "Rang Ada."
    assert told["personal"]["customer"]["email"] == customer.email


def test_sample_data_is_told_to_nobody() -> None:
    endpoints.add(Wish("CRM", "https://crm.example.com/hooks", [OPENED]), FRIDAY)
    _wish(
        ResponseFactory(invitation__expires_at=None, invitation__is_sample=True).invitation,
        news=True,
    )
    assert (FollowUp.objects.count(), OutgoingEvent.objects.count()) == (1, 0)


def test_an_erasure_takes_follow_ups_and_what_was_told_of_them() -> None:
    endpoints.add(Wish("CRM", "https://crm.example.com/hooks", [OPENED]), FRIDAY)
    response = ResponseFactory(invitation__expires_at=None)
    _wish(response.invitation, call_back=True)
    privacy.erase(response.invitation.resolution.case.customer.email, FRIDAY)
    left = (FollowUp.objects.count(), FollowUpChange.objects.count(), OutgoingEvent.objects.count())
    assert left == (0, 0, 0)


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        ("2026-11-20T15:30Z", 1, "2026-11-23T15:30Z"),
        ("2026-11-21T10:00Z", 2, "2026-11-24T10:00Z"),
        ("2026-11-18T10:00Z", 0, "2026-11-18T10:00Z"),
        # Sunday evening in UTC is Monday in Auckland.
        ("2026-11-22T20:00Z", 1, "2026-11-23T20:00Z"),
    ],
)
def test_a_call_is_due_in_working_days_of_the_company(
    settings: Settings, asked: str, days: int, due: str
) -> None:
    settings.COMPANY_TIME_ZONE = "Pacific/Auckland" if "20:00" in asked else "UTC"
    assert due_after(dt.datetime.fromisoformat(asked), days) == dt.datetime.fromisoformat(due)


def test_wishes_from_before_are_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ResponseFactory(wants_call_back=True, wants_news=True)
    ResponseFactory()
    last = ResponseFactory(wants_news=True)
    migration = import_module("surveys.migrations.0035_follow_ups_of_wishes")
    monkeypatch.setattr(migration, "BATCH", 2)
    for _ in range(2):
        migration.open_all(apps, None)
    found = FollowUp.objects.order_by("response_id", "kind").values_list("response_id", "kind")
    assert list(found) == [(first.pk, "call_back"), (first.pk, "news"), (last.pk, "news")]
    assert FollowUpChange.objects.count() == 3
    assert not FollowUp.objects.filter(due_at__lt=timezone.now()).exists()
