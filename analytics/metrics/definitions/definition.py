"""One definition, and the words several of them share."""

from dataclasses import dataclass

NO_ANSWERS = "where nobody answered, and under 5 answers outside analysts"
AS_AGENTS = "under 10 answers; from 10 to 29 it is marked indicative"
WILSON = "Wilson 1927; Newcombe 1998, Statistics in Medicine 17:857"
OWN = "Stabledoor's own definition, from counts"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number says, how it is made, where that comes from, and when it is not shown.

    `says` is one whole sentence in plain words, fit for a hover text; `formula`, `source` and
    `withheld` are phrases without a full stop.
    """

    key: str
    name: str
    says: str
    formula: str
    source: str = OWN
    withheld: str = NO_ANSWERS

    @property
    def anchor(self) -> str:
        """The anchor in docs/metrics.md, which never changes while the key stands."""
        return self.key.replace("_", "-")
