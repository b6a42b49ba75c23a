"""The rules for answer scales: labelled, told apart, in order, balanced, alike on one page.

That labels are missing or repeated is seen in any language. Order and balance need to know what
the words mean; English labels are weighed by the lists below, and a scale with words that are not
in them is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from ..schema import CHOICE_TYPES, RATING_POINTS, Block, Definition, Item
from .findings import Finding, finding
from .wording import is_english

Fault = tuple[str, str]
#: Steps against the scale's direction smaller than this are a matter of taste ("quite", "rather").
_TASTE: Final = 0.1
_ENDPOINTS_SUFFICE_FROM: Final = 11

_NEUTRAL: Final = re.compile(
    r"^(?:neither\b.*|neutral|no different|no change|unchanged|(?:about |much |exactly )?the same.*"
    r"|about right|just right|not sure|unsure|undecided|in between|so-so|okay|ok|average|mixed"
    r"|met what i expected|as expected|in the middle|no opinion|can't say|hard to say)$"
)
_PROBABILITY: Final = (
    (re.compile(r"^(?:definitely|certainly|surely) not$"), -1.0),
    (re.compile(r"^(?:probably|likely|rather|perhaps) not$"), -0.5),
    (re.compile(r"^(?:probably|perhaps)(?: yes)?$"), 0.5),
    (re.compile(r"^(?:definitely|certainly|surely)(?: yes)?$"), 1.0),
)
#: How much an adverb takes; the first that is found decides.
_DEGREES: Final = (
    (re.compile(r"\bnot (?:\w+ )?at all\b|\bnot in the least\b|\bnone\b|^no\b|\bnever\b"
                r"|^not\b"), 0.0),
    (re.compile(r"\bquite a (?:bit|lot)\b"), 0.7),
    (re.compile(r"\b(?:extremely|completely|totally|fully|absolutely|entirely|perfectly|utterly)\b"
                r"|\ba great deal\b|\ball of it\b|^all$"), 1.0),
    (re.compile(r"\bvery (?:much|little)\b|\bstrongly\b|\b(?:far|much)(?= \w)"), 0.9),
    (re.compile(r"\b(?:very|highly|really)\b"), 0.85),
    (re.compile(r"\ba lot\b|\bmost(?:ly)?\b|\blargely\b"), 0.75),
    (re.compile(r"\b(?:quite|rather|much)\b"), 0.65),
    (re.compile(r"\b(?:fairly|moderately|reasonably)\b|\bhalf\b|\bpartly\b"), 0.5),
    (re.compile(r"\b(?:somewhat|some|tend to)\b"), 0.4),
    (re.compile(r"\b(?:slightly|little|bit|marginally|hardly|barely)\b"), 0.25),
)  # fmt: skip
_PLAIN_DEGREE: Final = 0.6
_EXTREME: Final = {
    "terrible": -1.05, "awful": -1.05, "horrible": -1.05, "dreadful": -1.05, "appalling": -1.05,
    "excellent": 1.05, "outstanding": 1.1, "perfect": 1.1, "superb": 1.1, "exceptional": 1.1,
    "thrilled": 1.1, "delighted": 1.1, "instant": 1.1, "fantastic": 1.1, "amazing": 1.1,
    "furious": -1.1, "outraged": -1.1, "fair": 0.2, "acceptable": 0.3, "satisfactory": 0.4,
}  # fmt: skip
_GOOD_WORDS: Final = (
    "satisfied happy pleased likely well good easy clear better fast faster quick quicker polite "
    "courteous fair helpful reliable warm warmer safe useful simple friendly kind agree like "
    "accurate complete fresh clean cleaner quiet quieter confident pleasant more comfortable "
    "trustworthy stable positive convenient cheap cheaper bright strong stronger like high higher "
    "early earlier attractive professional respectful punctual improved"
)
_GOOD: Final = frozenset(_GOOD_WORDS.split())
_BAD_WORDS: Final = (
    "dissatisfied unsatisfied unhappy displeased unlikely badly bad poor poorly difficult hard "
    "unclear worse slow slower rude impolite unfair unhelpful unreliable cold colder unsafe "
    "useless complicated unfriendly unkind disagree dislike inaccurate incomplete dirty loud "
    "louder noisy "
    "unpleasant less uncomfortable unstable negative inconvenient expensive dark weak weaker low "
    "lower late later unattractive unprofessional disrespectful worsened annoyed angry "
    "disappointed"
)
_BAD: Final = frozenset(_BAD_WORDS.split())


def scale_faults(labels: Sequence[str], *, english: bool) -> Iterator[Fault]:
    """What is wrong with the labels of one rating scale, the gravest fault only."""
    named = [" ".join(label.split()) for label in labels]
    bare = [label for label in named if not any(map(str.isalpha, label))]
    ends = (named[0], named[-1]) if named else ()
    if len(named) >= _ENDPOINTS_SUFFICE_FROM:
        bare = [label for label in ends if label in bare]
    if bare:
        count = f"{len(bare)} of {len(named)} points have" if len(bare) > 1 else "One point has"
        yield "scale_unlabelled", f"{count} no label in words."
        return
    repeated = _repeated(named)
    if repeated:
        yield "scale_repeated", f'"{repeated}" stands at two points.'
        return
    if not english:
        return
    scores = [score(label) for label in named]
    if "good" in " ".join(named).lower() or "poor" in " ".join(named).lower():
        known = scores
    else:  # "fair" is a middling grade only beside "good" and "poor"
        known = [
            _PLAIN_DEGREE if n.lower() == "fair" else s for n, s in zip(named, scores, strict=True)
        ]
    yield from _order_faults(named, known)


def findings(definition: Definition) -> Iterator[Finding]:
    """The faults of all scales of a definition."""
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            yield from _item_findings(definition, item, f"$.blocks[{number}].items[{index}]")
        yield from _mixed(definition, block, f"$.blocks[{number}].items")


def score(label: str) -> float | None:
    """Where an English label stands between −1 and 1; None where its words are not known."""
    text = label.lower().replace("’", "'").strip(" .!")
    if _NEUTRAL.match(text):
        return 0.0
    for pattern, value in _PROBABILITY:
        if pattern.match(text):
            return value
    words = re.findall(r"[a-z']+", text)
    for word in words:
        if word in _EXTREME and len(words) == 1:
            return _EXTREME[word]
    degree = next((value for pattern, value in _DEGREES if pattern.search(text)), None)
    good, bad = bool(_GOOD & {*words}), bool(_BAD & {*words})
    if good == bad:
        return degree
    if degree is None:
        degree = _PLAIN_DEGREE
    return degree if good else -degree


def direction(labels: Sequence[str]) -> int:
    """1 for a scale that rises, −1 for one that falls, 0 where that cannot be told."""
    scores = [score(label) for label in labels]
    known = [value for value in scores if value is not None]
    if len(known) < len(scores) or len(known) < 2 or known[0] == known[-1]:
        return 0
    return 1 if known[0] < known[-1] else -1


def _item_findings(definition: Definition, item: Item, path: str) -> Iterator[Finding]:
    if item.type == "nps":
        for name, label in (("low_label", item.low_label), ("high_label", item.high_label)):
            if not (label or {}).get(definition.default_language, "").strip():
                yield finding("scale_unlabelled", f"{path}.{name}", "This end has no label.")
    if item.type not in CHOICE_TYPES or (item.type == "rating" and not _has_points(item)):
        return
    told: set[str] = set()
    for language in _worded_first(definition):
        labels = [
            o.label[language] for o in item.options if language in o.label and not o.outside_scale
        ]
        if any(not label.strip() for label in labels) or len(labels) < 2:
            continue
        if item.type == "rating":
            faults = list(scale_faults(labels, english=is_english(language)))
        else:
            repeated = _repeated(labels)
            faults = [("scale_repeated", f'"{repeated}" stands twice.')] if repeated else []
        for code, message in faults:
            if code not in told:
                yield finding(code, f"{path}.options", _in_language(definition, language, message))
            told.add(code)


def _has_points(item: Item) -> bool:
    """Whether the number of points is one a rating may have; another is a fault of its own."""
    return sum(not option.outside_scale for option in item.options) in RATING_POINTS


def _worded_first(definition: Definition) -> tuple[str, ...]:
    default = definition.default_language
    return (default, *(code for code in definition.languages if code != default))


def _in_language(definition: Definition, language: str, message: str) -> str:
    return message if language == definition.default_language else f"In {language}: {message}"


def _repeated(labels: Sequence[str]) -> str:
    seen: set[str] = set()
    for label in labels:
        plain = " ".join(label.casefold().split()).strip(" .,!")
        if plain in seen:
            return " ".join(label.split())
        seen.add(plain)
    return ""


def _order_faults(labels: Sequence[str], scores: Sequence[float | None]) -> Iterator[Fault]:
    known = [value for value in scores if value is not None]
    if len(known) < len(scores):
        return
    steps = [after - before for before, after in pairwise(known)]
    rising, falling = (all(sign * step > -_TASTE for step in steps) for sign in (1, -1))
    if not rising and not falling:
        sign = 1 if sum(step > 0 for step in steps) >= sum(step < 0 for step in steps) else -1
        at = next(n for n, step in enumerate(steps) if sign * step <= -_TASTE)
        yield "scale_order", f'"{labels[at + 1]}" does not go on from "{labels[at]}".'
        return
    below = sum(value < 0 for value in known)
    above = sum(value > 0 for value in known)
    has_middle = any(_NEUTRAL.match(label.lower().strip(" .!")) for label in labels)
    if (below or has_middle) and below != above:
        yield "scale_unbalanced", f"{below} answers are negative and {above} positive."


def _mixed(definition: Definition, block: Block, path: str) -> Iterator[Finding]:
    """Every scale is held against the first of its page."""
    length, way = 0, 0
    for index, item in enumerate(block.items):
        if item.type != "rating" or not _has_points(item):
            continue
        options = [option for option in item.options if not option.outside_scale]
        english = next(
            (code for code in _worded_first(definition) if is_english(code)),
            definition.default_language,
        )
        own = direction([option.label.get(english, "") for option in options])
        if length and len(options) != length:
            message = f"{len(options)} points, while the page began with {length}."
            yield finding("scale_mixed", f"{path}[{index}].options", message)
        elif way and own and own != way:
            message = "It runs the other way than the first scale of the page."
            yield finding("scale_mixed", f"{path}[{index}].options", message)
        length = length or len(options)
        way = way or own
