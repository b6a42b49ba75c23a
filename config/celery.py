"""The Celery application. The schedule stands in the open in `settings.CELERY_BEAT_SCHEDULE`.

A task is only a wake-up: what is to be done stands in the database. So a publisher that cannot
reach the broker notes it and goes on, and beat's next round does the work.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.signals import beat_init, worker_init, worker_process_init
from kombu.exceptions import OperationalError

from config import garbage, priority
from config.stack.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
logger = logging.getLogger(__name__)


class WakeUp(DjangoTask):  # type: ignore[type-arg]  # generic in the stubs alone
    """A task whose publishing after a commit never fails the request that committed."""

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> Any:
        from django.db import transaction

        transaction.on_commit(lambda: self._publish(args, kwargs))

    def _publish(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            self.apply_async(args=args, kwargs=kwargs)
        except OperationalError as error:
            logger.warning("%s was not published, beat will wake it: %s", self.name, error)


app = Celery("stabledoor", task_cls=WakeUp)
app.config_from_object("django.conf:settings", namespace="CELERY")
if os.environ.get("STABLEDOOR_PROCESS") != "beat":  # it sends by name and needs no pandas
    app.autodiscover_tasks()


@beat_init.connect
def beat_at_once(**_: Any) -> None:
    """The first heartbeat now, not after one interval: `up` waits for it."""
    app.send_task("surveys.heartbeat")


@app.task(name="surveys.heartbeat")
def heartbeat() -> None:
    """Note that beat, broker, a worker and the database reached each other."""
    from django.utils import timezone

    from surveys.models import Heartbeat

    Heartbeat.objects.update_or_create(name="beat", defaults={"seen_at": timezone.now()})


@worker_process_init.connect
def end_with_the_worker(**_: Any) -> None:
    """A pool process must not outlive a killed worker."""
    die_with_parent()


@worker_process_init.connect
def search_less_for_garbage(**_: Any) -> None:
    garbage.settle()


@beat_init.connect
@worker_init.connect
def answers_come_first(**_: Any) -> None:
    """The processes of a worker's pool inherit it."""
    priority.step_back()
