"""Puts defects into a copy of the repository, one after the other, and asks the suite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tests.defects.kinds import ROOT, Defect, broken_texts
from tests.services import provide

# What pytest returns (its `ExitCode`): only failed tests have noticed anything.
_PASSED: Final = 0
_FAILED: Final = 1
#: A defect may make tests wait for what never comes.
LONGEST_SECONDS: Final = 100

Verdict = Literal["caught", "hangs", "survived", "not tried"]


@dataclass(frozen=True)
class Tried:
    """What became of a defect. `by` is the first test that failed; one that hangs is caught, for
    nobody would merge it."""

    defect: Defect
    verdict: Verdict
    by: str
    seconds: float

    @property
    def is_caught(self) -> bool:
        return self.verdict in ("caught", "hangs")


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the files that git knows, as they are in the tree; the tree stays untouched."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="stabledoor-defects-") as folder:
        copy = Path(folder) / "stabledoor"
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        yield copy


def start_services() -> None:
    """PostgreSQL and Redis once, for all runs: those the environment names, else our own."""
    provide()


def passes(copy: Path, selection: Sequence[str]) -> tuple[bool, str]:
    """Whether these tests pass on the code as it is; a defect is not caught by a test that fails
    anyway."""
    code, said = _run_tests(copy, sorted(set(selection)), is_fresh=True, seconds=1200)
    return code == _PASSED, said


def attempt(copy: Path, one: Defect) -> Tried:
    """Break the copy, ask the tests, mend it again."""
    texts = broken_texts(one, copy)
    whole = {path: (copy / path).read_text(encoding="utf-8") for path in texts}
    started = time.monotonic()
    try:
        for path, text in texts.items():
            (copy / path).write_text(text, encoding="utf-8")
        code, said = _run_tests(copy, one.noticed_by)
    finally:
        for path, text in whole.items():
            (copy / path).write_text(text, encoding="utf-8")
    verdict: Verdict = "not tried"
    if code is None:
        verdict = "hangs"
    elif code in (_PASSED, _FAILED):
        verdict = "survived" if code == _PASSED else "caught"
    by = next((line for line in said.splitlines() if line.startswith("FAILED ")), "")
    shown = by.removeprefix("FAILED ").partition(" - ")[0] if by else said.strip()[-300:]
    return Tried(one, verdict, shown if verdict != "survived" else "", time.monotonic() - started)


def _run_tests(
    copy: Path,
    selection: Sequence[str],
    *,
    is_fresh: bool = False,
    seconds: float = LONGEST_SECONDS,
) -> tuple[int | None, str]:
    """pytest in the copy; None where it did not come to an end. The database of the last run is
    used on: making it takes longer than most selections."""
    command = [
        *(
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "--no-header",
            "--tb=no",
            "-p",
            "no:cacheprovider",
        ),
        *(["--create-db"] if is_fresh else ["--reuse-db"]),
        *selection,
    ]
    environ = {
        name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
    }
    process = subprocess.Popen(
        command, cwd=copy, env=environ, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        _forget_database(copy, environ)
        return None, f"no end after {seconds:.0f} s"
    return process.returncode, said


def _forget_database(copy: Path, environ: dict[str, str]) -> None:
    """A run that was killed left rows behind: the next one makes the database anew."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--create-db", "-p", "no:cacheprovider",
         "tests/surveys/services/test_keys.py"],
        cwd=copy, env=environ, check=False, capture_output=True, timeout=LONGEST_SECONDS,
    )  # fmt: skip
