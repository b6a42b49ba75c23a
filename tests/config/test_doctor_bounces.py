"""What `doctor` says of the return path and its doors."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from config import doctor
from surveys.services import report_listener
from tests.imap_server import PASSWORD, ImapServer

ADDRESS = "bounce@back.northline.example"


@pytest.fixture(autouse=True)
def _nothing(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = settings.IMAP_HOST = settings.BOUNCE_LISTENER = ""
    settings.CAUGHT_MAIL = None


def said() -> tuple[str, str]:
    finding = doctor.bounces()
    return finding.status, f"{finding.found} → {finding.mend}"


def test_nothing_set_is_a_warning_but_for_trying_out(settings: Settings) -> None:
    status, words = said()
    assert (status, "BOUNCE_ADDRESS" in words) == ("warn", True)
    settings.CAUGHT_MAIL = Path("x")
    assert said()[0] == "ok"


def test_half_set_names_the_other_half(settings: Settings) -> None:
    settings.BOUNCE_LISTENER = "lmtp://127.0.0.1:1"
    status, words = said()
    assert (status, "set BOUNCE_ADDRESS" in words) == ("fault", True)
    settings.BOUNCE_LISTENER, settings.BOUNCE_ADDRESS = "", ADDRESS
    status, words = said()
    assert (status, "IMAP_URL or BOUNCE_LISTENER" in words) == ("fault", True)


def test_mailbox_is_opened(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS
    with ImapServer() as imap:
        settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TIMEOUT = "127.0.0.1", imap.port, 10
        settings.IMAP_USER, settings.IMAP_PASSWORD = "bounce", PASSWORD
        settings.IMAP_SECURITY, settings.IMAP_FOLDER = "", "INBOX"
        imap.put(b"x")
        assert said() == ("ok", f"{ADDRESS}, 1 in its mailbox → ")
        assert imap.folders["INBOX"]  # looked at, not taken
        settings.IMAP_PASSWORD = "wr0ng"
        status, words = said()
        assert (status, "wr0ng" in words, "IMAP_URL" in words) == ("fault", False, True)


def test_listener_is_called(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS
    with report_listener.listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        settings.BOUNCE_LISTENER = f"lmtp://127.0.0.1:{port}"
        assert said()[0] == "ok"
    status, words = said()
    assert (status, "receive_bounces" in words) == ("warn", True)


def test_mail_by_a_provider_says_whether_it_is_heard_of(settings: Settings) -> None:
    settings.EMAIL_ESP, settings.EMAIL_WEBHOOK_SECRET = "postmark", ""
    found = doctor.mail()
    assert (found.status, "EMAIL_WEBHOOK_SECRET" in found.mend) == ("warn", True)
    settings.EMAIL_WEBHOOK_SECRET = "user:password"
    assert (doctor.mail().status, doctor.mail().found) == (
        "ok",
        f"by Postmark, which tells {settings.SITE_URL}/api/mail-events/",
    )
