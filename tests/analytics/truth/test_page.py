"""The table in docs/metrics.md is the one that `python -m bench --only truth` makes."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from bench import truth
from bench.truth import findings, page
from bench.truth.findings import BEYOND_AGENTS, BEYOND_FLAW, BEYOND_PARTS, Finding, settings_of


def made() -> list[Finding]:
    """Every figure that a run makes, all of them 1."""
    return [
        Finding(part, name, setting, 1.0, "", "", True)
        for part, name in findings.names()
        for setting in settings_of(part)
    ]


#: Parts whose settings stand below each other, figures beside.
TURNED = (BEYOND_AGENTS, BEYOND_FLAW)


def rows(text: str) -> list[str]:
    """First cells of the tables, without their units."""
    cells = re.findall(r"^\| ([^|]+?) \|", text, flags=re.MULTILINE)
    return [re.sub(r" \((%|points|weeks|a year)\)$", "", cell) for cell in cells]


def in_docs() -> str:
    return page.PAGE.read_text(encoding="utf-8").split(page.START)[1].split(page.END)[0]


def test_the_docs_have_the_rows_that_the_code_makes() -> None:
    expected = rows(page.markdown(made(), 200, dt.date(2026, 11, 22)))
    plain = [name for part, name in findings.names() if part not in TURNED]
    turned = [*settings_of(BEYOND_AGENTS), "*bounds*", *settings_of(BEYOND_FLAW), "*bounds*"]
    assert sorted(expected) == sorted([*plain, *turned])
    assert rows(in_docs()) == expected


def test_the_docs_tell_seed_runs_and_day_and_name_whatever_is_not_kept() -> None:
    told = re.search(
        r"^Seed \d+, (\d+) runs per setting, \d{4}-\d\d-\d\d; \d+ cores", in_docs(), re.MULTILINE
    )
    assert told is not None
    assert int(told[1]) >= 200
    asked, beyond = in_docs().split(f"### {BEYOND_PARTS[0]}")
    missed = [line for line in asked.splitlines() if line.startswith("|") and ", NO**" in line]
    verdict = asked.split("numpy")[1].splitlines()[0]
    assert ("Every figure of which something is asked keeps it." in verdict) is (not missed)
    assert all(rows(line)[0] in verdict for line in missed)
    left = re.search(r"(\d+) of (\d+) figures leave them", asked)
    assert left is not None
    assert int(left[1]) == beyond.count(", NO**")


def test_what_is_not_kept_is_told_by_name() -> None:
    found = made()
    found[0] = replace(found[0], passed=False)
    told = page.markdown(found, 200, dt.date(2026, 11, 22))
    assert f"**Not kept:** {found[0].what} ({found[0].setting})." in told
    assert "**1.00, NO**" in told


def test_what_lies_beyond_is_marked_and_counted_and_no_broken_promise() -> None:
    found = made()
    found[-1] = replace(found[-1], passed=False)
    told = page.markdown(found, 200, dt.date(2026, 11, 22))
    assert "Every figure of which something is asked keeps it." in told
    assert re.search(r" 1 of \d+ figures leave them", told)
    assert "**1.00, NO**" in told


def test_docs_of_few_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="200 runs per setting"):
        truth.run("small", write_docs=True)
