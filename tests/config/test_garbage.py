"""Less is searched for garbage, and garbage still goes."""

from __future__ import annotations

import subprocess
import sys

_SETTLED = """
import gc, weakref
from config import garbage
kept = [object() for _ in range(100_000)]
garbage.settle()
assert gc.get_freeze_count() > 1000, gc.get_freeze_count()
class Ring:
    pass
seen = []
for _ in range(3 * garbage.YOUNG):
    ring = Ring()
    ring.itself = ring
    if not seen:
        seen.append(weakref.ref(ring))
del ring
assert seen[0]() is None
"""


def test_cycles_are_freed_and_what_was_loaded_is_left_alone() -> None:
    done = subprocess.run([sys.executable, "-c", _SETTLED], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_web_process_settles_when_all_is_loaded() -> None:
    code = "import gc, config.wsgi; print(gc.get_threshold()[0], gc.get_freeze_count() > 100_000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["50000", "True"], done.stderr
