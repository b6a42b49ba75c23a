"""Every language says everything, and what is filled in can neither break nor multiply a text."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire import texts

LOCALES = Path(texts.__file__).parent / "locales"
TEMPLATES = Path(__file__).parents[3] / "templates"


def flat(language: str) -> dict[str, str]:
    return {
        f"{group}.{key}": wording
        for group, keys in texts.catalogue(language).items()
        for key, wording in keys.items()
    }


def test_languages_are_the_locale_files() -> None:
    assert sorted(texts.languages()) == sorted(path.stem for path in LOCALES.glob("*.json"))


FORM = re.compile(rf"_({'|'.join(texts.PLURAL_CATEGORIES)})$")
#: The texts with a count, whose number of wordings differs from language to language.
COUNTED = ("error.comment_too_long",)
#: Forms for exactly so many may say the number in a word.
IN_A_WORD = ("_zero", "_one", "_two")


def plain(catalogue: dict[str, str]) -> dict[str, str]:
    return {key: wording for key, wording in catalogue.items() if FORM.sub("", key) not in COUNTED}


def forms(catalogue: dict[str, str], key: str) -> dict[str, str]:
    return {
        match.group(1): catalogue[form]
        for form in catalogue
        if (match := FORM.search(form)) and FORM.sub("", form) == key
    }


@pytest.mark.parametrize("language", texts.languages())
def test_locale_has_exactly_the_keys_and_placeholders_of_english(language: str) -> None:
    english, own = plain(flat("en")), plain(flat(language))

    assert list(own) == list(english)
    assert {key: texts.placeholders(wording) for key, wording in own.items()} == {
        key: texts.placeholders(wording) for key, wording in english.items()
    }


@pytest.mark.parametrize("key", COUNTED)
@pytest.mark.parametrize("language", texts.languages())
def test_a_text_with_a_count_has_every_form_its_language_needs(language: str, key: str) -> None:
    """CLDR names the forms; those of millions and of fractions never come up here."""
    rule = Locale.parse(language).plural_form
    own, english = forms(flat(language), key), forms(flat("en"), key)

    assert set(own) == {rule(count) for count in range(10_001)} | {"other"}
    wanted = texts.placeholders(english["other"])
    for form, wording in own.items():
        said = texts.placeholders(wording)
        assert said == wanted or (f"_{form}" in IN_A_WORD and said < wanted), form


def test_every_numbered_group_of_keys_is_listed_as_counted() -> None:
    assert {FORM.sub("", key) for key in flat("pl") if FORM.search(key)} == set(COUNTED)


@pytest.mark.parametrize(
    ("language", "count", "form"),
    [
        ("en", 1, "one"),
        ("en", 0, "other"),
        ("fr", 0, "one"),
        ("pl", 1, "one"),
        ("pl", 3, "few"),
        ("pl", 12, "many"),
        ("pl", 22, "few"),
        ("pl", 4000, "many"),
        ("ar", 0, "zero"),
        ("ar", 2, "two"),
        ("ar", 7, "few"),
        ("ar", 11, "many"),
        ("ar-EG", 4000, "other"),
        ("he", 2, "two"),
        ("tr", 5, "other"),
        ("xx", 1, "one"),
    ],
)
def test_the_wording_goes_with_the_count(language: str, count: int, form: str) -> None:
    group = texts.catalogue(language)["error"]
    expected = group[f"comment_too_long_{form}"]

    assert texts.for_count(language, group, "comment_too_long", count) == expected


def test_a_text_without_a_count_is_the_same_for_every_count() -> None:
    group = texts.catalogue("pl")["error"]

    assert texts.for_count("pl", group, "prefix", 3) == group["prefix"]
    with pytest.raises(KeyError):
        texts.for_count("pl", group, "no_such_text", 3)


@pytest.mark.parametrize("language", texts.languages())
def test_a_language_is_named_in_itself(language: str) -> None:
    own = Locale.parse(language).get_language_name(language) or ""
    assert texts.language_name(language).casefold() == own.casefold()
    assert texts.language_name("xx") == "xx"


@pytest.mark.parametrize("language", texts.languages())
def test_locale_is_clean_text(language: str) -> None:
    for key, wording in flat(language).items():
        assert wording == unicodedata.normalize("NFC", wording).strip(), key
        assert wording, key
        assert texts.placeholders(wording) <= texts.PLACEHOLDERS, key
        assert not {"<", ">", "[", "]"} & set(wording), key
        assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in wording), key


@pytest.mark.parametrize("language", [x for x in texts.languages() if x != "en"])
def test_locale_is_translated(language: str) -> None:
    """Single words may be the same in two languages; sentences never are."""
    english, own = plain(flat("en")), plain(flat(language))

    assert [
        key
        for key, wording in own.items()
        if wording == english[key] and key != "mail.option" and len(wording.split()) > 1
    ] == []


@pytest.mark.parametrize("language", texts.languages())
def test_locale_file_has_no_key_twice(language: str) -> None:
    def refuse_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    source = (LOCALES / f"{language}.json").read_text(encoding="utf-8")
    assert json.loads(source, object_pairs_hook=refuse_twice)


@pytest.mark.parametrize("item", ["F1", "F2", "F3", "S1", "C1", "C2", "C3", "C4", "O1", "O2"])
@pytest.mark.parametrize("language", texts.languages())
def test_scale_has_no_label_twice(language: str, item: str) -> None:
    words = texts.catalogue(language)["questionnaire"]
    labels = [words[f"{item}_{value}"] for value in range(1, 7) if f"{item}_{value}" in words]

    assert len(set(labels)) == len(labels)


def test_direction_is_right_to_left_for_arabic_and_hebrew() -> None:
    assert {language: texts.direction(language) for language in texts.languages()} == {
        "en": "ltr",
        "de": "ltr",
        "fr": "ltr",
        "es": "ltr",
        "pt": "ltr",
        "it": "ltr",
        "nl": "ltr",
        "sv": "ltr",
        "pl": "ltr",
        "tr": "ltr",
        "ar": "rtl",
        "he": "rtl",
    }
    assert texts.direction("ar-EG") == "rtl"


def test_catalogue_falls_back_to_the_base_language_then_english() -> None:
    assert texts.catalogue("pt-BR") == texts.catalogue("pt")
    assert texts.catalogue("xx") == texts.catalogue("en")


@pytest.mark.parametrize(
    ("preferred", "header", "chosen"),
    [
        ("de", "fr", "de"),
        ("de-AT", None, "de"),
        ("DE_at", None, "de"),
        ("nl", "fr-CA, en;q=0.5", "fr"),
        (None, "nl, es;q=0.2, ar;q=0.9", "ar"),
        (None, "de;q=0, es", "es"),
        (None, "pt", "pt-BR"),
        (None, "pt-PT", "pt-BR"),
        (None, "*", "en"),
        (None, ";;,,q=;", "en"),
        ("", None, "en"),
    ],
)
def test_choose_language_takes_the_best_match(
    preferred: str | None, header: str | None, chosen: str
) -> None:
    available = ("en", "de", "fr", "es", "pt-BR", "ar")

    assert texts.choose_language(preferred, header, available, "en") == chosen


@given(st.text() | st.none(), st.text() | st.none())
def test_choose_language_always_chooses_an_available_one(
    preferred: str | None, header: str | None
) -> None:
    assert texts.choose_language(preferred, header, ("en", "ar"), "xx") in {"en", "ar"}


def test_fill_is_one_pass_over_listed_names() -> None:
    template = "{company} {subject} {nobody} {company!r} {0} {{n}}"
    values: dict[str, str | int] = {
        "company": "{subject}",
        "subject": "{company}",
        "nobody": "x",
        "n": 3,
    }

    assert texts.fill(template, values) == "{subject} {company} {nobody} {company!r} {0} {3}"


@given(st.text(), st.text(max_size=2_000))
def test_fill_is_bounded_and_of_one_clean_line(template: str, value: str) -> None:
    filled = texts.fill(template, {"company": value})

    occurrences = template.count("{company}")
    assert len(filled) <= len(template) + occurrences * texts.MAX_VALUE_CHARACTERS
    if template == "":
        assert filled == ""


@given(st.text(st.characters(), max_size=2_000))
def test_clean_value_has_no_character_that_breaks_a_line_or_turns_it(value: str) -> None:
    cleaned = texts.clean_value(value)

    assert len(cleaned) <= texts.MAX_VALUE_CHARACTERS
    assert cleaned == texts.clean_value(cleaned)
    assert not set(cleaned) & set("\r\n\0\x85\u2028\u2029\u202e\u2066\u200f\ud800")
    cleaned.encode()


@pytest.mark.parametrize(
    ("subject", "public"),
    [
        ("Router drops every evening", "Router drops every evening"),
        ("Re: AW: Fwd: Router drops", "Router drops"),
        ("RE[2]: Rechnung falsch", "Rechnung falsch"),
        ("Invoice 2026-11 wrong", "Invoice 2026-11 wrong"),
        ("from jo@example.org: help", "from … help"),
        ("Card 4111 1111 1111 1111 refused", "Card … refused"),
        ("call +44 20 7946 0958", "call …"),
        ("see https://x.example/?token=1 please", "see … please"),
        ("تعطل الإنترنت", "تعطل الإنترنت"),
        ("since 2026-11-03", "since 2026-11-03"),
        ("contract 123456", "contract …"),
        ("12345678", ""),
        ("\r\nBcc: x@y.example", "Bcc: …"),
        ("", ""),
    ],
)
def test_public_subject_keeps_the_words_and_drops_personal_data(subject: str, public: str) -> None:
    assert texts.public_subject(subject) == public


@given(st.text(max_size=500))
def test_public_subject_holds_no_address_and_is_short(subject: str) -> None:
    public = texts.public_subject(subject + " a@b.example")

    assert "a@b.example" not in public
    assert len(public) <= texts.MAX_SUBJECT_CHARACTERS


def test_templates_use_only_texts_that_exist() -> None:
    """Django shows nothing for a misspelt name: a customer would miss a sentence silently."""
    used = {
        match
        for template in (TEMPLATES / "respondent").rglob("*.html")
        for match in re.findall(r"\bt\.([a-z_]+\.[a-z_]+)\b", template.read_text(encoding="utf-8"))
    }

    assert used - set(flat("en")) == set()
