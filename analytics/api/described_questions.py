"""How drivers, non-response and a change stand in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

from analytics.api.described import OF_ONE_CAUSE, list_of, operation, schema_of
from analytics.reports import ActionsReport, ChangeReport, DriversReport, NonResponseReport

DRIVERS: Final = operation(
    "read_drivers",
    "What choosing again goes along with",
    "Parts of how far customers differ in whether they would choose the company again (O1) that go "
    "along with the fix (F1), the dismay (C1), whether it was avoidable (C2) and whether they had "
    "it before (C3): LMG and Johnson's relative weights with 95 % bootstrap intervals. An "
    "association, no promise of what a change would bring.",
    list_of(DriversReport),
)
NON_RESPONSE: Final = operation(
    "read_non_response",
    "What those who did not answer could change",
    "Each headline of the cases resolved in the period: as answered, weighted to the mix of "
    "causes, products, channels and teams of all these cases, and as it would be if none or all "
    "of the silent were hits. Days are those of the resolution.",
    list_of(NonResponseReport),
)
CAUSE_CHANGE: Final = operation(
    "read_cause_change",
    "One cause before and after a change",
    "Whether cases and dismay of a cause changed on a day beyond the trend they had anyway "
    "(segmented regression, 95 %), over up to 78 whole weeks, until a year after; and beside all "
    "other causes together. Asked for by a day, or by a registered action, whose roll-out weeks "
    "count for neither side. As a file, one row for cases and one for dismay.",
    schema_of(ChangeReport),
    filters=OF_ONE_CAUSE,
    parameters=[
        OpenApiParameter("code", str, OpenApiParameter.PATH, description="Code of the cause."),
        OpenApiParameter(
            "on",
            {"type": "string", "format": "date"},
            description="Day of the change, chosen before the figures were looked at.",
        ),
        OpenApiParameter("action", int, description="Or the id of an action of this cause."),
    ],
)
ACTIONS: Final = operation(
    "list_actions",
    "Preventive actions and whether they worked",
    "What was done about causes, newest begin first, with a verdict for cases and for dismay: "
    "verified, not shown, worse, or too little data with the weeks still missing. `days_late` "
    "says how long after it began its days were last named; negative is beforehand. Narrowed by "
    "`cause` alone. Withdrawn actions stand among them, without a verdict.",
    list_of(ActionsReport),
)
