"""A run that is ended from outside names the tests that it ended."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 60
_TESTS = """
import pathlib, time

def test_short():
    pass

def test_endless():
    pathlib.Path("begun").touch()
    time.sleep(600)
"""


@pytest.mark.parametrize("processes", [0, 2])
def test_whoever_ends_a_run_is_told_what_ran(tmp_path: Path, processes: int) -> None:
    (tmp_path / "test_it.py").write_text(_TESTS)
    (tmp_path / "pytest.ini").touch()
    command = (sys.executable, "-m", "pytest", "-p", "tests.still_running", "-n", str(processes))
    run = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ends_at = time.monotonic() + PATIENCE
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < ends_at
            time.sleep(0.05)
        time.sleep(0.2)  # the process that prints hears of it a moment later
        run.terminate()
        told, _ = run.communicate(timeout=PATIENCE)
    finally:
        run.kill()
    assert run.returncode == 143
    assert re.search(r"while these ran:\s+test_it.py::test_endless for \d+ s", told)
    assert "test_short for" not in told
