"""What is made once for several tests is the same for each of them, and there for no other."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from surveys.models import Team
from tests.factories import TeamFactory
from tests.worlds import Kept, world, world_of


@world
def team() -> Team:
    made: Team = TeamFactory(name="Fibre")
    return made


@world
def teams() -> list[Team]:
    made: list[Team] = TeamFactory.create_batch(3)
    return made


def names() -> list[str]:
    return list(Team.objects.order_by("pk").values_list("name", flat=True))


@pytest.mark.parametrize("time", ["first", "again", "and again"])
def test_what_one_test_changes_the_next_does_not_see(team: Team, time: str) -> None:
    assert (names(), team.name) == (["Fibre"], "Fibre")
    TeamFactory(name="Mobile")
    team.name = "Copper"
    team.save()
    assert names() == ["Copper", "Mobile"]


@pytest.mark.django_db
def test_who_asks_for_none_finds_none() -> None:
    assert names() == []


def test_who_asks_for_another_finds_that_alone(teams: list[Team]) -> None:
    assert names() == [one.name for one in teams]


@pytest.mark.django_db(transaction=True)
def test_who_commits_has_it_made_and_emptied(team: Team) -> None:
    assert names() == ["Fibre"]


def test_nobody_asks_for_two(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, team: Team
) -> None:
    other: Any = teams
    known = request.node._fixtureinfo.name2fixturedefs
    fixture = type("Fixture", (), {"func": staticmethod(other._get_wrapped_function())})
    monkeypatch.setitem(known, "tmp_path", [fixture])
    request.node.fixturenames.append("tmp_path")
    with pytest.raises(pytest.UsageError, match="asks for two worlds"):
        world_of(request)


@pytest.mark.django_db
def test_a_world_is_made_once_for_those_in_a_row() -> None:
    kept, made = Kept(), []

    def make() -> int:
        made.append(TeamFactory())
        return len(made)

    for _ in range(3):
        kept.want(make)
    assert (kept.value, len(names())) == (1, 1)
    kept.want(None)
    assert names() == []
    kept.want(make)
    assert (kept.value, len(names())) == (2, 1)
    kept.leave()


@pytest.mark.django_db
def test_a_world_that_cannot_be_made_leaves_nothing_behind() -> None:
    kept = Kept()

    def make() -> None:
        TeamFactory()
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            kept.want(make)
    kept.want(None)
    assert names() == []


@world
def many_teams() -> list[Team]:
    return Team.objects.bulk_create(Team(name=f"Team {number}") for number in range(2_000))


def test_the_planner_knows_how_much_lies_in_a_world(many_teams: list[Team]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) SELECT id FROM surveys_team")
        [(plans,)] = cursor.fetchall()
    assert plans[0]["Plan"]["Plan Rows"] == len(many_teams)
    with connection.cursor() as cursor:
        cursor.execute("SHOW autovacuum")
        assert cursor.fetchall() == [("off",)]
