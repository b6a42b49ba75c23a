"""Links survive a change of SECRET_KEY as long as the former key is named."""

from __future__ import annotations

import uuid

import pytest
from pytest_django.fixtures import Settings

from surveys.services.answering import find
from surveys.services.delivery import Counts, dispatch_round
from surveys.services.tokens import LostKeyError, email_hash, hash_of, token_again, token_of
from tests.factories import NOW
from tests.smtp_server import SmtpServer
from tests.surveys.respondent.helpers import snapshot
from tests.surveys.services.outbox import queued, story

NONCE = uuid.UUID("11111111-2222-4333-8444-555555555555")


def test_token_has_160_bits_and_needs_the_key(settings: Settings) -> None:
    token = token_of(NONCE)
    assert len(token) == 27
    settings.SECRET_KEY = "another key altogether, which is long enough"
    assert token_of(NONCE) != token


def test_token_again_finds_the_key_that_made_the_link(settings: Settings) -> None:
    former, token = settings.SECRET_KEY, token_of(NONCE)
    settings.SECRET_KEY = "another key altogether, which is long enough"
    with pytest.raises(LostKeyError, match="SECRET_KEY_FALLBACKS"):
        token_again(NONCE, hash_of(token))
    settings.SECRET_KEY_FALLBACKS = [former]
    assert token_again(NONCE, hash_of(token)) == token


@pytest.mark.django_db
def test_mail_planned_under_a_former_key_carries_a_link_that_opens(
    smtp: SmtpServer, settings: Settings
) -> None:
    queued("ada@example.com")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key altogether, which is long enough"
    assert dispatch_round(NOW) == Counts(sent=1)
    (mail,) = smtp.received
    token = mail.content.decode().replace("=\r\n", "").partition("/s/")[2][:27]
    assert find(token, NOW) is not None


@pytest.mark.django_db
def test_no_table_holds_a_link_that_was_sent(smtp: SmtpServer) -> None:
    mail = queued()
    dispatch_round(NOW)
    token = token_of(mail.invitation.nonce)
    assert token in smtp.received[0].content.decode().replace("=\r\n", "")
    stored = repr(snapshot())
    # Counted: to explain "in" pytest would compare megabytes letter by letter.
    assert [stored.count(text) for text in (token, token.encode().hex())] == [0, 0]


@pytest.mark.django_db
def test_mail_whose_key_is_lost_fails_in_words_and_is_not_sent(
    smtp: SmtpServer, settings: Settings
) -> None:
    delivery = queued()
    settings.SECRET_KEY = "another key altogether, which is long enough"
    assert dispatch_round(NOW) == Counts(failed=1)
    assert smtp.received == []
    assert story(delivery) == ("failed", "failed")
    delivery.refresh_from_db()
    assert "SECRET_KEY_FALLBACKS" in delivery.last_error


def test_suppressed_address_stays_suppressed_under_another_key(settings: Settings) -> None:
    before = email_hash(" Ada@Example.com")
    settings.SECRET_KEY = "another key altogether, which is long enough"
    assert email_hash("ada@example.com") == before
