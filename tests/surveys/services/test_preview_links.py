"""Links to look at a questionnaire: for some days, until revoked, and derivable from no dump."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from surveys.models import PreviewLink, Questionnaire, QuestionnaireDraft
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.services import preview_links
from surveys.services.preview_links import LinkError
from surveys.services.tokens import hash_of
from tests.factories import (
    NOW,
    QuestionnaireFactory,
    QuestionnaireVersionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def made(days: int = 7) -> tuple[PreviewLink, str]:
    version = QuestionnaireVersionFactory()
    return preview_links.make(
        version.questionnaire, version, user=UserFactory(), days=days, now=NOW
    )


def test_a_link_opens_until_its_last_moment() -> None:
    link, token = made(days=2)
    assert preview_links.find(token, NOW) == link
    assert preview_links.find(token, NOW + timedelta(days=2, seconds=-1)) == link
    assert preview_links.find(token, NOW + timedelta(days=2)) is None


def test_a_revoked_link_opens_nothing_and_stays_revoked() -> None:
    link, token = made()
    preview_links.revoke(link, NOW)
    preview_links.revoke(link, NOW + timedelta(days=1))
    assert preview_links.find(token, NOW) is None
    link.refresh_from_db()
    assert link.revoked_at == NOW


def test_only_the_hash_is_stored_and_the_token_can_be_told_again() -> None:
    link, token = made()
    link.refresh_from_db()
    assert bytes(link.token_hash) == hash_of(token)
    assert len(token) == 32
    assert preview_links.token_of(link) == token


def test_a_lost_key_is_said_and_a_former_one_still_tells(settings: Settings) -> None:
    link, token = made()
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    assert preview_links.token_of(link) is None
    assert preview_links.find(token, NOW) == link
    settings.SECRET_KEY_FALLBACKS = [former]
    assert preview_links.token_of(link) == token


@pytest.mark.parametrize("days", [0, -1, 31, 10_000])
def test_a_link_is_open_for_1_to_30_days(days: int) -> None:
    with pytest.raises(LinkError):
        made(days)
    assert not PreviewLink.objects.exists()


def test_a_version_of_another_questionnaire_is_refused() -> None:
    other = Questionnaire.objects.create(slug="other", name="Other")
    version = QuestionnaireVersionFactory()
    with pytest.raises(LinkError):
        preview_links.make(other, version, user=UserFactory(), days=1, now=NOW)


def test_without_a_version_the_draft_shows_then_the_newest_version_then_nothing() -> None:
    questionnaire = QuestionnaireFactory(slug="own")
    with pytest.raises(LinkError):
        preview_links.definition_of(questionnaire, None)
    QuestionnaireVersionFactory(questionnaire=questionnaire)
    assert preview_links.definition_of(questionnaire, None) == default_definition()
    document = to_builtins(default_definition())
    document["thanks"] = {"en": "Ta"}
    QuestionnaireDraft.objects.create(
        questionnaire=questionnaire, definition=document, changed_at=NOW
    )
    assert preview_links.definition_of(questionnaire, None).thanks == {"en": "Ta"}
