"""Without uv, pip gets exactly what uv.lock names for this interpreter."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distributions

from tests.stack.running import ROOT


def required(*options: str) -> dict[str, str]:
    """The requirements as the script prints them: version by name."""
    command = [sys.executable, "-I", "config/stack/bootstrap.py", "--requirements", *options]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [re.match(r"(\S+)==(\S+) --hash=sha256:", line) for line in answer.stdout.splitlines()]
    return {found[1]: found[2] for found in lines if found}


def installed() -> dict[str, str]:
    return {
        re.sub("[-_.]+", "-", found.name).lower(): found.version
        for found in distributions()
        if "site-packages" in str(found.locate_file(""))
    }


def test_requirements_are_what_is_installed() -> None:
    wanted = required()
    brought_by_venv = {"pip", "setuptools"} - wanted.keys()
    found = {name: version for name, version in installed().items() if name not in brought_by_venv}
    assert wanted == found


def test_runtime_requirements_leave_out_what_only_tests_need() -> None:
    runtime, everything = required("--runtime"), required()
    assert runtime.items() < everything.items()
    assert {"pytest", "mypy", "ruff", "playwright"}.isdisjoint(runtime)
    assert {"django", "celery", "granian", "psycopg-binary"} < set(runtime)
