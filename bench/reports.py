"""Reports: server time of agents, causes and overview, counted anew and remembered.

Beside a standard window stands the read of one key, beside a filtered question the same counts in
one SQL statement over the raw tables.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable

from bench.table import Row

SIZES = {"small": 100_000, "normal": 1_000_000, "large": 10_000_000}
LAST_DAY = dt.date(2026, 11, 20)
AGENTS, CAUSES, DAYS = 200, 40, 730
TURNS = 5
STANDARD, FILTERED = 0.1, 0.5


def run(size: str) -> list[Row]:
    """Rows for agents, causes and overview: the last 90 days, remembered and not; filtered."""
    from django.core.management import call_command
    from django.db import connection

    from analytics import reports
    from analytics.filters import Filters
    from analytics.simulation import simulate

    call_command("flush", interactive=False, verbosity=0)
    simulate(
        SIZES[size],
        1,
        last_day=LAST_DAY,
        agents=AGENTS,
        causes=CAUSES,
        days=DAYS,
        response_rate=1.0,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    window = Filters(from_=LAST_DAY - dt.timedelta(days=89), to=LAST_DAY)
    some = Filters(channel=("phone", "chat"), language=("en", "de"), by="resolved")
    asked: dict[str, Callable[[Filters], object]] = {
        "agents": lambda filters: reports.agents(filters, _scope()),
        "causes": lambda filters: reports.causes(filters, _scope()),
        "overview": lambda filters: reports.overview(filters, _scope()),
    }
    key = _median(_one_key)
    rows: list[Row] = []
    for name, ask in asked.items():
        rows += _standard(name, lambda ask=ask: ask(window), key, size)  # type: ignore[misc]
    for name, ask in asked.items():
        limit = _median(lambda name=name: _in_one_statement(name, some))  # type: ignore[misc]
        rows.append(_filtered(name, _fresh(lambda ask=ask: ask(some)), limit, size))  # type: ignore[misc]
    call_command("flush", interactive=False, verbosity=0)
    return rows


def _scope() -> object:
    from surveys.services.access import API_REPORTS

    return API_REPORTS


def _standard(name: str, ask: Callable[[], object], key: float, size: str) -> list[Row]:
    # What asks nothing of the overview's invitations is bound by the limits page.
    bound = STANDARD if name != "overview" else None
    counted, remembered = _fresh(ask), _median(ask)
    return [
        Row(
            path=f"{name}, 90 days, {how}",
            figure=figure * 1000,
            unit="ms",
            limit=key * 1000,
            ratio=key / figure,
            target=f"≤ {bound * 1000:.0f} ms" if bound else "",
            passed=figure <= bound if bound else None,
            note=f"{SIZES[size]:,} cases, all answered" if how == "counted anew" else "",
        )
        for how, figure in (("counted anew", counted), ("remembered", remembered))
    ]


def _filtered(name: str, figure: float, limit: float, size: str) -> Row:
    return Row(
        path=f"{name}, all time, filtered",
        figure=figure * 1000,
        unit="ms",
        limit=limit * 1000,
        ratio=limit / figure,
        target=f"≤ {FILTERED * 1000:.0f} ms",
        passed=figure <= FILTERED,
        note="2 channels, 2 languages, by day of resolution; counted anew",
    )


def _median(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_timed(work) for _ in range(TURNS))


def _fresh(work: Callable[[], object]) -> float:
    """Median seconds when nothing of this question is remembered."""
    from django.core.cache import cache

    figures = []
    for _ in range(TURNS + 1):
        cache.clear()
        figures.append(_timed(work))
    return statistics.median(figures[1:])


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _one_key() -> None:
    from analytics.models import FixDay

    FixDay.objects.filter(basis="a", scope="all", day=LAST_DAY, scope_id=0).values_list("h1")[0]


_RAW = """
FROM surveys_response AS p JOIN surveys_invitation AS i ON i.id = p.invitation_id
JOIN surveys_resolution AS r ON r.id = i.resolution_id
{agents} WHERE r.channel = ANY(%s) AND p.language = ANY(%s)
"""
_QUESTIONS = {
    "agents": "SELECT h.agent_id, count(*), count(*) FILTER (WHERE COALESCE(p.f2, p.f1) >= 4) "
    + _RAW.format(agents="JOIN surveys_resolutionagent AS h ON h.resolution_id = r.id")
    + " GROUP BY h.agent_id",
    "causes": "SELECT r.cause_id, count(p.c1), count(*) FILTER (WHERE p.c1 >= 4) "
    + _RAW.format(agents="")
    + " GROUP BY r.cause_id",
    "overview": "SELECT count(p.f1), count(p.c1), count(*) FILTER (WHERE p.f1 >= 4 AND p.c1 >= 4),"
    " count(p.completed_at) " + _RAW.format(agents=""),
}


def _in_one_statement(name: str, filters: object) -> None:
    from django.db import connection

    from analytics.filters import Filters

    assert isinstance(filters, Filters)
    with connection.cursor() as cursor:
        cursor.execute(_QUESTIONS[name], [list(filters.channel), list(filters.language)])
        cursor.fetchall()
