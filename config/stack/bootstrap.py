"""Make `.venv` from uv.lock: with uv where it is on PATH, else with venv and pip alone.

Run as `python3 -I config/stack/bootstrap.py`. It runs before anything is installed, on whatever
Python there is, so it uses the standard library and the `packaging` that pip carries, and old
syntax. pip gets exactly the locked versions with their hashes, for the interpreter that runs.
"""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".installed"
OLDEST = (3, 11)
DEV = "--runtime" not in sys.argv  # an image takes what runs, a checkout also what tests and lints


def main():  # type: ignore[no-untyped-def]  # annotations of 3.11 would stop an older Python unread
    if sys.version_info < OLDEST:
        sys.exit(
            "stabledoor needs Python 3.11 or newer, this is "
            + sys.version.split()[0]
            + ". Name another one: make PYTHON=/path/to/python3.11"
        )
    if "--requirements" in sys.argv:
        print(requirements(dev=DEV), end="")
        return
    if not (shutil.which("uv") and with_uv()):
        with_pip()
    STAMP.touch()


def with_uv() -> bool:
    """`uv sync --frozen`; False where it fails, for then pip is tried."""
    command = ["uv", "sync", "--frozen", "--quiet", "--python", sys.executable]
    command += [] if DEV else ["--no-dev"]
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def with_pip() -> None:
    """venv and pip, re-entered with the new environment's interpreter to read its markers."""
    python = VENV / "bin" / "python"
    if not python.exists() or run(python, "-m", "pip", "--version").returncode:
        made = run(sys.executable, "-m", "venv", "--clear", VENV)
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            words = (made.stdout + made.stderr).strip()
            hint = "apt-get install python3-venv" if "ensurepip" in words else words[-200:]
            sys.exit(f"stabledoor: python's venv cannot make {VENV}: {hint}")
    listed = run(python, "-I", __file__, "--requirements", *sys.argv[1:])
    if listed.returncode:
        sys.exit(f"stabledoor: uv.lock cannot be read: {listed.stderr.strip()[-300:]}")
    print("stabledoor: installing the locked dependencies into .venv", flush=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(listed.stdout)
        file.flush()
        options = ["--quiet", "--no-deps", "--require-hashes", "--prefer-binary"]
        command = [str(python), "-m", "pip", "install", *options, "-r", file.name]
        installed = run(*command)
        if installed.returncode:
            sys.exit(
                "stabledoor: pip could not install the dependencies:\n" + installed.stderr.strip()
            )


def run(*command: object) -> "subprocess.CompletedProcess[str]":
    listed = [str(part) for part in command]
    return subprocess.run(listed, capture_output=True, text=True, check=False)


def requirements(lock: Path = ROOT / "uv.lock", *, dev: bool) -> str:
    """The locked packages that this interpreter needs, as pip's requirements with hashes."""
    import tomllib

    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    lines = []
    for package in sorted(_needed(packages, dev), key=lambda entry: entry["name"]):
        files = package.get("wheels", []) + ([package["sdist"]] if "sdist" in package else [])
        hashes = " ".join("--hash=" + file["hash"] for file in files)
        lines.append(f"{package['name']}=={package['version']} {hashes}\n")
    return "".join(lines)


def _markers() -> Any:
    """`packaging.markers`; a bare environment has it only inside pip."""
    try:
        return importlib.import_module("packaging.markers")
    except ImportError:
        return importlib.import_module("pip._vendor.packaging.markers")


def _needed(packages: "list[dict]", dev: bool) -> "list[dict]":  # type: ignore[type-arg]
    """Walk the lock from the project on, following what the markers allow here."""
    marker = _markers().Marker
    root = next(entry for entry in packages if "virtual" in entry["source"])
    waiting = list(root.get("dependencies", []))
    waiting += root.get("dev-dependencies", {}).get("dev", []) if dev else []
    found: dict = {}  # type: ignore[type-arg]
    seen = set()
    while waiting:
        wanted = waiting.pop()
        if "marker" in wanted and not marker(wanted["marker"]).evaluate():
            continue
        package = next(
            entry
            for entry in packages
            if entry["name"] == wanted["name"]
            and entry["version"] == wanted.get("version", entry["version"])
        )
        found[package["name"]] = package
        for extra in [None, *wanted.get("extra", [])]:
            if (package["name"], extra) not in seen:
                seen.add((package["name"], extra))
                waiting += (
                    package.get("dependencies", [])
                    if extra is None
                    else package["optional-dependencies"][extra]
                )
    return list(found.values())


if __name__ == "__main__":
    main()  # type: ignore[no-untyped-call]
