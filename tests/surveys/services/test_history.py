"""History from tools that asked one question: read, kept apart, erased."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from surveys.models import AnswerChange, Invitation, Response, UnseparatedRating
from surveys.services import history, history_files, importing, privacy
from surveys.services.history_tools import TOOLS
from surveys.services.importing_csv import Source, UnreadableFileError, count_lines
from surveys.services.tokens import email_hash
from tests.surveys.services.told import NOW, case, take

#: One composed export of each tool: as its columns are called, in an order of their own.
EXPORTS = {
    "delighted": (
        "Response ID,Survey type,Score,Comment,Person Email,Created at,Ticket ID,Plan\n"
        "d1,NPS,9,Quick,ann@customer.example,2025-03-01 09:00:00 UTC,77,gold\n"
        "d2,csat,3,,bob@customer.example,1741000000,78,\n"
        "d3,Stars,4,,,2025-03-02T09:00:00+01:00,,\n"
    ),
    "nicereply": (
        "\ufeffDate;Score;Scale;Agent;Ticket ID;Comment;Customer Email\n"
        "2025-03-01 08:00;8;10;Rosa;77;Quick;ann@customer.example\n"
        "2025-03-02 08:00;2 of 3;;Rosa;78;;bob@customer.example\n"
    ),
    "simplesat": (
        "Answer ID\tRating\tTeam member\tTicket ID\tCreated\tComment\tCustomer email\n"
        "s1\tPositive\tRosa\t77\tMar 1, 2025 8:00 AM\tQuick\tann@customer.example\n"
        "s2\tNegative\tOmar\t78\t2 March 2025\t\tbob@customer.example\n"
    ),
    "zendesk": (
        "Ticket ID,Ticket satisfaction rating,Ticket satisfaction comment,Assignee name,"
        "Ticket group,Requester email,Updated at\n"
        "77,Good,Quick,Rosa,Billing,ann@customer.example,2025-03-01T08:00:00Z\n"
        "78,Unoffered,,Omar,Billing,bob@customer.example,2025-03-01T08:00:00Z\n"
        "79,Bad,,Omar,Billing,bob@customer.example,2025-03-02T08:00:00Z\n"
        "80,3,,Omar,Billing,bob@customer.example,2025-03-03T08:00:00Z\n"
    ),
    "chatwoot": (
        "Agent Name,Rating,Feedback Comment,Contact Name,Contact Email Address,"
        "Contact Phone Number,Link to the conversation,Recorded date\n"
        "\n"
        "Rosa (rosa@company.example),5,Quick,Ann,ann@customer.example,+4930901820,"
        "https://chat.example/app/accounts/1/conversations/77,2025-03-01 08:00:00 UTC\n"
        "\n"
        "Reporting period Sat 01 Mar 2025 to Sun 02 Mar 2025\n"
    ),
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path, db: None) -> Path:
    return tmp_path / "export.csv"


def _import(path: Path, tool: str, text: str | None = None, **more: Any) -> history.HistoryCounts:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    mapping = more.pop("mapping", None)
    file = history_files.opened(path, TOOLS[tool], mapping)
    taker = history.rating_taker(history.Reading(TOOLS[tool], **more), NOW)
    counts = history.HistoryCounts()
    importing.run(file, taker, NOW, counts=counts)
    return counts


def _outcomes(counts: history.HistoryCounts) -> tuple[int, ...]:
    return counts.created, counts.updated, counts.unchanged, counts.rejected, counts.unrated


def _stored() -> list[dict[str, Any]]:
    rows = UnseparatedRating.objects.order_by("tool", "external_id").values()
    return [{n: v for n, v in row.items() if n not in ("id", "imported_at")} for row in rows]


@pytest.mark.parametrize(
    ("tool", "outcomes", "read"),
    [
        ("delighted", (3, 0, 0, 0, 0),
         [("0-10", 0.9, True), ("1-5", 0.5, False), ("1-5", 0.75, True)]),
        ("nicereply", (2, 0, 0, 0, 0), [("1-10", 7 / 9, False), ("1-3", 0.5, False)]),
        ("simplesat", (2, 0, 0, 0, 0), [("1-3", 1.0, True), ("1-3", 0.0, False)]),
        ("zendesk", (3, 0, 0, 0, 1),
         [("good-bad", 1.0, True), ("good-bad", 0.0, False), ("1-5", 0.5, False)]),
        ("chatwoot", (1, 0, 0, 0, 1), [("1-5", 1.0, True)]),
    ],
)  # fmt: skip
def test_export_of_each_tool_is_read_on_its_own_scale_and_again_changes_nothing(
    path: Path, tool: str, outcomes: tuple[int, ...], read: list[tuple[str, float, bool]]
) -> None:
    assert _outcomes(_import(path, tool, EXPORTS[tool])) == outcomes
    found = UnseparatedRating.objects.order_by("answered_at", "pk")
    assert sorted((r.scale, round(r.position, 9), r.top2) for r in found) == sorted(
        (scale, round(position, 9), top2) for scale, position, top2 in read
    )
    first = next(r for r in found if r.comment)
    assert (first.comment, first.email_hash) == ("Quick", email_hash("ann@customer.example"))
    before = _stored()
    created, _, _, rejected, unrated = outcomes
    assert _outcomes(_import(path, tool)) == (0, 0, created, rejected, unrated)
    assert _stored() == before
    # Nothing that a report of ours counts came to be.
    counted = Response, Invitation, AnswerChange
    assert [model.objects.count() for model in counted] == [0, 0, 0]


def test_times_are_read_in_the_zone_that_is_told(path: Path) -> None:
    _import(path, "nicereply", EXPORTS["nicereply"], zone=ZoneInfo("Europe/Berlin"))
    assert UnseparatedRating.objects.earliest("answered_at").answered_at == datetime(
        2025, 3, 1, 7, tzinfo=UTC
    )


def test_headers_in_any_case_and_a_file_in_utf_16_are_read(path: Path) -> None:
    header, line, rest = EXPORTS["zendesk"].partition("\n")
    path.write_text(header.swapcase() + line + rest, encoding="utf-16")
    assert _outcomes(_import(path, "zendesk")) == (3, 0, 0, 0, 1)


def test_missing_columns_are_named_with_the_headers_looked_for(path: Path) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        _import(path, "delighted", "Score,Comment\n5,fine\n")
    words = str(refused.value)
    assert "answered_at (under 'created at'" in words
    assert "It has: Score, Comment" in words


def test_mapping_names_what_an_export_calls_otherwise(path: Path) -> None:
    text = "When,Score,Metric\n21/04/2025,5,csat\n"
    mapping = {"answered_at": Source(header="When", format="%d/%m/%Y")}
    assert _outcomes(_import(path, "delighted", text, mapping=mapping)) == (1, 0, 0, 0, 0)
    assert UnseparatedRating.objects.get().answered_at == datetime(2025, 4, 21, tzinfo=UTC)


HEADER = "Response ID,Survey type,Score,Comment,Person Email,Created at,Ticket ID\n"
LINE = "r1,csat,5,Fine,ann@customer.example,2025-03-01T08:00:00Z,77\n"
TIME, EARLY = "2025-03-01T08:00:00Z", "0001-01-01T00:00:00+23:59"
WHEN = "write it as 2026-11-20T14:30:00Z, or give its format in a mapping"
OTHER = "which is not how satisfied somebody is"
SCALES = "good-bad, 1-2, 1-3, 1-5, 1-7, 1-10, 0-10"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (",5,", ",6,", "rating is no rating on the scale 1-5 ('6')"),
        (",5,", ",0,", "rating is no rating on the scale 1-5 ('0')"),
        (",5,", ",five,", "rating is no rating on the scale 1-5 ('five')"),
        (",5,", ",٥,", "rating is no rating on the scale 1-5 ('٥')"),
        (",5,", f",{'9' * 24},", f"rating is no rating on the scale 1-5 ('{'9' * 24}')"),
        ("csat,5", ",5", f"scale is not said by the file; give --scale (one of {SCALES})"),
        ("csat", "CES", f"scale asks how much effort it took, {OTHER}"),
        (TIME, "03/04/2025", f"answered_at is no date or time ('03/04/2025'); {WHEN}"),
        (TIME, "2025-02-30", f"answered_at is no date or time ('2025-02-30'); {WHEN}"),
        ("2025-03-01", "1995-03-01", "answered_at is no time between the year 2000 and now"),
        ("2025-03-01", "2035-03-01", "answered_at is no time between the year 2000 and now"),
        (TIME, EARLY, f"answered_at is no date or time ({EARLY!r}); {WHEN}"),
        (",Fine", ",Fine,more", "has 8 cells where the header has 7"),
    ],
)  # fmt: skip
def test_what_is_no_rating_is_rejected_with_its_reason(
    path: Path, old: str, new: str, reason: str
) -> None:
    counts = _import(path, "delighted", HEADER + LINE.replace(old, new, 1))
    assert counts.examples == [(2, reason)]
    assert not UnseparatedRating.objects.exists()


def test_file_with_nul_or_a_row_without_end_stores_nothing_of_it(path: Path) -> None:
    path.write_bytes((HEADER + LINE).encode() + b"\x00")
    with pytest.raises(UnreadableFileError, match="NUL at byte"):
        count_lines(path)
    long = LINE.replace("Fine", "x" * 1_000_001)
    assert _outcomes(_import(path, "delighted", HEADER + long + LINE)) == (1, 0, 0, 1, 0)


def test_formula_in_a_comment_leaves_no_formula_in_the_file_of_rejected_rows(path: Path) -> None:
    formula = '=HYPERLINK("http://evil.example")'
    line = LINE.replace("Fine", '"' + formula.replace('"', '""') + '"')
    _import(path, "delighted", HEADER + line.replace(",5,", ",9,"))
    rejected = importing.rejected_path(path)
    with rejected.open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))[1]
    assert cells[5] == "'" + formula
    mended = rejected.read_text(encoding="utf-8").replace("csat,9", "csat,5")
    assert _outcomes(_import(path, "delighted", mended)) == (1, 0, 0, 0, 0)
    assert UnseparatedRating.objects.get().comment == formula


def test_ratings_in_any_order_cut_anywhere_and_read_again_end_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ratings that were changed later, twice in one file, or in two files."""
    chance = random.Random(6)
    ids = [f"r{n}" for n in range(6)]
    lines = [
        LINE.replace("r1", chance.choice(ids), 1)
        .replace(",5,", f",{chance.randint(1, 5)},", 1)
        .replace("03-01", f"03-0{chance.randint(1, 3)}", 1)
        for _ in range(24)
    ]
    ends = []
    for turn in range(6):
        UnseparatedRating.objects.all().delete()
        chance.shuffle(lines)
        monkeypatch.setattr(importing, "BATCH", chance.choice([1, 2, 5, 100]))
        cut = chance.randrange(len(lines)) if turn else 0
        _import(path, "delighted", HEADER + "".join(lines[:cut]))
        _import(path, "delighted", HEADER + "".join(lines))
        _import(path, "delighted")
        ends.append(_stored())
    assert all(end == ends[0] for end in ends)
    newest: dict[str, str] = {}
    for line in lines:
        cells = line.split(",")
        newest[cells[0]] = max(newest.get(cells[0], ""), cells[5])
    assert {row["external_id"]: row["answered_at"].isoformat() for row in ends[0]} == {
        name: at.replace("Z", "+00:00").strip() for name, at in newest.items()
    }


