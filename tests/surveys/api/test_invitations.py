"""Surveys that the caller delivers: each link is fetched once, read again, and reported on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from surveys.models import Case, Delivery, Invitation, Policy, Resolution, Suppression
from surveys.services import intake
from surveys.services.expiry import NOT_FETCHED, expire_due, waiting_silently
from surveys.services.intake_reading import convert_case
from surveys.services.intake_shapes import CaseReport
from surveys.services.suppressions import suppress
from tests.smtp_server import SmtpServer
from tests.surveys.api.conftest import Api
from tests.surveys.services.conftest import smtp as smtp
from tests.surveys.services.outbox import queued, story
from tests.threads import at_once

LIST = "/api/v1/invitations/"
CLAIM = f"{LIST}claim/"
MakeApi = Callable[..., Api]


@pytest.fixture
def caller(api: MakeApi) -> Api:
    return api("invitations:deliver")


def due(email: str = "ada@example.com", **fields: Any) -> Delivery:
    moment = timezone.now() - timedelta(minutes=1)
    return queued(email, channel="api", due_at=moment, **fields)


def test_policy_says_that_the_caller_delivers(caller: Api, smtp: SmtpServer) -> None:
    from surveys.services.delivery import Counts, dispatch_all

    Policy.objects.update(channel="api", delay_minutes=0)
    now = timezone.now()
    case = {
        "external_id": "4711",
        "status": "resolved",
        "resolved_at": (now - timedelta(minutes=1)).isoformat(),
        "customer": {"email": "ada@example.com"},
    }
    report = convert_case(case, now)
    assert isinstance(report, CaseReport)
    intake.take([report], now=now)
    assert dispatch_all() == Counts()  # nothing is mailed
    [handed] = caller.post(CLAIM, {}).json()["results"]
    assert (handed["case"]["external_id"], handed["state"], handed["kind"]) == (
        "4711",
        "handed",
        "invitation",
    )
    page = Client().get(handed["link"].partition("example")[2])
    assert page.status_code == 200
    reminder = Delivery.objects.get(kind="reminder")
    assert (reminder.channel, reminder.status) == ("api", "queued")
    assert smtp.received == []


def test_link_is_handed_over_once_and_read_again(caller: Api) -> None:
    delivery = due()
    [first] = caller.post(CLAIM, {"limit": 5}).json()["results"]
    assert story(delivery) == ("sent", "sent")
    assert caller.post(CLAIM, {"limit": 5}).json() == {"results": []}
    assert caller.get(f"{LIST}{first['id']}/").json() == first
    assert caller.get(LIST, state="handed").json()["results"] == [first]
    waiting = caller.get(LIST, state="waiting").json()["results"]
    assert [(one["kind"], one["link"]) for one in waiting] == [("reminder", None)]
    assert "customer" not in first


def test_same_idempotency_key_gets_the_links_again_and_none_is_stored(caller: Api) -> None:
    due()
    first = caller.post(CLAIM, {}, **{"Idempotency-Key": "one"}).json()
    assert caller.post(CLAIM, {}, **{"Idempotency-Key": "one"}).json() == first
    assert len(first["results"]) == 1
    token = first["results"][0]["link"].split("/")[-2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM surveys_idempotentreply WHERE body::text LIKE %s", [
            f"%{token}%"
        ])  # fmt: skip
        assert cursor.fetchone() == (0,)


def test_claim_takes_the_earliest_due_first_up_to_its_limit(caller: Api) -> None:
    for n in (3, 1, 2):
        due(f"c{n}@example.com", invitation__resolution__case__external_id=f"case {n}")
        Delivery.objects.filter(invitation__resolution__case__external_id=f"case {n}").update(
            due_at=timezone.now() - timedelta(hours=5 - n)
        )
    claimed = caller.post(CLAIM, {"limit": 2}).json()["results"]
    assert [one["case"]["external_id"] for one in claimed] == ["case 1", "case 2"]


def test_claim_looks_at_everything_that_a_mail_looks_at(caller: Api) -> None:
    suppressed, reopened, quiet = due("no@example.com"), due("re@example.com"), due("q@example.com")
    suppress("no@example.com", "unsubscribed")
    Resolution.objects.filter(invitation__deliveries=reopened).update(reopened_at=timezone.now())
    hour = timezone.now().hour
    Policy.objects.update(
        quiet_hours={"start": f"{hour:02d}:00", "end": f"{(hour + 2) % 24:02d}:00"}
    )
    assert caller.post(CLAIM, {}).json() == {"results": []}
    assert story(suppressed) == story(reopened) == ("cancelled", "cancelled")
    assert story(quiet) == ("queued", "scheduled")
    assert Delivery.objects.get(pk=quiet.pk).due_at > timezone.now()


def test_link_is_withheld_from_whom_nobody_may_write_to_any_more(caller: Api) -> None:
    due()
    [first] = caller.post(CLAIM, {}).json()["results"]
    suppress("ada@example.com", "unsubscribed")
    again = caller.get(f"{LIST}{first['id']}/").json()
    assert (again["state"], again["link"], again["unsubscribe_link"]) == ("handed", None, None)
    assert again["reason"].startswith("Customer unsubscribed on ")
    Case.objects.update(status="open")
    Resolution.objects.update(reopened_at=timezone.now())
    assert caller.get(f"{LIST}{first['id']}/").json()["state"] == "closed"
    assert caller.get(LIST, state="closed").json()["results"] != []


def test_only_a_key_sees_links_and_only_an_admin_key_who_the_customer_is(
    caller: Api, api: MakeApi, admin_session: Client
) -> None:
    due()
    caller.post(CLAIM, {})
    [shown] = admin_session.get(LIST, {"state": "handed"}).json()["results"]
    assert (shown["state"], shown["link"]) == ("handed", None)
    assert api("admin").get(LIST).json()["results"][0]["customer"]["email"] == "ada@example.com"
    assert api("cases:read").get(LIST).status_code == 403


@pytest.fixture
def admin_session() -> Client:
    from tests.factories import UserFactory
    from tests.surveys.staff import BACKEND

    client = Client()
    client.force_login(UserFactory(role="admin"), BACKEND)
    return client


@pytest.mark.parametrize(
    ("outcome", "effect", "statuses", "suppressed"),
    [
        ("delivered", "nothing", ("sent", "sent"), []),
        ("failed", "bounced", ("sent", "sent"), []),
        ("bounced", "bounced", ("failed", "failed"), []),
        ("complained", "suppressed", ("sent", "sent"), ["complained"]),
    ],
)
def test_what_became_of_a_link_is_taken_once(
    caller: Api, outcome: str, effect: str, statuses: tuple[str, str], suppressed: list[str]
) -> None:
    delivery = due()
    [handed] = caller.post(CLAIM, {}).json()["results"]
    address = f"{LIST}{handed['id']}/reports/"
    news = {"outcome": outcome, "words": "no a@b.example"}
    told = caller.post(address, news)
    assert told.json() == {"id": handed["id"], "outcome": outcome, "effect": effect}
    assert (told.status_code, caller.post(address, news).status_code) == (201, 200)
    assert story(delivery) == statuses
    assert list(Suppression.objects.values_list("reason", flat=True)) == suppressed
    report = delivery.reports.get()
    assert (report.source, report.words) == ("api", "no …")
    bounced = Invitation.objects.get().bounced_at is not None
    assert bounced == (outcome in {"failed", "bounced"})


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        (CLAIM, {"limit": 0}, 400, "limit"),
        (CLAIM, {"limit": 1001}, 400, "limit"),
        (CLAIM, {"all": True}, 400, "all"),
        (f"{LIST}999999999999999999999999/reports/", {"outcome": "delivered"}, 404, None),
        (f"{LIST}{{waiting}}/reports/", {"outcome": "delivered"}, 409, None),
        (f"{LIST}{{mailed}}/reports/", {"outcome": "delivered"}, 404, None),
        (f"{LIST}{{waiting}}/reports/", {"outcome": "lost"}, 400, "outcome"),
        (f"{LIST}{{waiting}}/reports/", {"outcome": "failed", "words": "x" * 301}, 400, "words"),
    ],
)
def test_fault_is_named(
    caller: Api, path: str, body: dict[str, object], status: int, field: str | None
) -> None:
    known = {"waiting": due().pk, "mailed": queued("eve@example.com").pk}
    answer = caller.post(path.format(**known), body)
    assert answer.status_code == status
    assert [e["field"] for e in answer.json().get("errors", [])] == ([field] if field else [])


def test_link_that_nobody_fetches_is_given_up_and_says_why(caller: Api) -> None:
    delivery = due()
    close = timedelta(days=Policy.objects.get().close_days)
    late = delivery.due_at + close
    assert (expire_due(late - timedelta(seconds=1)), story(delivery)) == (
        0,
        ("queued", "scheduled"),
    )
    assert list(waiting_silently(late - timedelta(seconds=1))) == []
    assert expire_due(late) == 1
    assert story(delivery) == ("cancelled", "cancelled")
    assert Invitation.objects.get().reason == NOT_FETCHED
    assert caller.post(CLAIM, {}).json() == {"results": []}


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_share_the_links(api: MakeApi) -> None:
    for n in range(30):
        due(f"c{n}@example.com")
    callers = [api("invitations:deliver") for _ in range(3)]

    def all_of_them(one: Api) -> list[int]:
        found: list[int] = []
        while batch := one.post(CLAIM, {"limit": 4}).json()["results"]:
            found += [each["id"] for each in batch]
        return found

    got = at_once(*[lambda one=one: all_of_them(one) for one in callers])
    numbers = [number for each in got for number in each]
    assert len(numbers) == len(set(numbers)) == 30
