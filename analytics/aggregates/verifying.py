"""Recounting everything from the raw answers, and saying where the aggregates differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from analytics.aggregates import blocks, recount, resolutions, write
from analytics.aggregates.recount import Rollup
from analytics.frames.answers import COLUMNS, CURRENT
from analytics.frames.sql import Row, rows


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of one table where the recount and what is stored differ."""

    table: str
    key: dict[str, Any]
    expected: dict[str, Any]
    found: dict[str, Any]

    def __str__(self) -> str:
        key = ", ".join(f"{name} {value}" for name, value in self.key.items())
        cells = ", ".join(
            f"{name} should be {value}, is {self.found.get(name)}"
            for name, value in self.expected.items()
            if self.found.get(name) != value
        )
        return f"{self.table} at {key}: {cells}"


def verify(most: int = 20) -> list[Difference]:
    """The first `most` differences between the aggregates and a recount from the raw answers.

    Answers that wait to be counted are no difference: they are left out on both sides, and counting
    stands still for the one moment in which everything is read (one snapshot; answering does not).
    """
    found: list[Difference] = []
    with transaction.atomic():
        write.lock()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS recounted")
            # What waits is counted as it was when it was last counted, on both sides.
            cursor.execute(
                "CREATE TEMPORARY TABLE recounted ON COMMIT DROP AS"
                f" SELECT * FROM ({CURRENT}) AS raw WHERE NOT EXISTS (SELECT 1"
                " FROM surveys_answerchange AS c WHERE c.response_id = raw.response_id)"
                f" UNION ALL SELECT {', '.join(COLUMNS)} FROM analytics_countedresponse AS k"
                " WHERE EXISTS (SELECT 1 FROM surveys_answerchange AS c"
                " WHERE c.response_id = k.response_id)"
            )
            cursor.execute("CREATE INDEX ON recounted (answered_on)")
            cursor.execute("ANALYZE recounted")
        found += _facts(most)
        for rollup in recount.ROLLUPS:
            if len(found) < most:
                found += _rollup(rollup, most - len(found))
        if len(found) < most:
            found += _blocks(most - len(found))
        if len(found) < most:
            found += [
                Difference(
                    "analytics_resolutionblock",
                    {"day": day},
                    {"resolutions": n, "columns": "as they are"},
                    {"resolutions": have, "columns": "as packed"},
                )
                for day, n, have in resolutions.wrong(most - len(found))
            ]
    return found


def _facts(most: int) -> list[Difference]:
    """Responses whose counted row is missing, superfluous or not the raw one."""
    names = COLUMNS[1:]
    pairs = ", ".join(f"e.{name}, t.{name}" for name in names)
    differ = " OR ".join(f"e.{name} IS DISTINCT FROM t.{name}" for name in names)
    statement = (
        f"SELECT COALESCE(e.response_id, t.response_id), {pairs} FROM recounted AS e"
        " FULL JOIN analytics_countedresponse AS t ON t.response_id = e.response_id"
        f" WHERE {differ} ORDER BY 1 LIMIT %s"
    )
    return [
        Difference(
            "analytics_countedresponse",
            {"response_id": row[0]},
            dict(zip(names, row[1::2], strict=True)),
            dict(zip(names, row[2::2], strict=True)),
        )
        for row in rows(statement, [most])
    ]


def _rollup(rollup: Rollup, most: int) -> list[Difference]:
    statement = recount.differences(rollup, "SELECT * FROM recounted")
    return [difference_of(rollup, row) for row in rows(f"{statement} LIMIT %s", [most])]


def _blocks(most: int) -> list[Difference]:
    """Days whose packed columns are not what the recount holds of them."""
    days = rows(
        "SELECT answered_on FROM recounted UNION SELECT day FROM analytics_answerblock ORDER BY 1"
    )
    names = ", ".join(COLUMNS)
    found: list[Difference] = []
    for (day,) in days:
        counted = rows(f"SELECT {names} FROM recounted WHERE answered_on = %s", [day])
        held = rows("SELECT n, data FROM analytics_answerblock WHERE day = %s", [day])
        if len(found) < most and blocks.differs(counted, [bytes(data) for _, data in held]):
            packed = {"responses": sum(n for n, _ in held), "columns": "as packed"}
            expected = {"responses": len(counted), "columns": "as counted"}
            found.append(Difference("analytics_answerblock", {"day": day}, expected, packed))
    return found


def difference_of(rollup: Rollup, row: Row) -> Difference:
    """A row of `recount.differences` with its names."""
    start, middle = len(rollup.key), len(rollup.key) + len(rollup.cells)
    return Difference(
        rollup.table,
        dict(zip(rollup.key, row[:start], strict=True)),
        dict(zip(rollup.cells, row[start:middle], strict=True)),
        dict(zip(rollup.cells, row[middle:], strict=True)),
    )
