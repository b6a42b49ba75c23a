"""How what stands beside one agent or one cause is described in the OpenAPI schema."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from analytics.api.described import list_of, operation, schema_of
from analytics.reports.cause_story import CauseStory
from analytics.reports.mix import MixReport
from surveys.api.described import answers

AGENT_MIX: Final = operation(
    "read_agent_mix",
    "What lands on one agent's desk",
    "The cause categories of the agent's ratings beside those of everyone's, most first, with the "
    "share of satisfied ratings in each from 10 on. It says why an adjusted figure differs from "
    "the plain one. No figure here depends on a cause answer. Scope `reports:read`.",
    list_of(MixReport),
    parameters=[
        OpenApiParameter(
            "external_id", str, OpenApiParameter.PATH, description="An external id of the agent."
        )
    ],
)
CAUSE_STORY: Final[dict[str, Any]] = {
    "operation_id": "read_cause_story",
    "tags": ["reports"],
    "summary": "Who comes back with a cause, and in which words",
    "description": "Of the last 365 days: the chance that a customer comes with the same cause "
    "again within 90 days (Kaplan–Meier, 95 %), and the words that its customers use more than "
    "others. The words are null without scope `responses:read`. Scope `reports:read`.",
    "parameters": [
        OpenApiParameter("code", str, OpenApiParameter.PATH, description="Code of the cause.")
    ],
    "responses": answers(200, schema=schema_of(CauseStory), problems=(404,)),
}
