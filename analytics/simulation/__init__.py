"""Made-up cases and answers whose truth is known, by the million: for benchmarks and for checking
that the reports find what was put in."""

from analytics.simulation.load import Simulated, simulate
from analytics.simulation.world import World, draw, world

__all__ = ["Simulated", "World", "draw", "simulate", "world"]
