"""Whoever reconciles sees each thing that was lost or doubled, and during which fault."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.chaos.facts import Facts, Invited, Mailed
from tests.chaos.ledger import Case, Event, Ledger, Letter, Post, Survey
from tests.chaos.matrix import Matrix
from tests.chaos.reconciling import Judge, Story

TOKEN = "abc-def"
HASH = hashlib.sha256(TOKEN.encode()).digest()
OPENED = datetime(2026, 11, 20, 8, tzinfo=UTC)
RESOLVED = datetime(2026, 11, 20, 9, tzinfo=UTC)
EMAIL = "ada@customers.example"
STORY = Story([(100.0, "no fault"), (200.0, "web killed"), (300.0, "SMTP hangs"), (400.0, "end")])
REMINDER = Mailed(12, 1, "reminder", "sent", 340.0, 340.0, 341.0, "m2")


def ledger() -> Ledger:
    """One case told in two events, one mail and its reminder, one answer, one survey closed."""
    events = [Event("open", OPENED, "No signal"), Event("resolved", RESOLVED, "Signal 📵")]
    case = Case("desk-1", EMAIL, events, acknowledged={0: 150.0, 1: 210.0})
    post = Post(350.0, {"F1": "4", "fix_comment": "gut 📵"})
    letters = [
        Letter(310.0, "<m1@x>", EMAIL, f"/s/{TOKEN}/", f"/u/{TOKEN}/"),
        Letter(342.0, "<m2@x>", EMAIL, f"/s/{TOKEN}/", f"/u/{TOKEN}/"),
    ]
    return Ledger(
        cases={"desk-1": case},
        surveys={TOKEN: Survey(TOKEN, posts=[post])},
        letters=letters,
        closing={1: 360.0},
    )


def facts(**changed: Any) -> Facts:
    """What there is where nothing went wrong."""
    stored = {"f1": 4, "c1": None, "fix_comment": "gut 📵", "cause_comment": ""}
    sound = Facts(
        cases=[("desk-1", "Signal 📵", "resolved")],
        events=[
            ("desk-1", "open", OPENED.timestamp()),
            ("desk-1", "resolved", RESOLVED.timestamp()),
        ],
        resolutions=[("desk-1", 7)],
        invitations=[Invited(1, "desk-1", 7, EMAIL, "expired", 360.0)],
        mails=[Mailed(11, 1, "invitation", "sent", 300.0, 309.0, 310.5, "m1"), REMINDER],
        answers={HASH: stored | {"n_revisions": 1, "n_stored": 1}},
        uncounted=set(),
        suppressed=set(),
        differences=[],
    )
    return dataclasses.replace(sound, **changed)


def judged(found: Facts, told: Ledger | None = None) -> Judge:
    judge = Judge(told or ledger(), found, STORY)
    judge.judge()
    return judge


def cells(matrix: Matrix) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    return {
        (fault, flow): (cell.n, cell.lost, cell.doubled, cell.unknown)
        for fault, row in matrix.cells.items()
        for flow, cell in row.items()
    }


def test_nothing_is_lost_where_all_is_there() -> None:
    judge = judged(facts())
    assert judge.words == []
    assert cells(judge.matrix) == {
        ("no fault", "intake"): (1, 0, 0, 0),
        ("web killed", "intake"): (1, 0, 0, 0),
        ("SMTP hangs", "dispatch"): (1, 0, 0, 0),
        ("SMTP hangs", "answer"): (1, 0, 0, 0),
        ("SMTP hangs", "aggregate"): (1, 0, 0, 0),
        ("SMTP hangs", "reminder, expiry"): (2, 0, 0, 0),
    }


def _mail(**changed: Any) -> list[Mailed]:
    mail = Mailed(11, 1, "invitation", "sent", 300.0, 309.0, 310.5, "m1")
    return [dataclasses.replace(mail, **changed), REMINDER]


def _answer(**changed: Any) -> dict[bytes, dict[str, Any]]:
    return {HASH: facts().answers[HASH] | changed}


def _invited(**changed: Any) -> list[Invited]:
    return [dataclasses.replace(facts().invitations[0], **changed)]


@pytest.mark.parametrize(
    ("changed", "fault", "flow", "lost", "doubled"),
    [
        ({"events": facts().events[1:]}, "no fault", "intake", 1, 0),
        ({"events": [*facts().events, facts().events[1]]}, "web killed", "intake", 0, 1),
        ({"cases": [("desk-1", "Signal ?", "resolved")]}, "web killed", "intake", 1, 0),
        ({"cases": facts().cases * 2}, "web killed", "intake", 0, 1),
        ({"resolutions": []}, "web killed", "intake", 1, 0),
        ({"resolutions": [("desk-1", 7), ("desk-1", 7)]}, "web killed", "intake", 0, 1),
        ({"invitations": _invited() * 2}, "web killed", "intake", 0, 1),
        ({"mails": _mail(message_id="m9")}, "SMTP hangs", "dispatch", 1, 1),
        ({"mails": _mail(status="failed")}, "SMTP hangs", "dispatch", 0, 1),
        ({"mails": _mail(status="queued")}, "SMTP hangs", "dispatch", 1, 1),
        ({"invitations": _invited(status="sending")}, "SMTP hangs", "dispatch", 1, 0),
        ({"invitations": _invited(status="sent")}, "SMTP hangs", "reminder, expiry", 1, 0),
        ({"answers": {}}, "SMTP hangs", "answer", 1, 0),
        ({"answers": _answer(f1=3)}, "SMTP hangs", "answer", 1, 0),
        ({"answers": _answer(fix_comment="gut ")}, "SMTP hangs", "answer", 1, 0),
        ({"answers": _answer(n_stored=0)}, "SMTP hangs", "answer", 1, 0),
        ({"answers": _answer(n_revisions=2, n_stored=2)}, "SMTP hangs", "answer", 0, 1),
        ({"uncounted": {HASH}}, "SMTP hangs", "aggregate", 1, 0),
        ({"differences": ["fixday 2026-11-20"]}, "end", "aggregate", 1, 0),
    ],
)
def test_what_is_lost_or_doubled_is_seen_under_its_fault(
    changed: dict[str, Any], fault: str, flow: str, lost: int, doubled: int
) -> None:
    judge = judged(facts(**changed))
    found = judge.matrix.cells[fault][flow]
    assert (found.lost, found.doubled) == (lost, doubled), judge.words
    assert not judge.matrix.clean


def _twice(told: Ledger) -> None:
    told.letters.append(dataclasses.replace(told.letters[0], at=320.0))


def _unsubscribed(told: Ledger) -> None:
    told.unsubscribed[EMAIL] = 330.0


def _reopened(told: Ledger) -> None:
    case = told.cases["desk-1"]
    case.events.append(Event("reopened", RESOLVED, "again"))
    case.acknowledged[2] = 305.0


@pytest.mark.parametrize(
    ("happens", "flow", "doubled"),
    [(_twice, "dispatch", 1), (_unsubscribed, "reminder, expiry", 1), (_reopened, "dispatch", 1)],
)
def test_a_mail_too_many_is_a_double(
    happens: Callable[[Ledger], None], flow: str, doubled: int
) -> None:
    told = ledger()
    happens(told)
    found = judged(facts(suppressed={EMAIL}), told).matrix.cells["SMTP hangs"][flow]
    assert found.doubled == doubled


def test_an_unsubscription_that_was_acknowledged_is_there() -> None:
    told = ledger()
    told.unsubscribed[EMAIL] = 350.0
    assert judged(facts(suppressed={EMAIL}), told).words == []
    assert judged(facts(), told).matrix.cells["SMTP hangs"]["answer"].lost == 1


def test_unknown_is_counted_and_is_no_fault() -> None:
    judge = judged(facts(mails=_mail(status="unknown", sent_at=None)))
    found = judge.matrix.cells["SMTP hangs"]["dispatch"]
    assert (found.n, found.lost, found.doubled, found.unknown) == (1, 0, 0, 1)
    assert judge.matrix.clean


def test_an_answer_that_nobody_acknowledged_may_be_there_or_not() -> None:
    told = ledger()
    told.surveys[TOKEN].unanswered.append({"F1": "5"})
    for rating in (4, 5):
        assert judged(facts(answers=_answer(f1=rating)), told).words == []
    assert judged(facts(answers=_answer(f1=3)), told).words != []


def test_the_printed_matrix_has_a_row_for_each_fault_and_the_sum() -> None:
    lines = judged(facts(answers={})).matrix.lines()
    assert [line.split("|")[1].strip() for line in lines[2:6]] == [
        "no fault",
        "web killed",
        "SMTP hangs",
        "end",
    ]
    assert "1 / 0 of 1" in lines[4]
    assert lines[-1] == "lost / doubled; in all 7, 1 lost, 0 doubled, 0 unknown"
