"""Review, publication, versions beside each other."""

from __future__ import annotations

import copy
import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from surveys.builder.publishing.review import item_address, place_in_words
from surveys.models import Policy, Questionnaire, QuestionnaireDraft, QuestionnaireVersion, User
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.services import drafts
from surveys.services.publishing import ensure_defaults, publish
from tests.factories import PolicyFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
DEFAULT = "/questionnaires/default/"
REVIEW, PUBLISH, VERSIONS = f"{DEFAULT}review/", f"{DEFAULT}publish/", f"{DEFAULT}versions/"
Role = User.Role


@pytest.fixture
def designer() -> Client:
    ensure_defaults()
    return client_of(Role.DESIGNER, email="grace@example.org")


def document() -> Any:
    found: Any = copy.deepcopy(to_builtins(default_definition()))
    return found


def stem(words: str, block: int = 0, item: int = 0) -> Any:
    changed = document()
    changed["blocks"][block]["items"][item]["stem"]["en"] = words
    return changed


def draft(changed: Any) -> QuestionnaireDraft:
    """Put the document into the draft of the default questionnaire."""
    questionnaire = Questionnaire.objects.get(slug="default")
    now = timezone.now()
    base = drafts.look(questionnaire, now).revision
    return drafts.replace(
        questionnaire.pk, changed, "Changed", base_revision=base, user=None, now=now
    ).draft


