"""Teams and products over HTTP: one set of operations for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from surveys.models import ApiKey, DimensionChange, Resolution
from surveys.services import dimensions
from tests.factories import (
    AgentFactory,
    CauseFactory,
    ProductFactory,
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)
from tests.surveys.api.conftest import Api
from tests.surveys.staff import NO_PASSWORD, client_of

V1 = "/api/v1"
MakeApi = Callable[..., Api]
BOTH = pytest.mark.parametrize("dimension", ["team", "product"])


def _made(dimension: str, *names: str) -> list[Any]:
    factory: Any = TeamFactory if dimension == "team" else ProductFactory
    return [factory.create(name=name) for name in names]


def _field(answer: Any) -> str:
    assert answer.status_code == 400, answer.content
    return str(answer.json()["errors"][0]["field"])


@BOTH
def test_list_tells_each_with_its_numbers_and_former_names(api: MakeApi, dimension: str) -> None:
    north, south, _ = _made(dimension, "North", "South", "West/east")
    ResolutionFactory.create(**{dimension: south})
    dimensions.rename(dimension, "South", "Coast")
    admin, way = api("admin"), f"{V1}/{dimension}s/"
    first = admin.get(way, page_size="2").json()
    rest = admin.get(first["next"]).json()
    told = first["results"] + rest["results"]
    assert [one["name"] for one in told] == ["Coast", "North", "West/east"]
    assert [(one["id"], one["n_cases"], one["former_names"]) for one in told[:2]] == [
        (south.pk, 1, ["South"]),
        (north.pk, 0, []),
    ]
    [found] = admin.get(way, q="sOUth").json()["results"]
    assert found == told[0]
    assert _field(admin.get(way, q="x" * 201)) == "q"
    assert _field(admin.get(way, page_size="0")) == "page_size"


def test_agents_are_counted_of_a_team_alone(api: MakeApi) -> None:
    [team] = _made("team", "North")
    _made("product", "Fibre")
    AgentFactory.create(team=team)
    admin = api("admin")
    assert admin.get(f"{V1}/teams/").json()["results"][0]["n_agents"] == 1
    assert "n_agents" not in admin.get(f"{V1}/products/").json()["results"][0]


@BOTH
def test_renamed_in_the_name_of_the_key_where_it_is_as_it_was_read(
    api: MakeApi, dimension: str
) -> None:
    [row] = _made(dimension, "South")
    admin, own = api("admin"), f"{V1}/{dimension}s/{row.pk}/"
    seen = admin.get(own)["ETag"]
    ResolutionFactory.create(**{dimension: row})
    renamed = admin.patch(own, {"name": "  Coast  line "}, {"If-Match": seen})
    assert renamed.json() == {
        "id": row.pk,
        "name": "Coast line",
        "former_names": ["South"],
        "merged_into": None,
        "is_sample": False,
    }
    assert admin.patch(own, {"name": "Shore"}, {"If-Match": seen}).status_code == 412
    for same in ({"name": "Coast line"}, {}):
        seal = admin.get(own)["ETag"]
        assert admin.patch(own, same, {"If-Match": seal}).json() == renamed.json()
    [change] = admin.get(f"{V1}/{dimension}-changes/").json()["results"]
    assert (change["name"], change["into"], change["by"], change["by_key"]) == (
        "South",
        "Coast line",
        None,
        "A test",
    )
    page = client_of("admin").get(f"/settings/names/{dimension}/").content.decode()
    assert "API key “A test”" in page


@BOTH
def test_what_cannot_be_a_name_is_refused_by_its_field(api: MakeApi, dimension: str) -> None:
    north, _, south = _made(dimension, "North", "West", "South")
    dimensions.rename(dimension, "South", "Coast")
    admin, own = api("admin"), f"{V1}/{dimension}s/{north.pk}/"
    for name in (" ", "x" * 201, "a\x00b", "West", "South", 7, None):
        assert _field(admin.patch(own, {"name": name})) == "name"
    assert _field(admin.patch(own, {"title": "East"})) == "title"
    former = north.__class__.objects.get(name="South")
    told = admin.get(f"{V1}/{dimension}s/{former.pk}/").json()
    assert (told["merged_into"], told["former_names"]) == ("Coast", [])
    late = admin.patch(f"{V1}/{dimension}s/{former.pk}/", {"name": "East"})
    assert (late.status_code, "another name of “Coast”" in late.json()["detail"]) == (409, True)
    assert DimensionChange.objects.count() == 1
    south.refresh_from_db()
    assert south.name == "Coast"


@BOTH
def test_merged_as_it_was_shown_once_and_taken_back(api: MakeApi, dimension: str) -> None:
    north, south = _made(dimension, "North", "South")
    ResolutionFactory.create(**{dimension: south})
    admin, own = api("admin"), f"{V1}/{dimension}s/{south.pk}/merge/"
    shown = admin.get(own, into="North").json()
    assert (shown["name"], shown["into"], shown["n_cases"], shown["n_answers"]) == (
        "South",
        "North",
        1,
        0,
    )
    assert not DimensionChange.objects.exists()
    done, again = (admin.post(own, {"into": "North"}, **{"Idempotency-Key": "m"}) for _ in range(2))
    assert (done.status_code, again.json()) == (201, done.json())
    told = done.json()
    assert (told["kind"], told["n_cases"], told["by_key"]) == ("merged", 1, "A test")
    assert Resolution.objects.filter(**{dimension: north}).count() == 1
    other = admin.post(own, {"into": "South"}, **{"Idempotency-Key": "m"})
    assert other.status_code == 409
    log = f"{V1}/{dimension}-changes/"
    undo = f"{log}{told['id']}/undo/"
    assert [admin.post(undo, {}).status_code for _ in range(2)] == [201, 409]
    assert Resolution.objects.filter(**{dimension: south}).count() == 1
    listed = admin.get(log, name="North").json()["results"]
    assert [(one["kind"], one["undoes"], one["can_undo"]) for one in listed] == [
        ("undone", told["id"], False),
        ("merged", None, False),
    ]
    assert admin.get(log, name="West").json()["results"] == []


@BOTH
def test_merge_that_makes_no_sense_is_refused(api: MakeApi, dimension: str) -> None:
    north, _ = _made(dimension, "North", "South")
    dimensions.rename(dimension, "South", "Coast")
    admin, own = api("admin"), f"{V1}/{dimension}s/{north.pk}/merge/"
    for into in ("Nowhere", "", "a\x00"):
        assert _field(admin.post(own, {"into": into})) == "into"
    assert _field(admin.get(own)) == "into"
    for body in ({}, {"into": None}, {"into": "Coast", "and": 1}):
        assert admin.post(own, body).status_code == 400
    for into in ("North", "South"):  # itself, and a former name
        assert admin.post(own, {"into": into}).status_code == 409
        assert admin.get(own, into=into).status_code == 409


def test_what_goes_along_with_a_team_is_told_before(api: MakeApi) -> None:
    _, south = _made("team", "North", "South")
    AgentFactory.create(team=south)
    UserFactory.create(role="team_lead", team=south, password=NO_PASSWORD)
    CauseFactory.create(owner_team=south)
    shown = api("admin").get(f"{V1}/teams/{south.pk}/merge/", into="North").json()
    assert (shown["n_agents"], shown["n_logins"], shown["n_causes"]) == (1, 1, 1)


@BOTH
def test_what_is_not_there_or_of_the_other_kind_is_not_found(api: MakeApi, dimension: str) -> None:
    [row] = _made(dimension, "South")
    change = dimensions.rename(dimension, "South", "Coast")
    other = "product" if dimension == "team" else "team"
    admin = api("admin")
    for number in (row.pk + 100_000, 2**70):
        own = f"{V1}/{dimension}s/{number}/"
        answers = [
            admin.get(own),
            admin.patch(own, {"name": "x"}),
            admin.get(f"{own}merge/", into="Coast"),
            admin.post(f"{own}merge/", {"into": "Coast"}),
            admin.post(f"{V1}/{dimension}-changes/{number}/undo/", {}),
        ]
        assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert admin.post(f"{V1}/{other}-changes/{change.pk}/undo/", {}).status_code == 404
    assert not DimensionChange.objects.exclude(pk=change.pk).exists()


def test_without_the_scope_nothing_is_told_or_done(api: MakeApi) -> None:
    [row] = _made("team", "South")
    merged = dimensions.merge("team", TeamFactory.create().name, "South", timezone.now())
    other = api(*(scope for scope in ApiKey.Scope.values if scope != "admin"))
    own = f"{V1}/teams/{row.pk}/"
    answers = [
        other.get(f"{V1}/teams/"),
        other.get(own),
        other.patch(own, {"name": "x"}),
        other.get(f"{own}merge/", into="South"),
        other.post(f"{own}merge/", {"into": "South"}),
        other.get(f"{V1}/team-changes/"),
        other.post(f"{V1}/team-changes/{merged.pk}/undo/", {}),
    ]
    assert {answer.status_code for answer in answers} == {403}


def test_list_asks_the_database_as_often_for_many_as_for_one(api: MakeApi) -> None:
    admin, asked = api("admin"), []
    admin.get(f"{V1}/teams/")  # what is read once in a process
    for n_teams in (1, 9):
        _made("team", *(f"Team {n_teams} {number}" for number in range(n_teams)))
        with CaptureQueriesContext(connection) as seen:
            admin.get(f"{V1}/teams/")
        asked.append(len(seen))
    assert asked[0] == asked[1]
