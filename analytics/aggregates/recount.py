"""What the rollups should hold, in plain SQL: no code in common with the counting in pandas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rollup:
    """A table of counts, and the statement that says what should stand in it.

    `expected` reads a common table `facts` (columns of `analytics_countedresponse`), one row each.
    """

    table: str
    key: tuple[str, ...]
    cells: tuple[str, ...]
    expected: str


def _counts(letter: str, column: str, top: int) -> list[tuple[str, str]]:
    return [
        (f"{letter}{k}", f"(count(*) FILTER (WHERE {column} = {k}))::integer")
        for k in range(1, top + 1)
    ]


def _columns(counts: list[tuple[str, str]]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in counts)


_DAYS: Final = (
    "CROSS JOIN LATERAL (VALUES ('a', f.answered_on), ('r', f.resolved_on)) AS b (basis, day)"
)
_FIX_COUNTS: Final = _counts("h", "s.rating", 5)
_CAUSE_COUNTS: Final = [
    *_counts("h", "f.c1", 5),
    *_counts("v", "f.c2", 5),
    *_counts("w", "f.c3", 4),
]

FIX: Final = Rollup(
    "analytics_fixday",
    ("basis", "scope", "day", "scope_id"),
    tuple(name for name, _ in _FIX_COUNTS),
    f"""SELECT b.basis, s.scope, b.day, s.scope_id, {_columns(_FIX_COUNTS)}
    FROM facts AS f {_DAYS} CROSS JOIN LATERAL (
        SELECT 'all', 0::bigint, f.f1
        UNION ALL SELECT 'team', f.team_id, f.f1 WHERE f.team_id IS NOT NULL
        UNION ALL SELECT 'agent', by.id,
            CASE WHEN f.n_agents = 1 AND f.f2 IS NOT NULL THEN f.f2 ELSE f.f1 END
            FROM unnest(f.agent_ids) AS by (id)
    ) AS s (scope, scope_id, rating)
    WHERE s.rating IS NOT NULL GROUP BY 1, 2, 3, 4""",
)
CAUSE: Final = Rollup(
    "analytics_causeday",
    ("basis", "scope", "day", "scope_id"),
    tuple(name for name, _ in _CAUSE_COUNTS),
    f"""SELECT b.basis, s.scope, b.day, s.scope_id, {_columns(_CAUSE_COUNTS)}
    FROM facts AS f {_DAYS} CROSS JOIN LATERAL (
        SELECT 'all', 0::bigint
        UNION ALL SELECT 'cause', f.cause_id WHERE f.cause_id IS NOT NULL
    ) AS s (scope, scope_id)
    WHERE num_nonnulls(f.c1, f.c2, f.c3) > 0 GROUP BY 1, 2, 3, 4""",
)
MATRIX: Final = Rollup(
    "analytics_matrixday",
    ("basis", "day", "fix", "cause"),
    ("n",),
    f"""SELECT b.basis, b.day, f.f1 AS fix, f.c1 AS cause, count(*)::integer AS n
    FROM facts AS f {_DAYS}
    WHERE f.f1 IS NOT NULL AND f.c1 IS NOT NULL GROUP BY 1, 2, 3, 4""",
)
ROLLUPS: Final = (FIX, CAUSE, MATRIX)


def differences(rollup: Rollup, facts: str, within: str = "TRUE") -> str:
    """A statement that lists the keys where the table is not what it should be.

    Both sides are read in one statement, so of one snapshot. Rows: the key, then the cells that
    should be there, then those that are.
    """
    key = ", ".join(f"COALESCE(e.{name}, t.{name}) AS {name}" for name in rollup.key)
    wanted = ", ".join(f"COALESCE(e.{name}, 0) AS expected_{name}" for name in rollup.cells)
    found = ", ".join(f"COALESCE(t.{name}, 0) AS found_{name}" for name in rollup.cells)
    same = " AND ".join(f"e.{name} = t.{name}" for name in rollup.key)
    differ = " OR ".join(f"COALESCE(e.{name}, 0) <> COALESCE(t.{name}, 0)" for name in rollup.cells)
    return (
        f"WITH facts AS ({facts}), expected AS ({rollup.expected})"
        f" SELECT {key}, {wanted}, {found}"
        f" FROM (SELECT * FROM expected WHERE {within}) AS e"
        f" FULL JOIN (SELECT * FROM {rollup.table} WHERE {within}) AS t ON {same}"
        f" WHERE {differ} ORDER BY {', '.join(str(n + 1) for n in range(len(rollup.key)))}"
    )
