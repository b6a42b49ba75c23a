"""`import_responses --from`: what it prints, refuses, undoes, and that a kill costs nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from surveys.models import UnseparatedRating
from tests.faults import databases

HEADER = "Response ID,Survey type,Score,Comment,Created at\n"
LINES = [f"r{n},csat,{1 + n % 5},word {n},2025-03-0{1 + n % 7}T08:00:00Z\n" for n in range(12)]
COUNTS = {"read": 12, "created": 12, "updated": 0, "unchanged": 0, "rejected": 0, "unrated": 0}


def run(*args: object) -> tuple[str, str]:
    """A command's output and errors."""
    out, err = StringIO(), StringIO()
    call_command(*map(str, args), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(HEADER + "".join(LINES))
    return path


def _counted(path: Path, *more: str) -> dict[str, Any]:
    printed = run("import_responses", path, "--from", "delighted", "--json", *more)[0]
    return {name: n for name, n in json.loads(printed).items() if name in COUNTS}


@pytest.mark.django_db
def test_import_from_a_tool_counts_and_a_dry_run_stores_nothing(path: Path) -> None:
    assert _counted(path, "--dry-run") == COUNTS
    assert not UnseparatedRating.objects.exists()
    printed = run("import_responses", path, "--from", "delighted")[0]
    assert printed == "12 read, 12 created, 0 updated, 0 unchanged, 0 rejected, 0 unrated\n"
    assert _counted(path) == COUNTS | {"created": 0, "unchanged": 12}


@pytest.mark.django_db
def test_import_is_removed_by_tool_or_by_its_moment(path: Path) -> None:
    run("import_responses", path, "--from", "delighted")
    assert run("import_responses", "--remove", "delighted", "--dry-run")[0] == (
        "12 would be removed\n"
    )
    with pytest.raises(CommandError, match="no such import of delighted; there is delighted of"):
        run("import_responses", "--remove", "delighted", "--imported-at", "2020-01-01")
    with pytest.raises(CommandError, match="--remove takes neither a file nor --from"):
        run("import_responses", path, "--remove", "delighted")
    at = UnseparatedRating.objects.values_list("imported_at", flat=True)[0].isoformat()
    printed = run("import_responses", "--remove", "delighted", "--imported-at", at, "--json")[0]
    assert json.loads(printed) == {"removed": 12, "dry_run": False}
    assert not UnseparatedRating.objects.exists()
    with pytest.raises(CommandError, match="give the CSV file, or --remove TOOL"):
        run("import_responses")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("Score,When\n5,2025-03-01\n", ("--from", "delighted"), "no column for answered_at"),
        ("Rating,Date\n5,2025-03-01\n", ("--from", "nicereply"), "not one row could be taken"),
        (HEADER, ("--from", "delighted", "--timezone", "Moon"), "'Moon' is no time zone"),
        (HEADER, ("--scale", "1-5"), "--scale, --timezone and --replace belong to --from"),
        (HEADER, ("--from", "surveytool"), "invalid choice: 'surveytool'"),
        ("", ("--from", "delighted"), "is empty"),
    ],
)
def test_import_from_a_tool_refuses_in_one_line(
    path: Path, text: str, arguments: tuple[str, ...], words: str
) -> None:
    path.write_text(text)
    with pytest.raises(CommandError, match=words):
        run("import_responses", path, *arguments)
    assert not UnseparatedRating.objects.exists()


@pytest.mark.django_db
def test_scale_that_the_file_lacks_is_told_on_the_command_line(path: Path) -> None:
    path.write_text("Rating,Date,Comment\n4,2025-03-01,fine\n")
    run("import_responses", path, "--from", "nicereply", "--scale", "1-5")
    rating = UnseparatedRating.objects.get()
    assert (rating.scale, rating.position, rating.top2) == ("1-5", 0.75, True)
    again = ("import_responses", path, "--from", "nicereply", "--scale", "1-10")
    run(*again)
    run(*again, "--replace")
    assert UnseparatedRating.objects.get().scale == "1-10"
    printed = run(*again, "--replace")[0]
    assert printed == "1 read, 0 created, 0 updated, 1 unchanged, 0 rejected, 0 unrated\n"


#: Imports in batches of two and kills itself, as `kill -9` would, before the given statement.
DOOMED = """
import sys
import django
django.setup()
from django.core.management import call_command
from surveys.services import importing
from tests.faults.steps import Steps
importing.BATCH = 2
steps = Steps(int(sys.argv[2]))
steps.watch()
call_command("import_responses", sys.argv[1], "--from", "delighted", "--json")
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", [7, 12])
def test_import_killed_halfway_and_started_again_has_every_rating_once(
    path: Path, step: int
) -> None:
    env = os.environ | {
        "DATABASE_URL": databases.url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "a-key-of-a-test-that-protects-nothing-at-all-whatsoever",
    }
    command = [sys.executable, "-c", DOOMED, str(path), str(step)]
    killed = subprocess.run(command, env=env, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -9, killed.stderr.decode()
    stored = UnseparatedRating.objects.count()
    assert 0 < stored < 12
    assert stored % 2 == 0
    assert _counted(path) == COUNTS | {"created": 12 - stored, "unchanged": stored}
    assert UnseparatedRating.objects.count() == 12
