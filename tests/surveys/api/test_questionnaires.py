"""Questionnaires over HTTP: begun, drafted, published, read."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from surveys.models import Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.services import questionnaires
from tests.surveys.api.conftest import Api

MakeApi = Callable[..., Api]
ALL = "/api/v1/questionnaires/"
OWN = f"{ALL}own/"


def document(**changes: Any) -> Any:
    found: Any = copy.deepcopy(to_builtins(default_definition()))
    return found | {"languages": ["en"]} | changes


def reworded(words: str) -> Any:
    found = document()
    found["blocks"][0]["items"][0]["stem"]["en"] = words
    return found


@pytest.fixture
def client(api: MakeApi) -> Api:
    return api("questionnaires:write")


@pytest.fixture
def begun(client: Api) -> Api:
    """With the questionnaire `own`, in version 1."""
    sent = {"name": "Our own", "slug": "own", "definition": document()}
    assert client.post(ALL, sent).status_code == 201
    assert client.post(f"{OWN}publish/", {"revision": 0, "expected": 0}).status_code == 201
    return client


def test_a_fresh_installation_lists_its_questionnaire(client: Api) -> None:
    [found] = client.get(ALL).json()["results"]
    version = QuestionnaireVersion.objects.get()
    assert version.published_at is not None
    assert found == {
        "slug": "default",
        "name": "Fix and cause",
        "archived_at": None,
        "policies": ["default"],
        "draft": None,
        "versions": [{"number": 1, "published_at": version.published_at.isoformat()}],
    }
    assert client.get(f"{ALL}default/").json() == found


def test_a_questionnaire_begins_as_a_draft(client: Api) -> None:
    answer = client.post(ALL, {"name": "After a visit", "definition": document()})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["slug"], told["versions"]) == ("after-a-visit", [])
    assert (told["draft"]["revision"], told["draft"]["has_unpublished_changes"]) == (0, True)
    draft = client.get(f"{ALL}after-a-visit/draft/")
    assert (draft["ETag"], draft.json()["definition"]) == ('"0"', document())
    assert client.post(ALL, {"name": "After a visit"}).json()["slug"] == "after-a-visit-2"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "x", "slug": "New Thing"}, "slug"),
        ({"name": "x", "slug": "new"}, "slug"),
        ({"name": "x", "slug": "default"}, "slug"),
        ({"name": "x", "colour": "red"}, "colour"),
        ({"name": "x", "definition": []}, "definition"),
        ({"name": "x", "definition": {"title": "Theirs", "pages": []}}, "definition"),
        ({"name": "x", "definition": document(blocks=[{"id": "fix"}])}, "definition.blocks[0]"),
        (
            {"name": "x", "definition": document(lead_in={"en": "a\u202eb"})},
            "definition.lead_in.en",
        ),
    ],
)
def test_what_cannot_be_begun_is_named_by_its_path(client: Api, sent: Any, field: str) -> None:
    answer = client.post(ALL, sent)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert Questionnaire.objects.count() == 1


def test_an_oversized_definition_is_refused(client: Api) -> None:
    stem = {"en": "x" * 500}
    item = {"id": "X1", "dimension": "fix.own", "type": "long_text", "stem": stem}
    large = document()
    large["blocks"][0]["items"] = [item | {"id": f"X{n}"} for n in range(250)]
    padded = json.dumps({"name": "x", "definition": large}).replace(": {", ":" + " " * 400 + "{")
    answer = client.post(ALL, padded.encode())
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        400,
        "larger than 256 KiB",
    )
    huge = json.dumps({"name": "x" * 1024 * 1024}).encode()
    assert client.post(ALL, huge).status_code == 413
    assert Questionnaire.objects.count() == 1


def test_the_same_post_sent_again_begins_one_questionnaire(client: Api) -> None:
    sent = {"name": "Once"}
    first = client.post(ALL, sent, **{"Idempotency-Key": "a"})
    again = client.post(ALL, sent, **{"Idempotency-Key": "a"})
    assert (first.status_code, again.content) == (201, first.content)
    assert Questionnaire.objects.filter(name="Once").count() == 1


# Drafts


def test_a_draft_is_replaced_from_the_revision_it_was_made_from(begun: Api) -> None:
    answer = begun.put(f"{OWN}draft/", {"revision": 0, "definition": reworded("How was it?")})
    assert (answer.status_code, answer["ETag"], answer.json()["revision"]) == (200, '"1"', 1)
    assert [one["code"] for one in answer.json()["findings"]] == ["wording_changed"]
    steps = QuestionnaireDraft.objects.get(questionnaire__slug="own").edits.order_by("number")
    assert [step.summary for step in steps][1:] == ["Replaced by a program"]


def test_a_draft_that_moved_on_is_not_overwritten(begun: Api) -> None:
    begun.put(f"{OWN}draft/", {"revision": 0, "definition": reworded("One")})
    two = reworded("Two")
    assert begun.put(f"{OWN}draft/", {"revision": 0, "definition": two}).status_code == 409
    unheard = begun.put(f"{OWN}draft/", {"definition": two}, **{"If-Match": '"0"'})
    assert (unheard.status_code, unheard["Content-Type"]) == (412, "application/problem+json")
    assert begun.put(f"{OWN}draft/", {"definition": two}).status_code == 428
    assert begun.put(f"{OWN}draft/", {"definition": two}, **{"If-Match": "*"}).status_code == 400
    assert begun.put(f"{OWN}draft/", {"revision": 9, "definition": two}).status_code == 409
    stored = QuestionnaireDraft.objects.get(questionnaire__slug="own").definition
    assert stored == reworded("One")
    kept = begun.put(f"{OWN}draft/", {"definition": two}, **{"If-Match": '"1"'})
    assert kept.status_code == 200


def test_a_faulty_draft_leaves_the_stored_one_alone(begun: Api) -> None:
    faulty = document()
    faulty["blocks"][0]["items"][0]["stem"] = {"en": "x" * 10_000}
    answer = begun.put(f"{OWN}draft/", {"revision": 0, "definition": faulty})
    assert answer.status_code == 400
    [fault] = answer.json()["errors"]
    assert fault["field"].startswith("definition.blocks[0].items[0].stem")
    assert QuestionnaireDraft.objects.get(questionnaire__slug="own").definition == document()


# Publishing


def test_a_version_is_published_with_its_reasons(begun: Api) -> None:
    begun.put(f"{OWN}draft/", {"revision": 0, "definition": reworded("How was it handled?")})
    address = f"{OWN}publish/"
    refused = begun.post(address, {"revision": 1, "expected": 1})
    assert refused.status_code == 400
    assert [fault["field"] for fault in refused.json()["errors"]] == [
        "definition.blocks[0].items[0]"
    ]
    reason = {"code": "wording_changed", "path": "$.blocks[0].items[0]", "reason": "Shorter."}
    published = begun.post(address, {"revision": 1, "expected": 1, "reasons": [reason]})
    assert published.status_code == 201
    told = published.json()
    assert told == begun.get(f"{OWN}versions/2/").json()
    assert (told["number"], told["definition"]) == (2, reworded("How was it handled?"))
    assert [one["reason"] for one in told["accepted_warnings"]] == ["Shorter."]
    assert [(one["item"], one["comparable"]) for one in told["changes"]] == [("F1", False)]
    assert begun.post(address, {"revision": 1}).status_code == 409


def test_a_meaning_may_be_declared_unchanged(begun: Api) -> None:
    begun.put(f"{OWN}draft/", {"revision": 0, "definition": reworded("How was it handled?")})
    reason = {"code": "wording_changed", "path": "$.blocks[0].items[0]", "reason": "A slip."}
    sent = {"revision": 1, "reasons": [reason], "unchanged": {"F1": "A slip."}}
    [change] = begun.post(f"{OWN}publish/", sent).json()["changes"]
    assert (change["comparable"], change["reason"]) == (True, "A slip.")


def test_errors_refuse_a_publication_with_their_places(begun: Api) -> None:
    broken = document(randomise=False)
    del broken["blocks"][1]["items"][0]["headline"]
    begun.put(f"{OWN}draft/", {"revision": 0, "definition": broken})
    answer = begun.post(f"{OWN}publish/", {"revision": 1})
    assert answer.status_code == 400
    assert {fault["field"] for fault in answer.json()["errors"]} >= {"definition.blocks[1]"}
    assert QuestionnaireVersion.objects.filter(questionnaire__slug="own").count() == 1


def test_who_publishes_too_late_is_told(begun: Api) -> None:
    begun.put(f"{OWN}draft/", {"revision": 0, "definition": document(thanks={"en": "Thanks."})})
    late = begun.post(f"{OWN}publish/", {"revision": 1, "expected": 0})
    assert (late.status_code, "Version 1 was published" in late.json()["detail"]) == (409, True)
    stale = begun.post(f"{OWN}publish/", {"revision": 0, "expected": 1})
    assert (stale.status_code, "revision 1" in stale.json()["detail"]) == (409, True)


@pytest.mark.parametrize("path", ["", "draft/", "versions/1/"])
def test_what_does_not_exist_is_404(client: Api, path: str) -> None:
    assert client.get(f"{ALL}nothing/{path}").status_code == 404
    assert client.get(f"{ALL}default/versions/99999999999/").status_code == 404


@pytest.mark.parametrize("scope", ["cases:read", "reports:read", "cases:write"])
def test_other_scopes_open_nothing(api: MakeApi, scope: str) -> None:
    client = api(scope)
    for path in ("", "default/", "default/draft/", "default/versions/1/"):
        assert client.get(ALL + path).status_code == 403
    assert client.post(ALL, {"name": "x"}).status_code == 403
    assert client.put(f"{ALL}default/draft/", {}).status_code == 403


def test_all_operations_are_described_with_an_example(db: None) -> None:
    schema = Client().get("/api/schema/?format=json").json()
    paths = schema["paths"]
    assert {(path, method) for path, item in paths.items() for method in item} >= {
        (f"/api/v1/questionnaires/{path}", method)
        for path, methods in {
            "": ("get", "post"),
            "{slug}/": ("get",),
            "{slug}/draft/": ("get", "put"),
            "{slug}/publish/": ("post",),
            "{slug}/versions/{number}/": ("get",),
        }.items()
        for method in methods
    }
    for item in paths.values():
        for method in {"post", "put", "patch"} & set(item):
            assert item[method]["requestBody"]["content"]["application/json"]["examples"]
    docs = Client().get("/api/docs/").content.decode()
    assert "publish_questionnaire" in docs


def test_the_described_example_can_be_sent(client: Api) -> None:
    schema = Client().get("/api/schema/?format=json").json()
    body = schema["paths"][ALL]["post"]["requestBody"]["content"]["application/json"]
    [example] = body["examples"].values()
    assert client.post(ALL, example["value"]).status_code == 201


def test_an_archived_questionnaire_is_neither_written_nor_published(begun: Api) -> None:
    questionnaire = Questionnaire.objects.get(slug="own")
    questionnaires.archive(questionnaire, timezone.now())
    before = begun.get(f"{OWN}draft/").json()
    changed = {"definition": reworded("Something else?"), "revision": 0}
    answers = (
        begun.put(f"{OWN}draft/", changed),
        begun.post(f"{OWN}publish/", {"revision": 0, "expected": 1}),
    )
    for answer in answers:
        assert answer.status_code == 409
        assert "neither edited nor published until it is brought back" in answer.json()["detail"]
    assert begun.get(f"{OWN}draft/").json() == before
    questionnaires.bring_back(questionnaire)
    assert begun.put(f"{OWN}draft/", changed).status_code == 200


def test_a_key_that_stands_twice_is_refused_with_its_place(begun: Api) -> None:
    whole = json.dumps({"definition": document(), "revision": 0})
    inner = whole.replace('"id": "F1"', '"id": "F9", "id": "F1"', 1)
    outer = whole.replace('"revision": 0', '"revision": 7, "revision": 0', 1)
    before = begun.get(f"{OWN}draft/").json()
    for body, field in (
        (inner, "definition.blocks[0].items[0].id"),
        (outer, "revision"),
    ):
        answer = begun.put(f"{OWN}draft/", body.encode())
        assert answer.status_code == 400
        assert [(one["field"], one["message"]) for one in answer.json()["errors"]] == [
            (field, "stands twice")
        ]
    assert begun.get(f"{OWN}draft/").json() == before
