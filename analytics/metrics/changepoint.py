"""Since when a weekly series has been at another level: it dates a change and raises no alarm.

Public functions
    change_points(values, *, least=4) -> tuple[Segment, ...]
    robust_sigma(values) -> float

Segment(start, end, mean): week indices, end exclusive.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.metrics.partition import breaks

#: Weeks that a level must last at least.
LEAST = 4
#: From median |Δ| of normal values to their σ: 1/(Φ⁻¹(¾)·√2).
_TO_SIGMA = 1.4826 / 2**0.5
_MEAN_RANGE = 1.128


@dataclass(frozen=True, slots=True)
class Segment:
    """Weeks start … end − 1 at one level."""

    start: int
    end: int
    mean: float


def robust_sigma(values: npt.ArrayLike) -> float:
    """σ of single values about whatever level they have, from neighbouring differences.

    Differences do not see the level, and their median not the jumps. Where more than half of the
    values equal their neighbour, the mean difference stands in. 0 for a constant series.
    Source: Hampel 1974, JASA 69:383 (median absolute deviation).
    """
    steps = np.abs(np.diff(np.asarray(values, dtype=float)))
    if not steps.size:
        return 0.0
    return float(np.median(steps) * _TO_SIGMA or steps.mean() / _MEAN_RANGE)


def change_points(values: npt.ArrayLike, *, least: int = LEAST) -> tuple[Segment, ...]:
    """Levels of a series: least squared error with a penalty of 2σ̂² ln n for each further level.

    Weeks without a value (NaN) are left out and belong to the segment before them.

    Shape: (weeks,) → segments in order, which cover every week; a single one where nothing changed,
    or fewer than 2 × least weeks have values; none for a series without values.
    Units: those of the values.
    Source: Killick, Fearnhead & Eckley 2012, JASA 107:1590; penalty as Yao 1988 with ln n for each
    of a level's two parameters, its place and its height.
    """
    series = np.asarray(values, dtype=float)
    weeks = np.flatnonzero(~np.isnan(series))
    if not weeks.size:
        return ()
    known = series[weeks]
    sigma = robust_sigma(known)
    starts = [0]
    if sigma > 0 and len(known) >= 2 * least:
        starts += breaks(known, 2 * sigma**2 * float(np.log(len(known))), least)
    ends = [*starts[1:], len(known)]
    edges = [0, *(int(weeks[start]) for start in starts[1:]), len(series)]
    return tuple(
        Segment(edges[k], edges[k + 1], float(known[start:end].mean()))
        for k, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
