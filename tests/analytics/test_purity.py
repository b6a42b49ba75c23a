"""Metrics, charts and exports know no Django, and load scipy only when a figure needs it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROBE = """
import sys
import numpy as np
import pandas as pd
from analytics import charts, columns, simulation
from surveys import exports
from analytics.metrics import agents, causes, intervals, matrix, ranks, ratings, shrinkage, trend
daily = pd.DataFrame({"day": pd.to_datetime(["2026-03-01"]), **{f"h{k}": [k] for k in range(1, 6)}})
trend.trend(daily, "week")
matrix.matrix(np.eye(5, dtype=int))
simulation.draw(simulation.world(1), 1, 9, 9, 1.0)
before = sorted({name.split(".")[0] for name in sys.modules} & {"django", "scipy", "celery"})
shrinkage.shrink(shrinkage.fit([1, 5, 9], [10, 10, 10]), 3, 10)
after = sorted({"scipy.stats", "scipy.optimize", "scipy.special"} & sys.modules.keys())
print(before, after)
"""


def test_pure_modules_load_neither_django_nor_scipy_before_it_is_needed() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("[] ['scipy.special']\n", "")
