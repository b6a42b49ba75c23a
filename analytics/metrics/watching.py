"""When a series is told to be up: by a week, by two weeks together, or by its EWMA; one alarm for
one flaw.

Public functions
    watch(x, n, *, arl=1_000, limits=True) -> Watched        all charts of parts of a whole
    up(signals, smoothed) -> bool array (causes, weeks)
    false_alarms(x, n, control, *, arl=1_000) -> array (causes,)     told falsely, a year

x of n answers were dismayed, or x of the n cases of all causes were of this one.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics.control import ARL, Chart, p_chart
from analytics.metrics.ewma import Smoothed, ewma_chart
from analytics.metrics.tails import BoolArray
from analytics.metrics.two_weeks import together_up, upward_chance

#: The limits of one week and of two together are each so many times as rarely false as all that is
#: told may be: 1/2.8 of 1/ARL₀ upwards. What either tells another chart often tells, too, so that
#: both together come to one half.
LONGER = 1.4
#: So much of their false alarms is not told by another chart, or in the week before. Simulated: two
#: limits of one chance add 1.36 times that chance to the alarms of the EWMA (20 to 200 answers a
#: week); that of two weeks alone, of five answers each, 0.65 times.
_NEW = 0.7
#: The level is back within this part of the way from the centre to the limit.
_BACK = 0.05


class Watched(NamedTuple):
    """The charts, the weeks that are too high with the one before (causes, weeks), and those in
    which a cause is up."""

    control: Chart
    together: BoolArray
    smoothed: Smoothed
    up: BoolArray


def watch(x: npt.ArrayLike, n: npt.ArrayLike, *, arl: float = ARL, limits: bool = True) -> Watched:
    """Chart every cause in three ways: each week, each with the one before, and all as the EWMA
    remembers them. The EWMA has one half of the false alarms, the other two the other.

    Only what goes up is told. Where weeks are so small that nothing can be too low, a chart whose
    upper side took all false alarms would tell twice as many as one of large weeks: simulated, .9
    to 1.9 times the promise by the size of the weeks; with a half for each side .9 to 1.1 times.
    Of five answers even all are no surprise; `false_alarms` says how many less that makes.

    Shape: (causes, weeks). Raises: as `p_chart`.
    """
    control = p_chart(x, n, arl=LONGER * arl, limits=limits, together=False)
    together = together_up(x, n, control, arl=LONGER * arl)
    smoothed = ewma_chart("binomial", x, n, arl=arl, base=control, together=False)
    return Watched(control, together, smoothed, up((control.signal > 0) | together, smoothed))


def up(signals: BoolArray, smoothed: Smoothed) -> BoolArray:
    """Weeks in which a cause is up: from a signal of a week, of two or of the EWMA to the week
    before the smoothed level is back at the centre, or near it: by steady weeks it would come there
    never.

    Shares of 1/ARL₀ keep the promise of all charts together, series × 52 ÷ ARL₀ a year, only if
    what goes up once is counted once: told anew after each week within the limits, it was 1.2 to
    1.3 times as many.

    Shape: (causes, weeks), True in no week of the baseline that the EWMA does not watch, but for
    the signals of single weeks.
    """
    starts = signals | (smoothed.signal > 0)
    centre = smoothed.centre[:, None]
    # False where nothing is watched.
    above = smoothed.level - centre > _BACK * (smoothed.high - centre)
    found = np.zeros(starts.shape, dtype=np.bool_)
    on = np.zeros(len(starts), dtype=np.bool_)
    for week in range(starts.shape[1]):
        on = starts[:, week] | (on & above[:, week])
        found[:, week] = on
    return found


def false_alarms(
    x: npt.ArrayLike, n: npt.ArrayLike, control: Chart, *, arl: float = ARL
) -> FloatArray:
    """How many alarms a year chance alone raises in each series, at the sizes its weeks have now.

    One week and two with the chances that their limits really leave outside (`upward_chance`), less
    what another chart tells, too, and the EWMA with ½·1/ARL₀, in every week that has a point. With
    large weeks that is 52 ÷ ARL₀; with weeks so small that nothing in them can be a surprise half
    of it.

    Shape: (causes,), of the last `two_weeks.LATELY` weeks; 0 without a baseline.
    """
    one, two = (upward_chance(x, n, control, arl=LONGER * arl, weeks=k) for k in (1, 2))
    both = np.nan_to_num(two)
    each = np.where(np.isnan(one), 0.0, _NEW * (one + both) + 0.5 / arl)
    weeks = max(each.shape[1], 1)
    return np.asarray(52 * each.sum(axis=1) / weeks, dtype=np.float64)
