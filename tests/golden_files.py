"""Golden files: what was looked at once and must not change unnoticed.

`pytest --rewrite-golden` writes them anew; look at the difference before it is committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

GOLDEN: Final = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class GoldenFiles:
    rewrite: bool

    def check(self, name: str, actual: str) -> None:
        """Compare with `tests/golden/NAME`, line ends as LF."""
        path = GOLDEN / name
        if self.rewrite:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8", newline="\n")
        assert actual == path.read_text(encoding="utf-8")
