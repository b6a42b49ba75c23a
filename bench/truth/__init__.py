"""Proof by simulation: the product's own metrics on made-up companies whose truth is known.

No database. `python -m bench --only truth --write-docs` puts the table into docs/metrics.md.
"""

from __future__ import annotations

import datetime as dt
import sys
import time

from bench.table import Row
from bench.truth import page
from bench.truth.findings import BEYOND_PARTS, Finding, all_findings

_KEPT = {True: "kept", False: "not kept", None: "nothing asked"}
RUNS = {"small": 40, "normal": 400, "large": 1_000}


def run(size: str, *, write_docs: bool = False) -> list[Row]:
    """Every figure beside what is asked of it.

    Raises: ValueError for docs of fewer runs than 200 per setting.
    """
    runs = RUNS[size]
    if write_docs and runs < 200:
        raise ValueError(f"docs need 200 runs per setting or more, --size {size} makes {runs}")
    start = time.perf_counter()
    found = list(all_findings(runs, _say))
    _say(f"{time.perf_counter() - start:.0f} s")
    if write_docs:
        page.write(found, runs, dt.datetime.now(tz=dt.UTC).date())
    return [_row(one) for one in found if one.value is not None]


def _row(one: Finding) -> Row:
    assert one.value is not None
    return Row(
        path=f"{one.what} · {one.setting}" if one.setting else one.what,
        figure=one.value,
        unit=one.unit,
        limit=None,
        ratio=None,
        target=one.target,
        passed=one.passed if one.part not in BEYOND_PARTS else None,
        note="" if one.part not in BEYOND_PARTS else "beyond: " + _KEPT[one.passed],
    )


def _say(what: str) -> None:
    print(f"  truth: {what}", file=sys.stderr, flush=True)
