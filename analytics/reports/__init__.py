"""The two separate reports, what joins them, and the comments behind them.

    overview(filters, scope) -> OverviewReport
    fix_of_cause(filters, scope, cause_id) -> FixFigures      … of the customers of one cause
    agents(filters, scope) -> AgentsReport
    agents_funnel(filters, scope) -> FunnelReport             funnel_of(AgentsReport) as well
    causes(filters, scope) -> CausesReport
    cause_chart(filters, scope, code, today) -> CauseChartReport     one cause by the week
    cause_change(filters, scope, code, on, today) -> ChangeReport    … before and after a day, or
                                                              an action, given by its id
    actions(filters, scope, today) -> ActionsReport           all actions with their verdicts
    cause_story(scope, cause_id, today) -> CauseStory         who comes back, and typical words
    alarms(filters, scope, today) -> AlarmsReport             causes beyond the limits of chance
    matrix(filters, scope) -> MatrixReport
    drivers(filters, scope) -> DriversReport                  what choosing again goes along with
    non_response(filters, scope) -> NonResponseReport         what the silent could change
    silent_bounds(OverviewReport) -> tuple[Bounds, ...]       … of an overview's headlines
    trend(filters, scope, interval="week") -> TrendReport      interval: day, week, month, quarter
    comparison(first, other, scope) -> ComparisonReport       two selections side by side
    previous(filters, today) -> Filters | None                the period before, by whole weeks
    responses(filters, scope, *, cursor=None, limit=100) -> ResponsesPage

`filters` is `analytics.filters.Filters` (`Filters.parse(request.GET, other=("page", …))`), `scope`
is `surveys.services.access.Scope`: what was asked for is cut down to what may be seen.
All raise `FilterError` (parameter, message) for a value that does not exist, and `NotVisible` where
the reader's role has no part in the report.
"""

from analytics.reports.access import NotVisible
from analytics.reports.actions import actions
from analytics.reports.agents import agents
from analytics.reports.alarms import alarms
from analytics.reports.cause_change import cause_change
from analytics.reports.cause_chart import cause_chart
from analytics.reports.cause_rows import CauseRows
from analytics.reports.cause_story import CauseStory, Recurrence, Term, cause_story
from analytics.reports.causes import causes
from analytics.reports.changed import (
    ActionRow,
    ActionsReport,
    ActionVerdict,
    ChangeReport,
    Others,
    SideOfChange,
)
from analytics.reports.charted import (
    ActionMark,
    Alarm,
    AlarmsReport,
    CauseChartReport,
    CausePart,
    ChartPoint,
    ChartSeries,
)
from analytics.reports.comparison import (
    ComparedShare,
    ComparisonReport,
    compared,
    comparison,
    previous,
)
from analytics.reports.drivers import DriverRow, DriversReport, drivers
from analytics.reports.figures import (
    AgentName,
    AgentRow,
    AgentsReport,
    ArmSeparation,
    CauseFigures,
    CauseName,
    CauseRow,
    CausesReport,
    ChooseAgainFigures,
    FixFigures,
    Interval,
    MaskedFigures,
    MatrixReport,
    OrderEffect,
    OverviewReport,
    QuadrantFigures,
    ResponseItem,
    ResponsesPage,
    SeparationFigures,
    TrendMark,
    TrendPoint,
    TrendReport,
)
from analytics.reports.funnel import (
    FunnelLimits,
    FunnelPoint,
    FunnelReport,
    HowMany,
    agents_funnel,
    funnel_of,
)
from analytics.reports.marks import marks_of
from analytics.reports.matrix import matrix
from analytics.reports.mix import MixReport, MixRow, agent_mix
from analytics.reports.nonresponse import (
    Bounds,
    NonResponseReport,
    WeightedRow,
    non_response,
    silent_bounds,
)
from analytics.reports.overview import fix_of_cause, overview
from analytics.reports.responses import (
    QUADRANTS,
    SHOWS,
    all_responses,
    lines_of_all,
    own_columns,
    responses,
    search_of,
)
from analytics.reports.trend import compared_in_words, trend
from analytics.reports.unseparated_figures import UnseparatedPoint, UnseparatedSeries

__all__ = [
    "QUADRANTS",
    "SHOWS",
    "ActionMark",
    "ActionRow",
    "ActionVerdict",
    "ActionsReport",
    "AgentName",
    "AgentRow",
    "AgentsReport",
    "Alarm",
    "AlarmsReport",
    "ArmSeparation",
    "Bounds",
    "CauseChartReport",
    "CauseFigures",
    "CauseName",
    "CausePart",
    "CauseRow",
    "CauseRows",
    "CauseStory",
    "CausesReport",
    "ChangeReport",
    "ChartPoint",
    "ChartSeries",
    "ChooseAgainFigures",
    "ComparedShare",
    "ComparisonReport",
    "DriverRow",
    "DriversReport",
    "FixFigures",
    "FunnelLimits",
    "FunnelPoint",
    "FunnelReport",
    "HowMany",
    "Interval",
    "MaskedFigures",
    "MatrixReport",
    "MixReport",
    "MixRow",
    "NonResponseReport",
    "NotVisible",
    "OrderEffect",
    "Others",
    "OverviewReport",
    "QuadrantFigures",
    "Recurrence",
    "ResponseItem",
    "ResponsesPage",
    "SeparationFigures",
    "SideOfChange",
    "Term",
    "TrendMark",
    "TrendPoint",
    "TrendReport",
    "UnseparatedPoint",
    "UnseparatedSeries",
    "WeightedRow",
    "actions",
    "agent_mix",
    "agents",
    "agents_funnel",
    "alarms",
    "all_responses",
    "cause_change",
    "cause_chart",
    "cause_story",
    "causes",
    "compared",
    "compared_in_words",
    "comparison",
    "drivers",
    "fix_of_cause",
    "funnel_of",
    "lines_of_all",
    "marks_of",
    "matrix",
    "non_response",
    "overview",
    "own_columns",
    "previous",
    "responses",
    "search_of",
    "silent_bounds",
    "trend",
]
