"""Stored mails follow our own words; what was published stays as it is."""

from __future__ import annotations

import pytest

from surveys.models import MailSkeleton, Questionnaire, QuestionnaireVersion
from surveys.questionnaire.default import default_definition
from surveys.services.publishing import DEFAULT_SLUG, ensure_defaults, publish
from surveys.services.refreshing import refresh_mails
from tests.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


def texts_of(number: int) -> list[str]:
    return list(
        MailSkeleton.objects.filter(version__number=number)
        .order_by("pk")
        .values_list("text", flat=True)
    )


def test_mails_compiled_from_old_words_are_compiled_again() -> None:
    ensure_defaults()
    fresh = texts_of(1)
    MailSkeleton.objects.filter(language="de").update(text="old", html="old", subject="old")
    n_languages = len(default_definition().languages)
    assert refresh_mails() == len(fresh) // n_languages
    assert texts_of(1) == fresh
    assert refresh_mails() == 0


def test_an_older_version_is_refreshed_only_while_its_mails_wait() -> None:
    ensure_defaults()
    questionnaire = Questionnaire.objects.get(slug=DEFAULT_SLUG)
    publish(questionnaire, default_definition())
    MailSkeleton.objects.update(text="old")
    refresh_mails()
    assert set(texts_of(1)) == {"old"}
    assert "old" not in texts_of(2)
    DeliveryFactory(invitation__version=QuestionnaireVersion.objects.get(number=1))
    refresh_mails()
    assert "old" not in texts_of(1)


def test_what_cannot_be_compiled_keeps_its_mails_and_stops_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_defaults()
    MailSkeleton.objects.update(text="old")
    monkeypatch.setattr("surveys.mail.skeleton.MAX_HTML_BYTES", 10)
    assert refresh_mails() == 0
    assert "stay as they are" in caplog.text
    assert set(texts_of(1)) == {"old"}
