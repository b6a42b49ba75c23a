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
from bench.truth.findings import ALL, BEYOND_PARTS, Finding, settings_of
from bench.truth.worlds import BEYOND, SEED, SETTINGS

PAGE: Final = Path(__file__).parents[2] / "docs/metrics.md"
START, END = "<!-- truth -->", "<!-- /truth -->"


def markdown(found: Sequence[Finding], runs: int, day: dt.date) -> str:
    """The whole part between the markers."""
    where = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    made = f"Seed {SEED}, {runs} runs per setting, {day.isoformat()}; {where}, numpy"
    lines = [f"{made} {np.__version__}. {_verdict(found)}", ""]
    lines += [f"- **{setting.name}**: {setting.says}." for setting in SETTINGS]
    for part in dict.fromkeys(part for part, _ in findings.names()):
        those = [one for one in found if one.part == part]
        if part == BEYOND_PARTS[0]:
            lines += ["", _beyond(found), ""]
            lines += [f"- **{setting.name}**: {setting.says}." for setting in BEYOND]
        turned = part in BEYOND_PARTS and settings_of(part) != [ALL]
        lines += ["", f"### {part}", "", *(_turned if turned else _table)(part, those)]
    return "\n".join(lines)


def _verdict(found: Sequence[Finding]) -> str:
    missed = [one for one in found if one.passed is False and one.part not in BEYOND_PARTS]
    if not missed:
        return "Every figure of which something is asked keeps it."
    names = "; ".join(f"{one.what} ({one.setting or 'all'})" for one in missed)
    return f"**Not kept:** {names}."


def _beyond(found: Sequence[Finding]) -> str:
    asked = [one for one in found if one.part in BEYOND_PARTS and one.passed is not None]
    left = sum(not one.passed for one in asked)
    return (
        "Where this ends. Of the specialised company below one thing at a time is turned, "
        f"{findings.BEYOND_RUNS} runs each. Nothing was promised of these; held against the same "
        f"bounds, {left} of {len(asked)} figures leave them, marked NO."
    )


def _table(part: str, found: Sequence[Finding]) -> list[str]:
    columns = settings_of(part)
    headings = [name or "found" for name in columns]
    lines = [f"| | {' | '.join(headings)} | asked |", "|---" * (len(columns) + 2) + "|"]
    by = {(one.what, one.setting): one for one in found}
    for name in (name for where, name in findings.names() if where == part):
        cells = [by[name, column] for column in columns]
        asked = next((one.target for one in cells if one.target), "")
        told = f"{_named(name, cells)} | {' | '.join(map(_cell, cells))}"
        lines.append(f"| {told} | {asked} |")
    return lines


def _turned(part: str, found: Sequence[Finding]) -> list[str]:
    """Settings down, figures across; the last row is what is asked elsewhere."""
    names = [name for where, name in findings.names() if where == part]
    by = {(one.what, one.setting): one for one in found}
    rows = [[by[name, setting] for name in names] for setting in settings_of(part)]
    columns = list(zip(*rows, strict=True))
    headings = [_named(name, cells) for name, cells in zip(names, columns, strict=True)]
    lines = [f"| | {' | '.join(headings)} |", "|---" * (len(names) + 1) + "|"]
    for setting, cells in zip(settings_of(part), rows, strict=True):
        lines.append(f"| {setting} | {' | '.join(map(_cell, cells))} |")
    asked = [next((one.target for one in cells if one.target), "") for cells in columns]
    return [*lines, f"| *bounds* | {' | '.join(asked)} |"]


def _named(name: str, cells: Sequence[Finding]) -> str:
    unit = next((one.unit for one in cells if one.unit), "")
    return f"{name} ({unit})" if unit else name


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
