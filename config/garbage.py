"""How often Python looks for garbage in cycles.

By default it looks after every 700 objects, and once in a while through everything that was loaded,
which never goes: a quarter of the time that a thousand cases take to be read. What makes cycles
here is little and short-lived; reference counts free the rest at once.
"""

from __future__ import annotations

import gc

#: Objects made and not freed before the youngest are looked at: some megabytes.
YOUNG = 50_000
_MIDDLE, _OLD = 20, 50


def settle() -> None:
    """Leave what is loaded by now out of every search, and search less often. Called once in each
    process, when all is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, _MIDDLE, _OLD)
