"""Pictures of reports as SVG text. Pure: no Django, no clock; numbers and words in, markup out.

    matrix_chart(cells, *, title, description, fix_axis, cause_axis, fix_labels, cause_labels,
                 masked_label, empty, narrow=False) -> str
    pareto_chart(bars: Sequence[ParetoBar], *, title, description, value_axis, cumulative_axis,
                 empty, total=None, limit=40, narrow=False) -> str
    interval_chart(rows: Sequence[IntervalRow], *, title, description, axis, empty,
                   reference=None, reference_label="", limit=60, narrow=False) -> str
    trend_chart(panels: Sequence[TrendPanel], *, title, description, empty, narrow=False) -> str
    control_chart(panels: Sequence[ControlPanel], *, title, description, empty, narrow=False) -> str
    funnel_chart(points: Sequence[FunnelPoint], limits: Sequence[FunnelLimit], *, title,
                 description, x_axis, y_axis, empty, target=None, target_label="",
                 narrow=False) -> str
    sparkline(values, *, title, css="ch-fix", low=0.0, high=1.0) -> str
    standalone(svg) -> str           the same picture as a file of its own

Each text is escaped here: the result is safe markup and goes into a page as it is. No style
attribute, no script, no id (a page may hold a picture twice). `narrow=True` draws for phones, 360
units wide with the same letter size; put both into the page and let the style sheet show one. All
are responsive by viewBox; set a greatest width where a picture should not grow with its container.
With links inside, a picture's role is "group", else "img". Each mark carries a tooltip.

Classes, for the style sheet (colours are given as presentation attributes, which it overrides; text
and lines follow `currentColor`, so dark mode works without a rule):

    .ch                              every picture; with .ch-matrix .ch-pareto .ch-intervals
                                     .ch-funnel .ch-control .ch-trend .ch-sparkline; .ch-blank
                                     where there is nothing
    .ch-empty                        the words of an empty picture
    .ch-label .ch-axis .ch-axis-title .ch-note .ch-panel      text: names, ticks, axis words, "too
                                     few", a panel's heading
    .ch-grid                         faint lines
    .ch-row .ch-link                 one row with its tooltip; the link in it
    .ch-cell .ch-q0 … .ch-q5         group of a matrix cell (rect and .ch-count), by depth
    .ch-cell-masked                  … in the masked corner
    .ch-masked .ch-masked-label      the outline of the masked corner, its words
    .ch-bar .ch-whisker .ch-whole    a Pareto bar, its interval, the outline of what it is part of
    .ch-cumulative .ch-cumulative-dot    the cumulative line, its points
    .ch-interval .ch-dot             an interval, a point
    .ch-reference .ch-reference-label    the company's line, its words
    .ch-limit .ch-limit-outer .ch-centre    inner and outer limits, the line they are drawn about
    .ch-within .ch-smoothed .ch-alarm .ch-ring .ch-mark .ch-shift    a chart of control: the band of
                                     chance, the smoothed line, a week outside (triangle),
                                     one that is with weeks before (ring), an event, a change of
                                     level
    .ch-flag .ch-apart               a flagged agent (diamond), one not separable (open square)
    .ch-band .ch-line .ch-partial    interval band, line, hollow dot of a partial bucket
    .ch-break                        a dashed line where a trend starts anew
    .ch-fix .ch-cause .ch-unseparated    which side a bar, dot, band, line or panel belongs to
"""

from analytics.charts.control import ControlMark, ControlPanel, ControlPoint, control_chart
from analytics.charts.funnel import MOST_DOTS, FunnelLimit, FunnelPoint, funnel_chart
from analytics.charts.intervals import IntervalRow, interval_chart
from analytics.charts.matrix import matrix_chart
from analytics.charts.pareto import ParetoBar, pareto_chart
from analytics.charts.svg import NARROW, WIDE, blank, standalone
from analytics.charts.trend import TrendMark, TrendPanel, TrendPoint, sparkline, trend_chart

__all__ = [
    "MOST_DOTS",
    "NARROW",
    "WIDE",
    "ControlMark",
    "ControlPanel",
    "ControlPoint",
    "FunnelLimit",
    "FunnelPoint",
    "IntervalRow",
    "ParetoBar",
    "TrendMark",
    "TrendPanel",
    "TrendPoint",
    "blank",
    "control_chart",
    "funnel_chart",
    "interval_chart",
    "matrix_chart",
    "pareto_chart",
    "sparkline",
    "standalone",
    "trend_chart",
]
