"""What is public is documented, and the pages do not lag behind the code."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from django.conf import settings
from django.core.management import get_commands

from config import env, reference
from surveys.questionnaire import described
from surveys.questionnaire.lint import RULES
from surveys.questionnaire.schema import STANDARD_ITEMS, ItemType


@pytest.mark.parametrize("page", sorted(reference.pages()))
def test_reference_page_is_up_to_date(page: str) -> None:
    written = (settings.BASE_DIR / page).read_text(encoding="utf-8")
    assert written == reference.pages()[page], "run: manage.py write_reference"


def test_every_variable_has_its_section() -> None:
    sections = re.findall("^## `(.*)`$", reference.configuration(), re.MULTILINE)
    assert sections == [variable.name for variable in env.TABLE]


def test_every_command_of_ours_has_its_section_and_an_example() -> None:
    ours = sorted(name for name, app in get_commands().items() if app in reference.OURS)
    parts = re.split("^## ", reference.commands(), flags=re.MULTILINE)[1:]
    named = [part.split("`")[1] for part in parts if "Example: `" in part]
    assert named == ours


def test_questionnaire_page_names_every_item_type_rule_and_field() -> None:
    page = reference.pages()["docs/questionnaires.md"]
    types = get_args(ItemType)
    fields = {
        name for struct in described.STRUCTS.values() for name in described.FIELDS[struct.__name__]
    }
    for name in (*types, *RULES, *STANDARD_ITEMS, *described.NAMES.values(), *fields):
        assert f"`{name}`" in page, name
    for rule in RULES.values():
        assert f"| `{rule.code}` | {rule.severity} | {rule.scope} | {rule.why} |" in page