def _told_case() -> None:
    take(
        case(
            source="desk", external_id="77", resolved_at="2025-02-28T08:00:00Z",
            customer={"email": "ann@customer.example"}, team="Billing", product="Fibre",
            cause="wrong-charge", channel="phone",
            agents=[{"external_id": "a7", "name": "Rosa"}],
        )
    )  # fmt: skip


def test_ticket_of_a_known_case_takes_what_the_case_was_about(path: Path) -> None:
    assert _outcomes(_import(path, "delighted", HEADER + LINE, source="desk"))[0] == 1
    assert UnseparatedRating.objects.get().case is None
    _told_case()
    assert _outcomes(_import(path, "delighted", source="desk")) == (0, 1, 0, 0, 0)
    rating = UnseparatedRating.objects.select_related("case").get()
    assert rating.case is not None
    about = rating.agent, rating.team, rating.product, rating.cause, rating.channel
    assert about == ("Rosa", "Billing", "Fibre", "wrong-charge", "phone")
    assert _outcomes(_import(path, "delighted", source="desk")) == (0, 0, 1, 0, 0)


@pytest.mark.parametrize("email", ["ann@customer.example", ""])
def test_erasing_a_customer_deletes_their_ratings_and_none_comes_back(
    path: Path, email: str
) -> None:
    _told_case()
    mine = LINE.replace("ann@customer.example", email)
    other = LINE.replace("r1", "r2").replace("ann@", "bob@").replace(",77", ",78")
    _import(path, "delighted", HEADER + mine + other, source="desk")
    assert privacy.erase("ann@customer.example", NOW, dry=True).ratings == 1
    assert UnseparatedRating.objects.count() == 2
    assert privacy.erase("ann@customer.example", NOW).ratings == 1
    assert UnseparatedRating.objects.get().external_id == "r2"
    counts = _import(path, "delighted", source="desk")
    assert counts.examples == [(2, "is of a customer who was erased on request")]
    assert UnseparatedRating.objects.count() == 1


def test_erasing_reaches_who_is_known_by_a_number_alone(path: Path) -> None:
    text = EXPORTS["chatwoot"].replace("ann@customer.example", "")
    _import(path, "chatwoot", text)
    assert privacy.erase("+4930901820", NOW).ratings == 1
    assert _import(path, "chatwoot", text).rejected == 1
