"""Policies over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from surveys.api.described_policies import CHANGE_POLICY
from surveys.models import Brand, Policy, Questionnaire
from tests.factories import NOW, AgentFactory, InvitationFactory, ResolutionFactory
from tests.surveys.api.conftest import Api

ALL = "/api/v1/policies/"
DEFAULT = "/api/v1/policies/default/"
MakeApi = Callable[..., Api]


def test_get_policy_of_a_fresh_installation(api: MakeApi) -> None:
    answer = api("cases:read").get(DEFAULT)
    assert answer.json() == {
        "slug": "default",
        "name": "Every resolved case",
        "questionnaire": "default",
        "enabled": True,
        "conditions": {},
        "delay_minutes": 240,
        "sample_rate": 1.0,
        "cooldown_days": 30,
        "quiet_hours": None,
        "weekdays": None,
        "agent_target": None,
        "cause_days": None,
        "channel": "mail",
        "brand": None,
        "reminder_days": 4,
        "close_days": 14,
    }


def test_patch_policy_changes_what_is_sent(api: MakeApi) -> None:
    change = {
        "enabled": False,
        "conditions": {
            "product": ["Fibre"],
            "severity": {"not": ["low"]},
            "tags": {"not": ["test"]},
            "human_handled": True,
            "n_agents": {"max": 2},
        },
        "delay_minutes": 0,
        "sample_rate": 0.5,
        "cooldown_days": 0,
        "quiet_hours": {"start": "21:00", "end": "08:00"},
        "weekdays": [1, 2, 3, 4, 5],
        "agent_target": 30,
        "cause_days": 90,
        "brand": "fibre-co",
        "reminder_days": None,
        "close_days": 7,
    }
    Brand.objects.create(slug="fibre-co", name="Fibre Co")
    client = api("admin")
    answer = client.patch(DEFAULT, change)
    assert answer.status_code == 200
    assert answer.json() == client.get(DEFAULT).json()
    assert change.items() <= answer.json().items()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"nope": 1}, "nope"),
        ({"slug": "x"}, "slug"),
        ({"enabled": "yes"}, "enabled"),
        ({"delay_minutes": -1}, "delay_minutes"),
        ({"delay_minutes": 4321}, "delay_minutes"),
        ({"delay_minutes": 1.5}, "delay_minutes"),
        ({"delay_minutes": 10**30}, "delay_minutes"),
        ({"sample_rate": 1.01}, "sample_rate"),
        ({"cooldown_days": -1}, "cooldown_days"),
        ({"quiet_hours": {"start": "21:00"}}, "quiet_hours"),
        ({"quiet_hours": {"start": "9", "end": "08:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": "08:00", "end": "08:00"}}, "quiet_hours"),
        ({"reminder_days": 14}, "reminder_days"),
        ({"close_days": 3}, "reminder_days"),
        ({"close_days": 0, "reminder_days": None}, "close_days"),
        ({"questionnaire": "nope"}, "questionnaire"),
        ({"questionnaire": "a\x00"}, "questionnaire"),
        ({"questionnaire": "draft"}, "questionnaire"),
        ({"conditions": {"colour": ["red"]}}, "conditions.colour"),
        ({"conditions": {"product": []}}, "conditions.product"),
        ({"conditions": {"product": ["a\x00"]}}, "conditions.product[0]"),
        ({"conditions": {"product": "Fibre"}}, "conditions[...]"),
        ({"conditions": {"severity": {"not": []}}}, "conditions.severity.not"),
        ({"conditions": {"severity": {"nor": ["low"]}}}, "conditions.severity"),
        ({"conditions": {"human_handled": ["a"]}}, "conditions.human_handled"),
        ({"conditions": {"n_agents": {"min": 3, "max": 1}}}, "conditions.n_agents"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [0]}, "weekdays"),
        ({"weekdays": [1.5]}, "weekdays[0]"),
        ({"agent_target": 0}, "agent_target"),
        ({"agent_target": "30"}, "agent_target"),
        ({"cause_days": 0}, "cause_days"),
        ({"brand": "nope"}, "brand"),
        ({"brand": "a\x00"}, "brand"),
        ({"questionnaire": "archived"}, "questionnaire"),
        ({"name": " "}, "name"),
    ],
)
def test_patch_policy_names_the_field_at_fault(
    api: MakeApi, change: dict[str, Any], field: str
) -> None:
    Questionnaire.objects.create(slug="draft", name="Draft")
    Questionnaire.objects.create(slug="archived", name="Archived", archived_at=NOW)
    before = Policy.objects.values().get()
    answer = api("admin").patch(DEFAULT, change)
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert Policy.objects.values().get() == before


def test_patch_policy_takes_seven_days_for_every_day(api: MakeApi) -> None:
    answer = api("admin").patch(DEFAULT, {"weekdays": [7, 6, 5, 4, 3, 2, 1]})
    assert answer.json()["weekdays"] is None
    assert api("admin").patch(DEFAULT, {"weekdays": [5, 1, 1]}).json()["weekdays"] == [1, 5]


def test_patch_policy_overwrites_nothing_unseen(api: MakeApi) -> None:
    client = api("admin")
    tag = client.get(DEFAULT)["ETag"]
    changed = client.patch(DEFAULT, {"delay_minutes": 60}, headers={"If-Match": tag})
    assert (changed.status_code, changed["ETag"] != tag) == (200, True)
    late = client.patch(DEFAULT, {"delay_minutes": 90}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert Policy.objects.get().delay_minutes == 60
    for seen in (changed["ETag"], f"W/{changed['ETag']}", "*"):
        assert client.patch(DEFAULT, {}, headers={"If-Match": seen}).status_code == 200


def test_the_example_of_the_description_is_taken(api: MakeApi) -> None:
    [example] = CHANGE_POLICY["examples"]
    answer = api("admin").patch(DEFAULT, example.value)
    assert answer.status_code == 200
    assert example.value.items() <= answer.json().items()


def test_policies_need_their_scope(api: MakeApi) -> None:
    assert api().get(DEFAULT).status_code == 401
    assert api("reports:read").get(DEFAULT).status_code == 403
    assert api("cases:read").patch(DEFAULT, {}).status_code == 403
    assert api("questionnaires:write").patch(DEFAULT, {}).status_code == 200
    assert api("admin").get("/api/v1/policies/nope/").status_code == 404
    assert api("admin").patch("/api/v1/policies/nope/", {}).status_code == 404
    assert api("admin").put(DEFAULT, {}).status_code == 405


def test_policies_are_added_first_copied_moved_and_deleted(api: MakeApi) -> None:
    ours = api("questionnaires:write")
    sent = {"name": "Chats", "questionnaire": "default", "conditions": {"channel": ["chat"]}}
    made, again = (ours.post(ALL, sent, **{"Idempotency-Key": "chats"}) for _ in range(2))
    assert (made.status_code, made.json()) == (201, again.json())

    def slugs() -> list[str]:
        return [each["slug"] for each in ours.get(ALL).json()["results"]]

    assert slugs() == ["chats", "default"]
    copy = ours.post(f"{ALL}chats/duplicate/", {}).json()
    assert (copy["enabled"], slugs()) == (False, [copy["slug"], "chats", "default"])
    moved = ours.post(f"{ALL}{copy['slug']}/move/", {"step": 1, "place": 0})
    assert (moved.status_code, slugs()) == (200, ["chats", copy["slug"], "default"])
    late = ours.post(f"{ALL}{copy['slug']}/move/", {"step": 1, "place": 0})
    assert late.status_code == 409
    assert ours.delete(f"{ALL}{copy['slug']}/").status_code == 204
    assert slugs() == ["chats", "default"]


def test_policy_that_surveyed_somebody_is_not_deleted(api: MakeApi) -> None:
    policy = InvitationFactory.create().policy
    assert api("questionnaires:write").delete(f"{ALL}{policy.slug}/").status_code == 409
    assert Policy.objects.filter(pk=policy.pk).exists()


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, ["name", "questionnaire"]),
        ({"name": "x", "questionnaire": "nothing"}, ["questionnaire"]),
        ({"name": "x", "questionnaire": "default", "position": 0}, ["position"]),
    ],
)
def test_policy_with_a_fault_is_not_added(
    api: MakeApi, sent: dict[str, Any], fields: list[str]
) -> None:
    answer = api("questionnaires:write").post(ALL, sent)
    assert [fault["field"] for fault in answer.json()["errors"]] == fields
    assert Policy.objects.count() == 1


def test_policy_that_was_not_seen_is_not_deleted(api: MakeApi) -> None:
    ours = api("questionnaires:write")
    ours.post(ALL, {"name": "Chats", "questionnaire": "default"})
    late = Client(headers={"Authorization": f"Bearer {ours.secret}"}).delete(
        f"{ALL}chats/", headers={"If-Match": ours.get(DEFAULT)["ETag"]}
    )
    assert (late.status_code, Policy.objects.count()) == (412, 2)


def test_policy_is_tried_on_the_last_days_and_stays_as_it_is(api: MakeApi) -> None:
    designer, now = api("questionnaires:write"), timezone.now()
    agents = [AgentFactory.create()]
    ResolutionFactory.create(agents=agents, resolved_at=now - timedelta(days=2))
    way, before = f"{DEFAULT}try/", designer.get(DEFAULT).json()
    told = designer.post(way, {}).json()
    assert (told["n_cases"], told["n_ours"]) == (1, 1)
    assert [line["code"] for line in told["agents"]] == [agents[0].external_id]
    told = designer.post(way, {"conditions": {"channel": ["chat"]}}).json()
    assert (told["n_cases"], told["n_ours"]) == (1, 0)
    assert [line["n_cases"] for line in told["elsewhere"]] == [1]
    assert designer.get(DEFAULT).json() == before
    wrong = designer.post(way, {"sample_rate": 7})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "sample_rate")
