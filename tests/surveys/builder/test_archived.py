"""An archived questionnaire is read, and neither edited nor published until it is brought back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from surveys.models import Questionnaire, QuestionnaireDraft, QuestionnaireVersion, User
from surveys.questionnaire.default import default_definition
from surveys.services import drafts, publishing, questionnaires
from surveys.services.archiving import ArchivedError
from surveys.services.publishing import publish
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
PATH = "/questionnaires/old/"
SENTENCE = "neither edited nor published until it is brought back"
BACK = f'action="{PATH}bring-back/"'


@pytest.fixture(autouse=True)
def archived() -> Questionnaire:
    """With a version and a draft that says what the version says."""
    begun = questionnaires.begin("Old", default_definition(), user=None, now=timezone.now())
    publish(begun, default_definition())
    questionnaires.archive(begun, timezone.now())
    return begun


@pytest.fixture
def designer() -> Client:
    return client_of(User.Role.DESIGNER, name="Ada")


def stored() -> tuple[Any, int, int]:
    draft = QuestionnaireDraft.objects.get()
    return draft.definition, draft.revision, QuestionnaireVersion.objects.count()


@pytest.mark.parametrize("path", ["", "review/", "versions/", "translations/", "mail/", "links/"])
def test_every_page_says_it_with_the_way_back(designer: Client, path: str) -> None:
    html = designer.get(PATH + path).content.decode()
    assert SENTENCE in html
    assert BACK in html


def test_the_editor_shows_it_read_only(designer: Client) -> None:
    html = designer.get(PATH).content.decode()
    assert "readonly" in html
    assert 'name="do"' not in html


def test_a_manager_reads_it_and_is_offered_no_way_back() -> None:
    html = client_of(User.Role.MANAGER).get(PATH).content.decode()
    assert SENTENCE in html
    assert BACK not in html


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("publish/", {"revision": "0", "expected": "1"}),
        ("versions/1/restore/", {}),
        ("translations/languages/", {"action": "remove", "language": "de"}),
        ("translations/de/", {"text:F1.stem": "Anders", "was:F1.stem": ""}),
        ("translations/de/", {"text:lead_in": "Anders"}),
    ],
)
def test_nothing_that_changes_or_publishes_it_is_done(
    designer: Client, path: str, sent: dict[str, str]
) -> None:
    # Something to publish, and something to restore over.
    draft = QuestionnaireDraft.objects.get()
    draft.definition["blocks"][0]["items"][0]["stem"]["en"] = "How satisfied were you?"
    draft.save()
    before = stored()
    answer = designer.post(PATH + path, sent)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert SENTENCE in html
    assert BACK in html
    assert stored() == before
    designer.post(f"{PATH}bring-back/")
    assert SENTENCE not in designer.get(PATH).content.decode()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
@pytest.mark.parametrize("button", [{}, {"do": "undo"}])
def test_what_was_typed_meanwhile_stays_in_its_field(
    designer: Client, headers: Any, button: dict[str, str]
) -> None:
    before = stored()
    seen = before[0]["blocks"][0]["items"][0]["stem"]["en"]
    sent = {
        "at": "F1",
        "lang": "en",
        "revision": "0",
        "t:F1.stem": "Typed before somebody archived it",
        "w:t:F1.stem": seen,
        **button,
    }
    answer = designer.post(f"{PATH}edit/", sent, headers=headers)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Typed before somebody archived it" in html
    assert SENTENCE in html
    assert stored() == before


def test_the_script_of_the_translations_is_told_it_beside_the_text(designer: Client) -> None:
    sent = {
        "text:F1.stem": "Anders",
        "was:F1.stem": stored()[0]["blocks"][0]["items"][0]["stem"]["de"],
    }
    answer = designer.post(f"{PATH}translations/de/", sent, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert SENTENCE in answer.json()["faults"]["F1.stem"]


def test_a_program_too_is_refused(archived: Questionnaire) -> None:
    now = timezone.now()
    with pytest.raises(ArchivedError):
        drafts.undo(archived.pk, base_revision=0, user=None, now=now)
    with pytest.raises(ArchivedError):
        publish(archived, default_definition())
    with pytest.raises(ArchivedError):
        publishing.publish_draft(archived, revision=0, expected=1, user=None)
    questionnaires.bring_back(archived)
    assert publish(archived, default_definition()).number == 2
