"""Reading the mailbox of bounces, from a real IMAP server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from pytest_django.fixtures import Settings

from surveys.models import DeliveryReport, ReportTally, Suppression
from surveys.services import bounces, report_mailbox
from surveys.services.report_mailbox import KEPT_FOLDER, MailboxError, Round
from surveys.tasks import read_reports
from tests.factories import NOW
from tests.imap_server import PASSWORD, ImapServer
from tests.surveys.mail.reports import corpus
from tests.surveys.services.came_back import ADDRESS, HARD, SOFT, bounce, sent
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def point_to(server: ImapServer, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS
    settings.IMAP_HOST, settings.IMAP_PORT = "127.0.0.1", server.port
    settings.IMAP_USER, settings.IMAP_PASSWORD = "bounce", PASSWORD
    settings.IMAP_SECURITY, settings.IMAP_FOLDER = "", "INBOX"
    settings.IMAP_TIMEOUT = 20


@pytest.fixture(params=["modern", "plain"])
def imap(request: pytest.FixtureRequest, settings: Settings) -> Iterator[ImapServer]:
    """With the extensions for moving, and without."""
    with ImapServer(modern=request.param == "modern") as server:
        point_to(server, settings)
        yield server


def read() -> Round:
    return report_mailbox.read(lambda: NOW)


def suppressed() -> set[str]:
    return set(Suppression.objects.values_list("email", flat=True))


def test_each_report_is_taken_once_and_leaves_the_mailbox(imap: ImapServer) -> None:
    imap.put(bounce(sent("ada@example.com"), *HARD))
    imap.put(bounce(sent("bob@example.com"), *SOFT))
    assert read() == Round(used=2)
    assert imap.folders == {"INBOX": {}}
    assert suppressed() == {"ada@example.com"}
    assert read() == Round()
    assert DeliveryReport.objects.count() == 2


def test_what_is_no_report_of_ours_is_kept_for_people(imap: ImapServer) -> None:
    strange = corpus.mail("550 5.1.1 no such user")
    said = bounce(sent(), *HARD).replace(b"Content-Type: multipart/report", b"X: multipart/x")
    person = b"To: " + said.partition(b"Delivered-To: ")[2].partition(b"\r\n")[0] + b"\r\n\r\nhi"
    for message in (strange, person, b"", b"\xff\x00" * 50):
        imap.put(message)
    assert read() == Round(kept=4)
    assert imap.folders["INBOX"] == {}
    assert sorted(imap.folders[KEPT_FOLDER].values()) == sorted(
        [strange, person, b"", b"\xff\x00" * 50]
    )
    tallied = dict(ReportTally.objects.values_list("outcome", "n"))
    assert tallied == {"unsigned": 3, "unreadable": 1}


def test_folder_is_made_inside_of_the_inbox_where_it_must_be(imap: ImapServer) -> None:
    imap.namespace = "INBOX."
    imap.put(b"x")
    assert read() == Round(kept=1)
    assert list(imap.folders[f"INBOX.{KEPT_FOLDER}"].values()) == [b"x"]


def test_report_about_a_mail_being_sent_stays_for_the_next_round(imap: ImapServer) -> None:
    mail = sent(status="sending", sent_at=None, invitation={"status": "sending"})
    imap.put(bounce(mail, *HARD))
    imap.put(bounce(sent("bob@example.com"), *HARD))
    assert read() == Round(used=1, left=1)
    assert len(imap.folders["INBOX"]) == 1
    mail.status, mail.sent_at = "sent", NOW
    mail.save()
    assert read() == Round(used=1)
    assert suppressed() == {"ada@example.com", "bob@example.com"}


def test_mistake_of_ours_in_one_message_stops_no_other(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    poison = bounce(sent(), *HARD)
    take = bounces.take

    def stumbling(raw: bytes, source: str, now: datetime) -> ReportTally.Outcome:
        if raw == poison:
            raise KeyError("poison")
        return take(raw, source, now)

    monkeypatch.setattr(bounces, "take", stumbling)
    imap.put(poison)
    imap.put(bounce(sent("bob@example.com"), *HARD))
    assert read() == Round(used=1, kept=1)
    assert list(imap.folders[KEPT_FOLDER].values()) == [poison]
    assert "could not be read" in caplog.text


@pytest.mark.parametrize("verb", ["LOGIN", "SELECT", "SEARCH", "FETCH", "STORE"])
@pytest.mark.parametrize("reaction", ["no", "drop", "do and drop"])
def test_server_that_fails_at_any_verb_loses_and_doubles_nothing(
    imap: ImapServer, verb: str, reaction: str
) -> None:
    imap.put(bounce(sent("ada@example.com"), *HARD))
    imap.put(bounce(sent("bob@example.com"), *HARD))
    imap.on(verb, reaction)  # type: ignore[arg-type]
    with pytest.raises(MailboxError, match=r"the mailbox at 127\.0\.0\.1"):
        read()
    read()
    assert imap.folders == {"INBOX": {}}
    assert suppressed() == {"ada@example.com", "bob@example.com"}
    assert DeliveryReport.objects.count() == 2


def test_server_that_hangs_ends_the_round(imap: ImapServer, settings: Settings) -> None:
    settings.IMAP_TIMEOUT = 0.2
    imap.on("SEARCH", "hang")
    with pytest.raises(MailboxError, match="took too long"):
        read()


def test_wrong_password_is_told_without_it(imap: ImapServer, settings: Settings) -> None:
    settings.IMAP_PASSWORD = "wr0ng"
    with pytest.raises(MailboxError, match="is wrong") as failed:
        read()
    assert "wr0ng" not in str(failed.value)


def test_task_reads_where_a_mailbox_is_configured_and_outlives_its_absence(
    imap: ImapServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    imap.put(b"x")
    assert read_reports() == {"used": 0, "kept": 1, "left": 0}
    imap.on("LOGIN", "drop")
    assert read_reports() == {}
    assert "Reports were not read" in caplog.text
    settings.IMAP_HOST = ""
    assert read_reports() == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_readers_one_reads(settings: Settings) -> None:
    with ImapServer() as imap:
        point_to(imap, settings)
        for n in range(5):
            imap.put(bounce(sent(f"c{n}@example.com"), *HARD))
        done = at_once(read, read)
        done.append(read())
        assert sum(each.used for each in done) == 5
        assert imap.verbs.count("STORE") == 5
        assert DeliveryReport.objects.count() == ReportTally.objects.get().n == 5
