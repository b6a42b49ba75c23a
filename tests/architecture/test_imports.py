"""Imports go one way: the contracts of pyproject.toml, held by the suite, too."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_import_contracts_are_kept(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-logo", "--cache-dir", str(tmp_path)]
    answer = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout
