"""How the operations on reports and responses are described in the OpenAPI schema."""

from __future__ import annotations

import inspect
from typing import Any, Final

import msgspec
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from analytics import periods
from analytics.reports import QUADRANTS, SHOWS, FunnelReport, figures
from surveys.api.described import (
    PAGING,
    Json,
    answers,
    maybe,
    page_schema,
    query,
    text,
    with_files,
)

_NAMED: Final = {
    "team": "Name of a team at resolution.",
    "agent": "External id of an agent who did at least half of the work.",
    "product": "Name of a product.",
    "cause": "Code of a cause; of that alone, not of what is below it in the tree.",
    "branch": "Code of a cause, for it and all that is below it in the tree.",
    "channel": "Such as `phone`.",
    "language": "Language tag of the answer, such as `de`.",
    "questionnaire": "Slug of a questionnaire.",
}


def schema_of(report: type) -> Json:
    """The JSON schema of a report's dataclass, with everything it refers to written out."""
    [schema], found = msgspec.json.schema_components([report], ref_template="{name}")
    written: Json = _written_out(schema, found)
    properties = written["properties"]
    if report in (figures.AgentRow, figures.CauseRow):
        del properties["id"]  # for the staff pages' addresses only
    if report is FunnelReport:
        del properties["results"]["items"]["properties"]["id"]
    if report is figures.ResponseItem:
        properties["answered_at"] = {
            "type": "string",
            "description": "RFC 3339; for agents only the first day of the month.",
        }
    return written


def list_of(report: type) -> Json:
    """The schema of a report whose rows are all in one page."""
    schema = schema_of(report)
    schema["properties"]["next"] = {"type": "null", "description": "All rows are in one page."}
    schema["required"] = [*schema["required"], "next"]
    return schema


def _written_out(schema: Any, found: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_written_out(one, found) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _written_out(found[schema["$ref"]], found)
    schema = {key: _written_out(value, found) for key, value in schema.items() if key != "title"}
    if "description" in schema:
        schema["description"] = inspect.cleandoc(schema["description"])
    return schema


def _dates() -> list[OpenApiParameter]:
    # Forms send what was left empty.
    day: Json = {"type": "string", "anyOf": [{"format": "date"}, {"maxLength": 0}]}
    return [
        OpenApiParameter("from", day, description="First day, UTC, included."),
        OpenApiParameter("to", day, description="Last day, UTC, included."),
        OpenApiParameter(
            "period",
            {"type": "string", "enum": ["", *periods.NAMES]},
            description="A relative period in place of `from` and `to`. It ends on the day it is "
            "for the reader: in their own time zone, for a key in the company's.",
        ),
        OpenApiParameter(
            "by",
            {"type": "string", "enum": ["", "answered", "resolved"], "default": "answered"},
            description="Whether the days are those of the answers or of the resolutions.",
        ),
    ]


def _dimensions() -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            name,
            {"type": "array", "items": {"type": "string"}},
            description=f"{meaning} Repeat it for any of several.",
            explode=True,
            style="form",
        )
        for name, meaning in _NAMED.items()
    ]


FILTERS: Final = [*_dates(), *_dimensions()]
#: Where the address names the cause.
OF_ONE_CAUSE: Final = [one for one in FILTERS if one.name not in ("cause", "branch")]
FORMAT: Final = OpenApiParameter(
    "format",
    {"type": "string", "enum": ["", "json", "csv", "xlsx"], "default": "json"},
    description="A file of all rows with the same figures, in place of JSON.",
)
NOTES: Final = OpenApiParameter(
    "notes",
    {"type": "string", "enum": ["", "1"]},
    description="With `1` a CSV ends, after an empty line, with lines that say its period and "
    "filters, what is left out, and what its columns mean. XLSX has them on a second sheet.",
)
_NOTE: Final = (
    " Without dates everything counts. A share is 0–1 and null where too few answered. "
    "An unknown parameter or value is refused with its name. Scope `reports:read`."
)


def _trend_schema() -> Json:
    """A page of a list, and what of it can be compared."""
    schema = page_schema(schema_of(figures.TrendPoint))
    schema["properties"]["marks"] = {"type": "array", "items": schema_of(figures.TrendMark)}
    schema["properties"]["unseparated"] = {
        "type": "array",
        "items": schema_of(figures.UnseparatedSeries),
    }
    schema["properties"]["unseparated_note"] = {"type": "string"}
    schema["properties"]["interval"] = {"type": "string", "enum": ["day", "week", "month"]}
    schema["required"] = [
        *schema["required"],
        "marks",
        "interval",
        "unseparated",
        "unseparated_note",
    ]
    return schema


def operation(name: str, summary: str, description: str, schema: Json, **more: Any) -> Json:
    parameters = [*more.pop("filters", FILTERS), *more.pop("parameters", []), FORMAT, NOTES]
    responses = with_files(answers(200, schema=schema, problems=(400, 404)))
    return {
        "operation_id": name,
        "tags": ["reports"],
        "summary": summary,
        "description": description,
        "parameters": parameters,
        "responses": responses,
        **more,
    }


