"""STABLEDOOR_HOME: where everything of one installation lies, and who uses it at the moment."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.stack.errors import StackError
from config.stack.process import Record

SOCKET_PATH_LIMIT = 100  # sun_path holds 107 bytes and a terminator; macOS 103

LEAST_FREE = 100 * 1024 * 1024  # a new cluster with its first log


@dataclass(frozen=True)
class Services:
    """Addresses of the backing services that the owner started; None where it started none."""

    owner: Record
    database_url: str | None = None
    redis_url: str | None = None
    broker_directory: str | None = None
    email_url: str | None = None
    site_url: str | None = (
        None  # where a running `up` answers; commands beside it write it in mails
    )


@dataclass(frozen=True)
class Lock:
    """An advisory lock of a home. The kernel releases it when its holder ends, however it ends."""

    descriptor: int
    held: bool

    def make_exclusive(self) -> None:
        """Wait until nobody else shares it."""
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)


@dataclass(frozen=True)
class Home:
    """The directory of one installation and its fixed places."""

    path: Path

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    def prepare(self) -> None:
        """Create what is missing. Raises StackError where the home cannot be written."""
        try:
            for directory in (self.path, self.run, self.logs, self.mail):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.run / "probe"
            probe.write_bytes(b"?")
            probe.unlink(missing_ok=True)  # by another command, which probes at the same moment
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise StackError(
                f"STABLEDOOR_HOME {self.path} cannot be written: {error.strerror}. "
                "Name a directory of yours with free space, as in STABLEDOOR_HOME=$HOME/stabledoor"
            ) from error
        if free < LEAST_FREE:
            raise StackError(
                f"the disk of STABLEDOOR_HOME {self.path} is full: {free >> 20} MB are free, "
                f"{LEAST_FREE >> 20} MB are needed"
            )

    def secret(self, name: str) -> str:
        """A random secret kept in the home, made at the first use, readable by its owner alone."""
        path = self.path / name
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            write_private(path, secrets.token_urlsafe(48))
            return path.read_text().strip()

    def known_secret(self, name: str) -> str | None:
        """The secret where it was made already; nothing is made by asking."""
        try:
            return (self.path / name).read_text().strip()
        except OSError:
            return None

    def socket_directory(self) -> Path:
        """A place for Unix sockets: in the home, or where its name is too long, below /tmp."""
        note = self.run / "sockets"
        if note.exists():
            noted = Path(note.read_text().strip())
            if noted.is_dir() and noted.stat().st_uid in {os.geteuid(), *_nobody()}:
                return noted
        wanted = self.run / "s"
        if len(os.fsencode(wanted / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
            wanted.mkdir(mode=0o700, exist_ok=True)
            return wanted
        made = Path(tempfile.mkdtemp(prefix="stabledoor-", dir="/tmp"))
        write_private(note, str(made))
        return made

    def forget_socket_directory(self) -> None:
        """Remove the sockets below /tmp again."""
        note = self.run / "sockets"
        if note.exists():
            shutil.rmtree(note.read_text().strip(), ignore_errors=True)
            note.unlink()

    # What runs: the addresses for whoever needs them, the processes for whoever must clean up.

    def announce(self, services: Services) -> None:
        write_private(self.run / "services.json", json.dumps(asdict(services), indent=1))

    def withdraw(self) -> None:
        (self.run / "services.json").unlink(missing_ok=True)

    def services(self) -> Services | None:
        """The services that run for this home, or None."""
        found = _read_json(self.run / "services.json")
        if not isinstance(found, dict):
            return None
        services = Services(**(found | {"owner": Record(**found["owner"])}))
        return services if services.owner.alive else None

    def record(self, records: Sequence[Record]) -> None:
        write_private(
            self.run / "processes.json",
            json.dumps([asdict(record) for record in records], indent=1),
        )

    def records(self) -> list[Record]:
        found = _read_json(self.run / "processes.json")
        return [Record(**entry) for entry in found] if isinstance(found, list) else []

    # Locks. "owner" is held by whoever started the services, "users" (shared) by whoever needs them
    # to stay.

    @contextlib.contextmanager
    def lock(self, name: str, *, shared: bool = False, wait: bool = False) -> Iterator[Lock]:
        """Hold an advisory lock; it is not `held` where another holds it and `wait` is off."""
        descriptor = os.open(
            self.run / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            try:
                fcntl.flock(descriptor, mode)
            except BlockingIOError:
                yield Lock(descriptor, held=False)
            else:
                yield Lock(descriptor, held=True)
        finally:
            os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner alone."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w") as output:
            output.write(text + "\n")
        os.replace(name, path)  # noqa: PTH105 -- the temporary name is a string already
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def _nobody() -> set[int]:
    import pwd

    with contextlib.suppress(KeyError):
        return {pwd.getpwnam("nobody").pw_uid, 65534}
    return {65534}
