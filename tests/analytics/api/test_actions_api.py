"""Preventive actions and deliverability by API: what the pages do, under the name of a key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from analytics.aggregates import apply_all
from analytics.models import Action
from analytics.reports import deliverability
from surveys.models import User
from surveys.services import causes
from tests.analytics.acting import ActionFactory
from tests.analytics.answered import answer
from tests.factories import (
    AgentFactory,
    CauseFactory,
    DeliveryFactory,
    InvitationFactory,
    ResolutionFactory,
    UserFactory,
)
from tests.surveys.api.conftest import Api
from tests.surveys.staff import NO_PASSWORD

pytestmark = pytest.mark.django_db
PATH = "/api/v1/actions/"


def test_an_action_is_registered_corrected_withdrawn_and_brought_back(
    api: Callable[..., Api],
) -> None:
    CauseFactory(code="plan")
    admin = api("admin")
    wish = {"cause": "plan", "title": " Tried  first ", "began_on": "2026-10-05"}
    made = admin.post(PATH, wish)
    assert (made.status_code, made.json()["title"]) == (201, "Tried first")
    path = f"{PATH}{made.json()['id']}/"
    late = admin.patch(path, {"began_on": "2026-10-06"})
    assert (late.status_code, late.json()["errors"][0]["field"]) == (400, "note")
    etag = admin.get(path)["ETag"]
    assert admin.patch(path, {"text": "Daily."}, {"If-Match": etag}).json()["text"] == "Daily."
    assert admin.patch(path, {"text": "Weekly."}, {"If-Match": etag}).status_code == 412
    assert admin.post(f"{path}withdraw/", {"note": "Never done."}).json()["withdrawn_at"]
    assert admin.patch(path, {"text": ""}).status_code == 409
    assert admin.post(f"{path}restore/", {}).json()["withdrawn_at"] is None
    log = [(one["what"], one["who"], one["note"]) for one in admin.get(path).json()["log"]]
    key = "API key A test"
    assert log == [
        ("restored", key, ""),
        ("withdrawn", key, "Never done."),
        ("text", key, ""),
        ("registered", key, ""),
    ]
    assert Action.objects.get().registered_by is None


def test_a_wish_that_makes_no_sense_names_its_field(api: Callable[..., Api]) -> None:
    CauseFactory(code="plan")
    other = UserFactory(role=User.Role.CAUSE_OWNER, password=NO_PASSWORD)
    for wrong, field in (
        ({"cause": "nowhere"}, "cause"),
        ({"title": " "}, "title"),
        ({"owner": "nobody@example.com"}, "owner"),
        ({"owner": other.email}, "owner"),
        ({"done_on": "2026-10-04"}, "done_on"),
        ({"began_on": "1999-01-01"}, "began_on"),
        ({"began_on": "soon"}, "began_on"),
        ({"by": "me"}, "by"),
    ):
        wish = {"cause": "plan", "title": "Tried", "began_on": "2026-10-05"} | wrong
        answer = api("admin").post(PATH, wish)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert Action.objects.count() == 0


def test_the_list_follows_a_merge_and_a_reader_changes_nothing(api: Callable[..., Api]) -> None:
    action = ActionFactory(cause=CauseFactory(code="old"))
    CauseFactory(code="new")
    causes.merge("old", "new", now=timezone.now())
    reader = api("reports:read")
    for code in ("old", "new"):
        (row,) = reader.get(f"{PATH}?cause={code}").json()["results"]
        assert (row["id"], row["cause"]["code"]) == (action.pk, "new")
    assert reader.get(f"{PATH}?cause=nowhere").status_code == 400
    assert reader.post(f"{PATH}{action.pk}/withdraw/", {}).status_code == 403


def test_deliverability_is_the_pages_own_report(api: Callable[..., Api]) -> None:
    now = timezone.now()
    DeliveryFactory(status="sent", sent_at=now, invitation__sent_at=now, invitation__status="sent")
    found = api("admin").get("/api/v1/reports/deliverability/?days=1").json()
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    report = deliverability.deliverability(start, timezone.now(), "UTC")
    assert report.totals.sent == 1
    assert [row["sent"] for row in found["domains"]] == [line.sent for line in report.domains]
    assert found["totals"]["bounce_rate"]["n"] == 1
    assert api("reports:read").get("/api/v1/reports/deliverability/").status_code == 403
    for days in ("0", "367", "x", "1.5"):
        answer = api("admin").get(f"/api/v1/reports/deliverability/?days={days}")
        assert answer.json()["errors"][0]["field"] == "days"


def test_words_of_a_cause_need_the_scope_of_comments_and_a_mix_is_the_agents(
    api: Callable[..., Api],
) -> None:
    cause, agent = CauseFactory(code="plan/b"), AgentFactory(external_id="desk/7")
    asked = InvitationFactory(resolution=ResolutionFactory(cause=cause, agents=[agent]))
    answer(asked, f1=5, c1=4)
    apply_all()
    path = "/api/v1/reports/causes/plan/b/story/"
    reader, hearer = api("reports:read"), api("reports:read", "responses:read")
    assert reader.get(path).json()["terms"] is None
    assert hearer.get(path).json()["terms"] == []
    mix = reader.get("/api/v1/reports/agents/desk/7/mix/").json()["results"]
    assert [(row["cause"]["code"], row["n"], row["part"]) for row in mix] == [("plan/b", 1, 1.0)]
    file = reader.get("/api/v1/reports/agents/desk/7/mix/?format=csv&notes=1")
    assert "one agent's desk" in file.getvalue().decode()
    for gone in ("causes/x/story/", "agents/x/mix/"):
        assert reader.get(f"/api/v1/reports/{gone}").status_code == 404
