"""Dispatch: due row → claimed → rendered → SMTP accepted → marked, by two worker processes.

The limit is the same number of the same mails, built beforehand, sent over reused ``smtplib``
connections by two processes to the same sink. Both are taken in turn and the medians compared.
"""

from __future__ import annotations

import multiprocessing
import os
import smtplib
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.synchronize import Barrier

from bench.smtp_sink import sink
from bench.table import Row
from config import garbage

SIZES = {"small": 2_000, "normal": 20_000, "large": 100_000}
PROCESSES = 2
TURNS = 3
TARGET = 0.6


def run(size: str) -> list[Row]:
    """One row: mails a second through the whole path, beside the bare sending of their bytes."""
    from django.core.management import call_command

    n_mails = SIZES[size]
    figures, limits = [], []
    with sink() as (port, taken):
        for _ in range(TURNS):
            call_command("flush", interactive=False, verbosity=0)
            _fill_outbox(n_mails)
            content = _one_mail()
            limits.append(n_mails / _timed(_send_bytes, port, content, n_mails // PROCESSES))
            before = taken.value
            figures.append(n_mails / _timed(_dispatch, port))
            _check(n_mails, taken.value - before)
    call_command("flush", interactive=False, verbosity=0)
    figure, limit = statistics.median(figures), statistics.median(limits)
    note = f"{n_mails:,} mails of {len(content):,} bytes, {PROCESSES} processes"
    return [
        Row(
            path="dispatch",
            figure=figure,
            unit="mails/s",
            limit=limit,
            ratio=figure / limit,
            target=f"≥ {TARGET}",
            passed=figure / limit >= TARGET,
            note=note,
        )
    ]


_FILL = (
    """
    INSERT INTO surveys_customer (key, email, external_id, name, language, timezone)
    SELECT 'mail:c' || n || '@example.com', 'c' || n || '@example.com', '', 'Customer ' || n, 'en',
           '' FROM generate_series(1, %(n)s) n
    """,
    """
    INSERT INTO surveys_case (source, external_id, status, customer_id, subject, severity, tags,
                              last_event_at, is_sample, created_at)
    SELECT 'bench', c.id::text, 'resolved', c.id, 'No signal at home', '', '{}', now(), false, now()
      FROM surveys_customer c
    """,
    """
    INSERT INTO surveys_resolution (case_id, resolved_at, channel, severity, n_agents,
                                    human_handled, is_sample)
    SELECT id, now(), '', '', 1, true, false FROM surveys_case
    """,
    """
    INSERT INTO surveys_invitation (resolution_id, customer_id, policy_id, version_id, status,
                                    reason, reason_code, due_at, language, arm, rotation, nonce,
                                    token_hash, is_sample, created_at)
    SELECT r.id, s.customer_id, p.id, v.id, 'scheduled', '', '', now(), 'en',
           CASE WHEN r.id %% 2 = 0 THEN 'fix_first' ELSE 'cause_first' END, 'O2',
           gen_random_uuid(), sha256(('t' || r.id)::bytea), false, now()
      FROM surveys_resolution r JOIN surveys_case s ON s.id = r.case_id,
           surveys_policy p, surveys_questionnaireversion v
    """,
    """
    INSERT INTO surveys_delivery (invitation_id, kind, status, due_at, n_attempts, last_error)
    SELECT id, 'invitation', 'queued', now(), 0, '' FROM surveys_invitation
    """,
    "ANALYZE",
)


def _fill_outbox(n_mails: int) -> None:
    from django.db import connection

    from surveys.services.publishing import ensure_defaults

    ensure_defaults()
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"n": n_mails} if "%(n)s" in statement else {})
    _give_real_links()


def _give_real_links() -> None:
    """Dispatch refuses to send a link that opens nothing, so the tokens must be ours."""
    from django.db import connection

    from surveys.models import Invitation
    from surveys.services.tokens import hash_of, token_of

    ids, nonces = zip(*Invitation.objects.values_list("pk", "nonce"), strict=True)
    hashes = [hash_of(token_of(nonce)) for nonce in nonces]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE surveys_invitation i SET token_hash = t.hash"
            "  FROM unnest(%s::bigint[], %s::bytea[]) AS t(id, hash) WHERE t.id = i.id",
            [list(ids), hashes],
        )
        cursor.execute("ANALYZE surveys_invitation")


def _one_mail() -> bytes:
    """The bytes of one of the mails that dispatch will build."""
    from django.utils import timezone

    from surveys.models import Delivery
    from surveys.services.delivery_claims import facts
    from surveys.services.delivery_mail import compose

    first = Delivery.objects.values_list("pk", flat=True)[:1]
    return compose(facts(list(first))[0], timezone.now()).content


def _check(n_mails: int, n_taken: int) -> None:
    from surveys.models import Delivery, Invitation

    sent = Delivery.objects.filter(kind="invitation", status="sent").count()
    marked = Invitation.objects.filter(status="sent").count()
    reminders = Delivery.objects.filter(kind="reminder", status="queued").count()
    assert (sent, marked, reminders, n_taken) == (n_mails, n_mails, n_mails, n_mails), (
        sent,
        marked,
        reminders,
        n_taken,
    )


def _timed(work: Callable[..., None], *arguments: object) -> float:
    """Seconds from the start of all processes, loaded and ready, to the end of the last."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES + 1)
    processes = [context.Process(target=work, args=(barrier, *arguments)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    barrier.wait(60)
    started = time.perf_counter()
    for process in processes:
        process.join()
    took = time.perf_counter() - started
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    return took


def _send_bytes(barrier: Barrier, port: int, content: bytes, n_mails: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench") as client:
        client.ehlo_or_helo_if_needed()
        barrier.wait(60)
        for _ in range(n_mails):
            client.sendmail("survey@example.org", ["customer@example.com"], content)


def _dispatch(barrier: Barrier, port: int) -> None:
    _be_a_worker(port)
    barrier.wait(60)
    _empty_outbox()


def _be_a_worker(port: int) -> None:
    """Load what a worker has loaded, and connect to the database."""
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    import django

    django.setup()
    garbage.settle()
    from django.db import connection

    from surveys.services import delivery_lanes  # noqa: F401 -- loaded before the clock starts

    connection.ensure_connection()


def _empty_outbox() -> None:
    from django.utils import timezone

    from surveys.services.delivery_lanes import dispatch_backlog

    later = timedelta(seconds=1)  # the outbox was filled by the clock of the database
    counts = dispatch_backlog(clock=lambda: timezone.now() + later)
    assert not counts.stopped, counts.stopped