OVERVIEW: Final = operation(
    "read_overview",
    "Fix score, cause dismay, and what a usual CSAT would miss",
    "The first screen." + _NOTE,
    schema_of(figures.OverviewReport),
)
AGENTS: Final = operation(
    "read_agents",
    "Agents, by how customers rated the fix",
    "By name, never by score. No figure here depends on a cause answer." + _NOTE,
    page_schema(schema_of(figures.AgentRow)),
    parameters=PAGING,
    examples=[
        OpenApiExample(
            "One agent",
            value={
                "results": [
                    {
                        "agent": {"external_id": "a-17", "name": "Grace"},
                        "n": 190,
                        "mean": 3.55,
                        "top2": 0.56,
                        "top2_low": 0.49,
                        "top2_high": 0.63,
                        "shrunk": 0.58,
                        "shrunk_low": 0.52,
                        "shrunk_high": 0.63,
                        "adjusted": 0.6,
                        "adjusted_low": 0.52,
                        "adjusted_high": 0.67,
                        "rank_low": 21,
                        "rank_high": 34,
                        "too_few": False,
                        "indicative": False,
                        "separable": True,
                    }
                ],
                "next": None,
            },
            response_only=True,
        )
    ],
)


def _cause_row() -> Json:
    """A cause of the report with its owner, which no figure leans on."""
    row = schema_of(figures.CauseRow)
    cause = row["properties"]["cause"]
    owner = maybe(text("Name of the person or team that owns it; null: nobody does."))
    cause["properties"]["owner"] = owner
    cause["required"] = [*cause["required"], "owner"]
    return row


CAUSES: Final = operation(
    "read_causes",
    "Causes, by how much customers minded, worst first",
    "No figure here depends on a fix answer." + _NOTE,
    page_schema(_cause_row()),
    parameters=PAGING,
    examples=[
        OpenApiExample(
            "One cause",
            value={
                "results": [
                    {
                        "cause": {
                            "code": "plan-change",
                            "name": "Plan change went wrong",
                            "owner": "Olu Adeyemi",
                        },
                        "cases": 2348,
                        "n": 695,
                        "mean": 4.17,
                        "dismayed": 0.77,
                        "dismayed_low": 0.74,
                        "dismayed_high": 0.8,
                        "shrunk": 0.77,
                        "index": 1811.9,
                        "avoidable": 0.81,
                        "recurrent": 0.38,
                        "share_of_dismay": 0.2,
                        "too_few": False,
                        "index_low": 1749.6,
                        "index_high": 1872.0,
                        "avoidable_n": 690,
                        "avoidable_low": 0.78,
                        "avoidable_high": 0.84,
                        "recurrent_n": 655,
                        "recurrent_low": 0.34,
                        "recurrent_high": 0.42,
                        "share_of_dismay_low": 0.19,
                        "share_of_dismay_high": 0.21,
                    }
                ],
                "next": None,
            },
            response_only=True,
        )
    ],
)
MATRIX: Final = operation(
    "read_matrix",
    "Fix and cause together",
    "The only report in which both ratings meet; as a file, one row per cell." + _NOTE,
    schema_of(figures.MatrixReport),
)
TREND: Final = operation(
    "read_trend",
    "Fix and cause over time",
    "One row per day, ISO week or month, those without answers too. `marks` are the versions of "
    "questionnaires from which on a headline was another question: answers before and after such a "
    "date cannot be compared; a side without a mark can be read across. In a file they stand in "
    "the columns `fix.starts_anew` and `cause.starts_anew` of the row that their date falls into. "
    "`unseparated` are ratings that other tools collected with one question before Stabledoor, by "
    "tool and scale: fix and cause in one, in neither of the two sides, and to be compared with "
    "neither. They can be narrowed by team, product, cause, channel and language, and are left out "
    "of questions by agent, by questionnaire and by the day of resolution; `unseparated_note` says "
    "so. In a file they are rows of their own with columns `unseparated.…`." + _NOTE,
    _trend_schema(),
    parameters=[
        OpenApiParameter(
            "interval",
            {"type": "string", "enum": ["", "day", "week", "month"], "default": "week"},
            description="What a row stands for.",
        )
    ],
)
RESPONSES: Final = operation(
    "list_responses",
    "Single responses, newest first",
    "Answers by item id. Identities only with scope `admin`, or for roles that may know them; "
    "other roles see their part. Scope `responses:read`.",
    page_schema(schema_of(figures.ResponseItem)),
    parameters=[
        *PAGING,
        OpenApiParameter("q", str, description="Words in comments, subjects and case numbers."),
        OpenApiParameter(
            "show",
            {
                "type": "string",
                "anyOf": [{"enum": ["", *SHOWS, *QUADRANTS]}, {"pattern": "^f[1-5]c[1-5]$"}],
            },
            description="What the answers say; f4c5 is a cell of the matrix, the fix rated 4 and "
            "the cause 5.",
        ),
    ],
) | {"tags": ["responses"]}

__all__ = ["AGENTS", "CAUSES", "MATRIX", "OVERVIEW", "RESPONSES", "TREND", "query", "schema_of"]
