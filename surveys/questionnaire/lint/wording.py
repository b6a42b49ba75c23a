"""The rules for wording, which know English only.

Each rule looks at one stem. What an error says already is not said again by a warning: a stem
that names both sides is not also reported for its "and".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from ..schema import Definition, Item, ItemType, walk_texts
from . import lexicon
from .findings import Finding, finding
from .readability import difficulty
from .statements import is_statement

Fault = tuple[str, str]
#: Types whose answer is a degree or a verdict: two things in one stem cannot both be answered.
RATED: Final[frozenset[ItemType]] = frozenset({"rating", "nps", "yes_no"})
# A question that people could read has two or three; five hundred characters of "or" took as many
# searches of the whole stem, and the builder seconds to show a page of them.
_MOST_JOINTS: Final = 12
_ENGLISH: Final = re.compile(r"en(?:-.+)?")


def is_english(language: str) -> bool:
    """Whether the rules for wording apply to texts of this language."""
    return _ENGLISH.fullmatch(language) is not None


def stem_faults(stem: str, type_: ItemType, *, gated: bool = False) -> Iterator[Fault]:
    """Every fault of one English stem, as (code, message).

    ``gated``: those to whom it does not apply are not asked, or have an answer that says so.
    """
    text = _plain(stem)
    if not text:
        return
    pleading, both = _pleading(text), _names_both(text)
    if pleading:
        yield "pass_wording", pleading
    if both:
        yield "both_named", both
    if not pleading:
        if type_ in RATED and not both:
            yield from _double_barrelled(text, stem)
        yield from _leading(text)
        if type_ in RATED:
            yield from _negation(text)
    agreeing = lexicon.AGREEING.search(text)
    if agreeing:
        yield "agree_disagree", f'It asks for agreement ("{agreeing.group()}").'
    elif type_ in RATED and not pleading and is_statement(text):
        yield "agree_disagree", "It is a statement to agree with, not a question."
    if not gated and not pleading and not both:
        yield from _presupposition(text)
    vague = lexicon.VAGUE_FREQUENCY.search(text)
    if vague:
        yield "vague_frequency", f'"{vague.group()}" is no amount that two people share.'
    hard = difficulty(stem)
    if hard:
        yield "hard_to_read", hard


def label_faults(labels: Sequence[str]) -> Iterator[Fault]:
    """What the words of English answers are wrong in, as (code, message)."""
    plain = [_plain(label) for label in labels]
    if sum(bool(lexicon.AGREEING_LABEL.search(label)) for label in plain) >= 2:
        yield "agree_disagree", "The answers are degrees of agreement."
    vague = [label for label in plain if lexicon.VAGUE_LABEL.search(label)]
    if len(vague) >= 2:
        yield "vague_frequency", f'"{vague[0]}" and "{vague[1]}" are no amounts.'


def findings(definition: Definition) -> Iterator[Finding]:
    """What is wrong with the English words of a definition, in reading order."""
    languages = [language for language in _languages(definition) if is_english(language)]
    for path, text in walk_texts(definition):
        if path.endswith((".stem", ".stem_several")):
            continue
        for language in languages:
            yield from _beside_the_stem(path, language, text.get(language, ""))
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            for language in languages:
                yield from _item_findings(item, language, f"$.blocks[{number}].items[{index}]")


def is_gated(item: Item) -> bool:
    """Whether those to whom the question does not apply are spared it or can say so."""
    return bool(item.skip_when) or any(
        option.outside_scale or option.exclusive for option in item.options
    )


def _languages(definition: Definition) -> tuple[str, ...]:
    """The languages with any text at all, listed or not."""
    found = {language for _, text in walk_texts(definition) for language in text}
    return tuple(sorted(found))


def _item_findings(item: Item, language: str, path: str) -> Iterator[Finding]:
    """The stem for several agents is only told what the stem itself was not told."""
    told: set[str] = set()
    for name, text in (("stem", item.stem), ("stem_several", item.stem_several or {})):
        faults = list(stem_faults(text.get(language, ""), item.type, gated=is_gated(item)))
        for code, message in faults:
            if code not in told:
                yield finding(code, f"{path}.{name}.{language}", message)
        told |= {code for code, _ in faults}
    labels = [o.label.get(language, "") for o in item.options if not o.outside_scale]
    for code, message in label_faults(labels):
        if code != "agree_disagree" or code not in told:
            yield finding(code, f"{path}.options", message)


def _beside_the_stem(path: str, language: str, wording: str) -> Iterator[Finding]:
    """Hints, labels, lead-in and thanks may plead or praise too; nothing else is looked for."""
    text = _plain(wording)
    pleading = _pleading(text)
    if pleading:
        yield finding("pass_wording", f"{path}.{language}", pleading)
    if ".options[" in path or path.endswith("_label"):
        return
    for code, message in _leading(text):
        yield finding(code, f"{path}.{language}", message)


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").lower().split())


def _pleading(text: str) -> str:
    text = lexicon.SCALE_NAMED.sub(" ", text)
    score, pressing = lexicon.SCORE.search(text), lexicon.PRESSING.search(text)
    if score and pressing:
        return f'"{score.group().strip()}" with "{pressing.group()}" asks for a certain score.'
    return ""


def _names_both(text: str) -> str:
    if lexicon.EXCLUDING.search(text):
        return ""
    text = lexicon.SCORE_SEEN_AS.sub(" ", text)
    rest = lexicon.HANDLED_PROBLEM.sub(" handled ", lexicon.PROBLEM_WITH.sub(r"\1", text))
    rest = lexicon.PROBLEM_AS_TIME.sub(" then ", lexicon.REPAIR_AS_TIME.sub(" then ", rest))
    handling, problem = lexicon.HANDLING.search(rest), lexicon.PROBLEM.search(rest)
    if handling is None or problem is None:
        handling, problem = _pair(rest)
    if handling is None or problem is None:
        return ""
    return (
        f'It names the problem ("{problem.group()}") and the handling ("{handling.group()}") '
        "at once."
    )


def _pair(text: str) -> tuple[re.Match[str] | None, re.Match[str] | None]:
    """The handling and the problem as the two halves of a joined pair."""
    for joint in islice(lexicon.PAIR.finditer(text), _MOST_JOINTS):
        halves = text[: joint.start()], text[joint.end() :]
        for one, other in (halves, halves[::-1]):
            problem = lexicon.PROBLEM.search(one) or lexicon.PROBLEM_BESIDE.search(one)
            handling = lexicon.HANDLING_BESIDE.search(other)
            if problem and handling:
                return handling, problem
    return None, None


def _double_barrelled(text: str, stem: str) -> Iterator[Fault]:
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        rest = lexicon.HARMLESS_JOIN.sub(" ", lexicon.SCENE.sub("", sentence))
        joint = lexicon.JOINING.search(rest)
        if joint and not _joins_names(stem):
            yield "double_barrelled", f'"{joint.group().strip()}" joins two things in one question.'
            return


def _joins_names(stem: str) -> bool:
    """ "Smith & Sons" is one thing."""
    joined = re.findall(r"(\S+) (?:and|&|or) (\S+)", stem)
    return bool(joined) and all(a[:1].isupper() and b[:1].isupper() for a, b in joined)


def _leading(text: str) -> Iterator[Fault]:
    for pattern, message in (
        (lexicon.LOADED, '"{}" praises or blames.'),
        (lexicon.SUGGESTING, '"{}" suggests an answer.'),
        (lexicon.TAG_QUESTION, '"{}" suggests an answer.'),
    ):
        found = pattern.search(text)
        if found:
            yield "leading", message.format(found.group().strip(" ,"))
            return


def _negation(text: str) -> Iterator[Fault]:
    """A question that suggests its answer by a negative is reported for suggesting only."""
    if lexicon.TAG_QUESTION.search(text):
        return
    rest = lexicon.SUGGESTING.sub(" ", text)
    found = lexicon.NEGATION.search(
        lexicon.HARMLESS_NEGATION.sub(" ", lexicon.EXCLUDING.sub(" ", rest))
    )
    if found:
        word = re.search(rf"\S*{re.escape(found.group())}", text)
        yield (
            "negation",
            f'It is put in the negative ("{word.group() if word else found.group()}").',
        )


def _presupposition(text: str) -> Iterator[Fault]:
    if lexicon.CONDITIONAL.search(text) or lexicon.ASKS_WHETHER.search(text):
        return
    found = lexicon.PRESUPPOSING.search(text)
    if found:
        yield "presupposition", f'"{found.group()}" takes for granted that there was one.'
