"""A start that cannot reach a service says so at once, with the variable and an example."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from config.management.commands.prepare import Command
from surveys.models import User
from surveys.services import sample
from tests.stack.running import manage

SECRET = "a secret of the suite that is long enough to be taken for one"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing"),
        ("DATABASE_URL", "{DATABASE_URL}{JOIN}nonsense=1"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ("REDIS_URL", "redis://127.0.0.1:1/0?nonsense=1"),
    ],
)
def test_service_out_of_reach_is_named_in_one_line(name: str, value: str, tmp_path: Path) -> None:
    database = os.environ["DATABASE_URL"]
    join = "&" if "?" in database else "?"
    urls = {
        "DATABASE_URL": database,
        "REDIS_URL": os.environ["REDIS_URL"],
        name: value.format(DATABASE_URL=database, JOIN=join),
    }
    found = manage(
        "prepare",
        SECRET_KEY=SECRET,
        EMAIL_URL="smtp://127.0.0.1:1",
        STABLEDOOR_HOME=tmp_path,
        **urls,
    )
    assert found.returncode == 1
    (line,) = found.stderr.strip().splitlines()
    assert line.startswith(f"CommandError: {name}: ")
    assert f"Example: {name}=" in line


@pytest.mark.django_db
def test_greeting_names_only_logins_that_there_are(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CAUGHT_MAIL = None
    monkeypatch.setattr(sample, "N_CASES", 5)
    User.objects.create_user("own@example.com", "a long password", role=User.Role.ADMIN)
    sample.load_once(timezone.now())
    assert Command()._greeting() == []
    sample._cast(with_logins=True)
    assert [line.split()[-3] for line in Command()._greeting()] == [
        f"{email}," for _, email in sample.logins()
    ]
