"""An installation whose default questionnaire was published when fewer languages shipped."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client

from surveys.models import MailSkeleton, Questionnaire, QuestionnaireVersion
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.schema import walk_texts
from surveys.questionnaire.texts import catalogue, languages
from surveys.services.publishing import DEFAULT_SLUG, ensure_defaults, publish
from surveys.services.refreshing import refresh_mails
from tests.factories import InvitationFactory
from tests.surveys.respondent.helpers import link

pytestmark = pytest.mark.django_db
SIX = ("en", "de", "fr", "es", "pt", "ar")


@pytest.fixture
def old() -> QuestionnaireVersion:
    """The default as it was published with six languages, in use by the default policy."""
    ensure_defaults()
    questionnaire = Questionnaire.objects.get(slug=DEFAULT_SLUG)
    raw = to_builtins(default_definition())
    raw["languages"] = list(SIX)
    definition = from_builtins(raw)
    for _, text in walk_texts(definition):
        for language in set(text) - set(SIX):
            del text[language]
    return publish(questionnaire, definition)


def test_a_start_leaves_what_was_published_as_it_is(old: QuestionnaireVersion) -> None:
    was = QuestionnaireVersion.objects.get(pk=old.pk).definition
    assert was["languages"] == list(SIX)
    call_command("migrate", verbosity=0)  # makes the defaults where there are none
    assert refresh_mails() == 0
    assert QuestionnaireVersion.objects.order_by("-number")[0] == old
    assert QuestionnaireVersion.objects.get(pk=old.pk).definition == was
    mails = MailSkeleton.objects.filter(version=old)
    assert set(mails.values_list("language", flat=True)) == set(SIX)


def test_a_customer_of_a_newer_language_is_asked_in_the_default_one(
    old: QuestionnaireVersion,
) -> None:
    assert len(languages()) > len(SIX)
    for language in ("he", "ar"):
        page = Client().get(link(InvitationFactory(version=old, language=language)))
        shown = language if language in SIX else "en"
        assert page.status_code == 200
        html = page.content.decode()
        assert f'<html lang="{shown}"' in html
        assert catalogue(shown)["questionnaire"]["F1"] in html


def test_what_is_in_the_draft_today_offers_the_newer_languages(old: QuestionnaireVersion) -> None:
    whole = publish(old.questionnaire, default_definition())
    assert whole.definition["languages"] == list(languages())
    kept = {(one["item"], one["comparable"]) for one in whole.changes}
    assert {comparable for _, comparable in kept} <= {True}
