"""Only what keeps the two ratings apart can be published, once, with a reason for each doubt; what
was asked before stays as it was."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from surveys.models import (
    Invitation,
    MailSkeleton,
    Questionnaire,
    QuestionnaireDraft,
    QuestionnaireVersion,
    Response,
)
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.schema import Definition, DefinitionError
from surveys.services import drafts
from surveys.services.publishing import (
    Accepted,
    DraftMovedError,
    NothingToPublishError,
    PublishedMeanwhileError,
    RefusedError,
    UnreasonedError,
    publish,
    publish_draft,
)
from surveys.services.reviewing import review
from tests.factories import (
    InvitationFactory,
    ResolutionFactory,
    ResponseFactory,
    UserFactory,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db

OWN: dict[str, Any] = {
    "id": "X1",
    "dimension": "fix.own",
    "type": "yes_no",
    "stem": {"en": "Did we call you back?"},
    "options": [{"value": 1, "label": {"en": "Yes"}}, {"value": 2, "label": {"en": "No"}}],
}


def document() -> Any:
    """The default questionnaire in English alone, so that few texts have to be given."""
    found: Any = to_builtins(default_definition())
    found["languages"] = ["en"]
    return found


def own() -> Questionnaire:
    return Questionnaire.objects.create(slug="own", name="Our own")


def reasons(questionnaire: Questionnaire, definition: Definition) -> list[Accepted]:
    """A reason for each warning there is."""
    found = review(questionnaire, definition).warnings
    return [Accepted(one.code, one.path, f"Because of {one.code}") for one in found]


def publish_all(questionnaire: Questionnaire, changed: Any, **more: Any) -> QuestionnaireVersion:
    definition = from_builtins(changed, draft=True)
    accepted = reasons(questionnaire, definition)
    return publish(questionnaire, definition, accepted_warnings=accepted, **more)


def test_publish_refuses_a_definition_with_an_error_and_stores_nothing() -> None:
    questionnaire = own()
    changed = document()
    changed["blocks"][0]["items"].append(changed["blocks"][1]["items"].pop())

    with pytest.raises(DefinitionError) as caught:
        publish(questionnaire, from_builtins(changed))

    assert isinstance(caught.value, RefusedError)
    assert {one.severity for one in caught.value.findings} == {"error"}
    assert caught.value.path.startswith("$.blocks[0]")
    assert not QuestionnaireVersion.objects.filter(questionnaire=questionnaire).exists()


def test_the_default_questionnaire_is_published_without_a_reason() -> None:
    version = publish(own(), default_definition())
    assert (version.number, version.accepted_warnings, version.changes) == (1, [], [])
    mails = MailSkeleton.objects.filter(version=version)
    assert mails.count() == len(default_definition().languages) * 2 * 2


def test_a_warning_needs_a_reason_which_is_stored() -> None:
    questionnaire, user = own(), UserFactory()
    publish(questionnaire, from_builtins(document()))
    changed = document()
    changed["blocks"][0]["items"][1]["stem"]["en"] = "How did our person treat you?"
    definition = from_builtins(changed)

    with pytest.raises(UnreasonedError) as caught:
        publish(questionnaire, definition)
    [warning] = caught.value.findings
    blank = [Accepted(warning.code, warning.path, "  ")]
    with pytest.raises(UnreasonedError):
        publish(questionnaire, definition, accepted_warnings=blank)
    accepted = [Accepted(warning.code, warning.path, " Shorter. ")]
    version = publish(questionnaire, definition, user=user, accepted_warnings=accepted)

    assert version.accepted_warnings == [
        {
            "code": warning.code,
            "path": warning.path,
            "message": warning.message,
            "reason": "Shorter.",
        }
    ]
    assert (version.number, version.published_by) == (2, user)


def test_the_changes_are_stored_with_what_they_mean_for_the_trends() -> None:
    questionnaire = own()
    publish(questionnaire, from_builtins(document()))
    changed = document()
    changed["blocks"][0]["items"][0]["stem"]["en"] += "?"
    changed["blocks"][0]["items"][3]["options"].reverse()
    changed["blocks"][0]["items"][3]["options"] = [
        option | {"value": number}
        for number, option in enumerate(changed["blocks"][0]["items"][3]["options"], 1)
    ]
    changed["blocks"][1]["items"][0]["stem"]["en"] += "?"
    excuses = {"F1": "A slip of the finger.", "S1": "Not excusable."}
    version = publish_all(questionnaire, changed, unchanged=excuses)

    stored = {(one["item"], one["kind"]): one for one in version.changes}
    assert stored["F1", "wording"]["comparable"] is True
    assert stored["F1", "wording"]["reason"] == "A slip of the finger."
    assert stored["S1", "scale"]["comparable"] is False
    assert stored["C1", "wording"] == {
        "item": "C1",
        "kind": "wording",
        "path": "$.blocks[1].items[0].stem.en",
        "change": "The wording of C1 changed.",
        "comparable": False,
        "language": "en",
        "before": document()["blocks"][1]["items"][0]["stem"]["en"],
        "after": document()["blocks"][1]["items"][0]["stem"]["en"] + "?",
    }


def test_an_incomplete_optional_language_is_left_out() -> None:
    changed = document()
    changed |= {"languages": ["en", "de", "fr"], "required_languages": ["en"]}
    del changed["blocks"][0]["items"][0]["stem"]["de"]
    changed["thanks"]["fr"] = " "
    questionnaire = own()
    found = review(questionnaire, from_builtins(changed, draft=True))
    version = publish_all(questionnaire, changed)

    assert found.left_out == ("de", "fr")
    assert version.definition["languages"] == ["en"]
    assert "de" not in version.definition["lead_in"]
    assert set(MailSkeleton.objects.filter(version=version).values_list("language")) == {("en",)}


def test_an_incomplete_required_language_is_refused() -> None:
    changed = document() | {"languages": ["en", "de"], "required_languages": ["en", "de"]}
    del changed["blocks"][0]["items"][0]["stem"]["de"]
    with pytest.raises(RefusedError) as caught:
        publish_all(own(), changed)
    assert [one.path for one in caught.value.findings] == ["$.blocks[0].items[0].stem.de"]


@pytest.mark.parametrize(
    "other",
    [
        {"dimension": "fix.other"},
        {"type": "single"},
        {"options": [*OWN["options"], {"value": 3, "label": {"en": "Maybe"}}], "type": "single"},
        {"type": "long_text", "options": []},
    ],
)
def test_an_own_id_never_gets_another_meaning(other: dict[str, Any]) -> None:
    questionnaire = own()
    with_item, without, again = document(), document(), document()
    with_item["blocks"][0]["items"].append(copy.deepcopy(OWN))
    again["blocks"][0]["items"].append(copy.deepcopy(OWN) | other)
    publish_all(questionnaire, with_item)
    publish_all(questionnaire, without)

    with pytest.raises(RefusedError) as caught:
        publish_all(questionnaire, again)

    assert [(one.code, one.path) for one in caught.value.findings] == [
        ("id_reused", "$.blocks[0].items[4]")
    ]
    publish_all(questionnaire, with_item)  # the same meaning may come back
    again["blocks"][0]["items"][4]["id"] = "X2"
    assert publish_all(questionnaire, again).number == 4


def test_another_questionnaire_may_use_the_same_own_id() -> None:
    first, second = document(), document()
    first["blocks"][0]["items"].append(copy.deepcopy(OWN))
    second["blocks"][0]["items"].append(copy.deepcopy(OWN) | {"dimension": "fix.other"})
    publish_all(own(), first)
    publish_all(Questionnaire.objects.create(slug="two", name="Two"), second)


def test_running_invitations_and_old_answers_keep_their_version_and_mails() -> None:
    questionnaire = own()
    first = publish(questionnaire, from_builtins(document()))
    running = InvitationFactory(version=first, resolution=ResolutionFactory())
    response = ResponseFactory(invitation=InvitationFactory(version=first))
    mails = list(MailSkeleton.objects.filter(version=first).order_by("pk").values())
    changed = document()
    changed["blocks"][0]["items"][0]["stem"]["en"] = "How satisfied are you with the handling?"
    second = publish_all(questionnaire, changed)

    assert second.pk != first.pk
    assert Invitation.objects.get(pk=running.pk).version == first
    assert Response.objects.get(pk=response.pk).invitation.version == first
    assert list(MailSkeleton.objects.filter(version=first).order_by("pk").values()) == mails
    assert from_builtins(QuestionnaireVersion.objects.get(pk=first.pk).definition) == (
        from_builtins(document())
    )


# Drafts


def drafted(questionnaire: Questionnaire, changed: Any) -> QuestionnaireDraft:
    draft = drafts.draft_of(questionnaire, None, timezone.now())
    applied = drafts.replace(
        questionnaire.pk,
        changed,
        "Changed it",
        base_revision=draft.revision,
        user=None,
        now=timezone.now(),
    )
    return applied.draft


def other_thanks(words: str) -> Any:
    changed = document()
    changed["thanks"]["en"] = words
    return changed


def test_a_draft_goes_on_from_the_version_it_became() -> None:
    questionnaire, user = own(), UserFactory()
    publish(questionnaire, from_builtins(document()))
    draft = drafted(questionnaire, other_thanks("Thanks."))
    version = publish_draft(questionnaire, revision=draft.revision, expected=1, user=user)
    draft.refresh_from_db()

    assert version.number == 2
    assert (draft.base, draft.definition["thanks"]) == (
        version,
        {"en": "Thanks."}
        | {key: words for key, words in document()["thanks"].items() if key != "en"},
    )
    with pytest.raises(NothingToPublishError):
        publish_draft(questionnaire, revision=draft.revision, expected=2, user=user)


def test_a_draft_that_moved_since_it_was_reviewed_is_not_published() -> None:
    questionnaire = own()
    draft = drafted(questionnaire, other_thanks("Thanks."))
    with pytest.raises(DraftMovedError):
        publish_draft(questionnaire, revision=draft.revision - 1, expected=0, user=None)
    assert not questionnaire.versions.exists()


def test_without_a_draft_there_is_nothing_to_publish() -> None:
    with pytest.raises(NothingToPublishError):
        publish_draft(own(), revision=0, expected=0, user=None)


def test_who_publishes_after_somebody_else_is_told_and_keeps_the_draft() -> None:
    questionnaire, user = own(), UserFactory()
    publish(questionnaire, from_builtins(document()))
    draft = drafted(questionnaire, other_thanks("Mine."))
    theirs = publish_all(questionnaire, other_thanks("Theirs."), user=user)
    with pytest.raises(PublishedMeanwhileError) as caught:
        publish_draft(questionnaire, revision=draft.revision, expected=1, user=None)
    assert (caught.value.version, caught.value.version.published_by) == (theirs, user)
    draft.refresh_from_db()
    assert draft.definition["thanks"]["en"] == "Mine."


@pytest.mark.django_db(transaction=True)
def test_of_two_publications_at_once_one_holds_and_the_other_is_told() -> None:
    questionnaire = own()
    publish(questionnaire, from_builtins(document()))
    draft = drafted(questionnaire, other_thanks("Thanks."))
    users = [UserFactory(), UserFactory()]

    def by(user: Any) -> Any:
        try:
            return publish_draft(questionnaire, revision=draft.revision, expected=1, user=user)
        except PublishedMeanwhileError as told:
            return told

    results = at_once(*(lambda user=user: by(user) for user in users))

    versions = [one for one in results if isinstance(one, QuestionnaireVersion)]
    told = [one for one in results if isinstance(one, PublishedMeanwhileError)]
    assert (len(versions), len(told)) == (1, 1)
    assert told[0].version == versions[0]
    assert list(questionnaire.versions.order_by("number").values_list("number", flat=True)) == [
        1,
        2,
    ]
    draft.refresh_from_db()
    assert draft.definition["thanks"]["en"] == "Thanks."
    assert draft.changed_at <= timezone.now() + timedelta(seconds=1)
