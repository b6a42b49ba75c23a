"""Tasks only wake workers: a broker that is away must not fail the request that committed."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

import pytest
import time_machine
from celery import Celery
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from config.celery import WakeUp, app, heartbeat
from surveys.models import Heartbeat

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def nothing() -> None:
    """The work of a task that is only published."""


@pytest.mark.django_db
def test_wake_up_after_a_commit_survives_a_broker_that_is_away(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = Celery(broker="redis+socket:///nowhere/r.sock", task_cls=WakeUp, set_as_current=False)
    away.conf.task_publish_retry = False
    away.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    task = away.task(name="tests.nothing")(nothing)
    with (
        caplog.at_level(logging.WARNING, logger="config.celery"),
        django_capture_on_commit_callbacks(execute=True) as callbacks,
    ):
        task.delay_on_commit()
        begun = time.monotonic()
    # Who waits for the answer does not wait for the broker, too.
    assert time.monotonic() - begun < 2
    assert len(callbacks) == 1
    assert [record.getMessage().split(",")[0] for record in caplog.records] == [
        "tests.nothing was not published"
    ]


@pytest.mark.django_db
def test_heartbeat_notes_the_time_in_one_row() -> None:
    Heartbeat.objects.create(name="beat", seen_at=datetime(2026, 1, 1, tzinfo=UTC))
    with time_machine.travel(NOW, tick=False):
        heartbeat()
    assert list(Heartbeat.objects.values_list("name", "seen_at")) == [("beat", NOW)]


def test_every_entry_of_the_schedule_is_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    wanted = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert wanted - set(app.tasks) == set()


def test_lost_workers_lose_no_task() -> None:
    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True)
    assert conf.worker_prefetch_multiplier == 1
