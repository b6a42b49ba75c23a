"""Ten million raw answers in minutes: a made-up million, and each of its rows ten times.

Copies get ids of their own beside those of their original, so that what happened at about the same
time stands together as it would have if it had arrived. Agents, causes and customers stay the same.
Indexes are made after the rows, which takes a third of the time.
"""

from __future__ import annotations

from typing import Any, Final

#: Of each table: the columns whose ids are multiplied, and what else has to differ.
_TABLES: Final[dict[str, tuple[tuple[str, ...], dict[str, str]]]] = {
    "surveys_case": (("id",), {"external_id": "t.external_id || '-' || k"}),
    "surveys_resolution": (("id", "case_id"), {}),
    "surveys_resolutionagent": (("id", "resolution_id"), {}),
    "surveys_invitation": (
        ("id", "resolution_id"),
        {
            "nonce": "md5(t.nonce::text || k)::uuid",
            "token_hash": "sha256(t.token_hash || k::text::bytea)",
        },
    ),
    "surveys_response": (("id", "invitation_id"), {}),
}


def multiply(times: int) -> None:
    """Put every case, resolution, invitation and answer there `times` times."""
    from django.db import connection, transaction

    names = ", ".join(_TABLES)
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS original_{table}")
            cursor.execute(f"CREATE UNLOGGED TABLE original_{table} AS TABLE {table}")
        with transaction.atomic():
            cursor.execute("DELETE FROM analytics_resolutionblock")
            # Every reference is to a row that is copied alike, and nothing is to be noted of it.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"TRUNCATE {names} CASCADE")
            _skip_indexes(cursor)
            for table, (ids, different) in _TABLES.items():
                _copy(cursor, table, times, ids, different)
            cursor.execute(
                "INSERT INTO analytics_resolutionchange (day, n, is_unpacked)"
                " SELECT (resolved_at AT TIME ZONE 'UTC')::date, count(*), TRUE"
                " FROM surveys_resolution GROUP BY 1"
            )
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for table in _TABLES:
            cursor.execute(f"REINDEX TABLE {table}")
            cursor.execute(f"DROP TABLE original_{table}")
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            )
            cursor.execute(f"VACUUM ANALYZE {table}")


def _skip_indexes(cursor: Any) -> None:
    """Leave the indexes of these tables alone until they are made anew."""
    cursor.execute(
        "UPDATE pg_index SET indisready = FALSE, indisvalid = FALSE"
        " WHERE indrelid = ANY(%s::regclass[])",
        [list(_TABLES)],
    )


def _copy(
    cursor: Any, table: str, times: int, ids: tuple[str, ...], different: dict[str, str]
) -> None:
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall()]
    chosen = [
        f"{times} * t.{name} + k" if name in ids else different.get(name, f"t.{name}")
        for name in columns
    ]
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"  # noqa: S608
        f" SELECT {', '.join(chosen)} FROM original_{table} AS t"
        f" CROSS JOIN generate_series(0, {times - 1}) AS k"
    )
