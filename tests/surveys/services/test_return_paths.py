"""Where a mail comes back to, and what is believed of it."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from surveys.services import return_paths
from surveys.services.delivery import dispatch_round
from tests.factories import NOW
from tests.smtp_server import SmtpServer
from tests.surveys.services.came_back import ADDRESS
from tests.surveys.services.outbox import queued, queued_reminder

NONCE = uuid.UUID("00000000-0000-4000-8000-000000000001")
NUMBERS = st.integers(1, 2**63 - 1)
KINDS = st.sampled_from(["invitation", "reminder"])


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS


def path(number: int = 79, kind: str = "invitation", nonce: uuid.UUID = NONCE) -> str:
    found = return_paths.sender_of(number, kind, nonce)
    assert found is not None
    return found


@given(NUMBERS, KINDS, st.uuids())
def test_path_is_read_back_however_its_case_was_changed(
    number: int, kind: str, nonce: uuid.UUID
) -> None:
    given_out = path(number, kind, nonce)
    for seen in (given_out, given_out.upper(), given_out.lower(), f" <{given_out.title()}> "):
        claimed = return_paths.read(seen)
        assert claimed is not None
        assert (claimed.delivery_id, claimed.kind) == (number, kind)
        assert return_paths.is_signed(claimed, nonce)


@given(NUMBERS, KINDS)
def test_path_fits_into_a_local_part_beside_the_longest_name(number: int, kind: str) -> None:
    local = path(number, kind).partition("@")[0]
    assert len(local) - len("bounce") <= return_paths.ADDED
    assert return_paths.ADDED + 27 <= return_paths.LONGEST_LOCAL_PART


@given(st.integers(0, 19), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_any_other_signature_is_none(place: int, letter: str) -> None:
    local, _, domain = path().partition("@")
    at = len(local) - 20 + place
    claimed = return_paths.read(f"{local[:at]}{letter}{local[at + 1 :]}@{domain}")
    assert claimed is not None
    # The last letter carries one bit only; whatever else it says is another signature, too.
    assert return_paths.is_signed(claimed, NONCE) is (letter == local[at])


def test_signature_holds_for_one_mail_alone() -> None:
    claimed = return_paths.read(path())
    assert claimed is not None
    assert not return_paths.is_signed(claimed, uuid.uuid4())
    for other in (path(80), path(kind="reminder")):
        forged = other.partition("@")[0][:-20] + path().partition("@")[0][-20:] + f"@{ADDRESS[7:]}"
        read = return_paths.read(forged)
        assert read is not None
        assert not return_paths.is_signed(read, NONCE)


@pytest.mark.parametrize(
    "address",
    [
        "", "@", ADDRESS, "bounce+@back.northline.example", "ada@example.com",
        path.__name__, "bounce+1.i.abc@back.northline.example",
        "bounce+1.x.abcdefghij2345abcdef@back.northline.example",
        "bounce+zzzzzzzzzzzzz.i.abcdefghij2345abcdef@back.northline.example",
        "bounce+1.i.abcdefghij2345abcdef@other.example",
        "xbounce+1.i.abcdefghij2345abcdef@back.northline.example",
        "bounce+1.i.abcdefghij2345abcde1@back.northline.example", "+" * 100_000,
    ],
)  # fmt: skip
def test_what_cannot_be_a_path_is_none(address: str) -> None:
    assert return_paths.read(address) is None


@given(st.text())
def test_any_text_can_be_asked(address: str) -> None:
    return_paths.read(address)


def test_path_survives_a_change_of_the_key_as_links_do(settings: Settings) -> None:
    claimed = return_paths.read(path())
    assert claimed is not None
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-key", [settings.SECRET_KEY]
    assert return_paths.is_signed(claimed, NONCE)
    settings.SECRET_KEY_FALLBACKS = []
    assert not return_paths.is_signed(claimed, NONCE)


def test_without_an_address_there_is_no_path(settings: Settings) -> None:
    given_out = path()
    settings.BOUNCE_ADDRESS = ""
    assert return_paths.sender_of(79, "invitation", NONCE) is None
    assert return_paths.read(given_out) is None


@pytest.mark.django_db
def test_mails_leave_under_their_return_path(smtp: SmtpServer) -> None:
    mails = [queued("ada@example.com"), queued_reminder("bob@example.com")]
    assert dispatch_round(NOW).sent == 2
    senders = {mail.recipient: mail.sender for mail in smtp.received}
    assert senders == {
        "ada@example.com": path(mails[0].pk, "invitation", mails[0].invitation.nonce),
        "bob@example.com": path(mails[1].pk, "reminder", mails[1].invitation.nonce),
    }
    assert all(b"From: Northline <survey@northline.example>" in m.content for m in smtp.received)
