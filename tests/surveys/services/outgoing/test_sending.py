"""Events reach their endpoints: signed, at least once, in spite of what receivers do."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from standardwebhooks import Webhook

from surveys.models import OutgoingEvent, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from surveys.services.outgoing import endpoints, posting, queue, signing
from surveys.services.outgoing.sending import send_due
from surveys.services.outgoing.sorting import sort
from tests.surveys.services.outgoing.conftest import Subscribe, answer, due_again
from tests.webhook_receiver import BIG, DRIP, DROP, HANG, LATE_BODY, REDIRECT, Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request may take half a second."""
    hurried = posting.post
    monkeypatch.setattr(
        "surveys.services.outgoing.sending.post",
        lambda *given, **more: hurried(*given, **more, seconds=0.5),
    )


def statuses() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("status", flat=True))


def test_answer_is_told_and_the_reference_library_believes_it(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    endpoint = subscribe()
    invitation = answer(F1=4, C1=2, fix_comment="Thank you, Ada")
    counts = send_due(1)
    assert (counts.queued, counts.delivered, statuses()) == (1, 1, ["delivered"])
    (got,) = receiver.received
    secret = endpoints.secret_shown(endpoint)
    assert secret is not None
    body = Webhook(secret).verify(got.raw, got.headers)
    assert body == got.body
    assert (body["type"], body["version"]) == ("response.completed", 1)
    assert body["data"]["response"]["items"] == {"F1": 4, "C1": 2}
    assert body["data"]["case"]["external_id"] == invitation.resolution.case.external_id
    assert body["data"]["invitation"]["id"] == invitation.pk
    assert b"Ada" not in got.raw
    assert b"@" not in got.raw
    assert (got.path, got.headers["content-type"]) == ("/in", "application/json")


def test_nobody_subscribed_nothing_is_written(receiver: Receiver, subscribe: Subscribe) -> None:
    answer()
    assert OutgoingEvent.objects.count() == 0
    endpoint = subscribe(events=["invitation.sent"])
    answer()
    assert OutgoingEvent.objects.count() == 0
    endpoint.delete()
    subscribe(events=["response.changed"])
    invitation = answer(F1=5, C1=1)
    assert OutgoingEvent.objects.count() == 0
    time.sleep(0.001)
    answer(invitation, F1=1)
    assert [event.type for event in OutgoingEvent.objects.all()] == ["response.changed"]


def test_both_secrets_sign_while_rotating_and_then_the_new_one_alone(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    endpoint = subscribe()
    old = endpoints.secret_shown(endpoint)
    endpoint = endpoints.rotate(endpoint, timezone.now())
    new = endpoints.secret_shown(endpoint)
    assert old is not None
    assert new is not None
    assert old != new
    answer()
    send_due(1)
    (got,) = receiver.received
    for secret in (old, new):
        Webhook(secret).verify(got.raw, got.headers)
    later = timezone.now() + signing.OVERLAP + timedelta(seconds=1)
    assert signing.secrets_of(endpoint, later) == [new]


def test_secret_outlives_a_change_of_the_key_and_a_lost_key_holds_the_delivery(
    receiver: Receiver, subscribe: Subscribe, settings: Settings
) -> None:
    endpoint = subscribe()
    secret, former = endpoints.secret_shown(endpoint), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key", [former]
    assert endpoints.secret_shown(endpoint) == secret
    settings.SECRET_KEY_FALLBACKS = []
    assert endpoints.secret_shown(endpoint) is None
    answer()
    assert send_due(1).held == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.n_attempts, receiver.received) == ("queued", 0, [])
    assert "SECRET_KEY" in delivery.last_words


def test_dump_of_the_database_holds_no_secret(receiver: Receiver, subscribe: Subscribe) -> None:
    endpoint = subscribe()
    endpoint.refresh_from_db()
    secret = endpoints.secret_shown(endpoint) or ""
    values = json.dumps({f.name: str(getattr(endpoint, f.name)) for f in endpoint._meta.fields})
    assert len(secret) == len("whsec_") + 44
    assert secret.removeprefix("whsec_") not in values


@pytest.mark.parametrize(
    ("reaction", "code", "words"),
    [
        (500, 500, "answered 500"),
        (404, 404, "answered 404"),
        (REDIRECT, 302, "answered 302, a redirect, which is not followed"),
        (DROP, None, "the connection was closed without an answer"),
        (HANG, None, "no answer within 0.5 s"),
        (DRIP, None, "no answer within 0.5 s"),
    ],
)
def test_all_but_a_2xx_is_tried_again_under_the_same_id(
    receiver: Receiver,
    subscribe: Subscribe,
    impatient: None,
    reaction: int | str,
    code: int | None,
    words: str,
) -> None:
    receiver.elsewhere = receiver.url.replace("/in", "/elsewhere")
    subscribe()
    answer()
    receiver.react(reaction)
    before = timezone.now()
    assert send_due(0.3).failed == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.n_attempts, delivery.last_words) == ("queued", 1, words)
    assert timedelta(seconds=4) < delivery.due_at - before < timedelta(seconds=15)
    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.words) == (code, words)
    assert attempt.milliseconds < 3000
    due_again()
    assert send_due(0.3).delivered == 1
    assert len(set(receiver.ids)) == 1
    assert len(receiver.received) == 2
    assert {each.path for each in receiver.received} == {"/in"}
    assert receiver.received[0].raw == receiver.received[1].raw


