"""The findings as the table of docs/metrics.md, between its markers."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bench.truth import findings
from bench.truth.findings import AGENTS, COVERAGE, Finding
from bench.truth.worlds import SEED, SETTINGS

PAGE: Final = Path(__file__).parents[2] / "docs/metrics.md"
START, END = "<!-- truth -->", "<!-- /truth -->"


def markdown(found: Sequence[Finding], runs: int, day: dt.date) -> str:
    """The whole part between the markers."""
    where = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    made = f"Seed {SEED}, {runs} runs per setting, {day.isoformat()}; {where}, numpy"
    lines = [f"{made} {np.__version__}. {_verdict(found)}", ""]
    lines += [f"- **{setting.name}**: {setting.says}." for setting in SETTINGS]
    settings = [setting.name for setting in SETTINGS]
    for part in dict.fromkeys(part for part, _ in findings.names()):
        columns = settings if part in (COVERAGE, AGENTS) else [findings.ALL]
        those = [one for one in found if one.part == part]
        lines += ["", f"### {part}", "", *_table(part, columns, those)]
    return "\n".join(lines)


def _verdict(found: Sequence[Finding]) -> str:
    missed = [one for one in found if one.passed is False]
    if not missed:
        return "Every figure of which something is asked keeps it."
    names = ", ".join(f"{one.what} ({one.setting or 'all'})" for one in missed)
    return f"**Not kept:** {names}."


def _table(part: str, columns: Sequence[str], found: Sequence[Finding]) -> list[str]:
    headings = [name or "found" for name in columns]
    lines = [f"| | {' | '.join(headings)} | asked |", "|---" * (len(columns) + 2) + "|"]
    by = {(one.what, one.setting): one for one in found}
    for name in (name for where, name in findings.names() if where == part):
        cells = [by[name, column] for column in columns]
        asked = next((one.target for one in cells if one.target), "")
        unit = next((one.unit for one in cells if one.unit), "")
        told = f"{name} ({unit})" if unit else name
        lines.append(f"| {told} | {' | '.join(_cell(one) for one in cells)} | {asked} |")
    return lines


def _cell(one: Finding) -> str:
    if one.value is None:
        return "–"
    places = 1 if one.unit in ("%", "weeks") else 2
    told = f"{one.value:.{places}f}"
    return f"**{told}, NO**" if one.passed is False else told


def write(found: Sequence[Finding], runs: int, day: dt.date) -> None:
    """Put the findings between the markers of docs/metrics.md."""
    before, rest = PAGE.read_text(encoding="utf-8").split(START, 1)
    after = rest.split(END, 1)[1]
    told = markdown(found, runs, day)
    PAGE.write_text(f"{before}{START}\n\n{told}\n\n{END}{after}", encoding="utf-8")
