"""Cases from CSV files."""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from surveys.models import Case, CaseEvent, Invitation, Resolution
from surveys.services import importing
from surveys.services.importing import Counts, case_taker, rejected_path, run
from surveys.services.importing_csv import (
    CASE_COLUMNS,
    CsvFile,
    UnreadableFileError,
    count_lines,
    read_mapping,
)
from surveys.services.publishing import ensure_defaults
from tests.surveys.services.told import NOW, dump

REAL = Path(__file__).parents[4] / "shared" / "data"
HEADER = "external_id,status,resolved_at,customer_email,subject,tags\n"


@pytest.fixture
def path(tmp_path: Path, db: None) -> Path:
    ensure_defaults()
    return tmp_path / "cases.csv"


def _import(
    path: Path, mapping: dict[str, Any] | None = None, *, history: bool = False, **options: Any
) -> Counts:
    sources = None
    if mapping is not None:
        file = path.with_suffix(".json")
        file.write_text(json.dumps(mapping))
        sources = read_mapping(file, CASE_COLUMNS)
    count_lines(path)
    take = case_taker("csv", NOW, is_history=history)
    return run(CsvFile(path, sources, CASE_COLUMNS), take, NOW, **options)


def _counts(counts: Counts) -> tuple[int, ...]:
    names = ("read", "created", "updated", "unchanged", "rejected")
    return tuple(getattr(counts, name) for name in names)


def test_import_again_changes_nothing(path: Path) -> None:
    path.write_text(HEADER + '1,resolved,2026-11-20,a@example.com,"No, signal",a|b\n')
    assert _counts(_import(path)) == (1, 1, 0, 0, 0)
    before = dump()
    assert _counts(_import(path)) == (1, 0, 0, 1, 0)
    assert dump() == before
    case = Case.objects.get()
    assert (case.subject, case.tags, case.source) == ("No, signal", ["a", "b"], "csv")
    assert Resolution.objects.get().resolved_at.isoformat() == "2026-11-20T00:00:00+00:00"


def test_import_takes_semicolons_a_mark_of_order_and_crlf(path: Path) -> None:
    text = 'external_id;status;resolved_at;subject\r\n1;Resolved;2026-11-20 10:00;"a;b"\r\n\r\n'
    path.write_text("\ufeff" + text, newline="")
    assert _counts(_import(path)) == (1, 1, 0, 0, 0)
    assert Case.objects.get().subject == "a;b"


def test_import_rejects_rows_with_line_and_reason(path: Path) -> None:
    rows = (
        "1,resolved,2026-11-20,a@example.com,,\n2,resolved,20.11.2026,,,\n3,resolved\n4,x,,no,,\n"
    )
    path.write_text(HEADER + rows)
    counts = _import(path)
    assert _counts(counts) == (4, 1, 0, 0, 3)
    assert rejected_path(path).read_text().splitlines() == [
        "line,reason," + HEADER.strip(),
        (
            "3,\"resolved_at is not a date or time ('20.11.2026'); write it as 2026-11-20 or "
            '2026-11-20T14:30:00Z, or give its format in the mapping",2,resolved,20.11.2026,,,'
        ),
        "4,has 2 cells where the header has 6,3,resolved",
        (
            '5,"status is none of open, resolved, reopened; '
            'customer_email is not an e-mail address",4,x,,no,,'
        ),
    ]
    path.write_text(HEADER)
    _import(path)
    assert not rejected_path(path).exists()


def test_import_dry_run_says_the_same_and_stores_nothing(path: Path) -> None:
    path.write_text(
        HEADER
        + "1,resolved,2026-11-20,a@example.com,,\n2,resolved,2024-01-01,b@example.com,,\n3,x,,,,\n"
    )
    dry = _import(path, dry=True)
    assert not Case.objects.exists()
    assert not rejected_path(path).exists()
    assert _import(path).as_json() == dry.as_json()
    assert (dry.invitations, dry.invitations_over_30_days) == (2, 1)


def test_import_history_plans_nothing(path: Path) -> None:
    path.write_text(HEADER + "1,resolved,2026-11-20,a@example.com,,\n")
    assert _import(path, history=True).invitations == 0
    assert Invitation.objects.get().reason == "Imported as history"