@pytest.mark.parametrize("reaction", [BIG, LATE_BODY])
def test_2xx_counts_whatever_its_body_is(
    receiver: Receiver, subscribe: Subscribe, impatient: None, reaction: str
) -> None:
    subscribe()
    answer()
    receiver.react(reaction)
    assert send_due(0.3).delivered == 1
    assert len(WebhookAttempt.objects.get().answer) <= posting.KEPT
    assert receiver.n_bytes_sent < 8 * 1024 * 1024


def test_nobody_listening_is_tried_again(receiver: Receiver, subscribe: Subscribe) -> None:
    subscribe("http://127.0.0.1:1/in")
    answer()
    assert send_due(0.3).failed == 1
    assert WebhookAttempt.objects.get().words == "nobody listens there"


def test_schedule_is_ten_attempts_in_three_days_and_then_it_is_given_up(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    answer()
    receiver.always = 503
    waited = timedelta(0)
    for number in range(1, queue.MAX_ATTEMPTS + 1):
        due_again()
        assert send_due(0.1).failed == 1
        delivery = WebhookDelivery.objects.get()
        assert delivery.n_attempts == number
        if delivery.status == "queued":
            waited += delivery.due_at - timezone.now()
    assert delivery.status == "failed"
    assert WebhookAttempt.objects.count() == 10
    assert timedelta(days=2.7) < waited < timedelta(days=4)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.n_failing, endpoint.state) == (10, "active")
    receiver.always = 200
    assert endpoints.resend_failed(endpoint, timezone.now() - timedelta(days=1), timezone.now())
    due_again()
    assert send_due(0.1).delivered == 1
    assert len(set(receiver.ids)) == 1
    endpoint.refresh_from_db()
    assert (endpoint.n_failing, endpoint.failing_since) == (0, None)


def test_410_switches_the_endpoint_off_until_it_is_resumed(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    endpoint = subscribe()
    answer()
    receiver.react(410)
    send_due(0.1)
    endpoint.refresh_from_db()
    assert (statuses(), endpoint.state, endpoint.disabled_reason) == (
        ["failed"],
        "disabled",
        queue.GONE,
    )
    answer()
    assert OutgoingEvent.objects.filter(data__isnull=True).count() == 0
    endpoints.resume(endpoint)
    answer()
    assert send_due(0.1).delivered == 1


def test_endpoint_failing_for_days_is_switched_off_and_says_why(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    endpoint = subscribe()
    receiver.always = 500
    answer()
    send_due(0.1)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=5, seconds=1))
    due_again()
    send_due(0.1)
    endpoint.refresh_from_db()
    assert endpoint.state == "disabled"
    assert endpoint.disabled_reason == "It took nothing for 5 days; the last time: answered 500."
    due_again()
    assert send_due(0.1).failed == 0


