"""Nothing changes in the API without an entry in its changelog."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client

from surveys.api.schema import Generator
from tests.golden_files import GoldenFiles

CHANGELOG: Final = Path(__file__).parents[3] / "docs" / "api-changelog.md"
#: Words and samples may be mended at any time.
_WORDS: Final = frozenset(
    {"description", "summary", "example", "examples", "x-codeSamples", "headers", "title"}
)


def _bare(part: Any, *, names: bool = False) -> Any:
    """The schema without its words; below `properties` every key is a field's name."""
    if isinstance(part, dict):
        return {
            key: _bare(value, names=key in ("properties", "schemas", "paths"))
            for key, value in sorted(part.items())
            if names or key not in _WORDS
        }
    return [_bare(one) for one in part] if isinstance(part, list) else part


@pytest.fixture(scope="module")
def lines() -> str:
    """What is promised, one operation or object a line."""
    schema: Any = Generator().get_schema(public=True)  # type: ignore[no-untyped-call]
    bare = _bare(json.loads(json.dumps(schema, default=str)))
    found = [
        f"{method.upper()} {path} {json.dumps(operation, sort_keys=True)}"
        for path, item in bare["paths"].items()
        for method, operation in item.items()
    ]
    found += [
        f"{name} {json.dumps(shape, sort_keys=True)}"
        for name, shape in bare["components"]["schemas"].items()
    ]
    return "\n".join(sorted(found)) + "\n"


def test_what_is_promised_changes_only_with_an_entry(lines: str, golden: GoldenFiles) -> None:
    """After a change: write the entry, with this fingerprint, then `--rewrite-golden`."""
    fingerprint = hashlib.sha256(lines.encode()).hexdigest()[:12]
    entries = re.findall(r"^Fingerprint: `(\w+)`$", CHANGELOG.read_text("utf-8"), re.MULTILINE)
    assert entries[0] == fingerprint
    golden.check("api/promised.txt", lines)


def test_entries_are_dated_newest_first() -> None:
    dates = re.findall(r"^## (\d{4}-\d\d-\d\d)$", CHANGELOG.read_text("utf-8"), re.MULTILINE)
    assert dates
    assert dates == sorted(set(dates), reverse=True)


def test_changelog_can_be_read_beside_the_description() -> None:
    page = Client().get("/api/docs/").content.decode()
    assert 'href="/api/changelog/"' in page
    answer = Client().get("/api/changelog/")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == CHANGELOG.read_text("utf-8")
