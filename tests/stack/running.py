"""Starts `manage.py` as an operator does, and finds what a home left running."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# What the suite's own services would lend to the programs under test.
BORROWED = (
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SECRET_KEY",
    "STABLEDOOR_HOME",
    "HOST",
    "PORT",
)
MANAGE = [sys.executable, "manage.py"]


def environment(**values: object) -> dict[str, str]:
    """The suite's environment without its services, with `values`."""
    kept = {name: value for name, value in os.environ.items() if name not in BORROWED}
    kept |= {name: str(value) for name, value in values.items()}
    return kept


def manage(*arguments: object, **values: object) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*MANAGE, *map(str, arguments)],
        cwd=ROOT,
        env=environment(**values),
        capture_output=True,
        text=True,
        timeout=180,  # a loaded machine is slow, not wrong
        check=False,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Up:
    """A running `manage.py up`."""

    home: Path
    port: int
    process: subprocess.Popen[str]
    lines: list[str]

    def read_until_ready(self) -> None:
        output = self.process.stdout
        assert output is not None
        for line in output:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("ready "):
                return
        raise AssertionError(f"up ended with {self.process.wait()}: {self.lines}")

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextlib.contextmanager
def up(home: Path, **values: object) -> Generator[Up, None, None]:
    """`manage.py up` on a free port, ready; killed at the end where the test did not end it."""
    port = free_port()
    process = subprocess.Popen(
        [*MANAGE, "up", "--workers", "1"],
        cwd=ROOT,
        env=environment(STABLEDOOR_HOME=home, PORT=port, **values),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Up(home, port, process, [])
    try:
        running.read_until_ready()
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
        if process.stdout:
            process.stdout.close()


def processes_of(home: Path) -> list[int]:
    """Every process whose environment names the home."""
    wanted = f"STABLEDOOR_HOME={home}\0".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and wanted in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def wait_for_none(home: Path, patience: float = 30.0) -> list[int]:
    """The processes of a home that are still there after a while."""
    deadline = time.monotonic() + patience
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    return processes_of(home)
