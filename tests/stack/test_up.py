"""`manage.py up`, started and ended as an operator, a crash or a machine would."""

from __future__ import annotations

import json
import os
import shutil
import signal
import smtplib
import socket
import tempfile
import time
import urllib.request
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.stack.running import Up, environment, free_port, manage, processes_of, up, wait_for_none

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("up"),
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads Linux' /proc"),
]


@pytest.fixture(scope="module")
def running() -> Generator[Up, None, None]:
    """One installation whose home is as hidden as `mktemp -d` makes it."""
    home = Path(tempfile.mkdtemp(prefix="stabledoor-up-"))
    door = f"lmtp://127.0.0.1:{free_port()}"
    with up(
        home / "home", BOUNCE_ADDRESS="bounce@back.northline.example", BOUNCE_LISTENER=door
    ) as started:
        yield started
    shutil.rmtree(home)


def get(port: int, path: str) -> tuple[int, object]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, json.loads(answer.read())


def parts(home: Path) -> dict[str, int]:
    listed = json.loads((home / "run" / "processes.json").read_text())
    return {entry["name"]: entry["pid"] for entry in listed}


def test_all_of_these_tests_run_in_one_process(request: pytest.FixtureRequest) -> None:
    """What is started once for them would else be started in each process, and is not cheap."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@up")


def test_up_ends_its_greeting_with_the_ready_line(running: Up) -> None:
    assert running.lines[-1] == f"ready http://127.0.0.1:{running.port}"


def test_up_answers_that_every_part_is_ready(running: Up) -> None:
    status, body = get(running.port, "/readyz")
    assert isinstance(body, dict)
    assert (status, body["failing"]) == (200, [])
    assert sorted(body["parts"]) == ["beat", "broker", "database", "migrations"]


def test_up_keeps_secrets_to_their_owner(running: Up) -> None:
    secrets = [running.home / name for name in ("secret_key", "postgres.password")]
    secrets.append(running.home / "run" / "services.json")
    assert [path.stat().st_mode & 0o777 for path in secrets] == [0o600] * 3


def test_command_borrows_the_running_services(running: Up) -> None:
    before = parts(running.home)
    answer = manage("doctor", "--json", STABLEDOOR_HOME=running.home)
    found = {check["name"]: check for check in json.loads(answer.stdout)["checks"]}
    assert (answer.returncode, parts(running.home)) == (0, before)
    assert found["beat"]["status"] == "ok"
    assert found["site_url"]["found"].startswith(f"http://127.0.0.1:{running.port},")


def test_second_up_on_the_same_home_is_refused_in_one_line(running: Up) -> None:
    answer = manage("up", STABLEDOOR_HOME=running.home, PORT=free_port())
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"stabledoor: Stabledoor already runs on the home {running.home} "
        f"(process {running.process.pid}). "
        "Stop it, or choose another home with STABLEDOOR_HOME and another PORT\n"
    )


def test_caught_mail_is_filed_whole(running: Up) -> None:
    services = json.loads((running.home / "run" / "services.json").read_text())
    host, _, port = services["email_url"].removeprefix("smtp://").partition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as client:
        client.sendmail("a@x.example", ["b@y.example"], b"Subject: one\r\n\r\nhello\r\n")
    (mail,) = (running.home / "mail").glob("*.eml")
    assert mail.read_bytes() == (
        b"Return-Path: <a@x.example>\r\nDelivered-To: b@y.example\r\nSubject: one\r\n\r\nhello\r\n"
    )


def test_listener_for_bounces_is_started_and_refuses_what_is_not_signed(running: Up) -> None:
    told = (running.home / "logs" / "bounces.log").read_text()
    port = int(told.partition("listening lmtp://127.0.0.1:")[2].split()[0])
    with smtplib.LMTP("127.0.0.1", port) as session:
        session.ehlo("here")
        session.mail("")
        assert session.rcpt("bounce@back.northline.example")[0] == 550
        # Rightly shaped, so the database was asked.
        forged = "bounce+1.i.abcdefghij2345abcdef@back.northline.example"
        assert session.rcpt(forged)[0] == 550


def test_worker_that_dies_is_started_again(running: Up) -> None:
    before = parts(running.home)["worker"]
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while parts(running.home)["worker"] == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert parts(running.home)["worker"] != before


def test_two_homes_run_side_by_side_and_sigterm_leaves_nothing(running: Up, tmp_path: Path) -> None:
    long_home = tmp_path / ("a-name-longer-than-a-unix-socket-may-be" * 3)
    with up(long_home) as second:
        assert get(second.port, "/healthz") == (200, {"status": "ok"})
        assert get(running.port, "/healthz") == (200, {"status": "ok"})
        assert second.end(signal.SIGTERM) == 0
        assert processes_of(long_home) == []
    assert get(running.port, "/healthz") == (200, {"status": "ok"})


def test_killed_up_leaves_nothing_and_starts_again(tmp_path: Path) -> None:
    with up(tmp_path / "home") as first:
        first.end(signal.SIGKILL)
        assert wait_for_none(first.home) == []
    with up(tmp_path / "home") as second:
        assert second.end(signal.SIGINT) == 0
        assert processes_of(second.home) == []


def test_busy_port_is_named_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = manage("up", STABLEDOOR_HOME=tmp_path / "home", PORT=port)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"stabledoor: the web server cannot listen on 127.0.0.1 port {port}: "
        f"Address already in use. Choose another, for example PORT={port + 1}\n"
    )
    assert processes_of(tmp_path / "home") == []


def test_home_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    answer = manage("up", STABLEDOOR_HOME=home, PORT=free_port())
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"stabledoor: STABLEDOOR_HOME {home} cannot be written: Not a directory. "
        "Name a directory of yours with free space, as in STABLEDOOR_HOME=$HOME/stabledoor\n"
    )


def test_wrong_variable_is_named_in_one_line(tmp_path: Path) -> None:
    answer = manage("up", STABLEDOOR_HOME=tmp_path, PORT="eighty")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        "stabledoor: PORT is wrong: 'eighty' is no port number between 1 and 65535. "
        "Example: PORT=8080\n"
    )


def test_environment_of_these_tests_lends_no_service() -> None:
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}.isdisjoint(environment())
