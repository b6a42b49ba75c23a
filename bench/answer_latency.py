"""How late answers are: p50 and p99 of a POST at half load, alone and while a worker counts.

Requests are due on the clock, at half of the rate that the same server reached just before, for a
shared machine is half as fast in one minute as in another. Alone and beside the worker in turn, and
the medians compared: one slow second of the machine decides the p99 of a single run. Which of them
is first changes from turn to turn, and both begin after the same rest: right after others, requests
are a third quicker at the p99 than later, whatever works beside them. What is
written ahead is in files used before, as in every installation but in its first minutes; else each
new one, 16 MB of zeros, would hold up all answers at once.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from bench import answers
from bench.http_load import load
from bench.table import Row

SECONDS = {"small": 4, "normal": 6, "large": 10}
TURNS = 6  # an even number: each kind is first in half of them
#: From these the rate is taken, after as many from which every thread knows its statements.
PROBE = 1_500
#: Before each of both; in it a worker that has just begun meets all that beat wakes it for.
REST_SECONDS = 12
P99_TARGET, COUNTING_TARGET = 0.05, 2.0


@dataclass
class _Late:
    """Of each turn: answers a second, and the percentiles in seconds."""

    rates: list[float] = field(default_factory=list)
    alone: list[tuple[float, float]] = field(default_factory=list)
    counting: list[tuple[float, float]] = field(default_factory=list)


def rows(size: str, fastest: float) -> list[Row]:
    """p99 alone and while counting; `fastest` answers a second were reached at most."""
    late = _Late()
    for turn in range(TURNS):
        _turn(SECONDS[size], fastest, late, counting_first=turn % 2 == 1)
    alone, counting = (
        [statistics.median(found) for found in zip(*of, strict=True)]
        for of in (late.alone, late.counting)
    )
    spread = f"{min(late.rates):,.0f} to {max(late.rates):,.0f} answers/s, {SECONDS[size]} s each"
    idle, busy = alone[1], counting[1]
    return [
        Row(
            path="answer: p99 at half load",
            figure=1000 * idle,
            unit="ms",
            limit=None,
            ratio=None,
            target=f"< {1000 * P99_TARGET:.0f} ms",
            passed=idle < P99_TARGET,
            note=f"p50 {1000 * alone[0]:.1f} ms; medians of {TURNS} turns ({_all(late.alone)}) at"
            f" {spread}",
        ),
        Row(
            path="answer: p99 while aggregating",
            figure=1000 * busy,
            unit="ms",
            limit=1000 * idle,
            ratio=idle / busy,
            target=f"≤ {COUNTING_TARGET:.0f} × idle",
            passed=busy <= COUNTING_TARGET * idle,
            note=f"p50 {1000 * counting[0]:.1f} ms, {busy / idle:.1f} ×; the same turns"
            f" ({_all(late.counting)}), beat and one worker counting them",
        ),
    ]


def _all(found: Sequence[tuple[float, float]]) -> str:
    return " · ".join(f"{1000 * p99:.0f}" for _, p99 in found)


def _turn(seconds: int, fastest: float, late: _Late, *, counting_first: bool) -> None:
    from django.db import connection

    most = int(seconds * fastest)  # twice what is due at half of that rate
    n = 2 * PROBE + 2 * most
    answers._fill(n)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    connection.close()
    posts = iter(answers._posts(n, 4, answers._firsts(n)))
    with answers._serving("config.wsgi:application") as port:
        answers._warm_up(port, n)
        _send(port, list(islice(posts, PROBE)))
        probed = answers._check(load(port, list(islice(posts, PROBE)), answers.CONNECTIONS), 303)
        rate = min(PROBE / probed.seconds / 2, fastest)
        due = int(rate * seconds)
        late.rates.append(rate)
        for counting in (counting_first, not counting_first):
            some = list(islice(posts, due))
            if counting:
                late.counting.append(_while_counting(port, some, rate))
            else:
                time.sleep(REST_SECONDS)
                late.alone.append(_send(port, some, rate))


def _send(port: int, posts: Sequence[bytes], rate: float | None = None) -> tuple[float, float]:
    """p50 and p99 of these, in seconds."""
    return answers._check(load(port, posts, 4 * answers.CONNECTIONS, rate), 303).percentiles


def _while_counting(port: int, posts: Sequence[bytes], rate: float) -> tuple[float, float]:
    """The same while beat and a worker count these, once what waited before is counted.

    Raises: AssertionError where nothing was counted meanwhile."""
    from analytics.models import AggregateState
    from bench.visible import _counting

    def version() -> int:
        return AggregateState.objects.values_list("version", flat=True).first() or 0

    before = version()
    with _counting():
        for _ in range(300):
            if version() > before:
                break
            time.sleep(0.1)
        assert version() > before, "no worker counts"
        time.sleep(REST_SECONDS)
        began = version()
        found = _send(port, posts, rate)
        assert version() > began, "nothing was counted while answers came"
    return found
