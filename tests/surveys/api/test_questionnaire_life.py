"""What becomes of a questionnaire, its languages and its brands, over HTTP."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from surveys.models import (
    Brand,
    IdempotentReply,
    Policy,
    PreviewLink,
    Questionnaire,
    QuestionnaireDraft,
)
from surveys.services import preview_links
from tests.factories import UserFactory
from tests.smtp_server import SmtpServer
from tests.surveys.api.conftest import Api
from tests.surveys.services.conftest import smtp  # noqa: F401 -- a fixture
from tests.surveys.staff import NO_PASSWORD

MakeApi = Callable[..., Api]
ONE = "/api/v1/questionnaires/default/"
BRANDS = "/api/v1/brands/"
BRAND = {"slug": "north", "name": "North", "accent": "#1d4ed8", "accent_dark": "#93b4ff"}


@pytest.fixture
def designer(api: MakeApi) -> Api:
    return api("questionnaires:write")


def _field(answer: Any) -> str:
    assert answer.status_code == 400, answer.content
    return str(answer.json()["errors"][0]["field"])


def test_questionnaire_is_renamed_as_it_was_read(designer: Api) -> None:
    seal = designer.get(ONE)["ETag"]
    renamed = designer.patch(ONE, {"name": "After a  visit"}, headers={"If-Match": seal})
    assert (renamed.json()["name"], renamed.json()["slug"]) == ("After a visit", "default")
    assert designer.patch(ONE, {"name": "x"}, headers={"If-Match": seal}).status_code == 412
    assert _field(designer.patch(ONE, {"name": " "})) == "name"


def test_copy_is_archived_and_brought_back_but_not_what_a_policy_asks(designer: Api) -> None:
    copy = designer.post(f"{ONE}duplicate/", {}).json()
    assert copy["name"].startswith("Copy of ")
    own = f"/api/v1/questionnaires/{copy['slug']}/"
    assert designer.post(f"{own}archive/", {}).json()["archived_at"]
    refused = designer.delete(f"{own}languages/de/")
    assert (refused.status_code, "archived" in refused.json()["detail"]) == (409, True)
    assert designer.post(f"{own}restore/", {}).json()["archived_at"] is None
    refused = designer.post(f"{ONE}archive/", {})
    assert refused.status_code == 409
    assert Policy.objects.get().slug in refused.json()["detail"]
    assert Questionnaire.objects.get(slug="default").archived_at is None


def test_draft_is_reviewed_compared_and_replaced_by_an_old_version(designer: Api) -> None:
    draft = designer.get(f"{ONE}draft/").json()
    words = draft["definition"]["blocks"][0]["items"][0]["stem"]
    words["en"] += " Really?"
    sent = {"definition": draft["definition"], "revision": draft["revision"]}
    assert designer.put(f"{ONE}draft/", sent).status_code == 200
    told = designer.get(f"{ONE}review/").json()
    assert (told["has_unpublished_changes"], told["newest"]) == (True, 1)
    compared = designer.get(f"{ONE}compare/", old="1", new="draft").json()
    assert compared["changes"] == told["changes"]
    assert [change["after"] for change in told["changes"]] == [words["en"]]
    restored = designer.post(f"{ONE}versions/1/restore/", {}).json()
    assert restored["has_unpublished_changes"] is False
    assert designer.get(f"{ONE}compare/", old="1", new="draft").json()["changes"] == []
    assert [v["number"] for v in designer.get(f"{ONE}versions/").json()["results"]] == [1]
    assert _field(designer.get(f"{ONE}compare/", old="1", new="9")) == "new"
    assert designer.post(f"{ONE}versions/9/restore/", {}).status_code == 404


def test_step_of_a_draft_is_taken_back_and_made_again(designer: Api) -> None:
    before = designer.get(f"{ONE}draft/").json()
    written = before
    for words in (" Really?", " Tell us."):
        definition, revision = written["definition"], written["revision"]
        definition["blocks"][0]["items"][0]["stem"]["en"] += words
        sent = {"definition": definition, "revision": revision}
        written = designer.put(f"{ONE}draft/", sent).json()
    undone = designer.post(f"{ONE}draft/undo/", {"revision": written["revision"]}).json()
    assert undone["definition"] != written["definition"]
    again = designer.post(f"{ONE}draft/redo/", {"revision": undone["revision"]}).json()
    assert again["definition"] == written["definition"]
    assert designer.post(f"{ONE}draft/redo/", {"revision": 99}).status_code == 409
    assert _field(designer.post(f"{ONE}draft/undo/", {"revision": -1})) == "revision"


def test_preview_link_opens_until_it_is_revoked_and_no_table_keeps_it(designer: Api) -> None:
    sent = {"version": 1, "days": 3}
    made = designer.post(f"{ONE}links/", sent, **{"Idempotency-Key": "l"}).json()
    link = PreviewLink.objects.get()
    assert made["address"].endswith(f"/p/{preview_links.token_of(link)}/")
    assert made["address"] not in str(IdempotentReply.objects.get().body)
    assert "address" not in designer.get(f"{ONE}links/").json()["results"][0]
    revoked = designer.post(f"{ONE}links/{made['id']}/revoke/", {}).json()
    assert revoked["revoked_at"]
    assert _field(designer.post(f"{ONE}links/", {"days": 31})) == "days"
    assert _field(designer.post(f"{ONE}links/", {"version": 9})) == "version"


def test_test_mail_goes_to_staff_alone(designer: Api, smtp: SmtpServer) -> None:  # noqa: F811
    UserFactory.create(email="lead@example.com", password=NO_PASSWORD)
    told = designer.post(f"{ONE}test-mail/", {"to": "lead@example.com", "language": "de"})
    assert told.json()["outcome"] == "success"
    assert smtp.recipients == ["lead@example.com"]
    assert PreviewLink.objects.get().is_test_mail
    assert _field(designer.post(f"{ONE}test-mail/", {"to": "stranger@example.com"})) == "to"
    for field, wrong in (("kind", "letter"), ("arm", "left"), ("asks", "all"), ("version", 9)):
        sent = {"to": "lead@example.com", field: wrong}
        assert _field(designer.post(f"{ONE}test-mail/", sent)) == field
    assert smtp.recipients == ["lead@example.com"]


def test_language_is_added_filled_required_and_removed(designer: Api) -> None:
    languages = f"{ONE}languages/"
    before = designer.get(languages).json()
    own = f"{languages}{before['languages'][0]['language']}/"
    assert designer.delete(own).status_code == 204
    assert designer.get(own).status_code == 404
    added = designer.post(languages, {"language": before["languages"][0]["language"]}).json()
    back = added["languages"][-1]
    assert (back["required"], back["n_missing"] < back["n_texts"]) == (False, True)
    told = designer.post(f"{own}require/", {"required": True}).json()
    assert told["languages"][-1]["required"] is True
    assert designer.post(f"{own}fill/", {}).status_code == 200
    assert _field(designer.post(languages, {"language": "English"})) == "language"
    assert _field(designer.post(languages, {"language": "en"})) == "language"
    assert designer.get(f"{languages}xx/").status_code == 404


def test_translations_are_written_and_taken_from_files(designer: Api) -> None:
    own = f"{ONE}languages/de/"
    row = designer.get(own).json()["texts"][0]
    name, was = row["name"], row["text"]
    told = designer.patch(own, {"texts": {name: {"text": "Anders", "was": was}}}).json()
    assert told == {"n_saved": 1, "refused": {}, "overtaken": {}}
    late = designer.patch(own, {"texts": {name: {"text": "Spät", "was": was}, "no": {
        "text": "x", "was": ""}}}).json()  # fmt: skip
    assert (late["overtaken"], list(late["refused"])) == ({name: "Anders"}, ["no"])
    for kind in ("csv", "xliff"):
        file = designer.get(own, format=kind).content.decode("utf-8-sig")
        assert "Anders" in file
        taken = designer.post(
            f"{ONE}translations/import/", {"file": file.replace("Anders", f"Aus {kind}")}
        ).json()
        assert (taken["language"], taken["n_taken"], taken["refused"]) == ("de", 1, [])
        assert designer.get(own).json()["texts"][0]["text"] == f"Aus {kind}"
        file = ""
        designer.patch(own, {"texts": {name: {"text": "Anders", "was": f"Aus {kind}"}}})
    assert QuestionnaireDraft.objects.get().changed_by is None
    assert _field(designer.post(f"{ONE}translations/import/", {"file": "no file"})) == "file"


def test_brand_is_added_changed_and_deleted(designer: Api) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (20, 10), "#123456").save(picture, "PNG")
    logo = base64.b64encode(picture.getvalue()).decode()
    texts = {"de": {"footer": "{company}, immer nah"}}
    made = designer.post(BRANDS, BRAND | {"logo": logo, "texts": texts}).json()
    assert (made["texts"], made["logo_address"][-4:]) == (texts, ".png")
    own = f"{BRANDS}north/"
    seal = designer.get(own)["ETag"]
    told = designer.patch(own, {"name": "South"}, headers={"If-Match": seal}).json()
    assert (told["name"], told["texts"], told["logo_address"]) == (
        "South",
        texts,
        made["logo_address"],
    )
    assert designer.patch(own, {"name": "x"}, headers={"If-Match": seal}).status_code == 412
    assert designer.patch(own, {"logo": None}).json()["logo_address"] is None
    Policy.objects.update(brand=Brand.objects.get())
    assert designer.delete(own).status_code == 409
    Policy.objects.update(brand=None)
    assert designer.delete(own).status_code == 204
    assert not Brand.objects.exists()


def test_brand_with_a_fault_is_not_stored(designer: Api) -> None:
    table: list[tuple[dict[str, Any], str]] = [
        ({"slug": "new"}, "slug"),
        ({"slug": "ä b"}, "slug"),
        ({"accent": "red"}, "accent"),
        ({"logo": "no base 64"}, "logo"),
        ({"logo": base64.b64encode(b"no picture").decode()}, "logo"),
        ({"reply_to": "nobody"}, "reply_to"),
        ({"texts": {"xx": {}}}, "texts"),
        ({"texts": {"de": {"footer": "<script>"}}}, "texts.de.footer"),
        ({"texts": {"de": {"header": "x"}}}, "texts.de.header"),
    ]
    for change, field in table:
        assert _field(designer.post(BRANDS, BRAND | change)) == field
    assert not Brand.objects.exists()
