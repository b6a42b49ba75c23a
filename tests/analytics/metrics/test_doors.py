"""scipy has one door, statsmodels and ruptures another; nothing passes before a figure needs it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
METRICS = ROOT / "analytics/metrics"
PROBE = """
import importlib, pkgutil, sys
import analytics.metrics
for found in pkgutil.walk_packages(analytics.metrics.__path__, "analytics.metrics."):
    importlib.import_module(found.name)
from analytics.metrics import control, funnel, run_length
import numpy as np
heavy = {"scipy", "statsmodels", "ruptures", "django", "celery"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
control.p_chart(np.full(30, 10), np.full(30, 50))
funnel.funnel([30, 40], [50, 50])
run_length.limit_for(1000)
print(sorted({"scipy.stats", "statsmodels", "ruptures"} & sys.modules.keys()))
"""


def test_no_module_loads_a_heavy_library_and_charts_never_do() -> None:
    run = subprocess.run([sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("[]\n[]\n", "")


@pytest.mark.parametrize(
    ("library", "door"),
    [("scipy", "special.py"), ("statsmodels", "heavy.py"), ("ruptures", "heavy.py")],
)
def test_a_library_has_one_door(library: str, door: str) -> None:
    pattern = re.compile(rf"^\s*(?:from|import) {library}\b", re.MULTILINE)
    sources = METRICS.rglob("*.py")
    found = [path for path in sources if pattern.search(path.read_text(encoding="utf-8"))]
    assert found == [METRICS / door]