def test_import_maps_their_columns(path: Path) -> None:
    path.write_text("Nr,Zustand,Erledigt,Kunde\n7,zu,31.12.2025,\n8,offen,,C@Example.com\n")
    mapping = {
        "external_id": {"header": "Nr", "prefix": "t-", "suffix": "/x"},
        "status": {"header": "Zustand", "map": {"zu": "resolved", "offen": "open"}},
        "resolved_at": {"header": "Erledigt", "format": "%d.%m.%Y"},
        "customer_email": {"header": "Kunde", "default": "nobody@example.com"},
        "severity": {"row_number": True},
        "channel": {"default": "phone"},
    }
    assert _counts(_import(path, mapping)) == (2, 2, 0, 0, 0)
    found = Case.objects.order_by("external_id").values_list(
        "external_id", "status", "customer__email", "severity"
    )
    assert list(found) == [
        ("t-7/x", "resolved", "nobody@example.com", "1"),
        ("t-8/x", "open", "c@example.com", "2"),
    ]
    assert Resolution.objects.get().channel == "phone"


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"extrenal_id": "a"}, "no column 'extrenal_id' of ours \\(did you mean 'external_id'"),
        ({"external_id": "Statsu"}, "did you mean 'status'"),
        ({"external_id": 5}, "must be a header or an object"),
        ({"external_id": {"heder": "a"}}, "has 'heder'; known are"),
        ({"external_id": {"prefix": "a"}}, "needs 'header', 'row_number' or 'default'"),
        ({"external_id": {"header": "a", "row_number": True}}, "keep one"),
        ({"external_id": {"header": "a", "map": []}}, "'map' must be an object of texts"),
        ({"external_id": {"default": 5}}, "'default' must be text"),
    ],
)
def test_import_says_what_is_wrong_with_a_mapping(
    path: Path, mapping: dict[str, Any], words: str
) -> None:
    path.write_text(HEADER)
    with pytest.raises(UnreadableFileError, match=words):
        _import(path, mapping)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "has no column external_id, status, resolved_at"),
        (HEADER.encode() + b"1,r\xe9solved,2026-11-20,,,\n", "is not UTF-8 .* iconv"),
        (HEADER.encode() + b"1,resolved\x00,2026-11-20,,,\n", "is not a text file"),
        (b"\x89PNG\r\n\x1a\n\x00", "is not"),
        (HEADER.encode() + b'1,"resolved,2026-11-20,,,\n', "line 2: .* quotation mark"),
        (b"external_id,status,status,resolved_at\n", "two columns 'status'"),
    ],
)
def test_import_says_what_would_mend_a_file(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=words):
        _import(path)
    assert not Case.objects.exists()


LONG = "x" * 1_200_000
GOOD = "9,resolved,2026-11-20,,,\n"


@pytest.mark.parametrize(
    ("row", "n_lines"),
    [
        (f"1,resolved,2026-11-20,,{LONG},\n", 1),
        (f'1,resolved,2026-11-20,,"{LONG}",\n', 1),
        (f'1,resolved,2026-11-20,,"a\n"",\n{LONG}\nb, ""c""",\n', 4),
        (f'1,resolved,2026-11-20,,"{(LONG[:99] + chr(10)) * 12_000}",""\r\n', 12_001),
        (f'1,resolved,2026-11-20,,5" {LONG},"{LONG}"\n', 1),
        ("," * 1_200_000 + "\n", 1),
    ],
)
def test_import_rejects_an_overlong_row_alone(path: Path, row: str, n_lines: int) -> None:
    path.write_text(HEADER + "8,resolved,2026-11-20,,,\n" + row + GOOD + "7,x,,,,\n", newline="")
    counts = _import(path)
    assert _counts(counts) == (4, 2, 0, 0, 2)
    assert set(Case.objects.values_list("external_id", flat=True)) == {"8", "9"}
    overlong, after = counts.examples
    assert overlong[0] == 3
    assert overlong[1].startswith("is longer than 1,000,000 characters and not repeated here; ")
    assert overlong[1].endswith(f"(it ends on line {2 + n_lines})") == (n_lines > 1)
    assert after[0] == 4 + n_lines
    assert rejected_path(path).stat().st_size < 500


@pytest.mark.parametrize("end", ['"', '",', "", "\n"])
def test_import_rejects_an_overlong_last_row(path: Path, end: str) -> None:
    start = '1,resolved,2026-11-20,,,"' if '"' in end else "1,resolved,2026-11-20,,,"
    path.write_text(HEADER + GOOD + start + LONG + end)
    assert _counts(_import(path)) == (2, 1, 0, 0, 1)


@pytest.mark.parametrize("rest", ["", f'{GOOD}5,resolved,2026-11-20,,"a, b",\n'])
def test_import_ends_where_a_quotation_mark_swallows_the_rest(path: Path, rest: str) -> None:
    path.write_text(f'{HEADER}{GOOD}1,resolved,2026-11-20,,"a,\n{GOOD * 50_000}{rest}')
    with pytest.raises(UnreadableFileError, match=r"line 3: .*never closed; is"):
        _import(path)


def test_import_says_that_a_header_is_overlong(path: Path) -> None:
    path.write_text(HEADER.strip() + "," + LONG + "\n" + GOOD)
    with pytest.raises(UnreadableFileError, match=r"header: is longer than 1,000,000 characters"):
        _import(path)


