"""The list of questionnaires, and how new ones begin."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from surveys.models import Policy, Questionnaire, QuestionnaireDraft, User
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import encode, from_builtins, to_builtins
from surveys.questionnaire.gallery import templates
from surveys.questionnaire.lint import lint
from surveys.services import drafts, questionnaires
from surveys.services.publishing import ensure_defaults
from tests.factories import InvitationFactory, ResponseFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
ALL = "/questionnaires/"
Role = User.Role


@pytest.fixture
def designer() -> Client:
    ensure_defaults()
    return client_of(Role.DESIGNER)


def document(**changes: Any) -> Any:
    found: Any = copy.deepcopy(to_builtins(default_definition()))
    return found | changes


def text_of(client: Client, path: str = ALL) -> str:
    return " ".join(client.get(path).content.decode().split())


def told(client: Client, answer: Any) -> str:
    """What the next page says."""
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return " ".join(client.get(answer["Location"]).content.decode().split())


def test_the_list_says_where_each_questionnaire_stands(designer: Client) -> None:
    page = text_of(designer)
    assert "Fix and cause" in page
    assert "Version 1" in page
    assert "Every resolved case" in page
    assert ">published<" in page
    now = timezone.now()
    default = Questionnaire.objects.get()
    drafts.replace(
        default.pk, document(thanks={"en": "Ta."}), "x", base_revision=0, user=None, now=now
    )
    faulty = from_builtins(document(randomise=False), draft=True)
    questionnaires.begin("Faulty", faulty, user=None, now=now)
    page = text_of(designer)
    assert "unpublished changes" in page
    assert "not published yet" in page
    assert "1 error" in page
    assert "no policy" in page


def test_the_list_counts_answers_and_stops_counting(
    designer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = Questionnaire.objects.get().versions.get()
    for _ in range(3):
        ResponseFactory(invitation=InvitationFactory(version=version))
    [found] = questionnaires.overviews(archived=False)
    assert (found.n_answers, found.more_answers) == (3, False)
    monkeypatch.setattr(questionnaires, "MOST_COUNTED", 2)
    [found] = questionnaires.overviews(archived=False)
    assert found.more_answers
    assert "more than 10,000" in text_of(designer)


def test_an_empty_list_offers_the_gallery(designer: Client) -> None:
    Policy.objects.all().delete()
    Questionnaire.objects.update(archived_at=timezone.now())
    page = text_of(designer)
    assert "No questionnaire yet" in page
    assert "Choose from the gallery" in page


def test_a_manager_reads_the_list_and_changes_nothing(designer: Client) -> None:
    manager = client_of(Role.MANAGER)
    assert "New questionnaire" not in text_of(manager)
    assert manager.post(f"{ALL}default/duplicate/").status_code == 404
    assert manager.get(f"{ALL}new/").status_code == 404


def test_the_gallery_shows_every_template_and_each_can_be_begun(designer: Client) -> None:
    page = text_of(designer, f"{ALL}new/")
    slugs = ["default", *(found.slug for found in templates()), "blank"]
    assert len(slugs) >= 7
    for slug in slugs:
        assert f'value="{slug}"' in page
        answer = designer.post(f"{ALL}new/", {"template": slug, "name": f"From {slug}"})
        assert answer.status_code == 302
        draft = QuestionnaireDraft.objects.get(questionnaire__name=f"From {slug}")
        definition = from_builtins(draft.definition)
        assert [one for one in lint(definition) if one.severity == "error"] == []


def test_a_questionnaire_is_called_as_its_card_where_nobody_names_it(designer: Client) -> None:
    designer.post(f"{ALL}new/", {"template": "blank"})
    begun = Questionnaire.objects.get(name="Two questions")
    assert [
        item["id"] for block in begun.draft.definition["blocks"] for item in block["items"]
    ] == [
        "F1",
        "C1",
    ]


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"template": "nothing", "name": "x"}, "Choose one of the cards."),
        ({"template": "blank", "name": "x" * 201}, "The name must have 1 to 200 characters."),
        ({"template": "blank", "name": "a\u202eb"}, "The name holds characters that cannot"),
    ],
)
def test_a_faulty_beginning_says_why(designer: Client, sent: dict[str, str], fault: str) -> None:
    answer = designer.post(f"{ALL}new/", sent)
    assert (answer.status_code, fault in answer.content.decode()) == (400, True)
    assert Questionnaire.objects.count() == 1


# Files


def test_an_exported_file_can_be_imported(designer: Client) -> None:
    exported = designer.get(f"{ALL}default/export.json")
    assert exported["Content-Disposition"] == 'attachment; filename="default.json"'
    assert exported.content == encode(default_definition())
    file = SimpleUploadedFile("q.json", exported.content)
    designer.post(f"{ALL}import/", {"file": file, "name": "Theirs"})
    begun = Questionnaire.objects.get(name="Theirs")
    assert from_builtins(begun.draft.definition) == default_definition()
    assert designer.get(f"{ALL}default/export.json?version=1").content == exported.content
    assert designer.get(f"{ALL}default/export.json?version=2").status_code == 404


THEIRS = json.dumps({"title": "NPS", "pages": [{"elements": []}]})


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("", "There is nothing in it"),
        ("{", "not readable as JSON"),
        (THEIRS, "<code>$</code>"),
        (json.dumps(document(version=2)), "<code>$.version</code>"),
        (json.dumps(document(lead_in={"en": "\u202eevil"})), "<code>$.lead_in.en</code>"),
        (json.dumps(document(blocks=[{"id": "fix"}])), "<code>$.blocks[0]</code>"),
        ("[" * 100_000, "<code>$</code>"),
        ('{"version": 1, "lead_in": {"en": "a", "en": "b"}}', "<code>$.lead_in</code>"),
        ('{"version": 1, "version": 1}', "the key &#x27;version&#x27; stands twice in it"),
        (" " * 300_000 + "{}", "larger than 256 KiB"),
    ],
)
def test_somebody_elses_json_is_refused_with_its_place(
    designer: Client, sent: str, said: str
) -> None:
    answer = designer.post(f"{ALL}import/", {"document": sent, "name": "Theirs"})
    assert (answer.status_code, said in answer.content.decode()) == (400, True)
    assert Questionnaire.objects.count() == 1
    draft = drafts.draft_of(Questionnaire.objects.get(), None, timezone.now())
    answer = designer.post(f"{ALL}default/import/", {"document": sent})
    assert (answer.status_code, said in answer.content.decode()) == (400, True)
    draft.refresh_from_db()
    assert (draft.revision, draft.definition) == (0, to_builtins(default_definition()))


def test_a_large_file_is_refused_unread(designer: Client) -> None:
    file = SimpleUploadedFile("q.json", b" " * (256 * 1024 + 1))
    answer = designer.post(f"{ALL}import/", {"file": file})
    assert (answer.status_code, "larger than 256 KiB" in answer.content.decode()) == (400, True)


def test_a_file_takes_the_drafts_place_and_undo_takes_it_back(designer: Client) -> None:
    default = Questionnaire.objects.get()
    before = drafts.draft_of(default, None, timezone.now()).definition
    sent = json.dumps(document(thanks={"en": "Thanks."}))
    designer.post(f"{ALL}default/import/", {"document": sent})
    draft = QuestionnaireDraft.objects.get()
    assert (draft.revision, draft.definition["thanks"]) == (1, {"en": "Thanks."})
    drafts.undo(default.pk, base_revision=1, user=None, now=timezone.now())
    draft.refresh_from_db()
    assert draft.definition == before


# The questionnaire itself


def test_a_copy_goes_its_own_way(designer: Client) -> None:
    designer.post(f"{ALL}default/duplicate/")
    copied = Questionnaire.objects.get(slug="copy-of-fix-and-cause")
    assert copied.draft.definition == to_builtins(default_definition())
    assert not copied.versions.exists()


def test_a_new_name_leaves_the_address_as_it_is(designer: Client) -> None:
    designer.post(f"{ALL}default/rename/", {"name": " Everything  new "})
    assert Questionnaire.objects.get(slug="default").name == "Everything new"
    answer = designer.post(f"{ALL}default/rename/", {"name": " "})
    assert "The name must have" in told(designer, answer)
    assert Questionnaire.objects.get(slug="default").name == "Everything new"


def test_what_a_policy_asks_cannot_be_archived(designer: Client) -> None:
    answer = designer.post(f"{ALL}default/archive/")
    assert "it is asked by the policy “Every resolved case”" in told(designer, answer)
    assert Questionnaire.objects.get(slug="default").archived_at is None


def test_archiving_can_be_undone(designer: Client) -> None:
    begun = questionnaires.begin("Old", default_definition(), user=None, now=timezone.now())
    page = told(designer, designer.post(f"{ALL}old/archive/"))
    assert "“Old” is archived" in page
    assert f'action="{ALL}old/bring-back/"' in page
    begun.refresh_from_db()
    assert begun.archived_at is not None
    designer.post(f"{ALL}old/bring-back/")
    begun.refresh_from_db()
    assert begun.archived_at is None


@pytest.mark.parametrize("number", [1, 4])
def test_the_list_asks_the_same_for_many_as_for_one(
    designer: Client, number: int, django_assert_num_queries: Any
) -> None:
    for place in range(number - 1):
        questionnaires.begin(f"Q{place}", default_definition(), user=None, now=timezone.now())
    with django_assert_num_queries(5):
        questionnaires.overviews(archived=False)


def test_the_list_says_which_trade_a_questionnaire_came_from(designer: Client) -> None:
    origin = "Banking, from “Bank account and cards”"
    assert origin not in designer.get(ALL).content.decode()
    designer.post(f"{ALL}new/", {"template": "bank", "name": "Ours"})
    designer.post(f"{ALL}ours/duplicate/")
    designer.post(f"{ALL}new/", {"template": "blank", "name": "Bare"})
    assert designer.get(ALL).content.decode().count(origin) == 2
    kept = dict(Questionnaire.objects.values_list("slug", "template"))
    assert kept == {"default": "", "ours": "bank", "copy-of-ours": "bank", "bare": ""}
