"""A long history put straight into the aggregates: what reads and increments meet at ten million
answers, without the hour that the raw rows of cases, invitations and answers would take to load.

The raw tables hold only a small world of the same people and causes.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

_CHUNK_DAYS = 73


def fill(
    n: int, seed: int, *, last_day: dt.date, agents: int, causes: int, days: int, facts: bool = True
) -> int:
    """Count `n` made-up cases, nearly all answered, over the days; how many answers they gave."""
    from django.db import connection, transaction

    from analytics.aggregates import write
    from analytics.simulation import simulate
    from analytics.simulation.draws import draw

    truth = simulate(
        4_000, seed, last_day=last_day, agents=agents, causes=causes, days=days, response_rate=1.0
    ).truth
    ids = _ids(seed)
    counted = 0
    for first in range(0, days, _CHUNK_DAYS):
        # Answers come up to a fortnight later, those after the last day never.
        # Drawn for a fortnight more, whose cases are left out again.
        share = n * (_CHUNK_DAYS + 14) // days
        drawn = draw(truth, 1_000 + first, share, _CHUNK_DAYS + 14, 1.0)
        start = (last_day - dt.timedelta(days=days - 1 - first)).toordinal()
        with transaction.atomic():
            write.lock()
            counted += _count(drawn, truth, ids, start, last_day.toordinal(), facts, counted)
            write.bump()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return counted


def _ids(seed: int) -> dict[str, list[int]]:
    from surveys.models import Agent, Cause, Product, Team

    def of(model: Any, column: str, prefix: str) -> list[int]:
        found = model.objects.filter(**{f"{column}__startswith": prefix})
        named = found.values_list(column, "pk")
        return [pk for _, pk in sorted((int(name.rsplit("-", 1)[1]), pk) for name, pk in named)]

    return {
        "agents": of(Agent, "external_id", f"sim-agent-{seed}-"),
        "team": of(Team, "name", f"Simulated team {seed}-"),
        "product": of(Product, "name", f"Simulated product {seed}-"),
        "cause": of(Cause, "code", f"sim-cause-{seed}-"),
    }


def _count(
    drawn: Any, truth: Any, ids: dict[str, list[int]], start: int, last: int, facts: bool, held: int
) -> int:
    from analytics.aggregates import blocks, bulk, columnar
    from analytics.frames.blocks import Block
    from analytics.simulation.draws import CHANNELS, LANGUAGES

    answered = np.floor(drawn.answered / 86_400).astype(np.int64) + start
    resolved = np.floor(drawn.resolved / 86_400).astype(np.int64) + start
    some = (drawn.answered >= 0) & (answered <= last) & (resolved < start + _CHUNK_DAYS)
    places = np.flatnonzero(some)
    rating = {name: values[places] for name, values in drawn.ratings.items()}
    group, groups = _groups(drawn, places, ids["agents"])
    columns = _columns(drawn, truth, places, rating, answered - resolved) | {"agents": group}
    values: dict[str, list[Any]] = {
        "team": ids["team"],
        "agents": groups,
        "product": ids["product"],
        "cause": ids["cause"],
        "channel": list(CHANNELS),
        "language": list(LANGUAGES),
        "questionnaire": [_questionnaire()],
        "arm": ["cause_first", "fix_first"],
    }
    block = Block(len(places), columns, values)
    days = answered[places]
    bulk.add(columnar.runs(days, block))
    blocks.insert(list(columnar.by_day(days, block)))
    if facts:
        _facts(days, block, rating, 10**12 + held)
    return len(places)


def _groups(drawn: Any, places: Any, agents: list[int]) -> tuple[Any, list[tuple[int, ...]]]:
    """The place of each answer's agents among the groups, and the groups, sorted ids."""
    base = len(agents) + 1
    pair = drawn.agent * base + drawn.second + 1
    found, group = np.unique(pair[places], return_inverse=True)
    members = [(one // base, one % base - 1) for one in found.tolist()]
    return group, [tuple(sorted(agents[one] for one in two if one >= 0)) for two in members]


def _columns(
    drawn: Any, truth: Any, places: Any, rating: dict[str, Any], lag: Any
) -> dict[str, Any]:
    """The codes of a block, but for its agents."""
    alone = drawn.second[places] < 0
    said = np.where(alone & (rating["f2"] > 0), rating["f2"], rating["f1"])
    return {
        "team": drawn.team[places],
        "product": truth.cause_product[drawn.cause[places]],
        "cause": drawn.cause[places],
        "channel": drawn.channel[places],
        "language": drawn.language[places],
        "questionnaire": np.zeros(len(places), np.int64),
        "arm": drawn.fix_first[places].astype(np.int64),
        "lag": lag[places],
        "fix_ratings": 6 * rating["f1"] + said,
        "cause_ratings": 30 * rating["c1"] + 5 * rating["c2"] + rating["c3"],
        "outcome": rating["o1"],
    }


def _questionnaire() -> int:
    from surveys.models import Questionnaire

    return Questionnaire.objects.order_by("pk").values_list("pk", flat=True).first() or 0


def _facts(days: Any, block: Any, rating: dict[str, Any], first: int) -> None:
    """The counted rows, by way of a table of numbers."""
    from django.db import connection

    columns = {
        "response_id": first + np.arange(len(days)),
        "answered": days,
        "resolved": days - block.columns["lag"],
        **{name: np.asarray(block.columns[name]) + 1 for name in _PLACES},
        **{name: rating[name] for name in ("f1", "f2", "c1", "c2", "c3", "o1")},
    }
    ids = {name: block.values[name] for name in _PLACES}
    groups = ["{" + ",".join(map(str, group)) + "}" for group in ids.pop("agents")]
    with connection.cursor() as cursor:
        _copy_numbers(cursor, columns)
        cursor.execute(_FACTS, {**ids, "groups": groups})


def _copy_numbers(cursor: Any, columns: dict[str, Any]) -> None:
    """The columns as a temporary table `numbers`, by binary COPY."""
    layout = [("fields", ">i2")]
    for name in columns:
        layout += [(f"{name}_length", ">i4"), (name, ">i8")]
    table = np.zeros(len(columns["answered"]), dtype=layout)
    table["fields"] = len(columns)
    for name, values in columns.items():
        table[f"{name}_length"], table[name] = 8, values
    cursor.execute("DROP TABLE IF EXISTS numbers")
    typed = ", ".join(f"{name} bigint" for name in columns)
    cursor.execute(f"CREATE TEMPORARY TABLE numbers ({typed}) ON COMMIT DROP")
    with cursor.copy(f"COPY numbers ({', '.join(columns)}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
        packed = table.view(np.uint8).data
        for start in range(0, len(packed), 1 << 22):
            copy.write(packed[start : start + (1 << 22)])
        copy.write(b"\xff\xff")


_FACTS = (
    "INSERT INTO analytics_countedresponse (response_id, answered_on, resolved_on, team_id,"
    " agent_ids, n_agents, product_id, cause_id, channel, language, questionnaire_id, arm,"
    " f1, f2, c1, c2, c3, o1) SELECT response_id, DATE '0001-01-01' + (answered - 1)::int,"
    " DATE '0001-01-01' + (resolved - 1)::int, (%(team)s::bigint[])[team],"
    " g.ids, cardinality(g.ids), (%(product)s::bigint[])[product],"
    " (%(cause)s::bigint[])[cause], (%(channel)s::text[])[channel],"
    " (%(language)s::text[])[language], (%(questionnaire)s::bigint[])[questionnaire],"
    " (%(arm)s::text[])[arm], NULLIF(f1, 0), NULLIF(f2, 0), NULLIF(c1, 0), NULLIF(c2, 0),"
    " NULLIF(c3, 0), NULLIF(o1, 0) FROM numbers JOIN (SELECT k, ids::bigint[] AS ids FROM"
    " unnest(%(groups)s::text[]) WITH ORDINALITY AS t (ids, k)) AS g ON g.k = agents"
)
_PLACES = ("team", "agents", "product", "cause", "channel", "language", "questionnaire", "arm")
