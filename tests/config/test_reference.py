"""What is public is documented, and the pages do not lag behind the code."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.management import get_commands

from config import env, reference


@pytest.mark.parametrize("page", ["docs/configuration.md", "docs/commands.md"])
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
