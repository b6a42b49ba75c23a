"""What a process of tests did before its first page holds up nobody who comes after."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.stack.running import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_world_kept_before_the_first_page_is_left() -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"),
            "tests/test_worlds.py::test_who_asks_for_another_finds_that_alone",
            "tests/browser/test_brands.py::test_a_survey_has_its_brands_colours[light-en]",
            "tests/test_worlds.py::test_who_asks_for_another_finds_that_alone",
        ],
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert run.returncode == 0, run.stdout[-5000:]
