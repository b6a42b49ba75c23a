"""How drivers, non-response and a change stand in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

from analytics.api.described import list_of, operation, schema_of
from analytics.reports import ChangeReport, DriversReport, NonResponseReport

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
    "(segmented regression, 95 %), over up to 78 whole weeks; and beside all other causes "
    "together. As a file, one row for cases and one for dismay.",
    schema_of(ChangeReport),
    parameters=[
        OpenApiParameter("code", str, OpenApiParameter.PATH, description="Code of the cause."),
        OpenApiParameter(
            "on",
            {"type": "string", "format": "date"},
            required=True,
            description="Day of the change, chosen before the figures were looked at.",
        ),
    ],
)
