"""When a series is told to be up: by its weekly chart or by its EWMA, one alarm for one flaw.

Public functions
    watch(x, n, *, arl=1_000, limits=True) -> Watched        both charts of parts of a whole
    up(control, smoothed) -> bool array (causes, weeks)
    false_alarms(x, n, control, *, arl=1_000) -> array (causes,)     told falsely, a year

x of n answers were dismayed, or x of the n cases of all causes were of this one.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics.control import ARL, Chart, p_chart, upward_chance
from analytics.metrics.ewma import Smoothed, ewma_chart
from analytics.metrics.tails import BoolArray

#: The level is back within this part of the way from the centre to the limit.
_BACK = 0.05


class Watched(NamedTuple):
    """Both charts, and the weeks in which a cause is up (causes, weeks)."""

    control: Chart
    smoothed: Smoothed
    up: BoolArray


def watch(x: npt.ArrayLike, n: npt.ArrayLike, *, arl: float = ARL, limits: bool = True) -> Watched:
    """Chart every cause in both ways, each side with half of the false alarms.

    Only what goes up is told. Where weeks are so small that nothing can be too low, a chart whose
    upper side took all false alarms would tell twice as many as one of large weeks: simulated, .9
    to 1.9 times the promise by the size of the weeks; with a half for each side .9 to 1.1 times
    from ten answers a week on. Of five answers even all are no surprise, so that the EWMA is left
    alone with its half; `false_alarms` says how many that makes.

    Shape: (causes, weeks). Raises: as `p_chart`.
    """
    control = p_chart(x, n, arl=arl, limits=limits, together=False)
    smoothed = ewma_chart("binomial", x, n, arl=arl, together=False)
    return Watched(control, smoothed, up(control, smoothed))


def up(control: Chart, smoothed: Smoothed) -> npt.NDArray[np.bool_]:
    """Weeks in which a cause is up: from a signal of either chart to the week before the smoothed
    level is back at the centre, or near it: by steady weeks it would come there never.

    Either chart alarms falsely once in ARL₀ weeks, half of that upwards, so that both together
    keep the promise of one: series × 52 ÷ ARL₀ a year. That holds only if what goes up once is
    counted once: told anew after each week within the limits, it was 1.2 to 1.3 times as many.

    Shape: (causes, weeks), True in no week of the baseline that the EWMA does not watch, but for
    the signals of the weekly chart.
    """
    signals = (control.signal > 0) | (smoothed.signal > 0)
    centre = smoothed.centre[:, None]
    # False where nothing is watched.
    above = smoothed.level - centre > _BACK * (smoothed.high - centre)
    found = np.zeros(signals.shape, dtype=np.bool_)
    on = np.zeros(len(signals), dtype=np.bool_)
    for week in range(signals.shape[1]):
        on = signals[:, week] | (on & above[:, week])
        found[:, week] = on
    return found


def false_alarms(
    x: npt.ArrayLike, n: npt.ArrayLike, control: Chart, *, arl: float = ARL
) -> FloatArray:
    """How many alarms a year chance alone raises in each series, at the sizes its weeks have now.

    The weekly chart with the chance that its limits really leave outside (`upward_chance`), the
    EWMA with ½·1/ARL₀, in every week that has a point. With large weeks that is 52 ÷ ARL₀; with
    weeks so small that nothing in them can be a surprise half of it.

    Shape: (causes,), of the last `control.LATELY` weeks; 0 without a baseline.
    """
    chance = upward_chance(x, n, control, arl=arl)
    each = np.where(np.isnan(chance), 0.0, chance + 0.5 / arl)
    weeks = max(each.shape[1], 1)
    return np.asarray(52 * each.sum(axis=1) / weeks, dtype=np.float64)
