"""A small load generator: prepared requests over kept-alive connections, one process, no parsing
beyond where a response ends. A Python HTTP client would cost more than the server it measures.
"""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """What came back. `latencies` in seconds, from when a request was due to its last byte."""

    seconds: float
    latencies: list[float]
    statuses: dict[int, int]

    @property
    def percentiles(self) -> tuple[float, float]:
        """p50 and p99 of the latencies."""
        cuts = statistics.quantiles(self.latencies, n=100)
        return cuts[49], cuts[98]


@dataclass
class _Connection:
    socket: socket.socket
    due_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def load(
    port: int, requests: Sequence[bytes], connections: int, per_second: float | None = None
) -> Outcome:
    """Send every request once, from a process of its own.

    Without `per_second` each connection sends as soon as it has its answer. With it, requests are
    due at even intervals whatever the server does; one that has to wait for a free connection
    waits on the clock, so that a stall is not hidden by sending less.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_load, (port, list(requests), connections, per_second))


def _load(port: int, requests: list[bytes], connections: int, per_second: float | None) -> Outcome:
    selector = selectors.DefaultSelector()
    free: list[_Connection] = []
    for _ in range(connections):
        opened = socket.create_connection(("127.0.0.1", port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        free.append(_Connection(opened))
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    waiting = _due(requests, time.perf_counter(), per_second)
    upcoming = next(waiting, None)
    started = time.perf_counter()
    while upcoming is not None or len(free) < connections:
        while upcoming is not None and free and upcoming[0] <= time.perf_counter():
            connection = free.pop()
            connection.due_at = upcoming[0] if per_second else time.perf_counter()
            connection.socket.sendall(upcoming[1])
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            upcoming = next(waiting, None)
        pause = None
        if upcoming is not None and free:
            pause = max(0.0, upcoming[0] - time.perf_counter())
        if len(free) == connections:
            time.sleep(pause or 0)
            continue
        for key, _ in selector.select(pause):
            status = _read(key.data)
            if status is not None:
                selector.unregister(key.data.socket)
                latencies.append(time.perf_counter() - key.data.due_at)
                statuses[status] = statuses.get(status, 0) + 1
                free.append(key.data)
    seconds = time.perf_counter() - started
    for connection in free:
        connection.socket.close()
    return Outcome(seconds, latencies, statuses)


def _due(
    requests: list[bytes], started: float, per_second: float | None
) -> Iterator[tuple[float, bytes]]:
    for number, request in enumerate(requests):
        yield started + (number / per_second if per_second else 0.0), request


def _read(connection: _Connection) -> int | None:
    """The status once the response has come in full."""
    received = connection.received
    chunk = connection.socket.recv(65536)
    if not chunk:
        raise ConnectionError("the server closed a kept-alive connection")
    received += chunk
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(received[:end]).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    if len(received) < end + 4 + length:
        return None
    received.clear()
    return int(head.split(b" ", 2)[1])
