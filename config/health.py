"""For balancers and monitoring: is the process up, does every part answer, how is the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

BEAT_SILENT_AFTER = timedelta(seconds=30)


class PartFailsError(Exception):
    """A part does not answer; the message says why in few words, without addresses or secrets."""


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up. Asks nothing of any other part."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Every part answers; 503 with the failing ones otherwise."""
    parts = {name: _checked(check) for name, check in CHECKS.items()}
    failing = [name for name, part in parts.items() if not part["ok"]]
    body = {"status": "failing" if failing else "ok", "failing": failing, "parts": parts}
    answer = JsonResponse(body, status=503 if failing else 200)
    # Polled every moment: the answer says it all, a line in the log for each would bury the rest.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _checked(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"ok": True} | check()
    except PartFailsError as error:
        return {"ok": False, "reason": str(error)}
    except DatabaseError:
        return {"ok": False, "reason": "the database does not answer"}


def database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
        cursor.fetchone()
    return {}


def broker() -> dict[str, Any]:
    """The broker takes a connection. Through a directory, it can be written."""
    from config.celery import app

    try:
        with app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=2)
    except (OSError, BrokerError) as error:
        raise PartFailsError("the broker does not answer") from error
    return {}


def migrations() -> dict[str, Any]:
    from config.preparing import unapplied

    missing = unapplied()
    if missing:
        raise PartFailsError(f"{len(missing)} migrations are not applied; run manage.py migrate")
    return {}


def beat() -> dict[str, Any]:
    """Beat, broker and a worker reached the database together a moment ago."""
    seen = beat_seen_at()
    if seen is None:
        raise PartFailsError("beat was never seen")
    if timezone.now() - seen > BEAT_SILENT_AFTER:
        raise PartFailsError(f"beat was last seen at {seen.isoformat(timespec='seconds')}")
    return {"seen_at": seen.isoformat()}


def beat_seen_at() -> datetime | None:
    """When the heartbeat last came through, or None."""
    from surveys.models import Heartbeat

    return Heartbeat.objects.filter(name="beat").values_list("seen_at", flat=True).first()


CHECKS: dict[str, Callable[[], dict[str, Any]]] = {
    "database": database,
    "broker": broker,
    "migrations": migrations,
    "beat": beat,
}


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; 404 unless METRICS is on."""
    if not settings.METRICS:
        raise Http404
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(Queues())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Queues:
    """Reads the queues when asked: every web process then answers the same numbers."""

    def collect(self) -> Any:
        from django.db.models import Count, Min, Q
        from prometheus_client.core import GaugeMetricFamily

        from surveys.models import AnswerChange, Delivery

        now = timezone.now()
        # Links for the customer's own system to fetch keep no worker waiting.
        mails = Delivery.objects.filter(channel=Delivery.Channel.MAIL)
        queued = mails.filter(status=Delivery.Status.QUEUED).aggregate(
            n=Count("pk"),
            n_due=Count("pk", filter=Q(due_at__lte=now)),
            oldest=Min("due_at", filter=Q(due_at__lte=now)),
        )
        late = (now - queued["oldest"]).total_seconds() if queued["oldest"] else 0
        for name, text, value in (
            ("queue_depth", "Mails that wait for their time.", queued["n"]),
            ("due_now", "Mails that are due and not yet taken.", queued["n_due"]),
            ("oldest_due_seconds", "Age of the oldest mail that is due; 0 for none.", late),
        ):
            yield GaugeMetricFamily(f"stabledoor_{name}", text, value=value)
        yield GaugeMetricFamily(
            "stabledoor_answers_waiting",
            "Answers stored but not yet counted in the reports.",
            value=AnswerChange.objects.count(),
        )
        seen = beat_seen_at()
        yield GaugeMetricFamily(
            "stabledoor_beat_silent_seconds",
            "Since beat, broker and a worker last reached the database; -1 for never.",
            value=(now - seen).total_seconds() if seen else -1,
        )
