"""Reports as files: the same rows as the JSON, one level deep."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Any, Final, get_args, get_type_hints

from analytics.filters import Filters
from analytics.frames.listed import ITEMS
from analytics.reports import MatrixReport, ResponseItem, TrendReport, compared_in_words

Row = Mapping[str, Any]

RESPONSE_COLUMNS: Final = (
    "id", "answered_at", "resolved_at", "completed", "source", "external_id", "customer_email",
    "customer_name", "customer_id", *(item.upper() for item in ITEMS), "fix_comment",
    "cause_comment", "agent_ids", "agent_names", "team", "product", "cause", "cause_name",
    "channel", "language", "questionnaire", "version", "arm", "n_revisions", "is_sample",
)  # fmt: skip


_MARK: Final = "starts_anew"
#: Last, so that who reads the columns by their places finds the figures where they were.
MARKS: Final = (f"fix.{_MARK}", f"cause.{_MARK}")


#: Ratings of one question have columns of their own: nobody adds them up with others.
UNSEPARATED: Final = tuple(
    f"unseparated.{name}"
    for name in ("tool", "scale", "best", "n", "top2", "top2_low", "top2_high")
)


def file_name(report: str, filters: Filters, kind: str) -> str:
    """`stabledoor-agents-2026-01-01-to-2026-03-31.csv`"""
    period = [
        *([f"from-{filters.from_}"] if filters.from_ else []),
        *([f"to-{filters.to}"] if filters.to else []),
    ]
    return "-".join(["stabledoor", report, *period]) + f".{kind}"


def columns_of(report: type) -> list[str]:
    """The columns of a report's rows, the same whether there are rows or not: nested figures as
    "fix.n"; what is only for the staff pages' addresses left out."""
    kinds = get_type_hints(report)
    found: list[str] = []
    for field in dataclasses.fields(report):
        inner = next((one for one in _options(kinds[field.name]) if _is_nested(one)), None)
        if inner is not None:
            found += [f"{field.name}.{column}" for column in columns_of(inner)]
        elif field.name != "id":
            found.append(field.name)
    return found


def _options(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def _is_nested(kind: Any) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def without_hidden(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows without the parts that the reader may not see; their cells stay empty."""
    return ({name: value for name, value in row.items() if value is not None} for row in rows)


def matrix_rows(report: MatrixReport) -> list[Row]:
    """One row per cell; none where there are too few."""
    return [
        {"fix": fix, "cause": cause, "n": n}
        for fix, row in enumerate(report.cells or (), start=1)
        for cause, n in enumerate(row, start=1)
    ]


def trend_rows(report: TrendReport) -> Iterator[Row]:
    """One row per interval; one in which a side's trend starts anew says why beside its figures.
    Then one per interval of each series of one question."""
    for point in report.results:
        row = point.as_dict()
        for mark in report.marks:
            if point.start <= mark.date <= point.end and row[mark.dimension] is not None:
                told = row[mark.dimension].get(_MARK)
                words = compared_in_words(mark)
                row[mark.dimension][_MARK] = f"{told} {words}" if told else words
        yield row
    for series in report.unseparated:
        for before in series.results:
            told = before.as_dict()
            times = {name: told.pop(name) for name in ("start", "end", "partial")}
            whose = {"tool": series.tool, "scale": series.scale, "best": series.best}
            yield {**times, "unseparated": {**whose, **told}}


def response_rows(items: Iterable[ResponseItem]) -> Iterator[Row]:
    """One row per response with a column per item, named as `import_responses` reads them."""
    for item in items:
        case, customer = item.case or {}, item.customer or {}
        agents = item.agents or ()
        yield {
            "id": item.id,
            "answered_at": item.answered_at,
            "resolved_at": item.resolved_at,
            "completed": item.completed,
            "source": case.get("source"),
            "external_id": case.get("external_id"),
            "customer_email": customer.get("email"),
            "customer_name": customer.get("name"),
            "customer_id": customer.get("external_id"),
            **item.items,
            "fix_comment": item.fix_comment,
            "cause_comment": item.cause_comment,
            "agent_ids": [agent.external_id for agent in agents],
            "agent_names": [agent.name for agent in agents],
            "team": item.team,
            "product": item.product,
            "cause": item.cause.code if item.cause else None,
            "cause_name": item.cause.name if item.cause else None,
            "channel": item.channel,
            "language": item.language,
            "questionnaire": item.questionnaire,
            "version": item.version,
            "arm": item.arm,
            "n_revisions": item.n_revisions,
            "is_sample": item.is_sample,
        }
