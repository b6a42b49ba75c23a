"""Every template can be published as it is, in every language it offers."""

from __future__ import annotations

import pytest

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import check, decode, encode
from surveys.questionnaire.gallery import LANGUAGES, Template, template, templates
from surveys.questionnaire.lint import lint
from surveys.questionnaire.lint.length import longest
from surveys.questionnaire.schema import STANDARD_ITEMS, walk_texts

EACH = pytest.mark.parametrize("chosen", templates(), ids=lambda chosen: chosen.slug)


@EACH
def test_template_has_no_finding(chosen: Template) -> None:
    check(chosen.definition)
    assert lint(chosen.definition) == ()
    assert decode(encode(chosen.definition)) == chosen.definition


@EACH
def test_template_has_a_case_of_its_trade(chosen: Template) -> None:
    assert set(chosen.subject) == set(LANGUAGES)
    assert all(chosen.subject.values())
    assert [one.slug for one in templates() if one.product == chosen.product] == [chosen.slug]


@EACH
def test_template_is_complete_in_its_languages(chosen: Template) -> None:
    assert chosen.definition.languages == LANGUAGES
    for path, text in walk_texts(chosen.definition):
        assert set(text) == set(LANGUAGES), path
        assert all(wording.strip() for wording in text.values()), path


@EACH
def test_template_asks_standard_questions_in_the_catalogue_words(chosen: Template) -> None:
    default = {item.id: item for item in default_definition().items}
    own = [item for item in chosen.definition.items if item.id not in STANDARD_ITEMS]
    assert own
    for item in chosen.definition.items:
        if item.id in STANDARD_ITEMS:
            assert item.stem == {code: default[item.id].stem[code] for code in LANGUAGES}
    assert longest(chosen.definition).items <= 9


def test_gallery_covers_the_trades_and_many_types() -> None:
    assert [(found.slug, found.trade) for found in templates()] == [
        ("telco", "Telecommunications"),
        ("saas", "SaaS"),
        ("bank", "Banking"),
        ("public-service", "Public service"),
        ("field-repair", "Field repair"),
        ("online-shop", "Online shop"),
    ]
    types = {item.type for found in templates() for item in found.definition.items}
    assert types >= {
        *("rating", "yes_no", "single", "multiple", "short_text", "number", "date"),
        "cause_picker",
    }


def test_template_is_found_by_its_slug() -> None:
    assert template("bank") is templates()[2]
    with pytest.raises(KeyError):
        template("bakery")
