"""The builder's pages by role, as plain forms and in parts, and what they answer to bad input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from surveys.models import Brand, Questionnaire, QuestionnaireDraft, User
from surveys.questionnaire.editing import fingerprint, value_at
from surveys.services import drafts
from tests.factories import BrandFactory, PolicyFactory, QuestionnaireVersionFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
PATH = "/questionnaires/default/"
EDIT = f"{PATH}edit/"
HTMX: Any = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def published() -> Questionnaire:
    made: Questionnaire = QuestionnaireVersionFactory().questionnaire
    return made


@pytest.fixture
def designer() -> Client:
    return client_of(User.Role.DESIGNER, name="Ada")


def document() -> dict[str, Any]:
    definition: dict[str, Any] = QuestionnaireDraft.objects.get().definition
    return definition


def stem(item: str = "F1") -> str:
    found = QuestionnaireVersionFactory().definition
    return str(value_at(found, f"{item}.stem.en"))


def fields(text: str, *, was: str | None = None, item: str = "F1", **more: str) -> dict[str, str]:
    seen = {f"w:t:{item}.stem": stem(item) if was is None else was}
    return {"at": item, "lang": "en", "revision": "0", f"t:{item}.stem": text, **seen, **more}


@pytest.mark.parametrize("role", [User.Role.DESIGNER, User.Role.ADMIN])
def test_editors_see_fields(role: str) -> None:
    page = client_of(role).get(PATH)
    assert page.status_code == 200
    html = page.content.decode()
    assert 'name="t:F1.stem"' in html
    assert "readonly" not in html


def test_a_manager_sees_it_read_only() -> None:
    html = client_of(User.Role.MANAGER).get(PATH).content.decode()
    assert "read-only" in html
    assert 'name="do"' not in html
    assert "Move F1" not in html


def test_a_manager_cannot_change_it() -> None:
    assert client_of(User.Role.MANAGER).post(EDIT, fields("New")).status_code == 404
    assert not QuestionnaireDraft.objects.exists()


def test_looking_stores_nothing(designer: Client) -> None:
    for path in (PATH, f"{PATH}?at=settings", f"{PATH}preview/", f"{PATH}state/?revision=0"):
        designer.get(path)
    assert not QuestionnaireDraft.objects.exists()


@pytest.mark.parametrize(
    "at", ["", "X9", "F1", "fix", "closing", "start", "thanks", "settings", "<"]
)
@pytest.mark.parametrize("language", ["en", "ar", "xx"])
def test_every_place_has_a_page(designer: Client, at: str, language: str) -> None:
    assert designer.get(PATH, {"at": at, "lang": language}).status_code == 200


def test_a_plain_form_is_stored_and_leads_back(designer: Client) -> None:
    answer = designer.post(EDIT, fields("New words"))
    assert (answer.status_code, answer["Location"]) == (302, f"{PATH}?at=F1&lang=en")
    assert value_at(document(), "F1.stem.en") == "New words"


def test_a_field_saved_while_typing_leaves_the_field_alone(designer: Client) -> None:
    answer = designer.post(EDIT, fields("New words"), headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "HX-Retarget" not in answer
    assert "<textarea" not in html
    assert 'name="w:t:F1.stem" value="New words"' in html
    told = json.loads(answer["HX-Trigger-After-Settle"])["builder:answered"]
    assert told == {"saved": True, "focus": [], "block": "fix"}


def test_what_a_button_does_comes_after_what_was_typed(designer: Client) -> None:
    duplicate = '{"op": "duplicate_item", "item": "F1"}'
    answer = designer.post(EDIT, fields("New words", do=duplicate))
    assert answer["Location"] == f"{PATH}?at=X1&lang=en"
    assert value_at(document(), "X1.stem.en") == "New words"


def test_the_second_to_write_sees_both_texts(designer: Client) -> None:
    was = stem()
    designer.post(EDIT, fields("Hers"))
    other = client_of(User.Role.ADMIN)
    answer = other.post(EDIT, fields("His", was=was))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Ada changed the question of F1" in html
    assert "Hers" in html
    assert ">\nHis</textarea>" in html
    assert value_at(document(), "F1.stem.en") == "Hers"
    mine = {"over": "t:F1.stem", "now:t:F1.stem": "Hers"}
    assert other.post(EDIT, fields("His", was=was, **mine)).status_code == 302
    assert value_at(document(), "F1.stem.en") == "His"


def test_choosing_mine_after_a_third_change_is_a_conflict_again(designer: Client) -> None:
    was = stem()
    designer.post(EDIT, fields("Hers"))
    designer.post(EDIT, fields("Hers again", was="Hers"))
    mine = {"over": "t:F1.stem", "now:t:F1.stem": "Hers"}
    answer = client_of(User.Role.ADMIN).post(EDIT, fields("His", was=was, **mine))
    assert answer.status_code == 409
    assert value_at(document(), "F1.stem.en") == "Hers again"


def test_keeping_theirs_drops_mine(designer: Client) -> None:
    was = stem()
    designer.post(EDIT, fields("Hers"))
    keep = fields("His", was=was, theirs="t:F1.stem")
    answer = client_of(User.Role.ADMIN).post(EDIT, keep, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#editor")
    assert ">\nHers</textarea>" in answer.content.decode()


def test_going_on_never_brings_back_what_somebody_else_wrote_over(designer: Client) -> None:
    was = stem()
    designer.post(EDIT, fields("Hers"))
    hint = {"t:F1.hint": "His hint", "w:t:F1.hint": ""}
    other = client_of(User.Role.ADMIN)
    html = other.post(EDIT, {**fields(was, was=was), **hint}, headers=HTMX).content.decode()
    assert "Ada: Changed the question of F1. Both are kept." in html
    # What he sees in the other field is the old text, and so is what he is taken to have seen.
    assert f'name="w:t:F1.stem" value="{was}"' in html
    assert value_at(document(), "F1.stem.en") == "Hers"


def test_deleting_what_somebody_changed_is_told_and_can_be_insisted_on(designer: Client) -> None:
    item = value_at(QuestionnaireVersionFactory().definition, "F3")
    delete = {"op": "delete_item", "item": "F3", "was": fingerprint(item)}
    designer.post(EDIT, fields("Hers", item="F3"))
    other = client_of(User.Role.ADMIN)
    post = {"at": "F1", "lang": "en", "revision": "0", "do": json.dumps(delete)}
    html = other.post(EDIT, post).content.decode()
    assert "Ada changed the question of F3" in html
    assert "Do it all the same" in html
    assert value_at(document(), "F3") is not None
    assert other.post(EDIT, {**post, "do": '{"op":"delete_item","item":"F3"}'}).status_code == 302
    assert value_at(document(), "F3") is None


def test_deleting_what_i_changed_myself_asks_nothing(designer: Client) -> None:
    item = value_at(QuestionnaireVersionFactory().definition, "F3")
    delete = json.dumps({"op": "delete_item", "item": "F3", "was": fingerprint(item)})
    answer = designer.post(EDIT, fields("Mine", item="F3", do=delete))
    assert answer["Location"] == f"{PATH}?at=S1&lang=en"
    assert value_at(document(), "F3") is None


@pytest.mark.parametrize(
    ("post", "message"),
    [
        ({"t:F1.stem": "x" * 10_000}, "10,000 characters"),
        ({"t:F1.stem": "left \u202e right"}, "turns or hides text"),
        ({"t:F1.stem": "x" * 30_000}, "Expected"),
        ({"t:F1.nothing": "x", "w:t:F1.nothing": ""}, ""),
        ({"f:F1.low": "many", "w:f:F1.low": "null"}, ""),
        ({"f:F1.rotation": "A B", "w:f:F1.rotation": "null"}, "Expected"),
        ({"f:F1.required": "1", "w:f:F1.required": "{"}, "damaged"),
        ({"do": "{"}, "cannot be done"),
        ({"do": "[" * 5_000}, "cannot be done"),
        ({"do": '{"op": "drop_tables"}'}, "cannot be done"),
        ({"do": '{"op": "move_item", "item": "F1", "block": "cause"}'}, "opens the fix page"),
        ({"do": "undo"}, "nothing to undo"),
        ({"add_rule": "answer", "item": "F2", "rule_answer": "F1:x"}, "Choose an answer"),
        ({"add_rule": "case", "item": "F2", "rule_names": " , "}, "at least one"),
        ({"add_rule": "case", "item": "F2", "rule_names": "a", "rule_fact": "team"}, "Invalid"),
        ({"add_language": "1", "new_language": ""}, "Choose a language"),
        ({"add_language": "1", "new_language": "../x"}, "Expected"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_bad_input_is_told_beside_its_place_and_the_draft_kept(
    designer: Client, post: dict[str, str], message: str, htmx: bool
) -> None:
    base = {"at": "F1", "lang": "en", "revision": "0", "w:t:F1.stem": stem(), "t:F1.stem": stem()}
    answer = designer.post(EDIT, {**base, **post}, headers=HTMX if htmx else {})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not QuestionnaireDraft.objects.exists()


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40, "٣"])
def test_a_damaged_revision_is_no_fault(designer: Client, revision: str) -> None:
    assert designer.post(EDIT, fields("New", revision=revision)).status_code == 302


def test_a_script_in_a_text_stays_a_text(designer: Client) -> None:
    evil = "</textarea><script>alert(1)</script>"
    designer.post(EDIT, fields(evil))
    for path in (PATH, f"{PATH}preview/"):
        assert "<script>alert" not in designer.get(path).content.decode()


def test_rules_fields_and_languages_by_form(designer: Client) -> None:
    rule = {"at": "S1", "item": "S1", "lang": "en", "revision": "0"}
    designer.post(EDIT, {**rule, "add_rule": "answer", "rule_answer": "F3:5"})
    designer.post(EDIT, {**rule, "add_rule": "people", "rule_people": "several"})
    case = {"rule_fact": "product", "rule_op": "not_in", "rule_names": "Fibre, TV"}
    designer.post(EDIT, {**rule, "add_rule": "case", **case})
    designer.post(EDIT, {**rule, "f:S1.required": "1", "w:f:S1.required": "false"})
    designer.post(EDIT, {**rule, "add_language": "1", "new_language": "tlh"})
    assert value_at(document(), "S1.skip_when") == [
        {"on": "answer", "item": "F3", "values": [5]},
        {"on": "fact", "fact": "n_agents", "op": "gt", "value": 1},
        {"on": "case", "fact": "product", "op": "not_in", "values": ["Fibre", "TV"]},
    ]
    assert value_at(document(), "S1.required") is True
    assert "tlh" in document()["languages"]
    html = designer.get(PATH, {"at": "S1"}).content.decode()
    assert "the answer to F3 is “None of these”" in html
    assert "more than 1 person handled the case" in html
    assert "the product is not Fibre or TV" in html


def test_the_poll_tells_others_and_not_oneself(designer: Client) -> None:
    designer.post(EDIT, fields("New words"))
    other = client_of(User.Role.MANAGER)
    state = f"{PATH}state/?revision=0&at=F1&lang=en"
    assert designer.get(state).status_code == 204
    html = other.get(state).content.decode()
    assert "Ada: Changed the question of F1." in html
    assert 'hx-get="/questionnaires/default/state/?revision=1' in html
    assert other.get(f"{PATH}state/?revision=1").status_code == 204


def test_the_preview_may_be_framed_by_its_own_site_and_nothing_else_may(designer: Client) -> None:
    policy = designer.get(f"{PATH}preview/")["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src 'self'" in policy
    assert designer.get(f"{PATH}preview/")["X-Frame-Options"] == "SAMEORIGIN"
    page = designer.get(PATH)["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page
    assert "frame-src 'self'" in page


@pytest.mark.parametrize(
    "query",
    ["", "p_lang=ar&arm=cause_first&lot=1", "page=2", "page=99", "page=0", "block=closing",
     "human=0&agents=3&channel=x&product=y", "lot=999&agents=x&a=F1:9 F3:1.2 X:1 :", "theme=dark"],
)  # fmt: skip
def test_the_preview_shows_whatever_is_asked(designer: Client, query: str) -> None:
    assert designer.get(f"{PATH}preview/?{query}").status_code == 200


def test_the_preview_goes_on_with_what_was_answered(designer: Client) -> None:
    answer = designer.post(f"{PATH}preview/?page=1", {"page": "fix", "F1": "5", "F3": ["1", "2"]})
    assert answer.status_code == 302
    assert "page=2" in answer["Location"]
    assert "a=F1%3A5+F3%3A1.2" in answer["Location"]
    assert not QuestionnaireDraft.objects.exists()


@pytest.mark.parametrize(("theme", "status"), [("dark", 200), ("light", 200), ("blue", 404)])
def test_the_style_of_a_preview_is_light_or_dark(designer: Client, theme: str, status: int) -> None:
    answer = designer.get(f"/questionnaires/preview/{theme}.css")
    assert answer.status_code == status
    if status == 200:
        assert "prefers-color-scheme: dark" not in answer.content.decode()


def test_the_preview_ends_with_the_thanks(designer: Client) -> None:
    answer = designer.post(f"{PATH}preview/?page=3", {"page": "closing", "O1": "5"}, follow=True)
    assert "<h1>Thank you</h1>" in answer.content.decode()
    assert "page=99" in answer.redirect_chain[0][0]


def test_undoing_what_somebody_else_did_unseen_is_told_first(designer: Client) -> None:
    designer.post(EDIT, fields("Hers"))
    other = client_of(User.Role.ADMIN)
    undo = {"at": "F1", "lang": "en", "revision": "0", "do": "undo"}
    html = other.post(EDIT, undo).content.decode()
    assert "Somebody else has changed the draft since you looked." in html
    assert "Do it all the same" in html
    assert value_at(document(), "F1.stem.en") == "Hers"
    assert other.post(EDIT, {**undo, "revision": "1"}).status_code == 302
    assert value_at(document(), "F1.stem.en") == stem()


def test_a_draft_of_two_hundred_questions_opens_and_says_what_is_wrong(designer: Client) -> None:
    version = QuestionnaireVersionFactory()
    definition = version.definition
    item = {**value_at(definition, "F2"), "rotation": None}
    item = {key: value for key, value in item.items() if value is not None}
    definition["blocks"][0]["items"] += [{**item, "id": f"X{n}"} for n in range(1, 200)]
    definition["languages"] = ["en"]
    now = version.published_at
    assert now is not None
    replaced = drafts.replace(
        version.questionnaire_id,
        _in_english(definition),
        "Imported",
        base_revision=0,
        user=None,
        now=now,
    )
    assert len(value_at(replaced.draft.definition, "fix")["items"]) == 203
    assert 'name="t:X199.stem"' in designer.get(PATH, {"at": "X199"}).content.decode()
    too_many = replaced.draft.definition["blocks"][0]["items"][20]["id"]
    html = designer.get(PATH, {"at": too_many}).content.decode()
    assert "at most 20 questions" in html
    add = {"at": "fix", "lang": "en", "revision": "1"}
    answer = designer.post(EDIT, {**add, "do": '{"op":"duplicate_item","item":"F1"}'})
    assert "A page holds at most 20 questions" in answer.content.decode()


def _in_english(node: Any) -> Any:
    if isinstance(node, list):
        return [_in_english(part) for part in node]
    if not isinstance(node, dict):
        return node
    if "en" in node:
        return {"en": node["en"]}
    return {key: _in_english(part) for key, part in node.items()}


@pytest.mark.parametrize(
    ("at", "field", "hers", "his"),
    [
        ("F2", "F2.rotation", "pair", "lot"),
        ("settings", "default_language", "de", "fr"),
        ("settings", "required_languages", ["en"], ["en", "de"]),
    ],
)
def test_what_is_no_text_conflicts_and_is_decided_alike(
    designer: Client, at: str, field: str, hers: Any, his: Any
) -> None:
    was = json.dumps(value_at(QuestionnaireVersionFactory().definition, field))
    post = {"at": at, "lang": "en", "revision": "0", f"w:f:{field}": was}
    designer.post(EDIT, {**post, f"f:{field}": hers})
    other = client_of(User.Role.ADMIN)
    answer = other.post(EDIT, {**post, f"f:{field}": his})
    assert answer.status_code == 409
    assert value_at(document(), field) == hers
    seen = {f"now:f:{field}": json.dumps(hers), "over": f"f:{field}"}
    html = answer.content.decode()
    assert f'name="now:f:{field}" value="{escape(json.dumps(hers))}"' in html
    assert other.post(EDIT, {**post, f"f:{field}": his, **seen}).status_code == 302
    assert value_at(document(), field) == his


def _ask_as(brand: Brand, questionnaire: Questionnaire, *, enabled: bool = True) -> None:
    policy = PolicyFactory(questionnaire=questionnaire)
    policy.brand, policy.enabled = brand, enabled
    policy.save()


@pytest.mark.parametrize("enabled", [True, False], ids=["on", "off"])
def test_the_preview_shows_the_brand_of_the_policy(
    designer: Client, published: Questionnaire, enabled: bool
) -> None:
    brand = BrandFactory(name="Nordbank")
    _ask_as(brand, published, enabled=enabled)
    for query in ("", "page=99"):
        html = designer.get(f"{PATH}preview/?{query}").content.decode()
        assert "Nordbank" in html
        assert f"/b/{brand.pk}/" in html


def test_the_brands_colours_are_light_or_dark_as_chosen(
    designer: Client, published: Questionnaire
) -> None:
    _ask_as(BrandFactory(), published)
    html = designer.get(f"{PATH}preview/?theme=dark").content.decode()
    address = "/questionnaires/preview/dark.css?light=%237a1f5c&dark=%23f0a6d2"
    assert escape(address) in html
    sheet = designer.get(address).content.decode()
    assert "@media all{:root{--accent:#f0a6d2" in sheet


@pytest.mark.parametrize("colour", ["red", "#7a1f5c}", "", "#7a1f5"])
def test_no_other_style_is_made_of_an_address(designer: Client, colour: str) -> None:
    query = {"light": colour, "dark": "#f0a6d2"}
    assert designer.get("/questionnaires/preview/dark.css", query).status_code == 404


def test_editing_the_thanks_shows_the_page_of_thanks(designer: Client) -> None:
    html = designer.get(f"{PATH}?at=thanks").content.decode()
    assert "page=99" in html.partition('id="preview-frame"')[2].partition(">")[0]
