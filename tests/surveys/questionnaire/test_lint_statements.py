"""A statement is told from a question, a request and a mere heading."""

from __future__ import annotations

import pytest

from surveys.questionnaire.lint.statements import is_statement


@pytest.mark.parametrize(
    "text",
    [
        "i got what i came for",
        "the engineer was on time.",
        "my broker keeps me informed.",
        "it took two calls. i had to wait.",
        "they've kept their word.",
        "staff answered promptly.",
        "use of the site was simple.",
    ],
)
def test_is_statement_finds_a_sentence_with_a_verb(text: str) -> None:
    assert is_statement(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "your stay",
        "the help offered by our staff.",
        "overall satisfaction with the repair",
        "please rate the time it took.",
        "how clear was the letter",
        "rate our answer. it was sent on monday.",
        "you called us on monday. how clear were we?",
    ],
)
def test_is_statement_leaves_questions_requests_and_headings(text: str) -> None:
    assert is_statement(text) is False
