"""Our own regressions equal those of statsmodels, to the digits that either settles to."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.metrics import likelihood
from analytics.metrics.likelihood import Model
from tests.analytics.metrics import reference

RANDOM = np.random.default_rng(20261122)


def _world(family: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hits, design and exposure of one random series with a step and a trend; some weeks empty."""
    rows = int(RANDOM.integers(8, 80))
    time = np.arange(rows) - rows / 2
    design = np.column_stack([np.ones(rows), time > RANDOM.integers(-2, 3), time])
    size = RANDOM.integers(1, 60, rows).astype(float)
    linear = design @ RANDOM.normal(0, [0.8, 0.8, 0.02])
    if family == "poisson":
        return RANDOM.poisson(size * np.exp(linear)).astype(float), design, size
    if family == "binomial":
        share = 1 / (1 + np.exp(-linear))
        return RANDOM.binomial(size.astype(int), share).astype(float), design, size
    return linear + RANDOM.normal(0, 1, rows), design, np.ones(rows)


@pytest.mark.parametrize("family", ["poisson", "binomial", "gaussian"])
@pytest.mark.parametrize("_", range(25))
def test_fit_equals_statsmodels(family: Model, _: int) -> None:
    hits, design, size = _world(family)
    if hits.sum() == 0:
        hits[0] = 1.0
    ours, theirs = (one.fit(family, hits, design, exposure=size) for one in (likelihood, reference))
    assert ours.coefficients == pytest.approx(theirs.coefficients, rel=1e-5, abs=1e-6)
    assert ours.covariance == pytest.approx(theirs.covariance, rel=1e-4, abs=1e-8)
    assert (ours.dispersion, ours.freedom) == (
        pytest.approx(theirs.dispersion, rel=1e-5),
        theirs.freedom,
    )


def test_columns_that_depend_on_each_other_are_refused() -> None:
    twice = np.column_stack([np.ones(10), np.ones(10)])
    with pytest.raises(np.linalg.LinAlgError, match="depend on each other"):
        likelihood.fit("poisson", np.arange(10), twice)


def test_weeks_that_are_all_alike_are_met_perfectly() -> None:
    found = likelihood.fit("binomial", np.full(20, 5), np.ones((20, 1)), exposure=np.full(20, 10))
    assert found.coefficients == pytest.approx([0.0], abs=1e-9)
    assert found.dispersion == pytest.approx(0.0, abs=1e-12)
