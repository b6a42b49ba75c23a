"""`make bench`: every path beside its limit, both measured in this run, in one table.

Machines differ and drift, so the ratio is the result and the figures are its witnesses. The
database server is started for the run, with fsync on, and thrown away.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import secrets
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from config import garbage
from config.stack.home import Home
from config.stack.services import Backing

PATHS = (
    "intake", "imports", "ratings", "hooks", "dispatch", "backlog", "answers", "designed",
    "aggregation", "reports", "exports", "visible", "truth",
)  # fmt: skip
#: What needs no database, and starts none where nothing else is asked for.
PURE = {"truth"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=("small", "normal", "large"), default="normal")
    parser.add_argument("--only", default=",".join(PATHS), help="some of " + ", ".join(PATHS))
    parser.add_argument("--json", metavar="FILE", help="keep the rows in FILE too")
    parser.add_argument(
        "--write-docs", action="store_true", help="put the table of truth into docs/metrics.md"
    )
    options = parser.parse_args()
    options.only = [name.strip() for name in options.only.split(",")]
    if PURE.issuperset(options.only):
        _measure(options)
        return
    with tempfile.TemporaryDirectory(prefix="stabledoor-bench-") as folder:
        os.environ["STABLEDOOR_HOME"] = folder
        backing = Backing(Home(Path(folder)))
        backing.home.prepare()
        services = backing.start({})
        try:
            _load_django(services.database_url, services.redis_url, services.email_url)
            _measure(options)
        finally:
            _close_connections()
            backing.stop()


def _load_django(*urls: str | None) -> None:
    for name, url in zip(("DATABASE_URL", "REDIS_URL", "EMAIL_URL"), urls, strict=True):
        if url:
            os.environ[name] = url
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    # Each measurement empties the database, published questionnaires included.
    os.environ["PGOPTIONS"] = "-c surveys.may_truncate=yes"
    import django
    from django.core.management import call_command

    django.setup()
    garbage.settle()  # as every process of ours does
    call_command("migrate", verbosity=0)


def _measure(options: argparse.Namespace) -> None:
    from bench.table import Row, render

    rows: list[Row] = []
    for name in options.only:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        more = {"write_docs": options.write_docs} if name == "truth" else {}
        rows += importlib.import_module(f"bench.{name}").run(options.size, **more)
    print(_machine(with_database=not PURE.issuperset(options.only)))
    print(render(rows))
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(row) for row in rows], indent=1))


def _machine(*, with_database: bool) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"{machine}, {_server()}" if with_database else machine


def _server() -> str:
    from django.db import connection

    settings = {}
    with connection.cursor() as cursor:
        for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers"):
            cursor.execute(f"SHOW {name}")
            settings[name] = cursor.fetchone()[0]
    return (
        f"PostgreSQL {settings['server_version']}, fsync {settings['fsync']}, "
        f"synchronous_commit {settings['synchronous_commit']}, "
        f"shared_buffers {settings['shared_buffers']}"
    )


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    main()
