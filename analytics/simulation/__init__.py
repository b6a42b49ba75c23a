"""Made-up cases and answers whose truth is known, by the million: for benchmarks and for checking
that the reports find what was put in."""

from analytics.simulation.draws import Draws, draw
from analytics.simulation.load import Simulated, simulate
from analytics.simulation.truth import Expected, expected
from analytics.simulation.world import Flaw, Nature, World, world

__all__ = [
    "Draws", "Expected", "Flaw", "Nature", "Simulated", "World",
    "draw", "expected", "simulate", "world",
]  # fmt: skip
