"""An import in a process of its own, as `manage.py import_cases` does it, `import_responses` where
the file is one of answers, or that with `--from delighted` where it is one of ratings: what it
alone holds in memory can be told only there. Prints its seconds, and its memory after each batch in
MB."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from config import garbage

_PAGE_MB = resource.getpagesize() / 1024**2


def main(path: Path, n_rows: int, kind: str = "cases") -> None:
    import django

    django.setup()
    garbage.settle()
    from django.utils import timezone

    from surveys.services import history, history_files, importing_responses
    from surveys.services.history_tools import TOOLS
    from surveys.services.importing import case_taker, run
    from surveys.services.importing_csv import CASE_COLUMNS, CsvFile, count_lines

    now = timezone.now()
    held: list[float] = []
    started = time.perf_counter()
    count_lines(path)
    if kind == "ratings":
        tool = TOOLS["delighted"]
        file = history_files.opened(path, tool, None)
        taker = history.rating_taker(history.Reading(tool), now)
    elif kind == "responses":
        file = CsvFile(path, None, importing_responses.COLUMNS, importing_responses.NEEDED)
        taker = importing_responses.response_taker("bench", now)
    else:
        file = CsvFile(path, None, CASE_COLUMNS)
        taker = case_taker("bench", now, is_history=False)
    counts = run(file, taker, now, progress=lambda rows: held.append(resident_mb()))
    seconds = time.perf_counter() - started
    assert counts.created == n_rows, counts
    print(json.dumps({"seconds": seconds, "held_mb": held, "peak_mb": peak_mb()}))


def resident_mb() -> float:
    """What this process holds now (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_MB


def peak_mb() -> float:
    """The most this process ever held (Linux); `ru_maxrss` would tell its parent's, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
