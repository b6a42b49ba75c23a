"""Which known cause a code that waits unmapped may mean, by the likeness of their texts. Pure.

Case, separators, the order of words, plurals, accents and slips of the keyboard do not count for
much; a number that differs does. Likeness is 0 to 100.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

#: Below this nothing is suggested; from the other on, alone and well ahead, it is obvious.
SUGGESTED_FROM: Final = 72.0
OBVIOUS_FROM: Final = 90.0
_AHEAD: Final = 8.0
_MOST: Final = 3
#: What a description or a tag says counts less than what a cause is called.
_ASIDE: Final = 0.85
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_APART: Final = re.compile(r"[^\w]+|_+")
_DIGITS: Final = re.compile(r"\d+")
_FILLING: Final = frozenset(
    {
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "the",
        "to",
    }
)


class Known(NamedTuple):
    """A cause that may be meant."""

    code: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A cause and how alike it is. `is_obvious`: nothing else comes near."""

    code: str
    name: str
    likeness: float
    is_obvious: bool


def suggest(
    code: str, name: str, tags: Iterable[str], known: Sequence[Known]
) -> tuple[Suggestion, ...]:
    """At most three causes that a waiting code may mean, the likeliest first. ``tags``: those that
    most of its cases carry."""
    own = {words for text in (code, name) if (words := _words(text))}
    beside = {words for tag in tags if (words := _words(tag))}
    scored = [(round(_likeness(own, beside, cause), 1), cause) for cause in known]
    found = sorted(
        (pair for pair in scored if pair[0] >= SUGGESTED_FROM), key=lambda p: (-p[0], p[1].code)
    )[:_MOST]
    second = found[1][0] if len(found) > 1 else 0.0
    return tuple(
        Suggestion(
            cause.code,
            cause.name or cause.code,
            score,
            place == 0 and score >= OBVIOUS_FROM and score - second >= _AHEAD,
        )
        for place, (score, cause) in enumerate(found)
    )


def _likeness(own: set[tuple[str, ...]], beside: set[tuple[str, ...]], cause: Known) -> float:
    called = {words for text in (cause.code, cause.name) if (words := _words(text))}
    best = max((_alike(a, b) for a in own for b in called), default=0.0)
    if best >= OBVIOUS_FROM:
        return best
    tagged = max((_alike(a, b) for a in beside for b in called), default=0.0)
    told = _words(cause.description)
    described = max((_within(a, told) for a in own), default=0.0) if told else 0.0
    return max(best, _ASIDE * tagged, _ASIDE * described)


def _alike(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    if sorted(a) == sorted(b):
        return 100.0
    one, other = "".join(a), "".join(b)
    if one == other:
        return 100.0
    scores = [fuzz.ratio(" ".join(sorted(a)), " ".join(sorted(b))), _by_word(a, b)]
    if abs(len(one) - len(other)) <= 2:
        scores.append(100.0 * DamerauLevenshtein.normalized_similarity(one, other))
    score = max(scores)
    if min(len(one), len(other)) < 5:
        score *= 0.8  # one letter makes another word of a short one
    if _numbers(one) != _numbers(other):
        score *= 0.7
    return score


def _by_word(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Each word beside its likest in the other text, long words weighing more; the words that only
    one of them has are what makes two causes of it."""
    weight = sum(map(len, a)) + sum(map(len, b))
    met = sum(len(x) * _best(x, b) for x in a) + sum(len(y) * _best(y, a) for y in b)
    return 100.0 * met / weight


def _within(a: tuple[str, ...], told: tuple[str, ...]) -> float:
    """How much of a text stands in a description; a single word there says little."""
    if len(a) < 2:
        return 0.0
    return 100.0 * sum(len(x) * _best(x, told) for x in a) / sum(map(len, a))


def _best(word: str, others: tuple[str, ...]) -> float:
    found = max((_word_likeness(word, other) for other in others), default=0.0)
    return found if found >= 0.75 else 0.0


@lru_cache(maxsize=65_536)
def _word_likeness(a: str, b: str) -> float:
    return float(DamerauLevenshtein.normalized_similarity(a, b))


@lru_cache(maxsize=8_192)
def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text)).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = [_singular(word) for word in _APART.split(plain) if word]
    return tuple(word for word in found if word not in _FILLING) or tuple(found)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _numbers(text: str) -> list[str]:
    return sorted(_DIGITS.findall(text))
