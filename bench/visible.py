"""What people wait for on a running installation: web server, a worker and beat.

An answer until a report holds it: posted by HTTP, then the report is asked for until it counts one
more. Answers come at odd moments between two strokes of beat. A report page when everything is
warm: from the request to the last byte, and until Chromium paints it, where there is one.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.table import Row

SIZES = {"small": 20_000, "normal": 1_000_000, "large": 10_000_000}
ANSWERS, TURNS = 12, 11
VISIBLE, PAINTED = 3.0, 0.2
PAGES = ("/", "/agents/", "/causes/", "/matrix/")
_CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser")
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def run(size: str) -> list[Row]:
    """Rows: answer to report, and each page."""
    from django.conf import settings
    from django.core.cache import cache
    from django.core.management import call_command

    from bench.answers import _fill, _serving
    from bench.history import fill
    from surveys.services import keys

    _fill(ANSWERS + 2)
    cache.clear()
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    last = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    n = fill(SIZES[size], 1, last_day=last, agents=2_000, causes=200, days=730, facts=False)
    _, secret = keys.create("bench", ["reports:read"])
    rows = []
    with _serving("config.wsgi:application", STABLEDOOR_LOG_LEVEL="WARNING") as port, _counting():
        waits = _waits(port, secret)
        rows.append(
            Row(
                path="answer → visible",
                figure=max(waits),
                unit="s",
                limit=None,
                ratio=None,
                target="≤ 3 s",
                passed=max(waits) <= VISIBLE,
                note=f"longest of {len(waits)}, median {statistics.median(waits):.2f} s;"
                f" {n:,} answers before",
            )
        )
        rows += _pages(port, n)
    call_command("flush", interactive=False, verbosity=0)
    return rows


@contextmanager
def _counting() -> Iterator[None]:
    """A worker and beat, as the supervisor starts them."""
    celery = [sys.executable, "-m", "celery", "--app", "config.celery"]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    commands = (
        [*celery, "worker", "--concurrency", "1", *quiet],
        [*celery, "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", "",
         "--loglevel", "ERROR"],
    )  # fmt: skip
    quietly = os.environ | {"C_FORCE_ROOT": "1", "PYTHONWARNINGS": "ignore"}
    started = [
        subprocess.Popen(one, env=quietly, stdout=subprocess.DEVNULL, start_new_session=True)
        for one in commands
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def _waits(port: int, secret: str) -> list[float]:
    """Seconds from an answer's acknowledgement until the report counts it."""
    from bench.answers import _check, _posts
    from bench.http_load import load

    today = dt.datetime.now(dt.UTC).date()
    address = f"/api/v1/reports/overview/?from={today - dt.timedelta(days=6)}&to={today}"
    connection = http.client.HTTPConnection("127.0.0.1", port)
    chance, posts = random.Random(1), _posts(ANSWERS + 2, 4)

    def counted() -> int:
        headers = {"Authorization": f"Bearer {secret}", "Host": "127.0.0.1"}
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return int(json.loads(body)["fix"]["n"])

    waits = []
    # The first ones find every process cold.
    for number, post in enumerate(posts):
        before = counted()
        _check(load(port, [post], 1), 303)
        start = time.perf_counter()
        while counted() == before:
            assert time.perf_counter() - start < 60, "an answer is not counted"
            time.sleep(0.05)
        waits.append(time.perf_counter() - start)
        time.sleep(chance.uniform(0, 2))
        if number == 1:
            # The windows of the first counting are worked out.
            time.sleep(5)
    return waits[2:]


def _pages(port: int, n: int) -> list[Row]:
    cookie = _session()
    painted = _painted(port, cookie)
    rows = []
    for path in PAGES:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        times = []
        for _ in range(TURNS):
            start = time.perf_counter()
            headers = {"Cookie": f"sessionid={cookie}", "Host": "127.0.0.1"}
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (path, answer.status, answer.getheader("Location"))
            times.append(time.perf_counter() - start)
        rows.append(_page_row(path, statistics.median(times[1:]), painted.get(path), n))
    return rows


def _page_row(path: str, last_byte: float, paint: float | None, n: int) -> Row:
    """Of a page whose last byte came, and that was painted, after so many seconds.

    Unpainted it claims nothing: a page that has come is not yet seen."""
    seen = paint is not None
    shown = paint if paint is not None else last_byte
    told = f"to its last byte {1e3 * last_byte:.0f} ms" if seen else "no Chromium to paint it"
    return Row(
        path=f"{'first paint' if seen else 'last byte'} of {path}, warm",
        figure=1e3 * shown,
        unit="ms",
        limit=None,
        ratio=None,
        target="≤ 200 ms" if seen else "",
        passed=shown <= PAINTED if seen else None,
        note=f"{told}; {n:,} answers",
    )


def _session() -> str:
    """The cookie of a manager who signed in."""
    from django.test import Client

    from surveys.models import User

    manager = User.objects.create_user(email="bench@example.com", role=User.Role.MANAGER)
    client = Client()
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def _painted(port: int, cookie: str) -> dict[str, float]:
    """Seconds until the first contents of each page are painted, when it was open before."""
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None:
        return {}
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}")
        context.add_cookies([{"name": "sessionid", "value": cookie, "domain": "127.0.0.1",
                              "path": "/"}])  # fmt: skip
        for address in PAGES:
            page, times = context.new_page(), []
            for _ in range(6):
                page.goto(address, wait_until="load")
                paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
                page.wait_for_function(f"() => ({paint}) > 0")
                times.append(float(page.evaluate(paint)) / 1e3)
            found[address] = statistics.median(times[1:])
            page.close()
        browser.close()
    return found
