"""Whether an English stem states something instead of asking.

A statement that is rated is an agree–disagree question whatever its answers are called: the
customer weighs the company's sentence, and many say yes to any sentence.
"""

from __future__ import annotations

import re
from typing import Final

_ASKING: Final = re.compile(
    r"(?:please|kindly|rate|tell|think|score|choose|tick|indicate|say|state|give|mark|select|pick"
    r"|describe|consider|compare|let|show|grade|rank|enter|complete|share|imagine|look"
    r"|how|what|which|who|whom|whose|where|when|why|whether|to what|in what|on a scale"
    r"|is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b"
)
_VERB: Final = re.compile(
    r"\b(?:am|is|are|was|were|has|have|had|do|does|did|can|could|will|would|should|must|feel|felt"
    r"|know|knew|take|took|make|made|get|got|give|gave|come|came|go|went|keep|kept|tell|told|find"
    r"|found|think|thought|left|spoke|said|saw|met|understand|understood|meant|paid|sent|brought"
    r"|(?:listen|treat|care|work|explain|offer|help|meet|seem|look|cost|need|want|use|trust|value"
    r"|put|save|suit|deserve|let|run|show)s? (?:to|me|my|us|like|about|well|fairly|good)"
    r"|makes? (?:sense|me|it|my)"
    r"|\w{2,}ed(?! (?:by|to|for|in|on|at|with|from|during|after|before|of)\b)(?= )"
    r"|\w{2,}s (?:its|their|his|her|me|my|us))\b|\w'(?:m|ve|ll|re|d)\b|n't\b"
)


def is_statement(text: str) -> bool:
    """Whether a lower-case text is made of statements only, with a verb in the last of them."""
    if "?" in text:
        return False
    sentences = [part for part in re.split(r"(?<=[.!])\s+", text) if part]
    if any(_ASKING.match(sentence) for sentence in sentences):
        return False
    return bool(sentences) and _VERB.search(sentences[-1]) is not None
