"""Commands find the services of their home, started or not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from config.stack.home import Home
from config.stack.process import last_words, purge, spawn
from tests.stack.running import MANAGE, ROOT, environment, manage, processes_of

pytestmark = pytest.mark.slow


def test_command_starts_what_it_needs_and_stops_it_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    answer = manage("doctor", "--json", STABLEDOOR_HOME=home)
    found = {check["name"]: check["status"] for check in json.loads(answer.stdout)["checks"]}
    assert (answer.returncode, set(found.values())) == (0, {"ok"})
    assert list(found) == [
        "python", "database", "durability", "encoding", "migrations", "broker", "mail", "gateways",
        "webhooks", "sender", "bounces", "spf", "dkim", "dmarc", "site_url", "allowed_hosts",
        "secret_key", "debug", "disk", "clock", "time_zones", "beat",
    ]  # fmt: skip
    assert processes_of(home) == []


def test_commands_at_once_share_what_one_of_them_started(tmp_path: Path) -> None:
    home = tmp_path / "home"
    both = [
        subprocess.Popen(
            [*MANAGE, "showmigrations", "surveys"],
            cwd=ROOT,
            env=environment(STABLEDOOR_HOME=home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [(process.communicate(timeout=60), process.returncode) for process in both]
    assert [code for _, code in answers] == [0, 0], answers
    assert processes_of(home) == []


def test_help_starts_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    answer = manage("doctor", "--help", STABLEDOOR_HOME=home)
    assert (answer.returncode, home.exists()) == (0, False)


def test_doctor_names_every_fault_and_exits_with_one(tmp_path: Path) -> None:
    answer = manage(
        "doctor",
        "--json",
        STABLEDOOR_HOME=tmp_path,
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        REDIS_URL="redis://127.0.0.1:1/0",
        EMAIL_URL="smtp://127.0.0.1:1",
        SECRET_KEY="short",
        DEBUG="on",
    )
    body = json.loads(answer.stdout)
    found = {check["name"]: check["status"] for check in body["checks"]}
    assert (answer.returncode, body["status"]) == (1, "fault")
    assert {name for name, status in found.items() if status == "fault"} == {
        "database", "durability", "encoding", "migrations", "broker", "mail", "gateways",
        "webhooks", "secret_key", "clock", "beat",
    }  # fmt: skip
    assert {name for name, status in found.items() if status == "warn"} == {
        "sender", "bounces", "site_url", "debug",
    }  # fmt: skip
    assert all(check["mend"] for check in body["checks"] if check["status"] != "ok")


def test_what_a_killed_owner_left_is_purged_by_its_record(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    sleeper = spawn("sleeper", ["sleep", "60"], home.logs / "s.log")
    home.record([sleeper.record])
    assert purge(home.records()) == ["sleeper"]
    assert sleeper.popen.wait(5) == -15


def test_recycled_process_number_is_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    sleeper = spawn("sleeper", ["sleep", "60"], home.logs / "s.log")
    try:
        (boot, _, tick) = sleeper.record.started.partition(":")
        other = type(sleeper.record)("sleeper", sleeper.record.pid, f"{boot}:{int(tick) + 1}", 15)
        home.record([other])
        assert (purge(home.records()), sleeper.running) == ([], True)
    finally:
        sleeper.stop()


def test_last_words_prefer_the_line_that_names_a_fault(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("LOG: starting\nFATAL:  could not write: No space left on device\nLOG: bye\n")
    assert last_words(log) == "FATAL:  could not write: No space left on device"
