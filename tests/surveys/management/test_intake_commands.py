"""The commands of intake: what they print, and when they fail."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from surveys.models import ApiKey, Case, Customer
from surveys.services import keys
from surveys.services.publishing import ensure_defaults

pytestmark = pytest.mark.django_db
CASES = "external_id,status,resolved_at,customer_email\n1,resolved,2024-01-01,a@example.com\n"


def run(*args: object) -> tuple[str, str]:
    """A command's output and errors."""
    out, err = StringIO(), StringIO()
    call_command(*map(str, args), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ensure_defaults()
    path = tmp_path / "cases.csv"
    path.write_text(CASES)
    return path


def test_import_cases_prints_counts_and_what_is_planned(path: Path) -> None:
    assert run("import_cases", path) == (
        (
            "1 read, 1 created, 0 updated, 0 unchanged, 0 rejected\n"
            "1 surveys planned, 1 of them for cases resolved more than 30 days ago.\n"
        ),
        "",
    )


def test_import_cases_prints_json(path: Path) -> None:
    printed = json.loads(run("import_cases", path, "--json", "--source", "desk")[0])
    assert printed == {
        "read": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "invitations": 1,
        "invitations_over_30_days": 1,
        "dry_run": False,
    }
    assert Case.objects.get().source == "desk"


def test_import_cases_dry_run_stores_nothing_and_names_the_way_out(path: Path) -> None:
    out, _ = run("import_cases", path, "--dry-run")
    assert out.splitlines()[1:] == [
        "Dry run: nothing was stored.",
        "1 surveys would be planned, 1 of them for cases resolved more than 30 days ago.",
        "With --no-invitations nobody is written to.",
    ]
    assert not Case.objects.exists()


def test_import_cases_says_where_rejected_rows_are(path: Path) -> None:
    path.write_text(CASES + "2,solved,2024-01-01,\n")
    assert run("import_cases", path)[1] == (
        f"line 3: status is none of open, resolved, reopened\nRejected rows: {path}.rejected.csv\n"
    )


def test_import_cases_fails_where_no_row_could_be_taken(path: Path) -> None:
    path.write_text(CASES.replace("resolved,", "solved,"))
    with pytest.raises(CommandError, match="not one row could be taken"):
        run("import_cases", path)


def test_imports_fail_with_one_line_that_says_the_mend(path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run("import_cases", path.with_name("none.csv"))
    with pytest.raises(CommandError, match="No such file"):
        run("import_cases", path, "--mapping", path.with_name("none.json"))
    with pytest.raises(CommandError, match="has no column answered_at"):
        run("import_responses", path)


def test_import_responses_prints_counts(path: Path) -> None:
    lines = CASES.splitlines()
    path.write_text(f"{lines[0]},answered_at,F1\n{lines[1]},2024-01-02,4\n")
    expected = "1 read, 1 created, 0 updated, 0 unchanged, 0 rejected\n"
    assert run("import_responses", path) == (expected, "")


def test_create_api_key_prints_the_key_once() -> None:
    out, err = run("create_api_key", "desk", "--scope", "cases:write", "--scope", "cases:read")
    assert keys.find(out.strip()) == ApiKey.objects.get()
    assert err == "Keep it: it is shown this once.\n"
    printed = json.loads(run("create_api_key", "x", "--scope", "admin", "--json")[0])
    assert keys.find(printed["key"]) is not None
    with pytest.raises(CommandError, match="there is no scope 'all'"):
        run("create_api_key", "x", "--scope", "all")


def test_erase_customer_counts_and_refuses_what_is_no_address(path: Path) -> None:
    run("import_cases", path)
    dry = json.loads(run("erase_customer", "A@example.com", "--dry-run", "--json")[0])
    assert (dry["customers"], dry["dry_run"]) == (1, True)
    out, _ = run("erase_customer", "a@example.com")
    counts = "1 customers, 1 cases, 1 events, 1 invitations, 0 responses, 0 ratings"
    assert out == f"Erased: {counts}.\n"
    assert Customer.objects.get().email == ""
    assert "No customer has this address" in run("erase_customer", "a@example.com")[0]
    with pytest.raises(CommandError, match="is not an e-mail address"):
        run("erase_customer", "ada")
