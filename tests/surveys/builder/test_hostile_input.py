"""What no form of ours sends is refused in words, and breaks no page."""

from __future__ import annotations

import copy
import json
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from surveys.models import Brand, Questionnaire, QuestionnaireDraft, User
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.services import preview_links
from surveys.services.publishing import ensure_defaults
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
IMPORT = "/questionnaires/default/import/"
BEGIN = "/questionnaires/import/"


@pytest.fixture
def designer() -> Client:
    ensure_defaults()
    return client_of(User.Role.DESIGNER)


@pytest.fixture
def document() -> Any:
    return copy.deepcopy(to_builtins(default_definition()))


def imported(client: Client, document: Any) -> tuple[int, str]:
    """The status, and the place of the fault as the page says it."""
    file = SimpleUploadedFile("x.json", json.dumps(document).encode())
    answer = client.post(IMPORT, {"file": file})
    return answer.status_code, answer.content.decode()


def channel_rule(value: str) -> dict[str, Any]:
    return {"on": "case", "fact": "channel", "op": "in", "values": ["phone", value]}


@pytest.mark.parametrize("value", ["a\0b", "\u202eenohp", "a\nb"])
def test_a_skip_rule_with_characters_that_hide_is_refused_at_its_place(
    designer: Client, document: Any, value: str
) -> None:
    document["blocks"][0]["items"][1]["skip_when"] = [channel_rule(value)]
    status, page = imported(designer, document)
    assert status == 400
    assert "$.blocks[0].items[1].skip_when[0].values[1]" in page
    assert not QuestionnaireDraft.objects.exists()


def test_rotation_groups_that_multiply_beyond_bounds_are_refused_at_the_item(
    designer: Client, document: Any
) -> None:
    document["blocks"][0]["items"] += [
        {
            "id": f"X{number}",
            "dimension": "fix.own",
            "type": "short_text",
            "stem": {"en": "Text?"},
            "rotation": "abcdefghijklmnopqrstuvwxyz"[number // 2],
        }
        for number in range(40)
    ]
    status, page = imported(designer, document)
    assert status == 400
    # F2 and F3 are no groups; the ninth pair is the one too many.
    assert "rotation groups have more than 500 outcomes" in page
    assert ".rotation" in page


def test_a_default_language_that_is_none_of_the_languages_is_refused(
    designer: Client, document: Any
) -> None:
    document["default_language"] = "xx"
    status, page = imported(designer, document)
    assert (status, "$.default_language" in page) == (400, True)


@pytest.mark.parametrize("place", ["id", "dimension", "rotation"])
def test_a_name_with_a_line_break_at_its_end_is_refused(
    designer: Client, document: Any, place: str
) -> None:
    item = document["blocks"][0]["items"][1]
    item[place] = item.get(place, "group") + "\n"
    status, page = imported(designer, document)
    assert (status, f"$.blocks[0].items[1].{place}" in page) == (400, True)


def test_a_language_that_nobody_has_named_is_shown_by_its_tag(
    designer: Client, document: Any
) -> None:
    document["languages"] = [*document["languages"], "xx-abcdefgh"]
    document["required_languages"] = ["en"]
    assert imported(designer, document)[0] == 302
    page = designer.get("/questionnaires/default/translations/?language=xx-abcdefgh")
    assert (page.status_code, b"xx-abcdefgh" in page.content) == (200, True)


def test_two_blocks_of_one_kind_are_refused(designer: Client, document: Any) -> None:
    document["blocks"][2] = copy.deepcopy(document["blocks"][0])
    assert imported(designer, document)[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        "/questionnaires/default/mail/?brand=%00",
        "/questionnaires/default/mail/html/?brand=%00",
        "/questionnaires/?archived=%00",
    ],
)
def test_a_nul_in_an_address_names_nothing(designer: Client, path: str) -> None:
    assert designer.get(path).status_code == 200


def test_a_nul_names_no_brand_in_previews(designer: Client) -> None:
    assert designer.get("/brands/preview/?brand=%00").status_code == 404
    token = link_of(Questionnaire.objects.get(), User.objects.get())
    assert Client().get(f"/p/{token}/?brand=%00").status_code == 200


def test_a_nul_names_no_policy_to_use_a_questionnaire() -> None:
    ensure_defaults()
    admin = client_of(User.Role.ADMIN)
    answer = admin.post("/questionnaires/default/use/", {"policy": "\0"})
    assert "There is no such policy." in admin.get(answer["Location"]).content.decode()


def test_a_place_of_thousands_of_digits_moves_nothing(designer: Client) -> None:
    answer = designer.post("/policies/default/move/", {"place": "9" * 5000, "to": "earlier"})
    assert answer.status_code == 302


@pytest.mark.parametrize("name", ["New", "Preview", "None"])
def test_no_brand_gets_an_address_that_means_something_else(designer: Client, name: str) -> None:
    designer.post("/brands/new/", {"name": name, "accent": "#1d4ed8", "accent_dark": "#9cc7ff"})
    assert Brand.objects.get().slug == f"brand-{name.lower()}"


def link_of(questionnaire: Questionnaire, user: User) -> str:
    _, token = preview_links.make(questionnaire, None, user=user, days=1, now=timezone.now())
    return token


def test_a_nul_in_the_path_of_a_test_link_leads_nowhere(designer: Client) -> None:
    token = link_of(Questionnaire.objects.get(), User.objects.get())
    assert Client().get(f"/p/{token}/test/both/fix_first/en/none/").status_code == 200
    assert Client().get(f"/p/{token}/test/both/fix_first/%00/none/").status_code == 404


def test_a_link_is_closed_while_its_questionnaire_is_archived(designer: Client) -> None:
    questionnaire = Questionnaire.objects.create(name="Old", slug="old")
    token = link_of(questionnaire, User.objects.get())
    assert Client().get(f"/p/{token}/").status_code == 200
    designer.post("/questionnaires/old/archive/")
    assert Client().get(f"/p/{token}/").status_code == 404
    designer.post("/questionnaires/old/bring-back/")
    assert Client().get(f"/p/{token}/").status_code == 200


def test_a_reason_is_kept_without_nul(designer: Client, document: Any) -> None:
    document["blocks"][0]["items"][1]["stem"]["en"] = "How well were you looked after by them?"
    assert imported(designer, document)[0] == 302
    page = designer.get("/questionnaires/default/review/").content.decode()
    fields = re.findall(r'name="((?:reason|why):[^"]+)"', page)
    assert fields
    posted = dict.fromkeys((unescape(field) for field in fields), "It is\0 meant.")
    revision = QuestionnaireDraft.objects.get().revision
    answer = designer.post(
        "/questionnaires/default/publish/",
        {"revision": str(revision), "expected": "1", **posted},
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    newest = Questionnaire.objects.get().versions.get(number=2)
    assert {one["reason"] for one in newest.accepted_warnings} == {"It is meant."}
