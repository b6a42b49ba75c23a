"""When a series is told to be up: by its weekly chart or by its EWMA, one alarm for one flaw.

Public function
    up(control, smoothed) -> bool array (causes, weeks)
"""

import numpy as np
import numpy.typing as npt

from analytics.metrics.control import Chart
from analytics.metrics.ewma import Smoothed

#: The level is back within this part of the way from the centre to the limit.
_BACK = 0.05


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
