"""How often the lint is right, family by family, on stems and scales that a person judged.

The suite prints the table at its end whenever these tests ran (see conftest.py).
"""

from __future__ import annotations

import pytest

from surveys.questionnaire.lint import RULES
from tests.surveys.questionnaire import lint_corpus
from tests.surveys.questionnaire.lint_corpus import HALVES, Half

ENOUGH = 0.9
FAMILIES = sorted({code for specimen in lint_corpus.specimens() for code in specimen.expected})
MEASURED = sorted(
    {(code, specimen.half) for specimen in lint_corpus.specimens() for code in specimen.expected}
)


@pytest.mark.parametrize(("family", "half"), MEASURED)
def test_rule_family_finds_nine_of_ten_and_is_right_nine_times_of_ten(
    family: str, half: Half
) -> None:
    chosen = [s for s in lint_corpus.specimens() if s.half == half]
    score = lint_corpus.scores(chosen)[family]
    assert score.recall >= ENOUGH, [s.text for s in score.missed]
    assert score.precision >= ENOUGH, [s.text for s in score.false]


def test_corpus_is_large_and_every_english_rule_is_measured() -> None:
    corpus = lint_corpus.specimens()
    n_good = sum(not specimen.expected for specimen in corpus)
    assert min(n_good, len(corpus) - n_good) >= 150
    english = {rule.code for rule in RULES.values() if rule.scope == "English"}
    assert english <= set(FAMILIES) <= set(RULES)


def test_every_family_of_wording_is_measured_in_every_half() -> None:
    wording = {family for family, half in MEASURED if half == "independent"}
    assert len(wording) == 9
    assert {(family, half) for family in wording for half in HALVES} <= set(MEASURED)


def test_no_stem_stands_twice() -> None:
    texts = [(specimen.text, specimen.type, specimen.gated) for specimen in lint_corpus.specimens()]
    assert len(texts) == len(set(texts))
