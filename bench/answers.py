"""Answering: POST of a full page until it is committed, and GET of a survey page.

Both go through granian as in production, two processes of four threads. The limit of the POST is
pgbench storing a response and its four answers as one statement on 16 connections, in two tables
with the keys that such tables cannot do without: one response an invitation, each answer belongs
to a response and is found by it. The same without any key stands in the note. The limit of the
GET is Django on the same server with nothing but one lookup of the token and a finished page.
Measured in turn, the medians compared; posts and pgbench a second or so of each, for a shared
machine is half as fast in one minute as in another. pgbench prepares its statement once, as our
processes do; what it reaches by its own default, parsed each time, is a row of its own. What a
plain Django view reaches that stores the same by the ORM is a limit of its own. What is posted is
the form as its page gives it, of a survey that nobody answered yet; the same of one that was
answered, which has to be looked up, stands in the note. How late answers are is measured in
`answer_latency`.

Statistics are taken of the tables that hold rows only. No installation has ever analysed its
responses while there were none: the planner would then read the growing table from end to end for
each answer, until autovacuum comes by a minute later. Here it would come by: it remembers the rows
of the turn before, and analysed tables that had just been emptied. So it is kept off these.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import pgbench
from bench.http_load import Outcome, load
from bench.table import Row

SIZES = {"small": 2_000, "normal": 10_000, "large": 50_000}
PGBENCH_SECONDS = {"small": 2, "normal": 5, "large": 10}
TURNS = 3
CONNECTIONS = pgbench.CONNECTIONS
PROCESSES, THREADS = 2, 4
POST_TARGET, GET_TARGET, PLAIN_TARGET = 0.15, 0.5, 2.5


@dataclass
class _Rates:
    """Of each turn: requests a second."""

    posts: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    stores: list[float] = field(default_factory=list)
    parsed: list[float] = field(default_factory=list)
    keyless: list[float] = field(default_factory=list)
    gets: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def run(size: str) -> list[Row]:
    """POST beside pgbench and beside a plain view, its p99 at half load, GET beside a bare page."""
    from django.conf import settings
    from django.core.management import call_command

    from bench.answer_latency import rows as late

    n = SIZES[size]
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    rates = _Rates()
    for _ in range(TURNS):
        _turn(n, PGBENCH_SECONDS[size], rates)
    _fill(n)
    with _serving("config.wsgi:application") as port:
        _warm_up(port, n)
        getting = _check(
            load(port, _gets(n), 4 * CONNECTIONS, statistics.median(rates.gets) / 2), 200
        )
    found = [*_rows(n, rates, getting.percentiles), *late(size, max(rates.posts))]
    call_command("flush", interactive=False, verbosity=0)
    return found


def _turn(n: int, seconds: int, rates: _Rates) -> None:
    """Everything once, the one after the other."""
    _fill(n)
    with _serving("config.wsgi:application") as port:
        _warm_up(port, n)
        rates.gets.append(n / _check(load(port, _gets(n), CONNECTIONS), 200).seconds)
        _first_answers(port, n, seconds, rates)
        _count(n)
        changes = _posts(n, 5)
        rates.changes.append(n / _check(load(port, changes, CONNECTIONS), 303).seconds)
        page = _page(port)
    with _bare_page(page) as port:
        _warm_up(port, n)
        rates.bare.append(n / _check(load(port, _gets(n), CONNECTIONS), 200).seconds)
    _fill(n)
    with _serving("bench.plain_view:application") as port:
        load(port, _posts(min(n, 500), 3), CONNECTIONS)  # answered once: refused here, but warm
        _fill(n)
        rates.plain.append(n / _check(load(port, _posts(n, 4), CONNECTIONS), 303).seconds)
        _count(n)


def _first_answers(port: int, n: int, seconds: int, rates: _Rates) -> None:
    """Posts and what pgbench stores, by turns of about a second."""
    posts = _posts(n, 4, _firsts(n))
    pgbench.create_tables()
    rates.keyless.append(pgbench.rate(seconds))
    pgbench.add_keys()
    took, stores, parsed = 0.0, [], []
    for part in range(seconds):
        some = posts[part * n // seconds : (part + 1) * n // seconds]
        took += _check(load(port, some, CONNECTIONS), 303).seconds
        stores.append(pgbench.rate(1))
        parsed.append(pgbench.rate(1, protocol="simple"))
    rates.posts.append(n / took)
    rates.stores.append(statistics.mean(stores))
    rates.parsed.append(statistics.mean(parsed))


def _rows(n: int, rates: _Rates, late_gets: tuple[float, float]) -> list[Row]:
    setting = f"{n:,} requests, {CONNECTIONS} connections, {PROCESSES} × {THREADS} threads"
    posted, got, stored, bare, plain, keyless, parsed, changed = (
        statistics.median(found)
        for found in (
            *(rates.posts, rates.gets, rates.stores, rates.bare),
            *(rates.plain, rates.keyless, rates.parsed, rates.changes),
        )
    )
    of_posts = (
        f"{setting}; limit: pgbench prepared, response and answers as one CTE; without any key"
        f" {keyless:,.0f}/s, ratio {posted / keyless:.3f}; of what was answered before"
        f" {changed:,.0f} answers/s"
    )
    of_parsed = "limit: the same by pgbench's own default, parsed each time"
    p50, p99 = late_gets
    of_gets = f"{setting}; at half load p50 {1000 * p50:.1f}, p99 {1000 * p99:.1f} ms"
    of_plain = "limit: a form and three saves of the ORM, the same server"
    return [
        _against("answer: POST of a page", "answers/s", (posted, stored), POST_TARGET, of_posts),
        _against(
            "answer, beside pgbench unprepared",
            "answers/s",
            (posted, parsed),
            POST_TARGET,
            of_parsed,
        ),
        _against(
            "answer, beside a plain view", "answers/s", (posted, plain), PLAIN_TARGET, of_plain
        ),
        _against("survey page: GET", "pages/s", (got, bare), GET_TARGET, of_gets),
    ]


def _against(path: str, unit: str, found: tuple[float, float], target: float, note: str) -> Row:
    """A rate beside the limit it is held against."""
    figure, limit = found
    ratio = figure / limit
    return Row(path, figure, unit, limit, ratio, f"≥ {target}", ratio >= target, note)


_FILL = (
    """
    INSERT INTO surveys_case (source, external_id, status, subject, severity, tags, last_event_at,
                              is_sample, created_at)
    SELECT 'bench', n::text, 'resolved', '', '', '{}', now(), false, now()
      FROM generate_series(1, %(n)s) n
    """,
    """
    INSERT INTO surveys_resolution (case_id, resolved_at, channel, severity, n_agents,
                                    human_handled, is_sample)
    SELECT id, now(), '', '', 1, true, false FROM surveys_case
    """,
    """
    INSERT INTO surveys_invitation (resolution_id, policy_id, version_id, status, reason,
                                    reason_code, due_at, sent_at, expires_at, language, arm,
                                    rotation, nonce, token_hash, is_sample, created_at)
    SELECT r.id, p.id, v.id, 'sent', '', '', now(), now(), now() + interval '14 days', 'en',
           CASE WHEN r.id %% 2 = 0 THEN 'fix_first' ELSE 'cause_first' END, 'O2',
           gen_random_uuid(), sha256(convert_to('bench-' || c.external_id, 'UTF8')), false, now()
      FROM surveys_resolution r JOIN surveys_case c ON c.id = r.case_id,
           surveys_policy p, surveys_questionnaireversion v
    """,
    "ANALYZE surveys_case, surveys_resolution, surveys_invitation",
    *(
        f"ALTER TABLE surveys_{table} SET (autovacuum_enabled = off)"
        for table in ("response", "responserevision", "answerchange", "followup", "outgoingevent")
    ),
)


def _fill(n: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from surveys.services.publishing import ensure_defaults

    call_command("flush", interactive=False, verbosity=0)
    ensure_defaults()
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"n": n} if "%(n)s" in statement else {})
    connection.close()


def _count(n: int) -> None:
    """Every acknowledged answer is there."""
    from surveys.models import AnswerChange, Response, ResponseRevision

    counts = (Response, ResponseRevision, AnswerChange)
    assert [model.objects.count() for model in counts] == [n, n, n]  # type: ignore[attr-defined]


def _gets(n: int) -> list[bytes]:
    return [
        f"GET /s/bench-{number}/?page=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        for number in range(1, n + 1)
    ]


def _posts(n: int, rating: int, firsts: Sequence[str] = ()) -> list[bytes]:
    """A form of each survey; ``firsts`` as it says of one that nobody answered yet."""
    found = []
    for number in range(1, n + 1):
        body = (
            f"page=fix&shown_in=en&first={firsts[number - 1] if firsts else ''}"
            f"&F1={rating}&F2=5&F3=1&F3=2&S1=2"
            "&fix_comment=The+technician+was+friendly+and+quick%2C+thank+you."
        )
        request = (
            f"POST /s/bench-{number}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        found.append(request.encode())
    return found


def _firsts(n: int) -> list[str]:
    """What the page of each survey says in its form: of these, its arm decides it."""
    from django.db import connection
    from django.utils import timezone

    from surveys.models import Invitation
    from surveys.services.answering import find
    from surveys.services.first_answers import code_of

    arms = dict(Invitation.objects.values_list("resolution__case__external_id", "arm"))
    codes: dict[str, str] = {}
    for number, arm in arms.items():
        if arm not in codes:
            asked = find(f"bench-{number}", timezone.now())
            assert asked is not None
            codes[arm] = code_of(asked)
    connection.close()
    return [codes[arms[str(number)]] for number in range(1, n + 1)]


def _warm_up(port: int, n: int) -> None:
    """Every thread has its connection and its prepared statements before the clock starts."""
    load(port, _gets(min(n, 500)), CONNECTIONS)


def _check(outcome: Outcome, status: int) -> Outcome:
    assert set(outcome.statuses) == {status}, outcome.statuses
    return outcome


def _page(port: int) -> bytes:
    """A finished page of the real size."""
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/s/bench-1/?page=1") as response:
        content: bytes = response.read()
    return content


@contextmanager
def _bare_page(page: bytes) -> Iterator[int]:
    with tempfile.NamedTemporaryFile(suffix=".html") as file:
        Path(file.name).write_bytes(page)
        with _serving("bench.bare_page:application", BARE_PAGE=file.name) as port:
            yield port


@contextmanager
def _serving(application: str, **environment: str) -> Iterator[int]:
    """granian, as production runs it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
        *("--workers", str(PROCESSES), "--blocking-threads", str(THREADS), application),
    ]
    server = subprocess.Popen(command, env=os.environ | environment, start_new_session=True)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the web server ended"
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as opened:
                opened.settimeout(10)
                opened.sendall(_gets(1)[0])
                if opened.recv(12).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the web server does not answer")
