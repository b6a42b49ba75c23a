"""Reports: server time of agents, causes, overview and matrix, on N answers.

Standard windows: as the job leaves them, beside the read of one key, on N and on 10,000 answers of
the last week, before and after: then as many agents and causes have a rating in every window as
they have of N, and what differs is the history alone.
Any dates and filters: counted live, beside DuckDB on the same columns in memory, asked the same.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.table import Row

SIZES = {"small": 100_000, "normal": 1_000_000, "large": 10_000_000}
FEW = 10_000
LAST_DAY = dt.date(2026, 11, 20)
AGENTS, CAUSES, DAYS = 2_000, 200, 730
TURNS = 7
#: Of a few milliseconds each.
KEPT_TURNS = 41
STANDARD, FILTERED = 0.030, 0.300
NAMES = ("agents", "causes", "overview", "matrix")
WINDOWS = (7, 28, 90, 365)


def run(size: str) -> list[Row]:
    """Rows of the standard windows, of filtered questions, and of the first read of a process."""
    from django.core.management import call_command

    before = {name: seconds for name, _, seconds in _standard(FEW)}
    answers = _fill(SIZES[size])
    start = time.perf_counter()
    _hold()
    first = time.perf_counter() - start
    key, standard, filtered = _median(_one_key), _standard(None), _filtered()
    anew = _kept_anew()
    # Minutes lie between: what the machine does meanwhile is no matter of the history.
    few = {name: (before[name] + seconds) / 2 for name, _, seconds in _standard(FEW)}
    rows = []
    for name, days, seconds in standard:
        bound = name.split()[0] in ("agents", "causes")
        rows.append(
            Row(
                path=f"{name}, kept",
                figure=seconds * 1000,
                unit="ms",
                limit=key * 1000,
                ratio=key / seconds,
                target="≤ 30 ms, ≤ 1.2 × of 10 k" if bound else "",
                passed=seconds <= STANDARD and seconds <= 1.2 * few[name] if bound else None,
                note=f"{answers:,} answers, {days} days; of {FEW:,}: {few[name] * 1000:.3g} ms",
            )
        )
    rows += filtered
    rows.append(_plain("columns held anew by a process", first, "s", f"{answers:,} answers"))
    rows.append(_plain("all windows worked out anew", anew, "s", "agents and all else"))
    call_command("flush", interactive=False, verbosity=0)
    return rows


def _plain(path: str, figure: float, unit: str, note: str) -> Row:
    return Row(path, figure, unit, None, None, "", None, note)


def _fill(n: int, days: int = DAYS) -> int:
    from django.core.cache import cache
    from django.core.management import call_command

    from bench.history import fill
    from surveys.services.publishing import ensure_defaults

    call_command("flush", interactive=False, verbosity=0)
    cache.clear()
    ensure_defaults()
    return fill(n, 1, last_day=LAST_DAY, agents=AGENTS, causes=CAUSES, days=days, facts=False)


def _hold() -> None:
    from analytics.frames import packed
    from analytics.frames.selection import Selection

    list(packed.matching(Selection()))


def _ask(name: str, filters: Any) -> object:
    from analytics import reports
    from surveys.services.access import API_REPORTS

    return getattr(reports, name)(filters, API_REPORTS)


def _standard(n: int | None) -> list[tuple[str, int, float]]:
    """Median seconds of each report and window, after the job; of N answers put there first."""
    from analytics import aggregates
    from analytics.filters import Filters
    from analytics.reports import windows

    if n is not None:
        _fill(n, days=min(WINDOWS))
    aggregates.pack_days(at_once=True)
    windows.keep(LAST_DAY, None)
    found = []
    for days in WINDOWS:
        window = Filters(from_=LAST_DAY - dt.timedelta(days=days - 1), to=LAST_DAY)
        for name in NAMES:
            seconds = _median(lambda name=name, window=window: _ask(name, window), KEPT_TURNS)  # type: ignore[misc]
            found.append((f"{name} {days} d", days, seconds))
    return found


def _kept_anew() -> float:
    from django.core.cache import cache

    from analytics.reports import windows

    cache.clear()
    start = time.perf_counter()
    windows.keep(LAST_DAY, None)
    return time.perf_counter() - start


def _filtered() -> list[Row]:
    from analytics.filters import Filters

    odd = {"from_": LAST_DAY - dt.timedelta(days=500), "to": LAST_DAY - dt.timedelta(days=33)}
    asked = {
        "2 channels, 2 languages, by resolution": Filters(
            channel=("phone", "chat"), language=("en", "de"), by="resolved"
        ),
        "odd dates": Filters(**odd),  # type: ignore[arg-type]
        "odd dates, 3 causes, 1 team": Filters(
            **odd,  # type: ignore[arg-type]
            cause=tuple(f"sim-cause-1-{k}" for k in (1, 2, 3)),
            team=("Simulated team 1-1",),
        ),
    }
    columns = _Duck()
    rows = []
    for words, filters in asked.items():
        for name in NAMES:
            limit = _median(lambda name=name, filters=filters: columns.ask(name, filters))  # type: ignore[misc]
            seconds = _fresh(lambda name=name, filters=filters: _ask(name, filters))  # type: ignore[misc]
            rows.append(
                Row(
                    path=f"{name}, {words}",
                    figure=seconds * 1000,
                    unit="ms",
                    limit=limit * 1000,
                    ratio=limit / seconds,
                    target="≤ 300 ms, ≥ 0.2",
                    passed=seconds <= FILTERED and limit / seconds >= 0.2,
                    note="counted live; limit: the counts alone, by DuckDB on columns in memory",
                )
            )
    return rows


class _Duck:
    """The same answers as columns in the memory of DuckDB, ids and words as small integers."""

    def __init__(self) -> None:
        import duckdb
        import numpy as np
        import pandas as pd

        from analytics.frames import packed

        parts = []
        for part in packed.parts():
            sizes = np.diff(part.ends, prepend=0)
            answered = np.repeat(part.days, sizes)
            columns = {name: np.asarray(column) for name, column in part.columns.items()}
            parts.append(pd.DataFrame(columns | {"answered": answered.astype(np.int32)}))
        answers = pd.concat(parts, ignore_index=True)
        for name, place in (("cause", 0), ("product", 1), ("channel", 2)):
            known = pd.factorize(np.array([one[place] for one in packed.values("mix")], object))[0]
            answers[name] = known[answers["mix"]].astype(np.int16)
        for name, place in (("team", 0), ("language", 1)):
            known = pd.factorize(np.array([one[place] for one in packed.values("side")], object))[0]
            answers[name] = known[answers["side"]].astype(np.int16)
        answers["resolved"] = answers["answered"] - answers["lag"].astype(np.int32)
        answers["f1"] = answers["fix_ratings"] // 6
        answers["said"] = answers["fix_ratings"] % 6
        answers["c1"] = answers["cause_ratings"] // 30
        self._database = duckdb.connect()
        self._database.execute("CREATE TABLE answers AS SELECT * FROM answers")

    #: What each report is made of: every agent's ratings by mix; of every cause C1, C2 and C3.
    _QUESTIONS = {
        "agents": "SELECT agents, mix, said, count(*) FROM answers WHERE said > 0 AND {where}"
        " GROUP BY agents, mix, said",
        "causes": "SELECT cause, cause_ratings, count(*) FROM answers WHERE {where}"
        " GROUP BY cause, cause_ratings",
        "overview": "SELECT f1, c1, count(*) FROM answers WHERE {where} GROUP BY f1, c1",
        "matrix": "SELECT side, f1, c1, outcome, count(*) FROM answers WHERE {where}"
        " GROUP BY side, f1, c1, outcome",
    }

    def ask(self, name: str, filters: Any) -> object:
        """The counts that the report is made of, under as many limits of the same kind. A filter on
        causes chooses rows of the causes' report, and what they are held against is every cause."""
        day, parts = filters.by, ["TRUE"]
        if filters.from_:
            parts += [f"{day} >= {filters.from_.toordinal()}", f"{day} <= {filters.to.toordinal()}"]
        for dimension in ("channel", "language", "cause", "team"):
            n = len(filters.of(dimension))
            if n and (name, dimension) != ("causes", "cause"):
                parts.append(f"{dimension} IN ({', '.join(map(str, range(n)))})")
        question = self._QUESTIONS[name].format(where=" AND ".join(parts))
        return self._database.execute(question).fetchnumpy()


def _median(work: Callable[[], object], turns: int = TURNS) -> float:
    work()
    return statistics.median(_timed(work) for _ in range(turns))


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
