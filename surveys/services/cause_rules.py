"""Which rule gives a case its cause. Pure: rules and what is known of a case in, a rule out.

Texts are compared without regard to case, to the form of their letters and to how many blanks
stand between words. `*` stands for anything, `?` for one character, and nothing else is special.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

CAUSE: Final = "cause"
TAG: Final = "tag"
FIELD: Final = "field"
EQUALS, CONTAINS, MATCHES = "equals", "contains", "matches"


class Rule(NamedTuple):
    """A rule as it decides: `text` plain (see `plain`), causes by id, merged ones followed. `path`
    names the field of the body that it looks at, if any."""

    id: int
    what: str
    how: str
    text: str
    source: str
    within: int | None
    cause: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at. `cause`: the id of the mapped cause that the case would belong to; None
    where its own is empty or unmapped. `words`: plain texts by what they are, several of a tag.
    `fields`: plain texts by path, of those fields of the body that were kept."""

    source: str
    cause: int | None
    words: Mapping[str, Sequence[str]]
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)


def decide(rules: Iterable[Rule], facts: Facts) -> Rule | None:
    """The first rule that fits; None leaves the case with the cause it came with."""
    return next((rule for rule in rules if fits(rule, facts)), None)


def fits(rule: Rule, facts: Facts) -> bool:
    """Whether a rule, taken by itself, would decide."""
    if rule.within != facts.cause or rule.source not in ("", facts.source):
        return False
    found = facts.fields.get(rule.path) if rule.what == FIELD else facts.words.get(rule.what)
    return any(_fits(rule, text) for text in found or ())


def facts_of(
    source: str,
    content: Mapping[str, Any],
    cause: int | None,
    called: Mapping[str, Sequence[str]] | None = None,
) -> Facts:
    """Of the content of an event, see `intake_shapes.CaseReport`. `called`: what else its team
    and product are or were called; a rule may name them by each."""
    others = called or {}
    words: dict[str, tuple[str, ...]] = {
        name: tuple({plain(text) for text in (content[name], *others.get(name, ()))})
        for name in (CAUSE, "subject", "product", "team", "channel", "severity")
        if content.get(name)
    }
    words[TAG] = tuple(plain(tag) for tag in content.get("tags", ()))
    told: Mapping[str, Sequence[str]] = content.get("fields", {})
    fields = {path: [plain(text) for text in texts] for path, texts in told.items()}
    return Facts(source, cause, words, fields)


def plain(text: str) -> str:
    """A text as it is compared.

    >>> plain("  Plan   CHANGE ")
    'plan change'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def matches(pattern: str, text: str) -> bool:
    """Whether a plain text looks like a plain pattern. Never slower than the one length times the
    other, whatever the pattern, which a regular expression would not promise."""
    at_pattern = at_text = back_text = 0
    star = -1
    while at_text < len(text):
        if at_pattern < len(pattern) and pattern[at_pattern] == "*":
            star, back_text = at_pattern, at_text
            at_pattern += 1
        elif at_pattern < len(pattern) and pattern[at_pattern] in ("?", text[at_text]):
            at_pattern, at_text = at_pattern + 1, at_text + 1
        elif star >= 0:
            back_text += 1
            at_pattern, at_text = star + 1, back_text
        else:
            return False
    return all(rest == "*" for rest in pattern[at_pattern:])


def _fits(rule: Rule, text: str) -> bool:
    if rule.how == EQUALS:
        return rule.text == text
    if rule.how == CONTAINS:
        return rule.text in text
    return matches(rule.text, text)
