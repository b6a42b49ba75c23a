"""`make chaos`: first every kill and clock of tests/faults, then faults under load, one matrix.

MINUTES says how long the load and its faults last (60), SEED which faults and answers come when.
Exits with 1 where anything was lost or doubled; the home with its logs then stays.
"""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from config.stack.launcher import PR_SET_PDEATHSIG
from config.stack.process import LINUX
from config.stack.supervisor import STOP_WITH_PARENT
from tests.chaos.matrix import Matrix
from tests.chaos.run import Chaos, new_home
from tests.stack.running import ROOT, environment


def main() -> int:
    """Run, print, and say by the exit code whether it was clean."""
    minutes = float(os.environ.get("MINUTES") or 60)
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    if os.environ.pop(STOP_WITH_PARENT, "") and LINUX:  # make was killed
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    matrix = Matrix()
    passed = os.environ.get("SWEEPS") == "0" or sweep(matrix)
    clean = suffer(minutes, seed, matrix)
    say("")
    for line in matrix.lines():
        say(line)
    return 0 if clean and passed and matrix.clean else 1


def sweep(matrix: Matrix) -> bool:
    """The deterministic faults, by the suite's own tests; whether all passed."""
    with tempfile.TemporaryDirectory() as directory:
        cells = Path(directory) / "faults.json"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup"]
        process = subprocess.Popen(
            [*command, "tests/faults"], cwd=ROOT, env=environment(FAULTS_JSON=cells)
        )
        try:
            code = process.wait()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(30)
        if cells.exists():
            matrix.read(cells)
    return code == 0


def suffer(minutes: float, seed: int, matrix: Matrix) -> bool:
    """Faults under load; whether nothing happened that has no cell of the matrix."""
    home = new_home()
    say(f"chaos for {minutes:g} minutes, SEED={seed}, in {home}")
    began = time.monotonic()
    chaos = Chaos(home, minutes * 60, seed, say)
    clean = False
    try:
        judge = chaos.run()
        for words in (*judge.words, *chaos.ledger.troubles):
            say(f"  {words}")
        matrix.include(judge.matrix)
        clean = not judge.words and not chaos.ledger.troubles
        say(
            f"{time.monotonic() - began:,.0f} s, {len(chaos.story.chapters) - 2} faults, "
            f"{chaos.place.n_started_again} parts started again"
        )
    finally:
        chaos.close()
        if clean:
            shutil.rmtree(home.parent, ignore_errors=True)
        else:
            say(f"the logs stay in {home / 'logs'}")
    return clean


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- a command


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
