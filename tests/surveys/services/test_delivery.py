"""What a dispatch round does with what is due, against a real SMTP server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from pytest_django.fixtures import Settings

from surveys.models import Delivery, Invitation, MailSkeleton, Policy, Suppression
from surveys.services.delivery import (
    Counts,
    dispatch_all,
    dispatch_round,
)
from surveys.services.delivery_outcomes import pause_after
from surveys.services.tokens import token_of
from tests.factories import NOW
from tests.smtp_server import ACCEPT_AND_DROP, DROP, HANG, SmtpServer, Verb
from tests.surveys.services.outbox import queued, queued_reminder, story

pytestmark = pytest.mark.django_db


def test_round_sends_what_is_due_and_opens_the_survey(smtp: SmtpServer) -> None:
    delivery = queued("ada@example.com")

    counts = dispatch_round(NOW)

    assert counts == Counts(sent=1)
    (mail,) = smtp.received
    assert (mail.sender, mail.recipient) == ("survey@northline.example", "ada@example.com")
    delivery.refresh_from_db()
    invitation = delivery.invitation
    invitation.refresh_from_db()
    assert (delivery.status, invitation.status) == ("sent", "sent")
    assert invitation.sent_at == delivery.sent_at
    assert invitation.sent_at is not None
    assert NOW <= invitation.sent_at < NOW + timedelta(seconds=10)
    assert invitation.expires_at == invitation.sent_at + timedelta(days=14)
    reminder = Delivery.objects.get(kind="reminder")
    assert (reminder.invitation_id, reminder.status) == (invitation.pk, "queued")
    assert reminder.due_at == invitation.sent_at + timedelta(days=4)


def test_mail_carries_the_links_of_its_invitation(smtp: SmtpServer) -> None:
    delivery = queued()
    dispatch_round(NOW)

    message = message_from_bytes(smtp.received[0].content, policy=policy.default)
    token = token_of(delivery.invitation.nonce)
    text = message.get_body(("plain",))
    assert text is not None
    links = [line for line in text.get_content().splitlines() if line.startswith("https:")]
    survey = f"https://survey.northline.example/s/{token}/"
    assert links == [
        *(f"{survey}?F1={value}" for value in (1, 2, 3, 4, 5)),
        survey,
        f"https://survey.northline.example/u/{token}/",
    ]
    assert message["List-Unsubscribe"] == f"<https://survey.northline.example/u/{token}/>"
    assert message["To"] == "ada@example.com"
    assert token not in message["Message-ID"]


@pytest.mark.parametrize(("asks", "headline"), [("fix", "F1"), ("cause", "C1")])
@pytest.mark.parametrize("arm", ["fix_first", "cause_first"])
def test_mail_asks_the_headline_of_the_block_that_is_asked(
    smtp: SmtpServer, asks: str, headline: str, arm: str
) -> None:
    delivery = queued(invitation__asks=asks, invitation__arm=arm)
    dispatch_round(NOW)

    message = message_from_bytes(smtp.received[0].content, policy=policy.default)
    text = message.get_body(("plain",))
    assert text is not None
    said = text.get_content()
    links = [line for line in said.splitlines() if line.startswith("https:")]
    survey = f"https://survey.northline.example/s/{token_of(delivery.invitation.nonce)}/"
    assert links[:6] == [*(f"{survey}?{headline}={value}" for value in range(1, 6)), survey]
    assert "two separate things" not in said


@pytest.mark.parametrize("pipelining", [False, True])
def test_one_session_carries_a_whole_round(smtp: SmtpServer, pipelining: bool) -> None:
    smtp.pipelining = pipelining
    for number in range(5):
        queued(f"customer{number}@example.com")

    assert dispatch_round(NOW) == Counts(sent=5)
    assert smtp.recipients == [f"customer{number}@example.com" for number in range(5)]
    assert smtp.verbs.count("CONNECT") == 1


def test_nothing_due_opens_no_session(smtp: SmtpServer) -> None:
    queued(due_at=NOW + timedelta(seconds=1))

    assert dispatch_round(NOW) == Counts()
    assert smtp.verbs == []


def test_ignoring_the_delay_sends_invitations_but_no_early_reminder(smtp: SmtpServer) -> None:
    delivery = queued(due_at=NOW + timedelta(days=300))

    assert dispatch_all(ignore_delay=True, clock=lambda: NOW) == Counts(sent=1)
    assert dispatch_all(ignore_delay=True, clock=lambda: NOW) == Counts()
    assert story(delivery) == ("sent", "sent")
    assert Delivery.objects.get(kind="reminder").status == "queued"


def test_ignoring_the_delay_keeps_the_pause_of_a_retry(smtp: SmtpServer) -> None:
    queued(due_at=NOW + timedelta(minutes=1), n_attempts=1)

    assert dispatch_all(ignore_delay=True, clock=lambda: NOW) == Counts()
    assert smtp.received == []


def test_due_reminder_is_sent_once_and_leaves_the_invitation_as_it_is(smtp: SmtpServer) -> None:
    reminder = queued_reminder()
    expires_at = reminder.invitation.expires_at

    assert dispatch_all(clock=lambda: NOW) == Counts(sent=1)
    assert story(reminder) == ("sent", "sent")
    reminder.invitation.refresh_from_db()
    assert (reminder.invitation.sent_at, reminder.invitation.expires_at) == (NOW, expires_at)
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("reminder_days", [None, 14])
def test_no_reminder_without_time_for_it(smtp: SmtpServer, reminder_days: int | None) -> None:
    queued()
    Policy.objects.update(reminder_days=reminder_days)

    dispatch_round(NOW)
    assert list(Delivery.objects.values_list("kind", flat=True)) == ["invitation"]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
def test_temporary_refusal_retries_after_a_pause(smtp: SmtpServer, verb: Verb) -> None:
    delivery = queued()
    smtp.on(verb, "451 4.7.1 greylisted", times=1)

    assert dispatch_round(NOW) == Counts(retried=1)
    delivery.refresh_from_db()
    assert story(delivery) == ("queued", "scheduled")
    assert (delivery.n_attempts, delivery.lease, delivery.in_flight_at) == (1, None, None)
    assert "451 4.7.1 greylisted" in delivery.last_error
    assert timedelta(seconds=48) < delivery.due_at - NOW < timedelta(seconds=90)
    delivery.invitation.refresh_from_db()
    assert delivery.invitation.due_at == delivery.due_at

    assert dispatch_round(delivery.due_at) == Counts(sent=1)
    assert smtp.recipients == ["ada@example.com"]


def test_temporary_refusals_end_after_eight_attempts(smtp: SmtpServer) -> None:
    delivery = queued()
    smtp.on("RCPT", "450 4.2.1 busy")
    moment = NOW
    pauses = []
    for _ in range(8):
        dispatch_round(moment)
        delivery.refresh_from_db()
        pauses.append(delivery.due_at - moment)
        moment = delivery.due_at

    assert story(delivery) == ("failed", "failed")
    assert smtp.verbs.count("RCPT") == 8
    assert all(pause < timedelta(hours=5) for pause in pauses)
    delivery.invitation.refresh_from_db()
    assert delivery.invitation.reason.startswith("Given up after 8 attempts: ")
    assert not Suppression.objects.exists()


def test_pauses_grow_threefold_up_to_four_hours_and_are_spread() -> None:
    for attempt, minutes in enumerate((1, 3, 9, 27, 81, 240, 240), start=1):
        pauses = [pause_after(attempt) / timedelta(minutes=minutes) for _ in range(200)]
        assert 0.8 <= min(pauses) < 0.9, attempt
        assert 1.1 < max(pauses) <= 1.2, attempt


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
def test_permanent_refusal_fails_with_the_servers_words(smtp: SmtpServer, verb: Verb) -> None:
    delivery = queued("ada@example.com")
    smtp.on(verb, "554 5.7.1 <ada@example.com> not wanted here", times=1)

    counts = dispatch_round(NOW)
    assert (counts.failed, counts.sent) == (1, 0)
    assert story(delivery) == ("failed", "failed")
    delivery.invitation.refresh_from_db()
    assert "554 5.7.1 <…> not wanted here" in delivery.invitation.reason
    assert not Suppression.objects.exists()
    assert dispatch_round(NOW + timedelta(days=1)) == Counts()
    assert smtp.received == []


@pytest.mark.parametrize("verb", ["RCPT", "DOT"])
def test_bad_mailbox_is_suppressed(smtp: SmtpServer, verb: Verb) -> None:
    bad = queued("gone@example.com")
    other = queued(
        "gone@example.com",
        invitation__customer=bad.invitation.customer,
        invitation__resolution__case__customer=bad.invitation.customer,
        due_at=NOW + timedelta(days=40),
    )
    smtp.on(verb, "550 5.1.1 no such user", times=1)

    assert dispatch_round(NOW) == Counts(failed=1)
    suppression = Suppression.objects.get()
    assert (suppression.email, suppression.reason) == ("gone@example.com", "bounced")
    assert story(bad) == ("failed", "failed")
    assert story(other) == ("cancelled", "cancelled")


def test_bad_sender_is_nobodys_mailbox_and_stops_the_round(smtp: SmtpServer) -> None:
    first, second = queued("a@example.com"), queued("b@example.com")
    smtp.on("MAIL", "550 5.1.8 your domain does not exist")

    counts = dispatch_round(NOW)
    assert (counts.failed, counts.released) == (1, 1)
    assert "5.1.8" in counts.stopped
    assert not Suppression.objects.exists()
    assert (story(first)[0], story(second)[0]) == ("failed", "queued")


def test_refusal_of_one_leaves_the_others(smtp: SmtpServer) -> None:
    mails = [queued(f"{name}@example.com") for name in ("a", "b", "c", "d")]
    smtp.on("RCPT", "550 5.7.1 no", recipient="b@example.com")
    smtp.on("DOT", "452 4.3.1 full", recipient="c@example.com")

    assert dispatch_round(NOW) == Counts(sent=2, failed=1, retried=1)
    assert [story(mail)[0] for mail in mails] == ["sent", "failed", "queued", "sent"]
    assert smtp.recipients == ["a@example.com", "d@example.com"]


# --- a server that is away, hangs or vanishes -----------------------------------------------------


def test_unreachable_server_leaves_everything_queued(smtp: SmtpServer, settings: Settings) -> None:
    delivery = queued()
    smtp.close()

    counts = dispatch_round(NOW)
    assert counts.stopped.startswith(f"the mail server 127.0.0.1:{smtp.port} cannot be used")
    assert story(delivery) == ("queued", "scheduled")
    assert Delivery.objects.get().n_attempts == 0


@pytest.mark.parametrize(
    ("verb", "reaction"),
    [
        ("CONNECT", "554 5.3.2 closed today"),
        ("CONNECT", DROP),
        ("CONNECT", HANG),
        ("EHLO", DROP),
    ],
)
def test_server_that_opens_no_session_costs_no_attempt(
    smtp: SmtpServer, impatient: Callable[[bool], None], verb: Verb, reaction: str
) -> None:
    first, second = queued("a@example.com"), queued("b@example.com")
    smtp.on(verb, reaction)
    impatient(reaction == HANG)

    counts = dispatch_round(NOW)
    assert counts.stopped.startswith("the mail server 127.0.0.1:")
    assert [story(first)[0], story(second)[0]] == ["queued", "queued"]
    assert set(Delivery.objects.values_list("n_attempts", flat=True)) == {0}


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reaction", [DROP, HANG])
def test_session_lost_before_the_content_is_retried(
    smtp: SmtpServer, impatient: Callable[[bool], None], verb: Verb, reaction: str
) -> None:
    delivery = queued()
    smtp.on(verb, reaction, times=1)
    impatient(reaction == HANG)

    assert dispatch_round(NOW).retried == 1
    impatient(False)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.in_flight_at) == ("queued", None)

    assert dispatch_round(delivery.due_at) == Counts(sent=1)
    assert smtp.recipients == ["ada@example.com"]


@pytest.mark.parametrize("verb", ["CONTENT", "DOT"])
@pytest.mark.parametrize("reaction", [DROP, HANG, ACCEPT_AND_DROP])
def test_session_lost_after_the_content_began_is_unknown_and_never_repeated(
    smtp: SmtpServer, impatient: Callable[[bool], None], verb: Verb, reaction: str
) -> None:
    delivery = queued()
    smtp.on(verb, reaction, times=1)
    impatient(reaction == HANG)

    assert dispatch_round(NOW).unknown == 1
    assert story(delivery) == ("unknown", "unknown")
    invitation = Invitation.objects.get()
    assert invitation.reason.endswith("it may have arrived")
    assert invitation.expires_at is not None
    assert invitation.expires_at > NOW + timedelta(days=13)

    for days in (0, 1, 10):
        assert dispatch_round(NOW + timedelta(days=days)) == Counts()
    assert smtp.verbs.count("DATA") == 1


def test_one_broken_session_does_not_hold_up_the_others(smtp: SmtpServer) -> None:
    mails = [queued(f"{name}@example.com") for name in ("a", "b", "c")]
    smtp.on("DOT", DROP, recipient="a@example.com")

    assert dispatch_round(NOW) == Counts(unknown=1, sent=2)
    assert [story(mail)[0] for mail in mails] == ["unknown", "sent", "sent"]


def test_session_broken_twice_in_a_row_stops_the_round(smtp: SmtpServer) -> None:
    for number in range(5):
        queued(f"{number}@example.com")
    smtp.on("RCPT", DROP)

    counts = dispatch_round(NOW)
    assert (counts.retried, counts.released) == (2, 3)
    assert counts.stopped != ""
    assert sorted(Delivery.objects.values_list("n_attempts", flat=True)) == [0, 0, 0, 1, 1]


def test_hanging_server_stops_the_round_at_once(
    smtp: SmtpServer, impatient: Callable[[bool], None]
) -> None:
    impatient(True)
    for number in range(3):
        queued(f"{number}@example.com")
    smtp.on("RCPT", HANG)

    counts = dispatch_round(NOW)
    assert (counts.retried, counts.released) == (1, 2)
    assert "took too long" in counts.stopped


def test_closing_server_is_found_again(smtp: SmtpServer) -> None:
    mails = [queued(f"{name}@example.com") for name in ("a", "b")]
    smtp.on("RCPT", "421 4.3.2 closing", times=1)

    assert dispatch_round(NOW) == Counts(retried=1, sent=1)
    assert [story(mail)[0] for mail in mails] == ["queued", "sent"]
    assert smtp.verbs.count("CONNECT") == 2


# --- mails that cannot be built -------------------------------------------------------------------


def test_mail_that_cannot_be_built_fails_alone(smtp: SmtpServer) -> None:
    before = queued("a@example.com")
    address = queued("not an address")
    language = queued("c@example.com", invitation__language="xx", invitation__arm="cause_first")
    after = queued("d@example.com")
    MailSkeleton.objects.filter(arm="cause_first").delete()

    assert dispatch_round(NOW) == Counts(sent=2, failed=2)
    assert [story(mail)[0] for mail in (before, address, language, after)] == [
        "sent",
        "failed",
        "failed",
        "sent",
    ]
    address.invitation.refresh_from_db()
    assert address.invitation.reason.startswith("The mail cannot be built: not a usable address")


def test_mail_in_a_language_without_own_texts_comes_in_the_questionnaires(
    smtp: SmtpServer,
) -> None:
    queued(invitation__language="xx")

    assert dispatch_round(NOW) == Counts(sent=1)
    message = message_from_bytes(smtp.received[0].content, policy=policy.default)
    assert message["Content-Language"] == "en"