def test_long_rows_come_in_smaller_batches(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH_CHARACTERS", 1_000)
    path.write_text(
        HEADER + "".join(f"{n},resolved,2026-11-20,,{'x' * (9, 400)[n > 3]},\n" for n in range(8))
    )
    batches: list[int] = []
    _import(path, progress=batches.append)
    assert batches == [7, 1]


def test_overlong_rows_keep_memory_bounded(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write(HEADER)
        for n in range(12):
            file.write(f'{n},resolved,2026-11-20,,"')
            for _ in range(5):
                file.write("x" * 1_000_000)
            file.write('",\n')
    tracemalloc.start()
    assert [row.line for row in CsvFile(path, None, CASE_COLUMNS)] == list(range(2, 14))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


@pytest.mark.django_db(transaction=True)
def test_import_killed_halfway_converges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_defaults()
    path = tmp_path / "cases.csv"
    path.write_text(
        HEADER
        + "".join(
            f"{n},resolved,2026-11-{n % 20 + 1:02},c{n % 9}@example.com,,\n" for n in range(50)
        )
    )
    monkeypatch.setattr(importing, "BATCH", 20)

    def killed(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _import(path, progress=killed)
    assert Case.objects.count() == 20
    assert _counts(_import(path)) == (50, 30, 0, 20, 0)
    assert [m.objects.count() for m in (CaseEvent, Resolution, Invitation)] == [50, 50, 50]


def test_reading_a_file_keeps_memory_flat(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text(
        HEADER
        + "".join(f"{n},resolved,2026-11-20,c{n}@example.com,{'x' * 200},\n" for n in range(50_000))
    )
    count_lines(path)
    file = CsvFile(path, None, CASE_COLUMNS)
    tracemalloc.start()
    assert sum(1 for _ in file) == 50_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data is not beside this checkout")
def test_import_real_complaints(path: Path) -> None:
    path.write_bytes((REAL / "cfpb_complaints.csv").read_bytes())
    mapping = json.loads((REAL / "cfpb_mapping.json").read_text())
    assert _counts(_import(path, mapping)) == (3186, 3186, 0, 0, 0)
    assert Resolution.objects.count() == 3183
    assert _counts(_import(path, mapping)) == (3186, 0, 0, 3186, 0)


FORMULAS = ("=1+1", "+49 30 1", "-x", "@x", "\tx", "'=x", "' =x", "'x", "plain")


def test_file_of_rejected_rows_holds_no_formula_and_is_read_as_the_original(path: Path) -> None:
    header = "external_id,status,resolved_at,=header,subject\r\n"
    lines = [f'{n},x,2026-11-20,own,"{text}"\r\n' for n, text in enumerate(FORMULAS)]
    path.write_text(header + "".join(lines), newline="")
    assert _import(path).rejected == len(FORMULAS)
    rejected = rejected_path(path)
    with rejected.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if unguarded_formula(cell)]
    # Rejected once more it is guarded once more, not twice.
    again = rejected.rename(path.with_name("again.csv"))
    assert _import(again).rejected == len(FORMULAS)
    assert rejected_path(again).read_text() == again.read_text()
    assert CsvFile(again, None, CASE_COLUMNS).header == header.strip().split(",")
    again.write_text(again.read_text().replace(",x,2026", ",resolved,2026"))
    assert _counts(_import(again)) == (len(FORMULAS), len(FORMULAS), 0, 0, 0)
    stored = Case.objects.order_by("external_id").values_list("subject", flat=True)
    path.write_text(path.read_text().replace(",x,2026", ",resolved,2026"))
    assert _counts(_import(path)) == (len(FORMULAS), 0, 0, len(FORMULAS), 0)
    assert list(stored) == [text.strip() for text in FORMULAS]


def unguarded_formula(cell: str) -> bool:
    return cell[:1] in {"=", "+", "-", "@", "\t"}


def test_rejected_rows_keep_the_number_that_a_mapping_makes_an_id_of(path: Path) -> None:
    mapping = {"external_id": {"row_number": True, "prefix": "r"}, "cause": "reason"}
    head = "status,resolved_at,reason\n"
    path.write_text(f"{head}resolved,2026-11-20,a\nx,2026-11-20,b\n\nx,2026-11-20,c\n")
    assert _import(path, mapping).rejected == 2
    mended = rejected_path(path).rename(path.with_name("mended.csv"))
    mended.write_text(mended.read_text().replace("x,2026", "resolved,2026"))
    assert _counts(_import(mended, mapping)) == (2, 2, 0, 0, 0)
    assert set(Case.objects.values_list("external_id", flat=True)) == {"r1", "r2", "r3"}
