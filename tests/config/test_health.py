"""The pages for balancers and monitoring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from surveys.models import Heartbeat


def test_healthz_asks_no_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, db: None
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_names_a_beat_that_was_never_seen(client: Client) -> None:
    answer = client.get("/readyz")
    body = answer.json()
    assert (answer.status_code, body["status"], body["failing"]) == (503, "failing", ["beat"])
    assert body["parts"]["beat"] == {"ok": False, "reason": "beat was never seen"}


@pytest.mark.django_db
def test_readyz_names_a_beat_that_fell_silent(client: Client) -> None:
    Heartbeat.objects.create(name="beat", seen_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert client.get("/readyz").json()["parts"]["beat"] == {
        "ok": False,
        "reason": "beat was last seen at 2026-01-02T03:04:05+00:00",
    }


@pytest.mark.django_db
def test_readyz_is_ok_while_beat_is_seen(client: Client) -> None:
    seen = timezone.now() - timedelta(seconds=10)
    Heartbeat.objects.create(name="beat", seen_at=seen)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (200, [])
    assert answer.json()["parts"]["beat"] == {"ok": True, "seen_at": seen.isoformat()}


@pytest.mark.django_db
def test_readyz_names_a_broker_that_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Heartbeat.objects.create(name="beat", seen_at=timezone.now())
    away = Celery(broker="redis+socket:///nowhere/redis.sock", set_as_current=False)
    monkeypatch.setattr("config.celery.app", away)
    body = client.get("/readyz").json()
    assert body["failing"] == ["broker"]
    assert body["parts"]["broker"] == {"ok": False, "reason": "the broker does not answer"}


def test_metrics_are_hidden_unless_allowed(client: Client, settings: Settings) -> None:
    settings.METRICS = False
    assert client.get("/metrics").status_code == 404


@pytest.mark.django_db
def test_metrics_tell_the_queues(client: Client, settings: Settings) -> None:
    settings.METRICS = True
    lines = client.get("/metrics").content.decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values == {
        "stabledoor_queue_depth": "0.0",
        "stabledoor_due_now": "0.0",
        "stabledoor_oldest_due_seconds": "0.0",
        "stabledoor_answers_waiting": "0.0",
        "stabledoor_beat_silent_seconds": "-1.0",
    }
