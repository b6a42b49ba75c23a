"""A cause is renamed, merged or mapped: history follows, and the log says so."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from analytics import reports
from analytics.aggregates import apply_all, verify
from analytics.filters import Filters
from surveys.models import Cause, CauseChange, Resolution
from surveys.services import causes
from surveys.services.access import EVERYTHING
from tests.analytics.answered import answer
from tests.factories import NOW, CauseFactory, InvitationFactory, ResolutionFactory, UserFactory
from tests.surveys.services.told import case, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def _answered(cause: Cause, n: int, c1: int) -> None:
    for _ in range(n):
        resolution = ResolutionFactory.create(cause=cause)
        answer(InvitationFactory.create(resolution=resolution), f1=4, c1=c1)


def _rows() -> dict[str, tuple[int, int, float | None]]:
    apply_all()
    found = reports.causes(Filters(), EVERYTHING).results
    return {row.cause.name: (row.cases, row.n, row.mean) for row in found}


def test_a_renamed_cause_keeps_its_history_under_the_new_name() -> None:
    cause, user = CauseFactory.create(code="dsl", name="DSL"), UserFactory.create()
    _answered(cause, 6, 5)
    change = causes.rename("dsl", "  Slow \n line ", user)
    assert _rows() == {"Slow line": (6, 6, 5.0)}
    assert (change.kind, change.code, change.before, change.after, change.by) == (
        "renamed", "dsl", "DSL", "Slow line", user,
    )  # fmt: skip


def test_a_merged_cause_brings_its_history_and_its_log() -> None:
    owner = UserFactory.create(role="cause_owner")
    old = CauseFactory.create(code="old", name="Old", owner=owner)
    new = CauseFactory.create(code="new", name="New", owner=None)
    _answered(old, 6, 5)
    _answered(new, 2, 1)
    assert _rows() == {"Old": (6, 6, 5.0), "New": (2, 2, None)}
    change = causes.merge("old", "new", NOW)
    assert _rows() == {"New": (8, 8, 4.0)}
    assert verify() == []
    assert CauseChange.objects.get() == change
    assert (change.kind, change.before, change.after, change.n_resolutions) == (
        "merged", "Old", "new", 6,
    )  # fmt: skip
    new.refresh_from_db()
    assert new.owner == owner
    [row] = reports.causes(Filters(cause=("old",)), EVERYTHING).results
    assert row.cause.code == "new"


def test_what_still_arrives_under_a_merged_code_belongs_to_the_other() -> None:
    for code in ("first", "second", "third"):
        CauseFactory.create(code=code)
    causes.merge("first", "second", NOW)
    causes.merge("second", "third", NOW)
    take(case(cause="first"))
    assert Resolution.objects.get().cause.code == "third"  # type: ignore[union-attr]


def test_a_merge_that_makes_no_sense_is_refused_with_a_sentence() -> None:
    for code in ("a", "b", "c"):
        CauseFactory.create(code=code)
    causes.merge("a", "b", NOW)
    for one, into, sentence in (
        ("c", "c", "into itself"),
        ("c", "a", "“a” was itself merged"),
        ("c", "nowhere", "There is no cause “nowhere”."),
    ):
        with pytest.raises(causes.CauseError, match=sentence):
            causes.merge(one, into, NOW)
    with pytest.raises(causes.CauseError, match="needs a name"):
        causes.rename("b", " ")
    assert CauseChange.objects.count() == 1


def test_a_preview_says_what_a_merge_then_moves() -> None:
    owner = UserFactory.create(role="cause_owner")
    old = CauseFactory.create(code="old", owner=owner)
    CauseFactory.create(code="new", owner=None)
    CauseFactory.create(code="older", merged_into=old)
    _answered(old, 3, 5)
    ResolutionFactory.create_batch(2, cause=old)
    seen = causes.preview("old", "new")
    assert (seen.n_cases, seen.n_answers) == (5, 3)
    assert (seen.aliases, seen.takes_owner) == (("older",), True)
    assert not CauseChange.objects.exists()
    done = causes.merge("old", "new", NOW)
    assert (done.n_resolutions, done.n_answers) == (seen.n_cases, seen.n_answers)


def test_a_merge_is_undone_with_all_that_it_moved_and_nothing_else() -> None:
    owner, admin = UserFactory.create(role="cause_owner"), UserFactory.create(role="admin")
    old = CauseFactory.create(code="old", name="Old", owner=owner)
    new = CauseFactory.create(code="new", name="New", owner=None)
    older = CauseFactory.create(code="older", merged_into=old)
    _answered(old, 6, 5)
    _answered(new, 5, 1)
    before = _rows()
    done = causes.merge("old", "new", NOW, admin)
    take(case(cause="older"))  # what comes in meanwhile stays with the one it came to
    assert _rows() == {"New": (12, 11, 35 / 11)}
    undone = causes.undo(done.pk, NOW, admin)
    assert _rows() == before | {"New": (6, 5, 1.0)}
    assert verify() == []
    for cause in (old, new, older):
        cause.refresh_from_db()
    assert (old.owner, new.owner, older.merged_into) == (owner, None, old)
    assert (old.merged_into, old.mapped_at) == (None, NOW)
    assert (undone.undoes, undone.n_resolutions, undone.n_answers, undone.by) == (done, 6, 6, admin)
    with pytest.raises(causes.CauseError, match="undone already"):
        causes.undo(done.pk, NOW)
    with pytest.raises(causes.CauseError, match="undone already"):
        causes.undo(undone.pk, NOW)


def test_a_name_and_a_mapping_are_undone() -> None:
    cause = CauseFactory.create(code="dsl", name="DSL", mapped_at=None)
    mapped = causes.keep("dsl", NOW)
    with pytest.raises(causes.CauseError, match="mapped already"):
        causes.keep("dsl", NOW)
    renamed = causes.rename("dsl", "Slow line")
    causes.undo(renamed.pk, NOW)
    causes.undo(mapped.pk, NOW)
    cause.refresh_from_db()
    assert (cause.name, cause.mapped_at) == ("DSL", None)


def test_what_later_changes_stand_on_is_not_undone_beneath_them() -> None:
    for code in ("a", "b", "c", "d"):
        CauseFactory.create(code=code)
    first, named = causes.merge("a", "b", NOW), causes.rename("c", "Sea")
    second, _ = causes.merge("b", "c", NOW), causes.rename("c", "See")
    with pytest.raises(causes.CauseError, match="“b” was merged on since; undo that first"):
        causes.undo(first.pk, NOW)
    with pytest.raises(causes.CauseError, match="renamed again since"):
        causes.undo(named.pk, NOW)
    with pytest.raises(causes.CauseError, match="“a” is part of another one"):
        causes.merge("a", "d", NOW)
    causes.undo(second.pk, NOW)
    causes.undo(first.pk, NOW)
    assert not Cause.objects.exclude(merged_into=None).exists()


def test_alarms_and_recurrence_follow_a_merge_at_once() -> None:
    old, new = CauseFactory.create(code="old"), CauseFactory.create(code="new")
    at = NOW - dt.timedelta(days=20)
    for cause, n in ((old, 3), (new, 2)):
        for one in ResolutionFactory.create_batch(n, cause=cause, resolved_at=at):
            answer(InvitationFactory.create(resolution=one), at=at, f1=4, c1=2)
    apply_all()
    today = NOW.date()
    assert reports.alarms(Filters(), EVERYTHING, today).n_causes == 2
    before = reports.cause_story(EVERYTHING, new.pk, today).recurrence.n
    causes.merge("old", "new", NOW)
    reports.alarms(Filters(), EVERYTHING, today)  # read while the answers are being moved
    apply_all()
    assert reports.alarms(Filters(), EVERYTHING, today).n_causes == 1
    assert reports.cause_story(EVERYTHING, new.pk, today).recurrence.n == before + 3


def test_the_command_counts_before_it_changes() -> None:
    old = CauseFactory.create(code="old")
    CauseFactory.create(code="new")
    _answered(old, 3, 2)

    def run(*arguments: str) -> str:
        out = StringIO()
        call_command("change_cause", *arguments, stdout=out)
        return out.getvalue().strip()

    dry = json.loads(run("old", "--into", "new", "--dry-run", "--json"))
    assert dry == {
        "kind": "merged", "code": "old", "after": "new", "resolutions": 3, "dry_run": True,
    }  # fmt: skip
    assert not CauseChange.objects.exists()
    assert run("old", "--into", "new") == "Merged old to new, 3 resolutions with it."
    assert run("new", "--name", "Newer") == "Renamed new to Newer."
    with pytest.raises(CommandError, match="There is no cause"):
        run("lost", "--name", "Found")
