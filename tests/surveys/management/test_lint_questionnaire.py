"""`manage.py lint_questionnaire`: the lint for files."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.questionnaire.schema import MAX_DEFINITION_BYTES


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """Writes the default questionnaire, its document changed, and gives the path."""

    def write(name: str = "q.json", **changes: Any) -> str:
        path = tmp_path / name
        path.write_text(json.dumps(to_builtins(default_definition()) | changes), encoding="utf-8")
        return str(path)

    return write


def run(*arguments: str) -> tuple[str, str]:
    """What it prints, and the line with which it fails."""
    out = StringIO()
    try:
        call_command("lint_questionnaire", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_faultless_questionnaire_passes_and_says_what_was_not_read(
    written: Callable[..., str],
) -> None:
    told, failure = run(written())
    lines = told.splitlines()
    assert (lines[0], failure) == ("No findings.", "")
    assert lines[1].startswith("The wording rules know English only; these languages were checked")


def test_error_is_told_with_its_reason_and_fails(written: Callable[..., str]) -> None:
    path = written(randomise=False)
    told, failure = run(path)
    assert told.startswith(
        "error: $.randomise: Everybody meets the pages in the same order. [not_randomised]\n"
        "    The first page colours the second"
    )
    assert failure == f"{path} cannot be published: 1 error"


def test_warning_does_not_fail(written: Callable[..., str]) -> None:
    thanks = default_definition().thanks | {"en": "You are amazing!"}
    told, failure = run(written(thanks=thanks), "--json")
    found = json.loads(told)
    assert failure == ""
    assert (found["errors"], found["warnings"]) == (0, 1)
    assert {key: found["findings"][0][key] for key in ("code", "severity", "path", "message")} == {
        "code": "leading",
        "severity": "warning",
        "path": "$.thanks.en",
        "message": '"amazing" praises or blames.',
    }
    assert found["languages"]["wording_and_structure"] == ["en"]


def test_previous_version_is_held_against_it(written: Callable[..., str]) -> None:
    document = to_builtins(default_definition())
    document["blocks"][0]["items"][0]["stem"]["en"] = "How well did we handle it?"  # type: ignore[index]
    told, _ = run(written("new.json", **document), "--previous", written("old.json"), "--json")
    assert [finding["code"] for finding in json.loads(told)["findings"]] == ["wording_changed"]


def test_draft_is_read_and_told_what_is_missing(written: Callable[..., str]) -> None:
    told, failure = run(written(thanks={}), "--json")
    assert [finding["path"] for finding in json.loads(told)["findings"]] == ["$.thanks"]
    assert failure.endswith("1 error")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "$: not readable as JSON (Input data was truncated)"),
        (b'{"version": 1}', "$: Object missing required field `default_language`"),
        (b"\xff", "$: not readable as JSON"),
        (b" " * (MAX_DEFINITION_BYTES + 1), "$: larger than 256 KiB"),
    ],
)
def test_unreadable_file_fails_with_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "q.json"
    path.write_bytes(content)
    told, failure = run(str(path))
    assert told == ""
    assert failure.startswith(f"{path}: {reason}")
    assert "\n" not in failure


def test_missing_file_and_directory_fail_with_one_line(tmp_path: Path) -> None:
    assert run(str(tmp_path / "none.json"))[1] == f"{tmp_path}/none.json: No such file or directory"
    assert run(str(tmp_path))[1] == f"{tmp_path}: Is a directory"
