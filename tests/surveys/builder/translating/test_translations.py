"""The pages of translations: who may do what, and what is said where something is wrong."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from surveys.models import Questionnaire, QuestionnaireDraft, User
from surveys.questionnaire.texts import catalogue
from surveys.services import translations
from tests.factories import QuestionnaireVersionFactory, UserFactory
from tests.surveys.staff import NO_PASSWORD, client_of

pytestmark = pytest.mark.django_db
Role = User.Role
PAGE = "/questionnaires/default/translations/"
DE = catalogue("de")["questionnaire"]
EDITORS = [Role.ADMIN, Role.DESIGNER]


@pytest.fixture
def questionnaire() -> Questionnaire:
    found: Questionnaire = QuestionnaireVersionFactory().questionnaire
    return found


@pytest.fixture
def designer(questionnaire: Questionnaire) -> Client:
    return client_of(Role.DESIGNER)


def rewritten(questionnaire: Questionnaire, name: str, text: str) -> None:
    row = next(
        r for r in translations.table(questionnaire, "de", timezone.now()).rows if r.name == name
    )
    translations.set_texts(
        questionnaire,
        "de",
        {name: translations.Typed(text, row.text)},
        user=UserFactory(password=NO_PASSWORD),
        now=timezone.now(),
    )


def definition() -> dict[str, object]:
    found: dict[str, object] = QuestionnaireDraft.objects.get().definition
    return found


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("role", EDITORS)
def test_an_editor_sees_every_text_with_a_field(questionnaire: Questionnaire, role: str) -> None:
    html = client_of(role).get(PAGE + "?language=he").content.decode()

    assert (
        html.count("<textarea")
        == translations.overview(questionnaire, timezone.now()).languages[0].n_texts
    )
    assert '<textarea name="text:F1.stem" rows="2" lang="he" dir="rtl"' in html
    assert 'lang="en" dir="ltr"' in html
    assert "right to left" in html


def test_a_manager_reads_and_can_change_nothing(questionnaire: Questionnaire) -> None:
    html = client_of(Role.MANAGER).get(PAGE + "?language=de").content.decode()
    main = html[html.index("<main") :]

    assert DE["F1"] in unescape(html)
    assert "<textarea" not in html
    assert "/translations/" not in "".join(re.findall(r'action="([^"]+)"', main))
    assert "read-only" in html


def test_the_table_opens_where_something_is_to_be_done(
    questionnaire: Questionnaire, designer: Client
) -> None:
    html = designer.get(PAGE).content.decode()
    assert "English to German" in html
    translations.add_language(
        questionnaire, "fi", user=UserFactory(password=NO_PASSWORD), now=timezone.now()
    )
    html = designer.get(PAGE).content.decode()
    assert "English to Finnish" in html
    assert "customers read those in English" in html


@pytest.mark.parametrize("query", ["?language=xx", "?language=%00", "?show=nonsense", "?language="])
def test_a_wrong_address_shows_the_table_all_the_same(designer: Client, query: str) -> None:
    assert designer.get(PAGE + query).status_code == 200


def test_filters_show_what_is_missing_and_what_was_left_behind(
    questionnaire: Questionnaire, designer: Client
) -> None:
    rewritten(questionnaire, "thanks", "")
    html = designer.get(PAGE + "?language=de&show=missing").content.decode()
    assert re.findall(r'name="text:([^"]+)"', html) == ["thanks"]
    html = designer.get(PAGE + "?language=de&show=changed").content.decode()
    assert re.findall(r'name="text:([^"]+)"', html) == []
    assert "Every translation goes with its source." in html


def test_changed_texts_are_saved_and_the_filter_stays(
    questionnaire: Questionnaire, designer: Client
) -> None:
    answer = designer.post(
        PAGE + "de/",
        {
            "show": "missing",
            "text:F1.stem": "Neu?",
            "was:F1.stem": DE["F1"],
            "text:S1.stem": DE["S1"],
            "was:S1.stem": DE["S1"],
        },
    )

    assert (answer.status_code, answer["Location"]) == (302, PAGE + "?language=de&show=missing")
    assert definition()["blocks"][0]["items"][0]["stem"]["de"] == "Neu?"  # type: ignore[index]
    assert "1 text saved." in designer.get(PAGE).content.decode()


def test_what_cannot_be_kept_stays_in_its_field_with_the_reason(
    questionnaire: Questionnaire, designer: Client
) -> None:
    page = designer.post(PAGE + "de/", {"text:F1.stem": "zu\u202e gut", "was:F1.stem": DE["F1"]})
    html = page.content.decode()

    assert page.status_code == 409
    assert "zu\u202e gut" in html
    assert "Not saved. It contains" in html
    assert not QuestionnaireDraft.objects.exists()


def test_who_comes_second_sees_both_texts_and_may_insist(
    questionnaire: Questionnaire, designer: Client
) -> None:
    rewritten(questionnaire, "F1.stem", "Von jemand anderem")
    typed = {"text:F1.stem": "Von mir", "was:F1.stem": DE["F1"]}
    page = designer.post(PAGE + "de/", typed)
    html = page.content.decode()
    assert page.status_code == 409
    assert "Somebody else wrote meanwhile: “ Von jemand anderem ”" in words(html)
    assert "\nVon mir</textarea>" in html

    was = re.search(r'name="was:F1.stem" value="([^"]*)"', html)
    assert was
    typed["was:F1.stem"] = was.group(1)
    assert designer.post(PAGE + "de/", typed).status_code == 302
    assert definition()["blocks"][0]["items"][0]["stem"]["de"] == "Von mir"  # type: ignore[index]


def test_the_script_of_the_page_is_told_what_became_of_a_text(
    questionnaire: Questionnaire, designer: Client
) -> None:
    def post(text: str, was: str) -> tuple[int, dict[str, object]]:
        sent = {"text:F1.stem": text, "was:F1.stem": was}
        answer = designer.post(PAGE + "de/", sent, headers={"accept": "application/json"})
        return answer.status_code, answer.json()

    assert post("Neu?", DE["F1"]) == (200, {"n_saved": 1, "faults": {}, "theirs": {}})
    status, told = post("Noch neuer?", DE["F1"])
    assert (status, told["theirs"]) == (409, {"F1.stem": "Neu?"})
    status, told = post("x" * 501, "Neu?")
    assert (status, told["faults"]) == (
        409,
        {"F1.stem": "Not saved. It has 501 characters; at most 500 fit."},
    )


def test_a_very_long_questionnaire_is_translated_page_by_page(
    questionnaire: Questionnaire, designer: Client
) -> None:
    """Its form would otherwise have more fields than are read of any."""
    long = questionnaire.versions.get().definition
    item = long["blocks"][0]["items"][0]
    long["blocks"][0]["items"] = [{**item, "id": f"X{n}"} for n in range(100)]
    QuestionnaireVersionFactory(questionnaire=questionnaire, number=2, definition=long)
    shown = [
        re.findall(r'name="text:([^"]+)"', designer.get(f"{PAGE}?page={n}").content.decode())
        for n in ("1", "2", "3", "4", "999", "x")
    ]

    assert [len(names) for names in shown[:3]] == [200, 200, 200]
    assert (shown[4], shown[5]) == (shown[3], shown[0])
    assert len({name for names in shown[:4] for name in names}) == sum(map(len, shown[:4]))
    answer = designer.post(PAGE + "de/", {"page": "3"})
    assert answer["Location"] == PAGE + "?language=de&page=3"


def test_texts_of_translators_are_inert(questionnaire: Questionnaire, designer: Client) -> None:
    rewritten(questionnaire, "F1.stem", "</textarea><script>alert(1)</script>")
    html = designer.get(PAGE + "?language=de").content.decode()

    assert "<script>alert" not in html
    assert "&lt;/textarea&gt;&lt;script&gt;" in html


@pytest.mark.parametrize("language", ["en", "fi", "xx"])
def test_only_a_language_of_the_questionnaire_is_saved_or_exported(
    designer: Client, language: str
) -> None:
    assert designer.post(PAGE + f"{language}/", {}).status_code == 404
    assert designer.get(PAGE + f"{language}.csv").status_code == 404
    assert designer.get(PAGE + "de.exe").status_code == 404


@pytest.mark.parametrize(
    ("action", "language", "said"),
    [
        ("add", "fi", "Finnish is added."),
        ("add", "de", "Deutsch is there already."),
        ("add", "", "Choose a language first."),
        ("add", "<b>", "Choose a language first."),
        ("nonsense", "de", "Choose a language first."),
        ("remove", "de", "German is removed with its texts. Undo brings them back."),
        ("remove", "en", "This is the default language; make another one the default first."),
        ("release", "de", "German may be incomplete"),
        ("release", "en", "The default language is always required."),
        ("require", "de", "German must now be complete before this is published."),
        ("require", "fi", "fi is not among the languages."),
        ("fill", "de", "0 texts filled in."),
    ],
)
def test_languages_are_changed_and_what_was_done_is_said(
    designer: Client, action: str, language: str, said: str
) -> None:
    page = designer.post(PAGE + "languages/", {"action": action, "language": language}, follow=True)

    assert said in words(page.content.decode())


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DESIGNER, Role.MANAGER])
@pytest.mark.parametrize(
    ("kind", "type_"), [("xlf", "application/xliff+xml"), ("csv", "text/csv; charset=utf-8")]
)
def test_files_go_out_and_come_back(
    questionnaire: Questionnaire, role: str, kind: str, type_: str
) -> None:
    client = client_of(role)
    answer = client.get(PAGE + f"de.{kind}")
    assert answer["Content-Type"] == type_
    assert answer["Content-Disposition"] == f'attachment; filename="default-de.{kind}"'
    raw = answer.content.replace(DE["F1"].encode(), b"Neu?").replace(
        DE["S1"].encode(), b"\xe2\x80\xae?"
    )

    page = client.post(PAGE + "import/", {"file": SimpleUploadedFile(f"x.{kind}", raw)})
    if role == Role.MANAGER:
        assert page.status_code == 404
        return
    said = words(page.content.decode())
    assert "1 German text taken" in said
    assert "1 refused" in said
    assert "which turns or hides text" in said
    assert definition()["blocks"][0]["items"][0]["stem"]["de"] == "Neu?"  # type: ignore[index]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, "Choose a file first."),
        (b"", "Nothing was taken from"),
        (b"<html>", "is not readable as XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "document type or entities"),
        (b"a,b\n", "The first line must be"),
        (b"x" * 2_100_000, "larger than 2 MiB"),
    ],
)
def test_a_wrong_file_changes_nothing_and_says_why(
    designer: Client, raw: bytes | None, said: str
) -> None:
    sent = {"language": "de"}
    if raw is not None:
        sent["file"] = SimpleUploadedFile("<i>x.xlf", raw)  # type: ignore[assignment]
    page = designer.post(PAGE + "import/", sent, follow=True)
    html = page.content.decode()

    assert said in words(html)
    assert "<i>x.xlf" not in html
    assert not QuestionnaireDraft.objects.exists()
