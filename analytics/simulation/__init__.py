"""Made-up cases and answers whose truth is known, by the million: for benchmarks and for checking
that the reports find what was put in.

`world`, `draws` and `truth` are pure; only `load` knows a database, and is imported when asked for.
"""

from typing import TYPE_CHECKING, Any

from analytics.simulation.draws import Draws, draw
from analytics.simulation.truth import Expected, expected
from analytics.simulation.world import Flaw, Nature, World, world

if TYPE_CHECKING:
    from analytics.simulation.load import Simulated, simulate

__all__ = [
    "Draws", "Expected", "Flaw", "Nature", "Simulated", "World",
    "draw", "expected", "simulate", "world",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in ("Simulated", "simulate"):
        raise AttributeError(name)
    from analytics.simulation import load

    return getattr(load, name)
