"""Every number has one definition, and docs/metrics.md tells each under a stable anchor."""

import re
from pathlib import Path

import pytest

from analytics.metrics.definitions import DEFINITIONS, SECTIONS, Definition, markdown

ROOT = Path(__file__).parents[3]


def test_keys_and_anchors_are_unique() -> None:
    listed = [found.key for section in SECTIONS.values() for found in section]
    assert listed == list(DEFINITIONS)
    assert len({found.anchor for found in DEFINITIONS.values()}) == len(listed)


@pytest.mark.parametrize("found", DEFINITIONS.values(), ids=lambda found: found.key)
def test_definition_says_one_sentence_and_leaves_nothing_out(found: Definition) -> None:
    assert re.fullmatch(r"[A-Z][^.?!]*(?:\d\.\d[^.?!]*)*[.]", found.says), found.says
    for phrase in (found.name, found.formula, found.source, found.withheld):
        assert phrase
        assert not phrase.endswith(".")


def test_markdown_has_every_anchor_once_before_its_heading() -> None:
    pairs = re.findall(r'^<a id="(.*)"></a>\n\n#### (.*)$', markdown(), re.MULTILINE)
    assert pairs == [(found.anchor, found.name) for found in DEFINITIONS.values()]


def test_document_holds_the_formulas_as_defined() -> None:
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    part = text.split("<!-- formulas -->\n")[1].split("<!-- /formulas -->")[0]
    assert part.strip() == markdown().strip(), "run: manage.py write_reference"
