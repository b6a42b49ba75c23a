"""Answers that another tool collected."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from surveys.models import AnswerChange, Delivery, Invitation, Policy, Response, ResponseRevision
from surveys.services import importing, importing_responses, privacy
from surveys.services.delivery_claims import Scope, claim
from surveys.services.importing import Counts, run
from surveys.services.importing_csv import CsvFile
from surveys.services.publishing import ensure_defaults
from tests.surveys.every_type import every_type, published
from tests.surveys.services.told import NOW, case, take

HEADER = "external_id,status,resolved_at,customer_email,answered_at,F1,F3,C1,C4,O2,fix_comment\n"
ROW = "1,resolved,2026-11-01,a@example.com,2026-11-02T10:00:00Z,5,1|3,4,6,2,Fine\n"


@pytest.fixture
def path(tmp_path: Path, db: None) -> Path:
    ensure_defaults()
    return tmp_path / "responses.csv"


def _import(path: Path, *rows: str) -> Counts:
    path.write_text(HEADER + "".join(rows))
    file = CsvFile(path, None, importing_responses.COLUMNS, importing_responses.NEEDED)
    return run(file, importing_responses.response_taker("csv", NOW), NOW)


def _outcomes(counts: Counts) -> tuple[int, ...]:
    return counts.created, counts.updated, counts.unchanged, counts.rejected


def test_import_responses_stores_answer_revision_and_note(path: Path) -> None:
    assert _outcomes(_import(path, ROW)) == (1, 0, 0, 0)
    response = Response.objects.get()
    answers = response.f1, response.f3, response.c1, response.c4, response.o2, response.o1
    assert answers == (5, [1, 3], 4, 6, 2, None)
    assert (response.fix_comment, response.completed_at) == ("Fine", response.answered_at)
    assert response.answered_at.isoformat() == "2026-11-02T10:00:00+00:00"
    assert ResponseRevision.objects.get().answers == {
        "F1": 5,
        "F3": [1, 3],
        "C1": 4,
        "C4": 6,
        "O2": 2,
        "fix_comment": "Fine",
    }
    assert AnswerChange.objects.get().response_id == response.pk
    invitation = Invitation.objects.get()
    assert (invitation.status, invitation.reason) == ("sent", "Imported history")
    assert invitation.version_id is not None
    assert not Delivery.objects.exists()


OWN_HEADER = HEADER.replace("fix_comment", "X1,X6,X7,X9,X10,X11")
OWN_ROW = "1,resolved,2026-11-01,a@x.example,2026-11-02,5,,4,,,3,1|2,short,-5,21.11.2025,old\n"


@pytest.fixture
def own_questions(path: Path) -> None:
    version = published(every_type())
    Policy.objects.update(questionnaire=version.questionnaire)


def _import_own(path: Path, *rows: str) -> Counts:
    path.write_text(OWN_HEADER + "".join(rows))
    file = CsvFile(path, None, importing_responses.all_columns(), importing_responses.NEEDED)
    return run(file, importing_responses.response_taker("csv", NOW), NOW)


@pytest.mark.usefixtures("own_questions")
def test_import_responses_takes_the_questionnaires_own_questions(path: Path) -> None:
    assert _outcomes(_import_own(path, OWN_ROW)) == (1, 0, 0, 0)
    own = {"X1": 3, "X6": [1, 2], "X7": "short", "X9": -5, "X10": "2025-11-21", "X11": "old"}
    assert Response.objects.get().extra == own
    assert ResponseRevision.objects.get().answers == {"F1": 5, "C1": 4, **own}
    assert _outcomes(_import_own(path, OWN_ROW)) == (0, 0, 1, 0)
    assert _outcomes(_import_own(path, OWN_ROW.replace("short", "other"))) == (0, 1, 0, 0)
    assert Response.objects.get().extra == own | {"X7": "other"}


@pytest.mark.usefixtures("own_questions")
@pytest.mark.parametrize(
    ("said", "wrong"), [(",3,1|2", ",6,1|2"), ("1|2", "1|4"), ("-5", "x"), ("21.11", "31.11")]
)
def test_import_responses_refuses_what_is_no_answer(path: Path, said: str, wrong: str) -> None:
    assert _outcomes(_import_own(path, OWN_ROW.replace(said, wrong))) == (0, 0, 0, 1)


def test_import_responses_again_changes_nothing_and_a_change_is_a_revision(path: Path) -> None:
    _import(path, ROW)
    assert _outcomes(_import(path, ROW)) == (0, 0, 1, 0)
    assert AnswerChange.objects.count() == 1
    assert _outcomes(_import(path, ROW.replace("Z,5,", "Z,2,"))) == (0, 1, 0, 0)
    response = Response.objects.get()
    assert (response.f1, response.n_revisions, AnswerChange.objects.count()) == (2, 2, 2)


def test_import_responses_takes_more_rows_than_one_statement_has_values(path: Path) -> None:
    n = 65_535 // (len(Response._meta.concrete_fields) - 1) + 1  # its id is made there
    rows = (ROW.replace("1,", f"{number},", 1) for number in range(n))
    assert _outcomes(_import(path, *rows)) == (n, 0, 0, 0)
    assert Response.objects.count() == n


def test_import_responses_keeps_nothing_of_a_batch(path: Path) -> None:
    """Not even in circles, which stay until they are looked for: once in millions of objects."""
    gc.collect()
    gc.disable()
    try:
        before = _held()  # by whoever ran here before
        _import(path, ROW, ROW.replace("1,", "2,", 1))
        kept = [type(one) for number, one in _held().items() if number not in before]
    finally:
        gc.enable()
    assert kept == []


def _held() -> dict[int, object]:
    """Every response and invitation that is in memory, by where it is."""
    # By type(): isinstance would have lazy objects look for what they stand for.
    return {id(one): one for one in gc.get_objects() if type(one) in (Response, Invitation)}


@pytest.mark.parametrize("size", [1, 2, 5_000])
def test_import_responses_keeps_what_a_file_says_first_however_often_it_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(importing, "BATCH", size)
    rows = ROW, ROW.replace("Z,5,", "Z,2,"), ROW
    assert _outcomes(_import(path, *rows)) == (1, 0, 1, 1)
    for _ in range(2):
        assert _outcomes(_import(path, *rows)) == (0, 0, 2, 1)
    response = Response.objects.get()
    assert (response.f1, response.n_revisions, AnswerChange.objects.count()) == (5, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Z,5,", "Z,6,", "F1 has no such option ('6')"),
        ("1|3", "5|1", "F3 has no such option ('5|1')"),
        (
            "2026-11-02T10:00:00Z",
            "2027-01-01",
            "answered_at is no time between the year 2000 and now",
        ),
        ("resolved,", "reopened,", "status must be resolved: only then was a survey answered"),
        ("5,1|3,4,6,2,Fine", ",,,,,", "has no answer to any item"),
    ],
)
def test_import_responses_rejects_with_a_reason(
    path: Path, old: str, new: str, reason: str
) -> None:
    counts = _import(path, ROW.replace(old, new))
    assert counts.examples == [(2, reason)]
    assert not Response.objects.exists()


def test_import_responses_takes_the_place_of_a_survey_not_sent_yet(path: Path) -> None:
    told = case(
        source="csv", resolved_at="2026-11-01T00:00:00Z", customer={"email": "a@example.com"}
    )
    take(told)
    assert _outcomes(_import(path, ROW)) == (1, 0, 0, 0)
    assert (Invitation.objects.get().status, Delivery.objects.count()) == ("sent", 0)


def test_who_answered_elsewhere_is_not_asked_about_another_case_planned_before(path: Path) -> None:
    take(case(customer={"email": "a@example.com"}))
    assert Invitation.objects.get().status == "scheduled"
    _import(path, ROW.replace("2026-11-02", "2026-11-20"))
    take(case(external_id="2", customer={"email": "a@example.com"}))
    assert claim(Scope(now=NOW), 10).mails == []
    found = Invitation.objects.order_by("pk").values_list("status", "reason")
    words = "Surveyed less than 30 days ago (on 20 November 2026)"
    assert list(found) == [("skipped", words), ("sent", "Imported history"), ("skipped", words)]
    assert not Delivery.objects.filter(status__in=("queued", "sending")).exists()


def test_import_responses_overwrites_no_survey_of_ours(path: Path) -> None:
    take(case(source="csv", resolved_at="2026-11-01T00:00:00Z"))
    Invitation.objects.update(status="sent", sent_at=NOW)
    counts = _import(path, ROW)
    words = "is of a resolution that was surveyed or answered already; that is kept"
    assert counts.examples == [(2, words)]


def test_import_responses_brings_nothing_of_someone_erased_back(path: Path) -> None:
    _import(path, ROW)
    privacy.erase("a@example.com", NOW)
    assert _import(path, ROW).examples == [(2, "is of a customer who was erased on request")]
    assert not Response.objects.exists()
