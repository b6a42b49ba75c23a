"""The test database's address, for processes of their own."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.db import connection


def url() -> str:
    """DATABASE_URL of the database that this test uses."""
    database = connection.settings_dict
    name, host, port = database["NAME"], str(database["HOST"]), str(database["PORT"])
    who = quote(str(database["USER"]))
    if database["PASSWORD"]:
        who += ":" + quote(str(database["PASSWORD"]))
    if host.startswith("/"):
        return f"postgres://{who}@/{name}?{urlencode({'host': host})}"
    return f"postgres://{who}@{host or '127.0.0.1'}:{port or '5432'}/{name}"
