"""A cause is renamed, merged or mapped: history follows, and the log says so."""

from __future__ import annotations

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