def text_of(answer: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def fields_of(answer: Any) -> dict[str, str]:
    """What the form would send as it stands, reasons left empty."""
    page = answer.content.decode()
    form = page[page.index(f'action="{PUBLISH}"') :]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("radio" not in tag or "checked" in tag):
            found[html.unescape(name[1])] = html.unescape(value[1]) if value else ""
    return found


def filled(answer: Any, reason: str = "It was decided.") -> dict[str, str]:
    """The form with a reason in every field that wants one."""
    return {
        name: reason if name.startswith(("why:", "reason:")) else value
        for name, value in fields_of(answer).items()
    }


def newest() -> QuestionnaireVersion:
    found = QuestionnaireVersion.objects.order_by("-number").first()
    assert found is not None
    return found


def test_without_changes_there_is_nothing_to_publish(designer: Client) -> None:
    assert "Nothing to publish" in text_of(designer.get(REVIEW))
    draft(document())
    assert "Nothing to publish" in text_of(designer.get(REVIEW))
    answer = designer.post(PUBLISH, {"revision": "0", "expected": "1"})
    assert (answer.status_code, answer["Location"]) == (302, REVIEW)
    assert QuestionnaireDraft.objects.count() == 1


def test_a_review_says_what_changes_and_what_can_be_compared(designer: Client) -> None:
    draft(stem("How well did our people treat you?", item=1))
    page = text_of(designer.get(REVIEW))
    assert "Changes against version 1" in page
    sentence = "From this version on the trend of F2 starts anew, because its wording changed."
    assert sentence in page
    assert "Before: How well were you treated by the person who helped you?" in page
    assert "Now: How well did our people treat you?" in page


def test_a_review_says_which_languages_the_wording_rules_did_not_read(designer: Client) -> None:
    draft(stem("How well did we handle it?"))

    said = text_of(designer.get(REVIEW))

    assert "these languages were checked for structure, not for wording: de, fr" in said


def test_errors_block_and_lead_to_where_they_are_mended(designer: Client) -> None:
    changed = stem("")
    changed["randomise"] = False
    draft(changed)
    answer = designer.get(REVIEW)
    page = answer.content.decode()
    assert "2 errors to mend first" in text_of(answer)
    assert "?at=F1" in page
    assert "?at=start" in page
    assert re.search(r"<button type=\"submit\" disabled>\s*Publish version 2", page)
    posted = designer.post(PUBLISH, fields_of(answer))
    assert (posted.status_code, newest().number) == (400, 1)
    assert "Nothing is published: the errors below" in text_of(posted)


def test_what_is_not_translated_is_told_once_for_each_language(designer: Client) -> None:
    changed = stem("")
    for language in ("ar", "de"):
        for option in changed["blocks"][1]["items"][0]["options"]:
            del option["label"][language]
    draft(changed)
    answer = designer.get(REVIEW)
    said = text_of(answer)
    assert "3 errors to mend first" in said
    assert said.index("F1") < said.index("5 texts are missing in Arabic")
    assert said.count("5 texts are missing in German") == 1
    assert "/translations/?language=ar&amp;show=missing" in answer.content.decode()
    posted = designer.post(PUBLISH, fields_of(answer))
    assert (posted.status_code, newest().number) == (400, 1)


def test_a_warning_without_a_reason_keeps_what_was_typed(designer: Client) -> None:
    changed = stem("How satisfied are you with the handling and the speed of it?")
    changed["thanks"]["en"] = "Thanks."
    draft(changed)
    answer = designer.get(REVIEW)
    sent = fields_of(answer)
    reasons = sorted(name for name in sent if name.startswith(("reason:", "why:")))
    assert [name.partition(":")[0] for name in reasons] == ["reason", "why"]
    posted = designer.post(PUBLISH, sent | {reasons[1]: "Decided on Monday."})
    assert (posted.status_code, newest().number) == (400, 1)
    assert "a reason is missing" in text_of(posted)
    assert fields_of(posted)[reasons[1]] == "Decided on Monday."
    assert posted.content.decode().count('aria-invalid="true"') == 1


def test_a_publication_stores_reasons_and_shows_what_follows(designer: Client) -> None:
    draft(stem("How satisfied are you with how we handled your problem?"))
    sent = filled(designer.get(REVIEW), "The law wants it.")
    posted = designer.post(PUBLISH, sent)
    assert (posted.status_code, posted["Location"]) == (302, f"{VERSIONS}2/published/")
    version = newest()
    assert version.published_by is not None
    assert version.published_by.email == "grace@example.org"
    assert {one["reason"] for one in version.accepted_warnings} == {"The law wants it."}
    assert [(one["item"], one["comparable"]) for one in version.changes] == [("F1", False)]
    page = text_of(designer.get(posted["Location"]))
    assert "Version 2 is published" in page
    assert "“Every resolved case” asks it" in page
    assert "Nothing to publish" in text_of(designer.get(REVIEW))


def test_a_meaning_declared_unchanged_needs_a_reason_and_keeps_the_trend(designer: Client) -> None:
    changed = document()
    changed["blocks"][0]["items"].insert(
        1,
        {
            "id": "X1",
            "dimension": "fix.own",
            "type": "yes_no",
            "stem": dict.fromkeys(changed["languages"], "Did we call you back?"),
            "options": [
                {"value": n, "label": dict.fromkeys(changed["languages"], words)}
                for n, words in ((1, "Yes"), (2, "No"))
            ],
        },
    )
    draft(changed)
    sent = filled(designer.get(REVIEW)) | {"keep:F3": "unchanged", "why:F3": " "}
    posted = designer.post(PUBLISH, sent)
    assert (posted.status_code, newest().number) == (400, 1)
    designer.post(PUBLISH, sent | {"why:F3": "X1 is short."})
    stored = {one["item"]: one for one in newest().changes}
    assert (stored["F3"]["comparable"], stored["F3"]["reason"]) == (True, "X1 is short.")
    assert stored["S1"]["comparable"] is False


def test_who_publishes_second_is_told_who_was_first(designer: Client) -> None:
    draft(stem("How satisfied are you with how we handled your problem?"))
    sent = filled(designer.get(REVIEW))
    other = client_of(Role.ADMIN, email="ada@example.org")
    other.post(PUBLISH, sent)
    posted = designer.post(PUBLISH, sent)
    page = text_of(posted)
    assert (posted.status_code, newest().number) == (409, 2)
    assert "Version 2 was published by ada@example.org a moment ago." in page
    assert "the draft is kept" in page
    again = other.post(PUBLISH, sent)
    assert "was published by you a moment ago" in text_of(again)


def test_a_draft_that_moved_on_is_reviewed_anew(designer: Client) -> None:
    draft(stem("How satisfied are you with how we handled your problem?"))
    sent = filled(designer.get(REVIEW))
    draft(stem("How satisfied are you?"))
    posted = designer.post(PUBLISH, sent)
    assert (posted.status_code, newest().number) == (409, 1)
    assert "look at it once more" in text_of(posted)
    assert fields_of(posted)["revision"] == "1"


def test_a_manager_reads_the_review_and_cannot_publish(designer: Client) -> None:
    draft(stem("How satisfied are you with how we handled your problem?"))
    manager = client_of(Role.MANAGER)
    assert "Publish version" not in text_of(manager.get(REVIEW))
    assert manager.post(PUBLISH).status_code == 404


def test_an_admin_lets_a_policy_use_the_questionnaire(designer: Client) -> None:
    other = Questionnaire.objects.create(slug="other", name="Other")
    publish(other, default_definition())
    PolicyFactory(slug="narrow", name="Narrow", questionnaire=other)
    address = f"{VERSIONS}1/published/"
    assert "Make another policy use it" not in text_of(designer.get(address))
    admin = client_of(Role.ADMIN)
    assert "Make another policy use it" in text_of(admin.get(address))
    answer = admin.post(f"{DEFAULT}use/", {"policy": "narrow", "version": "1"})
    assert answer["Location"] == address
    assert Policy.objects.get(slug="narrow").questionnaire.slug == "default"
    assert designer.post(f"{DEFAULT}use/", {"policy": "narrow"}).status_code == 404


def test_an_unpublished_questionnaire_is_given_to_no_policy(designer: Client) -> None:
    Questionnaire.objects.create(slug="raw", name="Raw")
    admin = client_of(Role.ADMIN)
    admin.post("/questionnaires/raw/use/", {"policy": "default"})
    admin.post("/questionnaires/raw/use/", {"policy": "nothing"})
    assert Policy.objects.get(slug="default").questionnaire.slug == "default"


def test_a_draft_that_cannot_be_read_is_told_and_breaks_no_page(designer: Client) -> None:
    stored = draft(document())
    QuestionnaireDraft.objects.filter(pk=stored.pk).update(definition={"blocks": 1})
    assert "The draft cannot be read." in text_of(designer.get(REVIEW))
    assert designer.post(PUBLISH, {"revision": "0", "expected": "1"}).status_code == 400
    assert "cannot be read" in text_of(designer.get("/questionnaires/"))
    assert designer.get(VERSIONS).status_code == 200
    assert designer.get(f"{DEFAULT}compare/?old=1&new=draft").status_code == 404
    assert designer.get(f"{DEFAULT}export.json").status_code == 404
    assert designer.post(f"{DEFAULT}duplicate/").status_code == 302


# Versions


@pytest.fixture
def two_versions(designer: Client) -> Client:
    draft(stem("How satisfied are you with how we handled your problem?"))
    designer.post(PUBLISH, filled(designer.get(REVIEW), "Shorter."))
    assert newest().number == 2
    return designer


def test_versions_are_listed_with_the_trends_they_break(two_versions: Client) -> None:
    page = text_of(two_versions.get(VERSIONS))
    assert "Version 2" in page
    assert "grace@example.org" in page
    assert "1 change" in page
    assert "F1" in page


@pytest.mark.parametrize("language", ["en", "ar", "tlh", "%00<"])
def test_a_version_shows_both_orders_in_any_language(two_versions: Client, language: str) -> None:
    answer = two_versions.get(f"{VERSIONS}1/?language={language}")
    page = text_of(answer)
    assert "Fix first" in page
    assert "Cause first" in page
    shown = language if language in default_definition().languages else "en"
    assert default_definition().item("C1").stem[shown] in page
    direction = "rtl" if shown == "ar" else "ltr"
    assert f'lang="{shown}" dir="{direction}"' in answer.content.decode()


def test_both_orders_together_show_every_question(two_versions: Client) -> None:
    both = two_versions.get(f"{VERSIONS}1/").context["both"]
    assert [[page.block for page in arm.pages] for arm in both.arms] == [
        ["fix", "cause", "closing"],
        ["cause", "fix", "closing"],
    ]
    shown = {item.id for arm in both.arms for page in arm.pages for item in page.items}
    assert shown == {item.id for item in default_definition().items}


def test_a_version_tells_its_changes_and_reasons(two_versions: Client) -> None:
    page = text_of(two_versions.get(f"{VERSIONS}2/"))
    assert "The wording of F1 changed." in page
    assert "Published in spite of" in page
    assert "Shorter." in page


def test_any_two_versions_are_compared(two_versions: Client) -> None:
    address = f"{DEFAULT}compare/"
    forth = text_of(two_versions.get(address, {"old": "1", "new": "2"}))
    assert "Now: How satisfied are you with how we handled your problem?" in forth
    back = text_of(two_versions.get(address, {"old": "2", "new": "1"}))
    assert "Before: How satisfied are you with how we handled your problem?" in back
    assert "say the same" in text_of(two_versions.get(address, {"old": "2", "new": "draft"}))
    for wrong in ({"old": "3"}, {"new": "x"}, {"old": "9" * 30}, {"new": "-1"}):
        assert two_versions.get(address, wrong).status_code == 404


def test_an_old_version_comes_back_into_the_draft_and_can_be_undone(two_versions: Client) -> None:
    before = QuestionnaireDraft.objects.get().definition
    two_versions.post(f"{VERSIONS}1/restore/")
    stored = QuestionnaireDraft.objects.get()
    assert stored.definition == to_builtins(default_definition())
    assert newest().number == 2
    assert "Changes against version 2" in text_of(two_versions.get(REVIEW))
    drafts.undo(stored.pk, base_revision=stored.revision, user=None, now=timezone.now())
    assert QuestionnaireDraft.objects.get().definition == before


def test_what_is_not_a_version_does_not_exist(two_versions: Client) -> None:
    assert two_versions.get(f"{VERSIONS}3/").status_code == 404
    assert two_versions.get(f"{VERSIONS}3/published/").status_code == 404
    assert two_versions.post(f"{VERSIONS}3/restore/").status_code == 404
    assert two_versions.get("/questionnaires/nothing/versions/").status_code == 404


PLACES: list[tuple[str, str, str]] = [
    ("$.blocks[0].items[1].stem.en", "F2", "F2"),
    ("$.blocks[1].items[0]", "C1", "C1"),
    ("$.blocks[1].comment.label.en", "the cause page", "cause"),
    ("$.blocks[7]", "the whole questionnaire", "settings"),
    ("$.blocks[0].items[99]", "the fix page", "fix"),
    ("$.lead_in.en", "the lead-in", "start"),
    ("$.randomise", "the whole questionnaire", "start"),
    ("$.thanks", "the thank-you text", "thanks"),
    ("$", "the whole questionnaire", "settings"),
]


@pytest.mark.parametrize(("path", "words", "desk"), PLACES)
def test_a_path_is_told_and_leads_to_the_editor(path: str, words: str, desk: str) -> None:
    assert place_in_words(default_definition(), path) == words
    assert item_address("default", default_definition(), path).endswith(f"?at={desk}")
