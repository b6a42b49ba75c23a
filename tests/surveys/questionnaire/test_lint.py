"""Publishing is refused where the two ratings would mix or a customer would find no words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.lint import lint


def codes(change: Callable[[Any], object]) -> list[tuple[str, str]]:
    document: Any = to_builtins(default_definition())
    change(document)
    return [(finding.code, finding.path) for finding in lint(from_builtins(document))]


def test_default_questionnaire_has_no_finding() -> None:
    assert lint(default_definition()) == ()


def remove_headline(d: Any) -> None:
    del d["blocks"][1]["items"][0]["headline"]


def second_headline(d: Any) -> None:
    d["blocks"][0]["items"][2] = {
        **d["blocks"][0]["items"][0],
        "id": "O1",
        "dimension": "fix.overall",
    }
    del d["blocks"][2]["items"][0]


def cause_item_on_fix_page(d: Any) -> None:
    d["blocks"][0]["items"].append(d["blocks"][1]["items"].pop())


def fix_item_among_closing(d: Any) -> None:
    d["blocks"][2]["items"].append(d["blocks"][0]["items"].pop())


def no_cause_block(d: Any) -> None:
    del d["blocks"][1]


def missing_label(d: Any) -> None:
    del d["blocks"][0]["items"][0]["options"][1]["label"]["ar"]


def unknown_placeholder(d: Any) -> None:
    d["lead_in"]["en"] = "Dear {customer}, a word about {company}"


def other_meaning(d: Any) -> None:
    d["blocks"][0]["items"][3]["options"].pop()


def own_item(d: Any) -> None:
    d["blocks"][1]["items"][2]["id"] = "C9"


def wrong_comment(d: Any) -> None:
    d["blocks"][0]["comment"]["id"] = "cause_comment"
    d["blocks"][1]["comment"] = None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (remove_headline, [("headline", "$.blocks[1]")]),
        (
            second_headline,
            [
                ("headline", "$.blocks[0]"),
                ("not_storable", "$.blocks[0].items[2]"),
                ("headline", "$.blocks[0].items[2].headline"),
            ],
        ),
        (cause_item_on_fix_page, [("mixed_page", "$.blocks[0]")]),
        (fix_item_among_closing, [("mixed_page", "$.blocks[2]")]),
        (no_cause_block, [("no_block", "$.blocks")]),
        (missing_label, [("missing_text", "$.blocks[0].items[0].options[1].label.ar")]),
        (unknown_placeholder, [("unknown_placeholder", "$.lead_in.en")]),
        (other_meaning, [("not_storable", "$.blocks[0].items[3]")]),
        (own_item, []),
        (wrong_comment, [("not_storable", "$.blocks[0].comment.id")]),
    ],
)
def test_lint_finds_the_fault_and_its_place(
    change: Callable[[Any], object], expected: list[tuple[str, str]]
) -> None:
    assert codes(change) == expected