def test_paused_endpoint_gets_afterwards_what_happened_meanwhile(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    endpoint = subscribe()
    endpoints.pause(endpoint, timezone.now())
    answer()
    assert send_due(0.1).delivered == 0
    endpoints.resume(endpoint)
    assert send_due(0.1).delivered == 1


def test_hanging_endpoint_stops_no_other_and_is_asked_by_few(
    receiver: Receiver, subscribe: Subscribe, impatient: None
) -> None:
    with Receiver() as hanging:
        hanging.always = HANG
        subscribe(hanging.url)
        subscribe()
        for _ in range(12):
            answer()
        counts = send_due(3)  # it ends as soon as nothing is due
        assert counts.delivered == 12
        assert hanging.most_at_once == queue.AT_ONCE
        assert len(hanging.received) == queue.AT_ONCE
        assert receiver.most_at_once <= queue.AT_ONCE
        # It rests before it is asked again, and then by one request at a time.
        assert send_due(0.1).failed == 0
        due_again()
        hanging.received.clear()
        assert send_due(0.1).failed == 1
        assert len(hanging.received) == 1


def test_expired_lease_is_sent_again_and_whoever_lost_it_notes_nothing(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    answer()
    assert sort(timezone.now()) == (1, 1)
    (lost,) = queue.claim(timezone.now(), 10)
    assert queue.claim(timezone.now(), 10) == []
    WebhookDelivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    counts = send_due(0.1)
    assert (counts.returned, counts.delivered) == (1, 1)
    answered = posting.Answer(500, "answered 500", "", 1)
    assert queue.end(lost, answered, timezone.now(), timezone.now()) is False
    assert statuses() == ["delivered"]
    assert WebhookAttempt.objects.count() == 1


def test_endpoint_with_personal_data_is_told_who_and_what_they_wrote(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe(with_personal_data=True)
    invitation = answer(F1=5, C1=1, fix_comment="Fine, says Ada")
    send_due(0.1)
    data = receiver.received[0].body["data"]
    assert data["customer"]["email"] == invitation.customer.email
    assert data["response"]["fix_comment"] == "Fine, says Ada"
    assert "Ada" not in json.dumps(OutgoingEvent.objects.get().data)


def test_test_event_goes_to_one_endpoint(receiver: Receiver, subscribe: Subscribe) -> None:
    endpoint = subscribe()
    subscribe(name="Other")
    endpoints.test(endpoint, timezone.now())
    assert send_due(0.1).delivered == 1
    assert receiver.received[0].body["type"] == "webhook.test"


def test_old_events_are_forgotten_with_their_log(receiver: Receiver, subscribe: Subscribe) -> None:
    subscribe()
    answer()
    answer()
    send_due(0.1)
    old = OutgoingEvent.objects.order_by("pk")[0]
    OutgoingEvent.objects.filter(pk=old.pk).update(
        occurred_at=timezone.now() - endpoints.KEPT - timedelta(seconds=1)
    )
    assert endpoints.forget_old(timezone.now()) == 1
    assert (OutgoingEvent.objects.count(), WebhookDelivery.objects.count()) == (1, 1)
    assert WebhookAttempt.objects.count() == 1


def test_removed_endpoint_takes_its_log_and_what_nobody_else_was_told(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    first, second = subscribe(), subscribe(name="Other", events=["response.changed"])
    answer()
    send_due(0.1)
    endpoints.remove(first)
    assert (OutgoingEvent.objects.count(), WebhookAttempt.objects.count()) == (0, 0)
    assert list(WebhookEndpoint.objects.all()) == [second]
