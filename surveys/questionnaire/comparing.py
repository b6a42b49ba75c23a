"""What can be compared across versions, as sentences: before publishing and beside each trend.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: Why a trend starts anew, by kind of change.
_BECAUSE: Final = {
    "wording": "its wording changed",
    "labels": "the words of its answers changed",
    "scale": "its scale changed",
    "type": "it is another type of question",
    "dimension": "it counts for another dimension",
    "order": "it stands in another place",
    "rule": "other people are asked",
    "pages": "the order of the pages changed",
}
_EVERY_QUESTION: Final = "every question"


def because(kinds: Iterable[str]) -> str:
    """Reasons, each once, in the order given: "its wording changed and its scale changed"."""
    reasons = list(dict.fromkeys(_BECAUSE.get(kind, "it changed") for kind in kinds))
    if len(reasons) < 2:
        return "".join(reasons)
    return f"{', '.join(reasons[:-1])} and {reasons[-1]}"


def starts_anew(item: str, kinds: Iterable[str]) -> str:
    """The sentence for whoever is about to publish; an empty item stands for all of them."""
    name = item or _EVERY_QUESTION
    return f"From this version on the trend of {name} starts anew, because {because(kinds)}."
