import numpy as np
import pytest

from analytics.metrics.sample_size import needed_per_arm


def test_needed_per_arm_gives_the_table() -> None:
    assert needed_per_arm([0.4, 0.4, 0.3], [0.3, 0.2, 0.2]).tolist() == [356, 82, 294]


def test_needed_per_arm_reaches_its_power() -> None:
    random = np.random.default_rng(2)
    n = int(needed_per_arm(0.4, 0.2))
    one, two = (random.binomial(n, share, 20_000) / n for share in (0.4, 0.2))
    pooled = (one + two) / 2
    z = (one - two) / np.sqrt(2 * pooled * (1 - pooled) / n)
    assert (np.abs(z) > 1.959964).mean() == pytest.approx(0.8, abs=0.02)


def test_needed_per_arm_does_not_depend_on_the_side() -> None:
    assert needed_per_arm(0.3, 0.4) == needed_per_arm(0.4, 0.3) == needed_per_arm(0.7, 0.6)


def test_equal_shares_are_never_told_apart() -> None:
    assert np.isnan(needed_per_arm(0.3, 0.3))
    with pytest.raises(ValueError, match="share must lie"):
        needed_per_arm(1.2, 0.3)
    with pytest.raises(ValueError, match="power must lie"):
        needed_per_arm(0.4, 0.3, power=1)
