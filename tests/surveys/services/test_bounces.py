"""What a report about a mail does, and what it does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from django.db import DatabaseError, transaction
from pytest_django.fixtures import Settings

from surveys.models import (
    Delivery,
    DeliveryReport,
    Invitation,
    Policy,
    QuestionnaireVersion,
    ReportTally,
    Suppression,
    SuppressionChange,
)
from surveys.services import bounces, privacy
from surveys.services.delivery import dispatch_round
from surveys.services.publishing import ensure_defaults
from surveys.services.suppressions import Told, resubscribe, suppress
from tests.factories import NOW, DeliveryFactory, ResponseFactory
from tests.smtp_server import SmtpServer
from tests.surveys.mail.reports import corpus
from tests.surveys.services.came_back import (
    ADDRESS,
    HARD,
    POLICY,
    SOFT,
    about,
    bounce,
    complaint,
    path_of,
    sent,
    take,
)
from tests.surveys.services.outbox import story
from tests.surveys.services.test_privacy import _tables_with as tables_with

pytestmark = pytest.mark.django_db
Outcome = ReportTally.Outcome


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS


def reasons() -> dict[str, str]:
    return dict(Suppression.objects.values_list("email", "reason"))


def reports() -> list[tuple[str, str]]:
    return list(DeliveryReport.objects.order_by("pk").values_list("kind", "effect"))


def test_hard_bounce_suppresses_the_address_and_fails_the_survey() -> None:
    mail = sent()
    reminder = DeliveryFactory(
        invitation=mail.invitation, kind="reminder", due_at=NOW + timedelta(days=4)
    )

    assert take(bounce(mail, *HARD), NOW) is Outcome.RECORDED

    assert story(mail) == ("failed", "failed")
    assert story(reminder)[0] == "cancelled"
    mail.invitation.refresh_from_db()
    assert mail.invitation.bounced_at == NOW
    assert mail.invitation.reason == "Came back, no such mailbox: 550 5.1.1 no such user"
    assert reasons() == {"ada@example.com": "bounced"}
    assert Suppression.objects.get().source == "report"
    assert reports() == [("hard", "suppressed")]


@pytest.mark.parametrize("told", [SOFT, POLICY])
def test_soft_and_policy_only_count_as_not_delivered(told: tuple[str, str]) -> None:
    mail = sent()
    reminder = DeliveryFactory(
        invitation=mail.invitation, kind="reminder", due_at=NOW + timedelta(days=4)
    )
    take(bounce(mail, *told), NOW)
    assert story(mail) == ("sent", "sent")
    assert story(reminder)[0] == "queued"
    mail.invitation.refresh_from_db()
    assert mail.invitation.bounced_at == NOW
    assert reasons() == {}


def test_reminder_that_comes_back_leaves_the_survey_delivered() -> None:
    mail = sent()
    reminder = DeliveryFactory(
        invitation=mail.invitation, kind="reminder", status="sent", sent_at=NOW
    )
    take(bounce(reminder, *HARD), NOW)
    assert story(reminder) == ("failed", "sent")
    mail.invitation.refresh_from_db()
    assert mail.invitation.bounced_at is None
    assert reasons() == {"ada@example.com": "bounced"}


def test_survey_counts_as_delivered_once_its_reminder_got_through(smtp: SmtpServer) -> None:
    first = sent()
    take(bounce(first, *SOFT), NOW)
    reminder = DeliveryFactory(invitation=first.invitation, kind="reminder", due_at=NOW)
    publish(first.invitation)

    assert dispatch_round(NOW).sent == 1
    assert came_back_at(first) is None
    take(bounce(first, *POLICY), NOW)  # another word about the first mail says nothing new
    assert came_back_at(first) is None
    take(bounce(reminder, *SOFT), NOW + timedelta(hours=1))
    assert came_back_at(first) == NOW + timedelta(hours=1)
    assert story(first) == ("sent", "sent")


def came_back_at(mail: Delivery) -> datetime | None:
    return Invitation.objects.values_list("bounced_at", flat=True).get(pk=mail.invitation_id)


def publish(invitation: Invitation) -> None:
    """Give it a questionnaire with real mails."""
    ensure_defaults()
    invitation.version = QuestionnaireVersion.objects.get(questionnaire__slug="default")
    invitation.policy = Policy.objects.get(slug="default")
    invitation.save()


def test_complaint_suppresses_however_late() -> None:
    mail = sent()
    take(complaint(mail), NOW + timedelta(days=300))
    assert reasons() == {"ada@example.com": "complained"}
    assert story(mail) == ("sent", "sent")


@pytest.mark.parametrize("action", ["delayed", "delivered"])
def test_mere_news_are_recorded_and_do_nothing(action: str) -> None:
    mail = sent()
    take(bounce(mail, "4.4.1" if action == "delayed" else "2.0.0", action=action))
    assert (story(mail), reasons()) == (("sent", "sent"), {})
    assert reports() == [(action, "nothing")]


def test_out_of_office_keeps_none_of_its_words() -> None:
    mail = sent()
    reply = next(m for name, m, *_ in corpus.CORPUS if name == "out of office")
    assert take(about(mail, reply)) is Outcome.RECORDED
    assert list(DeliveryReport.objects.values_list("kind", "words")) == [("auto_reply", "")]


# --- only what is signed, once, in time -----------------------------------------------------------


def test_forged_path_does_nothing_and_is_counted() -> None:
    mail = sent()
    path = path_of(mail)
    raw = bounce(mail, *HARD)
    forged = raw.replace(path.encode(), path.replace(".i.", ".i.aaaa", 1)[: len(path)].encode())
    for changed in (
        raw.replace(path.encode(), (path[:-40] + "a" * 9 + path[-31:]).encode()),
        raw.replace(b".i.", b".r."),
        forged,
    ):
        assert take(changed) in {Outcome.FORGED, Outcome.UNSIGNED}
    assert (story(mail), reasons(), reports()) == (("sent", "sent"), {}, [])


def test_wrong_signature_is_told_from_none() -> None:
    mail = sent()
    local, _, domain = path_of(mail).partition("@")
    last = "a" if local[-20] != "a" else "b"
    wrong = f"{local[:-20]}{last}{local[-19:]}@{domain}"
    assert take(bounce(mail, *HARD).replace(path_of(mail).encode(), wrong.encode())) is (
        Outcome.FORGED
    )
    assert take(corpus.mail("550 5.1.1 unknown user")) is Outcome.UNSIGNED
    assert dict(ReportTally.objects.values_list("outcome", "n")) == {"forged": 1, "unsigned": 1}


def test_only_the_envelope_counts_where_it_is_known() -> None:
    mail, other = sent(), sent("bob@example.com")
    raw = bounce(mail, *HARD)
    assert take(raw, recipient="bounce@example.com") is Outcome.UNSIGNED
    assert take(raw, recipient=path_of(other)) is Outcome.RECORDED
    assert reasons() == {"bob@example.com": "bounced"}


def test_same_report_again_does_nothing_more() -> None:
    mail = sent()
    raw = bounce(mail, *HARD)
    assert take(raw) is Outcome.RECORDED
    resubscribe("ada@example.com", now=NOW, told=Told(note="she called"))
    travelled = raw.replace(b"Return-Path: <>", b"Received: from elsewhere\r\nReturn-Path: <>", 1)
    for again in (
        raw,
        travelled,
        raw.replace(path_of(mail).encode(), path_of(mail).upper().encode()),
    ):
        assert take(again) is Outcome.DUPLICATE
    assert (reasons(), len(reports())) == ({}, 1)
    assert dict(ReportTally.objects.values_list("outcome", "n")) == {"recorded": 1, "duplicate": 3}


def test_late_bounce_is_recorded_and_does_nothing() -> None:
    mail = sent()
    assert take(bounce(mail, *HARD), NOW + timedelta(days=31)) is Outcome.RECORDED
    assert (story(mail), reasons()) == (("sent", "sent"), {})
    assert reports() == [("hard", "late")]


def test_bounce_of_a_mail_older_than_the_wish_to_be_written_to_suppresses_nobody() -> None:
    mail = sent()
    suppress("ada@example.com", "manual", now=NOW)
    resubscribe("ada@example.com", now=NOW + timedelta(hours=1), told=Told(note="she called"))
    take(bounce(mail, *HARD), NOW + timedelta(hours=2))
    assert reasons() == {}
    take(bounce(sent(customer=mail.invitation.customer, at=NOW + timedelta(hours=3)), *HARD),
         NOW + timedelta(hours=4))  # fmt: skip
    assert reasons() == {"ada@example.com": "bounced"}


def test_success_lifts_nothing() -> None:
    mail = sent()
    take(bounce(mail, *HARD))
    take(bounce(mail, "2.0.0", "250 ok", action="delivered"))
    assert reasons() == {"ada@example.com": "bounced"}


def test_bounce_after_an_answer_undoes_nothing() -> None:
    mail = sent()
    response = ResponseFactory(invitation=mail.invitation)
    take(bounce(mail, *HARD))
    response.refresh_from_db()
    mail.invitation.refresh_from_db()
    assert (mail.invitation.status, mail.invitation.bounced_at) == ("sent", None)
    assert (reasons(), reports()) == ({}, [("hard", "answered")])


def test_bounce_of_a_mail_perhaps_sent_settles_that_it_was() -> None:
    mail = sent(status="unknown", sent_at=None, invitation={"status": "unknown"})
    take(bounce(mail, *HARD))
    assert story(mail) == ("failed", "failed")


def test_report_waits_while_its_mail_is_being_sent() -> None:
    mail = sent(status="sending", sent_at=None, invitation={"status": "sending"})
    with pytest.raises(bounces.NotSettled):
        take(bounce(mail, *HARD))
    assert (reports(), reasons(), ReportTally.objects.count()) == ([], {}, 0)


def test_reports_in_any_order_end_alike() -> None:
    ends = set()
    for n, order in enumerate(permutations(range(4))):
        mail = sent(f"ada{n}@example.com")
        told = [bounce(mail, *HARD), bounce(mail, *SOFT), complaint(mail),
                bounce(mail, "2.0.0", action="delivered")]  # fmt: skip
        for which in order:
            take(told[which])
            take(told[which])
        mail.invitation.refresh_from_db()
        ends.add((*story(mail), mail.invitation.bounced_at, reasons()[f"ada{n}@example.com"]))
    assert ends == {("failed", "failed", NOW, "complained")}


# --- soft, again and again ------------------------------------------------------------------------


def three_mails(days: tuple[int, int, int]) -> list[Delivery]:
    first = sent(at=NOW - timedelta(days=days[0]))
    person = first.invitation.customer
    return [first, *(sent(customer=person, at=NOW - timedelta(days=d)) for d in days[1:])]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_mails_that_all_came_back_soft_suppress(order: tuple[int, ...]) -> None:
    mails = three_mails((25, 12, 0))
    for which in order[:2]:
        take(bounce(mails[which], *SOFT))
        take(bounce(mails[which], *SOFT))  # two reports of one mail are one mail
        assert reasons() == {}
    take(bounce(mails[order[2]], *SOFT))
    assert reasons() == {"ada@example.com": "unreachable"}


def test_three_soft_within_a_week_are_one_bad_week() -> None:
    for mail in three_mails((6, 3, 0)):
        take(bounce(mail, *SOFT))
    assert reasons() == {}


def test_mail_that_arrived_in_between_or_an_answer_starts_the_count_anew() -> None:
    mails = three_mails((25, 12, 0))
    ResponseFactory(invitation=mails[1].invitation, answered_at=NOW - timedelta(days=11))
    for mail in mails:
        take(bounce(mail, *SOFT))
    assert reasons() == {}
    fourth = sent(customer=mails[0].invitation.customer, at=NOW + timedelta(days=10))
    take(bounce(fourth, *SOFT), NOW + timedelta(days=10))
    assert reasons() == {}


def test_wish_to_be_written_to_starts_the_soft_count_anew() -> None:
    mails = three_mails((25, 12, 0))
    for mail in mails[:2]:
        take(bounce(mail, *SOFT))
    suppress("ada@example.com", "manual", now=NOW - timedelta(days=3))
    resubscribe("ada@example.com", now=NOW - timedelta(days=2), told=Told(note="wrote to us"))
    take(bounce(mails[2], *SOFT))
    assert reasons() == {}


# --- what is kept ---------------------------------------------------------------------------------


def test_report_cannot_be_changed_and_names_nobody() -> None:
    mail = sent()
    take(bounce(mail, "5.1.1", "550 5.1.1 <ada@example.com> and bob@example.org are unknown users"))
    report = DeliveryReport.objects.get()
    assert report.words == "550 5.1.1 … and … are unknown users"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        DeliveryReport.objects.update(effect="nothing")


def test_erasure_takes_the_reports_along_and_voids_the_path() -> None:
    mail = sent()
    path, raw = path_of(mail), bounce(mail, *HARD)
    take(bounce(mail, "5.1.1", "550 5.1.1 lovelace: no such user"))
    privacy.erase("ada@example.com", NOW)
    assert tables_with("lovelace") == []
    assert reports() == []
    assert not bounces.is_ours(path)
    assert take(raw) is Outcome.FORGED
    assert set(SuppressionChange.objects.values_list("email", "note")) == {("", "")}


def test_deleting_a_delivery_in_sql_takes_its_reports_along() -> None:
    mail = sent()
    take(bounce(mail, *SOFT))
    Delivery.objects.filter(pk=mail.pk)._raw_delete("default")
    assert reports() == []
