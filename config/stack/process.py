"""Child processes that can be found again, stopped for certain, and do not outlive their parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.stack.launcher import PR_SET_PDEATHSIG

LAUNCHER = Path(__file__).with_name("launcher.py")
LOG_LIMIT = 20 * 1024 * 1024
SUPERVISED = "STABLEDOOR_SUPERVISED"
LINUX: bool = sys.platform.startswith("linux")


@dataclass(frozen=True)
class Record:
    """A process as it is written down: its number means nothing without the moment it started."""

    name: str
    pid: int
    started: str
    stop_signal: int

    @property
    def alive(self) -> bool:
        return started_at(self.pid) == self.started


@dataclass
class Child:
    """A running part of the stack."""

    record: Record
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def running(self) -> bool:
        return self.popen.poll() is None

    def stop(self, patience: float = 10.0) -> None:
        """Ask, wait, then insist; and take along whatever is left of its process group."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self.popen.send_signal(self.record.stop_signal)
            try:
                self.popen.wait(patience)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        kill_group(self.record.pid)

    def last_words(self) -> str:
        """The line of its log that most likely says why it ended."""
        return last_words(self.log)


def spawn(
    name: str,
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    user: tuple[int, int] | None = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start `command` in a session of its own, logging to `log`, dying with this process."""
    uid, gid = user or (-1, -1)
    with open_log(log) as output:
        popen = subprocess.Popen(
            [
                sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()),
                str(int(stop_signal)), str(uid), str(gid), *map(str, command),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=directory,
            start_new_session=True,
            pass_fds=pass_fds,
        )  # fmt: skip
    record = Record(name, popen.pid, started_at(popen.pid) or "", int(stop_signal))
    return Child(record, popen, log)


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending; one that has grown large is set aside first."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(descriptor, "ab")


def last_words(log: Path, limit: int = 8000) -> str:
    """The last line of a log that names a fault, else its last line."""
    try:
        with log.open("rb") as source:
            source.seek(max(0, log.stat().st_size - limit))
            lines = source.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return "no log"
    telling = [line for line in lines if _names_a_fault(line)]
    chosen = (telling or lines or ["it wrote nothing to its log"])[-1]
    return chosen.strip()[:300]


def _names_a_fault(line: str) -> bool:
    words = ("FATAL", "PANIC", "rror", "annot", "ould not", "No space left", "stabledoor: ")
    return any(word in line for word in words)


def started_at(pid: int) -> str | None:
    """A name for this very process: its boot and start tick, or None where it does not run."""
    if LINUX:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] == "Z" else f"{boot}:{fields[19]}"
    answer = subprocess.run(
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or None


def kill_group(pgid: int) -> None:
    """Kill what is left of a process group whose leader has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pgid, signal.SIGKILL)


def purge(records: Sequence[Record], patience: float = 10.0) -> list[str]:
    """Stop what an earlier, killed owner left running. Returns the names of what was found."""
    found = [record for record in records if record.alive]
    for record in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, record.stop_signal)
    deadline = time.monotonic() + patience
    while any(record.alive for record in found) and time.monotonic() < deadline:
        time.sleep(0.02)
    for record in found:
        if record.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(record.pid, signal.SIGKILL)
    for record in records:
        for pid in _session_members(record):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return [record.name for record in found]


def _session_members(record: Record) -> list[int]:
    """What is left of a recorded part's session; its number is not reused while one lives."""
    boot, _, tick = record.started.partition(":")
    members = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        older = int(fields[19]) < int(tick or 0)
        if int(fields[3]) == record.pid and not older and fields[0] != "Z":
            members.append(int(entry.parent.name))
    return members if boot and members and _same_boot(boot) else []


def _same_boot(boot: str) -> bool:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip() == boot


def die_with_parent() -> None:
    """For a process forked by a part of a supervised stack: end at once when that part ends."""
    if os.environ.get(SUPERVISED) and LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() == 1:
            os._exit(1)
