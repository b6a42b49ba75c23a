"""The stems and scales that the lint is measured on, and how it fares on them.

The rules were tuned on the one half: every second specimen of the first writing, by a hash of its
words, the second to fourth writing, and a small sample by another author (`stems_probe.txt`), all
else in the two halves being by the author of the rules. The other half, the rest of the first and
the two last writings, was counted before it was read. At that first sight most families of the
last writing reached 0.9, but recall was 0.62 for pleading (8 stems), 0.79 for both sides named
(14), 0.81 for presupposition (16) and 0.88 for leading (17); the kinds of words that were missing
were then added, so the figures of this half are an upper bound.

The independent stems are by somebody who had seen neither the rules nor the other stems. They
were counted once as they stood; then the rules were mended for what they had missed, so the column
`independent` is an upper bound as well. That first count stands in docs/decisions.md (2026-11-22)
and is the figure to quote: other people's stems fare like it, the sample of `stems_probe.txt` even
worse, and each that slips through belongs into this corpus.

Recall: of what a person marked, how much is found. Precision: of what
is found, how much a person marked. Arguable marks count neither way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, cast

from surveys.questionnaire.lint.scales import scale_faults
from surveys.questionnaire.lint.wording import label_faults, stem_faults
from surveys.questionnaire.schema import ItemType

Half = Literal["tuning", "held out", "independent"]
#: What stems that name no half are dealt out to.
OWN_HALVES: Final[tuple[Half, ...]] = ("tuning", "held out")
HALVES: Final[tuple[Half, ...]] = (*OWN_HALVES, "independent")
_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Specimen:
    """One stem or scale with a person's judgement."""

    text: str
    type: ItemType | None  # None: a scale
    gated: bool
    expected: frozenset[str]
    arguable: frozenset[str]
    half: Half

    def found(self) -> frozenset[str]:
        """The families of fault that the lint finds."""
        if self.type is None:
            labels = [label.strip() for label in self.text.split("·")]
            faults = [*scale_faults(labels, english=True), *label_faults(labels)]
        else:
            faults = list(stem_faults(self.text, self.type, gated=self.gated))
        return frozenset(code for code, _ in faults)


@dataclass(slots=True)
class Score:
    """How one family of rules fared."""

    hits: list[Specimen] = field(default_factory=list)
    missed: list[Specimen] = field(default_factory=list)
    false: list[Specimen] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return len(self.hits) / max(1, len(self.hits) + len(self.missed))

    @property
    def precision(self) -> float:
        return len(self.hits) / max(1, len(self.hits) + len(self.false))


def specimens() -> tuple[Specimen, ...]:
    """The whole corpus."""
    return (
        *_read("stems.txt"),
        *_read("scales.txt"),
        *_read("stems_second.txt", "tuning"),
        *_read("stems_third.txt", "tuning"),
        *_read("stems_fourth.txt", "tuning"),
        *_read("stems_probe.txt", "tuning"),
        *_read("stems_held_out.txt", "held out"),
        *_read("stems_last.txt", "held out"),
        *_read("stems_independent.txt", "independent"),
    )


def scores(chosen: Iterable[Specimen]) -> dict[str, Score]:
    """The score of every family, by its code."""
    found: dict[str, Score] = {}
    for specimen in chosen:
        codes = specimen.found()
        for code in specimen.expected & codes:
            found.setdefault(code, Score()).hits.append(specimen)
        for code in specimen.expected - codes:
            found.setdefault(code, Score()).missed.append(specimen)
        for code in codes - specimen.expected - specimen.arguable:
            found.setdefault(code, Score()).false.append(specimen)
    return found


def table() -> list[str]:
    """Recall and precision of each family in each half, as lines to print."""
    corpus = specimens()
    n_good = sum(not specimen.expected for specimen in corpus)
    by_half = {half: scores(s for s in corpus if s.half == half) for half in HALVES}
    counted = f"{n_good} good and {len(corpus) - n_good} bad stems and scales"
    lines = [f"{counted}; recall and precision (number marked): {' | '.join(HALVES)}"]
    for code in sorted({code for by_code in by_half.values() for code in by_code}):
        cells = []
        for half in HALVES:
            score = by_half[half].get(code, Score())
            marked = len(score.hits) + len(score.missed)
            if not marked and not score.false:
                cells.append("-")
                continue
            cells.append(f"{score.recall:.2f} {score.precision:.2f} ({marked:2d})")
        lines.append(f"{code:<18} {' | '.join(cells)}")
    return lines


def _read(name: str, half: Half | None = None) -> Iterator[Specimen]:
    sections: dict[str, list[str]] = {}
    head = ""
    for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            head = line.strip("[]")
        elif line and not line.startswith("#"):
            sections.setdefault(head, []).append(line)
    for head, lines in sections.items():
        lines.sort(key=_lot)
        for number, line in enumerate(lines):
            is_scale = name == "scales.txt"
            yield _specimen(head, line, half or OWN_HALVES[number % 2], is_scale=is_scale)


def _lot(line: str) -> str:
    """A number that depends on the words alone, not on how they were judged later."""
    return hashlib.sha256(line.partition("@@")[0].strip().encode()).hexdigest()


def _specimen(head: str, line: str, half: Half, *, is_scale: bool) -> Specimen:
    judged, *marks = [part.strip() for part in head.split(";")]
    text, _, further = line.partition("@@")
    families = {*judged.split()[1:], *further.split()}
    return Specimen(
        text=text.strip(),
        type=None if is_scale else cast("ItemType", marks[0]),
        gated="gated" in marks,
        expected=frozenset(family for family in families if not family.startswith("?")),
        arguable=frozenset(family[1:] for family in families if family.startswith("?")),
        half=half,
    )
