"""Short messages by a gateway: as certain of what left as mails are."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from config.env import WrongValueError
from config.env_kinds import gateway
from surveys.channels import is_configured, twilio
from surveys.channels.base import Unreachable
from surveys.channels.gateway import gateway_of
from surveys.channels.standin import DROP, HANG, Refusal, StandIn
from surveys.models import Delivery, Invitation, Policy, Suppression
from surveys.services import return_paths
from surveys.services.delivery import Counts, dispatch_all
from surveys.services.delivery_claims import Scope, claim
from surveys.services.delivery_lanes import dispatch_messages, how_many_wait
from surveys.services.policies import PolicyFaultsError, PolicyPatch, change
from surveys.services.publishing import ensure_defaults
from surveys.services.suppressions import suppress
from tests.factories import NOW
from tests.smtp_server import SmtpServer
from tests.surveys.services import told
from tests.surveys.services.gateways import use_gateway
from tests.surveys.services.outbox import queued, queued_reminder, story

pytestmark = pytest.mark.django_db
NUMBER = "+493090182000"


def message(channel: str = "sms", number: str = NUMBER, **fields: Any) -> Delivery:
    delivery = queued(channel=channel, **fields)
    customer = delivery.invitation.customer
    assert customer is not None
    customer.phone = number
    customer.save()
    return delivery


def test_message_leaves_with_link_stop_and_where_to_tell_its_fate(sms_server: StandIn) -> None:
    delivery = message()
    assert dispatch_messages(clock=lambda: NOW) == Counts(sent=1)
    assert story(delivery) == ("sent", "sent")
    [taken] = sms_server.received
    assert (taken.to, taken.sender) == (NUMBER, "+15550100")
    asked, link, stop = taken.body.split("\n")
    assert asked.startswith("Northline: ")
    assert link.startswith("https://survey.northline.example/s/")
    assert "STOP" in stop
    tell, _, again = taken.form["StatusCallback"].partition("#")
    assert again == "rc=5&rp=5xx,ct,rt"
    base, _, mark = tell.partition("?mark=")
    assert base == "https://survey.northline.example/api/message-events/"
    claimed = return_paths.read_mark(mark.replace("%2B", "+"))
    assert claimed is not None
    assert claimed.delivery_id == delivery.pk
    assert return_paths.is_signed(claimed, delivery.invitation.nonce)
    reminder = Delivery.objects.get(invitation=delivery.invitation, kind="reminder")
    assert reminder.channel == "sms"


def test_messages_keep_the_pace_of_their_channel_alone(
    sms_server: StandIn, smtp: SmtpServer, settings: Settings
) -> None:
    use_gateway(settings, sms_server.url, "whatsapp")
    settings.MAIL_LIMITS = {"": 1 / 3600, "example.com": 1 / 3600}
    settings.MESSAGE_LIMITS = {"sms": 2.0}
    short = [message(number=f"+49309018200{n}", email=f"s{n}@example.com") for n in range(5)]
    other = [message("whatsapp", f"+49309018210{n}", email=f"w{n}@example.com") for n in range(3)]
    mail = queued()

    assert dispatch_messages(clock=lambda: NOW) == Counts(sent=5, put_off=3)
    assert {story(delivery) for delivery in other} == {("sent", "sent")}
    waiting = Delivery.objects.filter(pk__in=[one.pk for one in short], status="queued")
    assert [one.due_at - NOW for one in waiting.order_by("due_at")] == [
        timedelta(seconds=seconds) for seconds in (1.5, 2.0, 2.5)
    ]
    assert dispatch_all(clock=lambda: NOW) == Counts(sent=1)
    assert story(mail) == ("sent", "sent")
    dispatch_messages(clock=lambda: NOW + timedelta(seconds=1.9))
    assert waiting.count() == 2
    dispatch_messages(clock=lambda: NOW + timedelta(seconds=2.6))
    assert not waiting.exists()


@pytest.mark.parametrize(
    ("reaction", "counts", "statuses", "suppressed"),
    [
        (Refusal(400, 21211), Counts(failed=1), ("failed", "failed"), ["bounced"]),
        (Refusal(400, 21614), Counts(failed=1), ("failed", "failed"), ["bounced"]),
        (Refusal(400, 21610), Counts(failed=1), ("failed", "failed"), ["unsubscribed"]),
        (Refusal(400, 21408), Counts(failed=1), ("failed", "failed"), []),
        (Refusal(429, 20429), Counts(retried=1), ("queued", "scheduled"), []),
        (Refusal(500), Counts(retried=1), ("queued", "scheduled"), []),
        (Refusal(504), Counts(unknown=1), ("unknown", "unknown"), []),
        (Refusal(302), Counts(unknown=1), ("unknown", "unknown"), []),
        (DROP, Counts(unknown=1), ("unknown", "unknown"), []),
    ],
)
def test_what_the_gateway_answers_decides(
    sms_server: StandIn,
    reaction: Any,
    counts: Counts,
    statuses: tuple[str, str],
    suppressed: list[str],
) -> None:
    delivery = message()
    sms_server.react(reaction)
    assert dispatch_messages(clock=lambda: NOW) == counts
    assert (story(delivery), len(sms_server.received)) == (statuses, 1)
    found = Suppression.objects.values_list("email", "reason")
    assert list(found) == [(NUMBER, reason) for reason in suppressed]
    # What was refused repeats the number; an error must not keep it beyond an erasure.
    assert NUMBER not in Delivery.objects.get(pk=delivery.pk).last_error
    if statuses[0] in {"unknown", "failed"}:
        assert dispatch_messages(clock=lambda: NOW + timedelta(days=1)) == Counts()
        assert len(sms_server.received) == 1


def test_hanging_gateway_leaves_one_unknown_and_the_others_queued(
    sms_server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "_TIMEOUT", (1.0, 0.3))
    first, second = message(email="a@example.com"), message(email="b@example.com")
    sms_server.react(HANG)
    counts = dispatch_messages(clock=lambda: NOW)
    assert (counts.unknown, counts.released) == (1, 1)
    assert counts.stopped.startswith("the connection was lost after the message was sent")
    assert (story(first)[0], story(second)[0]) == ("unknown", "queued")


@pytest.mark.parametrize("why", ["away", "wrong token"])
def test_gateway_that_cannot_be_used_costs_no_attempt(
    sms_server: StandIn, settings: Settings, why: str
) -> None:
    delivery = message()
    if why == "away":
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            use_gateway(settings, f"http://127.0.0.1:{taken.getsockname()[1]}")
            counts = dispatch_messages(clock=lambda: NOW)
    else:
        sms_server.token = "another"
        counts = dispatch_messages(clock=lambda: NOW)
        assert "SMS_URL" in counts.stopped
    delivery.refresh_from_db()
    assert (counts.released, delivery.status, delivery.n_attempts) == (1, "queued", 0)


def test_our_own_mistake_stops_the_round_and_is_tried_again(sms_server: StandIn) -> None:
    first, second = message(email="a@example.com"), message(email="b@example.com")
    sms_server.react(Refusal(400, 21606))
    counts = dispatch_messages(clock=lambda: NOW)
    assert (counts.retried, counts.released, len(sms_server.received)) == (1, 1, 1)
    assert "21606" in counts.stopped
    assert (story(first)[0], story(second)[0]) == ("queued", "queued")


def test_mails_and_messages_do_not_take_each_other(sms_server: StandIn, smtp: Any) -> None:
    mail, sms = queued("mail@example.com"), message()
    assert how_many_wait(NOW) == 2
    assert dispatch_all(clock=lambda: NOW) == Counts(sent=1)
    assert (story(mail)[0], story(sms)[0], sms_server.received) == ("sent", "queued", [])
    assert dispatch_messages(clock=lambda: NOW) == Counts(sent=1)
    assert story(sms)[0] == "sent"


@pytest.mark.parametrize(
    ("address", "reason", "sent"),
    [
        (NUMBER, "unsubscribed", 0),
        ("ada@example.com", "unsubscribed", 0),
        ("ada@example.com", "complained", 0),
        ("ada@example.com", "bounced", 1),
        ("ada@example.com", "unreachable", 1),
    ],
)
def test_suppression_holds_until_the_message_leaves(
    sms_server: StandIn, address: str, reason: str, sent: int
) -> None:
    delivery = message()
    claimed = claim(Scope(NOW, channel="sms"), 10)
    suppress(address, reason, now=NOW)
    from surveys.services import delivery_outcomes

    _, taken = delivery_outcomes.put_in_flight(claimed.lease, claimed.mails, NOW)
    assert taken == ({delivery.pk} if sent else set())
    delivery_outcomes.release(claimed.lease, claimed.mails)
    assert dispatch_messages(clock=lambda: NOW).sent == sent
    assert len(sms_server.received) == sent


@pytest.mark.parametrize(("address", "left"), [(NUMBER, "mail"), ("ada@example.com", "")])
def test_stop_by_the_number_leaves_mails_alone(
    sms_server: StandIn, address: str, left: str
) -> None:
    sms = message()
    customer = sms.invitation.customer
    mail = queued("other@example.com", invitation__resolution__case__customer=customer)
    Invitation.objects.filter(pk=mail.invitation_id).update(customer=customer)
    suppress(address, "unsubscribed", now=NOW)
    statuses = [Delivery.objects.get(pk=one.pk).status for one in (sms, mail)]
    assert statuses == ["cancelled", "queued" if left else "cancelled"]


def test_customer_without_a_number_is_skipped_with_its_reason_until_it_is_told(
    sms_server: StandIn,
) -> None:
    ensure_defaults()
    change("default", PolicyPatch(channel="sms"))
    told.take(told.case())
    invitation = Invitation.objects.get()
    assert (invitation.status, invitation.reason) == (
        "skipped",
        "No phone number of the customer is known",
    )
    told.take(
        told.case(
            status="open", resolved_at=None, occurred_at=told.at(6),
            customer={"email": "ada@example.com", "phone": NUMBER},
        )
    )  # fmt: skip
    invitation.refresh_from_db()
    assert (invitation.status, invitation.reason) == ("scheduled", "")
    assert Delivery.objects.get().channel == "sms"


def test_number_lost_before_the_message_left_withdraws_it(sms_server: StandIn) -> None:
    delivery = message(number="")
    assert dispatch_messages(clock=lambda: NOW) == Counts(skipped=1)
    assert story(delivery) == ("cancelled", "cancelled")
    assert Invitation.objects.get().reason == "No phone number of the customer is known"


def test_quiet_hours_hold_messages_back(sms_server: StandIn) -> None:
    delivery = message()
    Policy.objects.update(quiet_hours={"start": "11:00", "end": "13:00"})
    assert dispatch_messages(clock=lambda: NOW) == Counts(put_off=1)
    delivery.refresh_from_db()
    assert (delivery.due_at, sms_server.received) == (NOW + timedelta(hours=1), [])


def test_reminder_goes_by_the_same_way(sms_server: StandIn) -> None:
    delivery = queued_reminder(channel="sms", invitation__status="sent")
    customer = delivery.invitation.customer
    assert customer is not None
    customer.phone = NUMBER
    customer.save()
    Invitation.objects.update(status="sent", expires_at=NOW + timedelta(days=5))
    assert dispatch_messages(clock=lambda: NOW) == Counts(sent=1)
    assert "still time" in sms_server.received[0].body


def test_whatsapp_goes_by_an_approved_template(sms_server: StandIn, settings: Settings) -> None:
    settings.GATEWAYS = {}
    template = "HX" + "0" * 32
    use_gateway(settings, sms_server.url, "whatsapp", f"&template={template}")
    message(channel="whatsapp")
    assert dispatch_messages(clock=lambda: NOW) == Counts(sent=1)
    [taken] = sms_server.received
    assert (taken.to, taken.sender, taken.body) == (
        f"whatsapp:{NUMBER}",
        "whatsapp:+15550100",
        "",
    )
    assert taken.form["ContentSid"] == template
    variables = json.loads(taken.form["ContentVariables"])
    assert variables["1"] == "Northline"
    assert variables["2"].startswith("https://survey.northline.example/s/")


def test_policy_takes_a_channel_only_where_its_gateway_is(settings: Settings) -> None:
    ensure_defaults()
    settings.GATEWAYS = {}
    with pytest.raises(PolicyFaultsError, match="SMS_URL is not set"):
        change("default", PolicyPatch(channel="sms"))
    assert (is_configured("mail"), is_configured("sms")) == (True, False)
    message()
    assert dispatch_messages(clock=lambda: NOW) == Counts()


def test_check_of_the_gateway_sends_nothing(sms_server: StandIn) -> None:
    assert gateway_of("sms").check() == "by Twilio, from +15550100"
    sms_server.token = "another"
    with pytest.raises(Unreachable, match="Authenticate"):
        gateway_of("sms").check()
    assert sms_server.received == []


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("http://x", "must begin with twilio://"),
        ("twilio://default?from=+15550100", "the account and its token"),
        ("twilio://AC00:t@default", "from must be"),
        ("twilio://AC00:t@default?from=+15550100&to=1", "unknown parameter"),
        ("twilio://AC00:t@default?from=+15550100&template=x", "template must be"),
        ("twilio://AC00:t@default?from=+15550100&api_url=ftp://x", "must begin with http://"),
    ],
)
def test_wrong_address_of_a_gateway_says_what_is_wrong(url: str, wrong: str) -> None:
    with pytest.raises(WrongValueError, match=wrong):
        gateway(url)


@pytest.mark.parametrize(
    "sender", ["+15550100", "%2B15550100", "Northline", "12345", "MG" + "0" * 32]
)
def test_sender_is_a_number_a_name_or_a_service(sender: str) -> None:
    found = gateway(f"twilio://AC00:t%2Fx@default?from={sender}")
    assert (found.sender, found.password) == (sender.replace("%2B", "+"), "t/x")
