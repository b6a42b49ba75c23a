"""The list of causes over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from surveys.models import Cause, CauseChange, Resolution
from tests.factories import CauseFactory, ResolutionFactory, TeamFactory, UserFactory
from tests.surveys.api.conftest import Api

LIST = "/api/v1/causes/"
CHANGES = "/api/v1/cause-changes/"
MakeApi = Callable[..., Api]


def test_causes_are_listed_by_state_and_word_page_by_page(api: MakeApi) -> None:
    admin = api("admin")
    mapped, waiting = CauseFactory.create(code="a/b"), CauseFactory.create(mapped_at=None)
    merged = CauseFactory.create(merged_into=mapped, mapped_at=None)
    for state, cause in (("mapped", mapped), ("unmapped", waiting), ("merged", merged)):
        [told] = admin.get(LIST, state=state).json()["results"]
        assert (told["code"], told["state"]) == (cause.code, state)
    assert [told["code"] for told in admin.get(LIST, q="A/B").json()["results"]] == ["a/b"]
    assert admin.get(f"{LIST}a/b/").json()["code"] == "a/b"
    first = admin.get(LIST, page_size="2").json()
    second = admin.get(first["next"]).json()
    codes = [told["code"] for told in (*first["results"], *second["results"])]
    assert codes == sorted(Cause.objects.values_list("code", flat=True))
    assert admin.get(LIST, state="lost").json()["errors"][0]["field"] == "state"


def test_cause_is_renamed_and_given_an_owner(api: MakeApi) -> None:
    admin, cause = api("admin"), CauseFactory.create()
    owner = UserFactory.create(role="cause_owner")
    one = f"{LIST}{cause.code}/"
    told = admin.patch(one, {"name": "Plan changed", "owner": owner.email}).json()
    assert (told["name"], told["owner"]) == ("Plan changed", owner.email)
    team = TeamFactory.create()
    for sent, owners in (
        ({"owner_team": team.name}, (None, team.name)),
        ({"owner_team": None}, (None, None)),
        ({"owner": owner.email, "owner_team": None}, (owner.email, None)),
        ({"owner_team": None}, (owner.email, None)),
        ({"owner": None, "owner_team": team.name}, (None, team.name)),
        ({"name": "Plan changed"}, (None, team.name)),
        ({"owner": None}, (None, None)),
    ):
        told = admin.patch(one, sent).json()
        assert (told["owner"], told["owner_team"]) == owners
    both = admin.patch(one, {"owner": owner.email, "owner_team": team.name}).json()
    assert both["errors"][0]["field"] == "owner_team"
    [change] = admin.get(CHANGES, code=cause.code).json()["results"]
    assert (change["kind"], change["after"], change["by"]) == ("renamed", "Plan changed", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "New", "owner": "nobody@example.com"}, "owner"),
        ({"name": "New", "owner_team": "Nowhere"}, "owner_team"),
        ({"code": "other"}, "code"),
        ({"mapped_at": None}, "mapped_at"),
    ],
)
def test_change_with_a_fault_names_the_field_and_changes_nothing(
    api: MakeApi, change: dict[str, Any], field: str
) -> None:
    cause = CauseFactory.create(name="As it was")
    answer = api("admin").patch(f"{LIST}{cause.code}/", change)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert Cause.objects.get().name == "As it was"


def test_user_who_owns_no_causes_is_refused_as_owner(api: MakeApi) -> None:
    cause, agent = CauseFactory.create(), UserFactory.create(role="agent")
    answer = api("admin").patch(f"{LIST}{cause.code}/", {"owner": agent.email})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "owner")


def test_merge_is_shown_made_once_and_undone(api: MakeApi) -> None:
    admin = api("admin")
    source, target = CauseFactory.create(), CauseFactory.create()
    resolution = ResolutionFactory.create(cause=source)
    address = f"{LIST}{source.code}/merge/"
    shown = admin.get(address, into=target.code).json()
    assert (shown["n_cases"], shown["into"], shown["aliases"]) == (1, target.code, [])
    assert Resolution.objects.get(pk=resolution.pk).cause == source
    sent = {"into": target.code}
    made, again = (admin.post(address, sent, **{"Idempotency-Key": "m"}) for _ in range(2))
    assert (made.status_code, made.json()) == (201, again.json())
    assert CauseChange.objects.count() == 1
    assert Resolution.objects.get(pk=resolution.pk).cause == target
    undo = f"{CHANGES}{made.json()['id']}/undo/"
    assert admin.post(undo, {}).json()["undoes"] == made.json()["id"]
    assert Resolution.objects.get(pk=resolution.pk).cause == source
    assert admin.post(undo, {}).status_code == 409


def test_waiting_code_is_kept_once(api: MakeApi) -> None:
    admin, cause = api("admin"), CauseFactory.create(mapped_at=None)
    keep = f"{LIST}{cause.code}/keep/"
    assert [admin.post(keep, {}).status_code for _ in range(2)] == [201, 409]
    assert admin.get(f"{LIST}{cause.code}/").json()["state"] == "mapped"


def test_what_is_not_there_is_not_found(api: MakeApi) -> None:
    admin = api("admin")
    assert admin.get(f"{LIST}nothing/").status_code == 404
    assert admin.post(f"{CHANGES}{2**70}/undo/", {}).status_code == 404
    address = f"{LIST}{CauseFactory.create().code}/merge/"
    assert admin.get(address, into="nothing").json()["errors"][0]["field"] == "into"
