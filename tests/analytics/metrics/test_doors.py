"""scipy has one door and is not loaded before a figure needs it; what is for tests has none."""

import re
import subprocess
import sys
import tomllib
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


def importers(library: str, *below: str) -> list[Path]:
    """Sources of the product, below these folders, that import a library."""
    pattern = re.compile(rf"^\s*(?:from|import) {library}\b", re.MULTILINE)
    sources = [path for part in below for path in (ROOT / part).rglob("*.py")]
    return [path for path in sources if pattern.search(path.read_text(encoding="utf-8"))]


def test_scipy_has_one_door() -> None:
    assert importers("scipy", "analytics/metrics") == [METRICS / "special.py"]


@pytest.mark.parametrize("library", ["statsmodels", "ruptures"])
def test_what_checks_our_own_methods_in_tests_is_no_part_of_the_product(library: str) -> None:
    assert importers(library, "analytics", "bench", "config", "surveys") == []
    assert importers(library, "tests/analytics/metrics")
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)
    assert not [one for one in declared["project"]["dependencies"] if one.startswith(library)]
    assert [one for one in declared["dependency-groups"]["dev"] if one.startswith(library)]
