"""The test database's address, for processes of their own."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.db import connection


def url(**options: str) -> str:
    """DATABASE_URL of the database that this test uses, with these options of libpq."""
    database = connection.settings_dict
    name, host, port = database["NAME"], str(database["HOST"]), str(database["PORT"])
    who = quote(str(database["USER"]))
    if database["PASSWORD"]:
        who += ":" + quote(str(database["PASSWORD"]))
    server = f"{host or '127.0.0.1'}:{port or '5432'}"
    if host.startswith("/"):
        server, options = "", {"host": host} | options
    return f"postgres://{who}@{server}/{name}?{urlencode(options)}".rstrip("?")
