"""The table in docs/metrics.md is the one that `python -m bench --only truth` makes."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from bench import truth
from bench.truth import findings, page
from bench.truth.findings import AGENTS, COVERAGE, Finding
from bench.truth.worlds import SETTINGS


def made() -> list[Finding]:
    """Every figure that a run makes, all of them 1."""
    found = []
    for part, name in findings.names():
        settings = [one.name for one in SETTINGS] if part in (COVERAGE, AGENTS) else [""]
        found += [Finding(part, name, setting, 1.0, "", "", True) for setting in settings]
    return found


def rows(text: str) -> list[str]:
    """First cells of the tables, without their units."""
    cells = re.findall(r"^\| ([^|]+?) \|", text, flags=re.MULTILINE)
    return [re.sub(r" \((%|points|weeks|a year)\)$", "", cell) for cell in cells]


def in_docs() -> str:
    return page.PAGE.read_text(encoding="utf-8").split(page.START)[1].split(page.END)[0]


def test_the_docs_have_the_rows_that_the_code_makes() -> None:
    expected = rows(page.markdown(made(), 200, dt.date(2026, 11, 22)))
    assert expected == [name for _, name in findings.names()]
    assert rows(in_docs()) == expected


def test_the_docs_tell_seed_runs_and_day_and_that_everything_asked_is_kept() -> None:
    told = re.search(
        r"^Seed \d+, (\d+) runs per setting, \d{4}-\d\d-\d\d; \d+ cores", in_docs(), re.MULTILINE
    )
    assert told is not None
    assert int(told[1]) >= 200
    assert "Every figure of which something is asked keeps it." in in_docs()
    assert "NO**" not in in_docs()


def test_what_is_not_kept_is_told_by_name() -> None:
    found = made()
    found[0] = replace(found[0], passed=False)
    told = page.markdown(found, 200, dt.date(2026, 11, 22))
    assert f"**Not kept:** {found[0].what} ({found[0].setting})." in told
    assert "**1.00, NO**" in told


def test_docs_of_few_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="200 runs per setting"):
        truth.run("small", write_docs=True)
