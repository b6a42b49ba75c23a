"""What a finding is, and the table of all rules: their codes, how grave they are, and why.

Codes are stable names: they stand in stored reasons and in other people's scripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning"]
Scope = Literal["every language", "English"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``why`` says in one or two sentences why it matters and what to do."""

    code: str
    severity: Severity
    scope: Scope
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, in words for the designer. ``path`` is the place in the definition's JSON."""

    code: str
    path: str
    message: str
    severity: Severity = "error"
    why: str = ""


def _rules() -> tuple[Rule, ...]:
    every: Final[Scope] = "every language"
    english: Final[Scope] = "English"
    return (
        Rule(
            "unusable", "error", every,
            "No page can be made of this as it stands; mend it before publishing.",
        ),
        Rule(
            "no_block", "error", every,
            "Fix and cause are reported apart, so both must be asked; add the missing page.",
        ),
        Rule(
            "headline", "error", every,
            "Each side is counted by one headline question, F1 for the fix and C1 for the cause; "
            "mark exactly that one.",
        ),
        Rule(
            "dimension", "error", every,
            "An answer is reported under the dimension of its page and question; choose the one "
            "that fits the page.",
        ),
        Rule(
            "mixed_page", "error", every,
            "Ratings colour each other when they stand on one screen; move the question to the "
            "page of its side.",
        ),
        Rule(
            "closing_early", "error", every,
            "Asking about the future first would colour both headline ratings; put closing "
            "questions on the last page.",
        ),
        Rule(
            "lead_in", "error", every,
            "Announcing both topics keeps them apart in the customer's mind; write a lead-in that "
            "names the handling and the problem.",
        ),
        Rule(
            "not_randomised", "error", every,
            "The first page colours the second; only with random order does that cancel out and "
            "can it be measured. Switch random order on.",
        ),
        Rule(
            "not_storable", "error", every,
            "Reports read this question from a column with a fixed meaning; restore it, or use "
            "an id of your own.",
        ),
        Rule(
            "id_reused", "error", every,
            "An id stands for one question for ever: answers stored under two meanings could not "
            "be read. Give the new question an id of its own.",
        ),
        Rule(
            "both_named", "error", english,
            "An answer to both cannot be filed under either; ask about one, or exclude the other "
            '("Leaving aside how it was handled, …").',
        ),
        Rule(
            "pass_wording", "error", english,
            "Pleading for a score measures the plea; ask plainly and leave the choice open.",
        ),
        Rule(
            "scale_unlabelled", "error", every,
            "People read bare numbers differently; give every point a label in words.",
        ),
        Rule(
            "scale_repeated", "error", every,
            "Two answers that read the same cannot be told apart; give each its own words.",
        ),
        Rule(
            "scale_order", "error", english,
            "Customers answer by position as much as by words; order the labels from one end to "
            "the other.",
        ),
        Rule(
            "scale_unbalanced", "error", english,
            "More room on one side pushes answers there; give both sides the same number of "
            "points.",
        ),
        Rule(
            "skip_circle", "error", every,
            "Each of these waits for another's answer, so none can be decided; remove one of the "
            "rules.",
        ),
        Rule(
            "unreachable", "error", every,
            "Nobody would ever be asked this; loosen its skip rules or delete the question.",
        ),
        Rule(
            "missing_text", "error", every,
            "Customers of a required language would meet a gap; translate the text, or no longer "
            "require the language.",
        ),
        Rule(
            "unknown_placeholder", "error", every,
            "Customers would read the braces; use {company}, {product} or {brand}, or plain words.",
        ),
        Rule(
            "double_barrelled", "warning", english,
            "Whoever feels differently about the two cannot answer; ask one thing, or make two "
            "questions.",
        ),
        Rule(
            "leading", "warning", english,
            "Praise, blame or a hint at the wanted answer moves the result; use neutral words.",
        ),
        Rule(
            "agree_disagree", "warning", english,
            "Many people agree with whatever is said; ask for the thing itself with a scale made "
            'for it ("How clear was …?").',
        ),
        Rule(
            "negation", "warning", english,
            "A no to a negative is misread by many; ask in the positive.",
        ),
        Rule(
            "presupposition", "warning", english,
            "It assumes something that may not have happened; add a skip rule, an answer "
            '"Doesn\'t apply", or begin with "If …".',
        ),
        Rule(
            "vague_frequency", "warning", english,
            "Words like these mean something different to everyone; give numbers and a period.",
        ),
        Rule(
            "hard_to_read", "warning", english,
            "Long sentences and long words lose people on phones and second-language readers; "
            "shorten it.",
        ),
        Rule(
            "too_long", "warning", every,
            "Each further question costs answers; delete some, or let chance choose among them.",
        ),
        Rule(
            "scale_mixed", "warning", every,
            "People stop reading labels after the first scale and tick by position; use the same "
            "length and direction on one page.",
        ),
        Rule(
            "required_comment", "warning", every,
            "People who have nothing to write leave, or write nonsense; make it optional.",
        ),
        Rule(
            "wording_changed", "warning", every,
            "Other words get other answers, so the trend breaks here; keep the old words, or "
            "publish knowing that the series starts anew.",
        ),
        Rule(
            "nps", "warning", every,
            "A recommendation score mixes the fix, the cause and all else; it is off by default. "
            "Keep it only where somebody needs the figure.",
        ),
        Rule(
            "causes_cut", "warning", every,
            "A page of more than 30 KB is slow on a phone, and nobody reads so long a list; merge "
            "causes, or publish knowing that the rarest are not offered.",
        ),
        Rule(
            "incomplete_language", "warning", every,
            "A language with gaps is not offered to customers; translate the rest, or remove it.",
        ),
    )  # fmt: skip


RULES: Final[dict[str, Rule]] = {rule.code: rule for rule in _rules()}


def finding(code: str, path: str, message: str) -> Finding:
    """A finding of a rule, with the rule's severity and reason."""
    rule = RULES[code]
    return Finding(code, path, message, rule.severity, rule.why)
