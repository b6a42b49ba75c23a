"""How comparison, funnel, alarms and the chart of a cause stand in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

from analytics.api.described import FILTERS, OF_ONE_CAUSE, list_of, operation, schema_of
from analytics.reports import AlarmsReport, CauseChartReport, ComparisonReport, FunnelReport

_COMPARE: Final = OpenApiParameter(
    "compare",
    {"type": "string", "enum": ["", "previous"]},
    description="The second group is the period before, moved back by whole weeks, so that each "
    "day is compared with its own weekday.",
)
_SECOND: Final = [
    OpenApiParameter(f"b_{one.name}", one.type, description="Of the second group, as without `b_`.")
    for one in FILTERS
    if one.name != "by"
]

COMPARISON: Final = operation(
    "read_comparison",
    "Two groups side by side",
    "Fix, cause, masked dissatisfaction and response rate of the filters' group and of a second "
    "one, with Newcombe's 95 % interval of each difference. No interval where the groups may share "
    "customers.",
    schema_of(ComparisonReport),
    parameters=[_COMPARE, *_SECOND],
)
FUNNEL: Final = operation(
    "read_funnel",
    "Agents within the limits of chance",
    "Agents from 30 ratings on, by name, with the same mix of cases; limits of 95 and 99.8 %, "
    "flags by Benjamini and Hochberg, and how many ratings are enough. No figure here depends on a "
    "cause answer.",
    list_of(FunnelReport),
)
ALARMS: Final = operation(
    "read_alarms",
    "Causes beyond the limits of chance",
    "Upward alarms of the weekly charts of every cause, newest first, of the asked dates or of the "
    "last 13 whole weeks; `chart` says whether a week alone is too high, two weeks together, or "
    "the smoothed run of weeks. Of the filters only dates and causes count.",
    list_of(AlarmsReport),
)
CAUSE_CHART: Final = operation(
    "read_cause_chart",
    "One cause by the week",
    "Dismay and cases of one cause with the limits of chance, up to 78 whole weeks; as a "
    "file, one row per week.",
    schema_of(CauseChartReport),
    filters=OF_ONE_CAUSE,
    parameters=[
        OpenApiParameter("code", str, OpenApiParameter.PATH, description="Code of the cause.")
    ],
)
