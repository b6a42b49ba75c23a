"""Cases come in one by one or by the thousand, and can be looked up with what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, unreadable
from surveys.api.files import FORMATS, as_file
from surveys.api.paging import page_of_rows, page_size
from surveys.api.permissions import HasScope, sight_of
from surveys.api.problems import Problem
from surveys.models import Case
from surveys.services import case_view, intake
from surveys.services.access import Scope
from surveys.services.intake_reading import convert_case, read_case
from surveys.services.intake_shapes import CaseReport, Rejected
from surveys.services.storable import is_storable

MOST_CASES: Final = 1_000
_FILTERS: Final = ("source", "external_id", "status")
_PARAMETERS: Final = frozenset({*_FILTERS, "q", "format", "notes", "cursor", "page_size"})
_LONGEST_SEARCH: Final = 200
_BY_NAME: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])

Read = CaseReport | Rejected


class Cases(ApiView):
    """`/cases/`"""

    permission_classes = [HasScope("cases:read", writing=("cases:write",), narrowed=True)]

    @extend_schema(**described.LIST_CASES)
    def get(self, request: Request) -> HttpResponseBase:
        sight = sight_of(request)
        kind = _asked_format(request)
        page_size(request)  # a wrong one is told of a file, too
        cases = _filtered(request, case_view.readable_cases(sight), sight)
        if kind != "json":
            every = cases.order_by("-last_event_at", "-pk").iterator(chunk_size=500)
            told = (
                row for case in every for row in case_view.rows(case_view.describe(case, sight))
            )
            name = f"stabledoor-cases.{kind}"
            return as_file(kind, told, name, case_view.ROW_COLUMNS, _notes(request, kind, sight))
        found, following = page_of_rows(request, cases, by="last_event_at")
        return page([case_view.describe(case, sight) for case in found], following)

    @extend_schema(**described.TAKE_CASES)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request)
        now = timezone.now()
        reports, is_batch = read_body(body, now)
        if not is_batch and isinstance(reports[0], Rejected):
            raise Problem(400, "The case has faults.", errors=reports[0].errors)

        def effect() -> tuple[int, Any]:
            outcomes = intake.take(reports, now=now)
            if not is_batch and outcomes[0].outcome == intake.REJECTED:
                raise Problem(400, "The case has faults.", errors=outcomes[0].errors)
            created = any(outcome.outcome == intake.CREATED for outcome in outcomes)
            results = [_shown(n, outcome, is_batch) for n, outcome in enumerate(outcomes)]
            return 201 if created else 200, {"results": results}

        return answer_once(request, body, effect)


class OneCase(ApiView):
    """`/cases/{source}/{external_id}/`"""

    permission_classes = [HasScope("cases:read", narrowed=True)]

    @extend_schema(**described.READ_CASE)
    def get(self, request: Request, source: str, external_id: str) -> Response:
        sight = sight_of(request)
        case: Case | None = None
        if is_storable(source) and is_storable(external_id):
            cases = case_view.readable_cases(sight)
            case = cases.filter(source=source, external_id=external_id).first()
        if case is None:
            raise Problem(404, "There is no such case.")
        return one(case_view.describe(case, sight))


def _asked_format(request: Request) -> str:
    for name in request.query_params:
        if name not in _PARAMETERS:
            fault = (name if is_storable(name) else "a parameter", "is not a parameter known here")
            raise Problem(400, "There is no such parameter.", errors=[fault])
    kind = request.query_params.get("format") or "json"
    if kind not in FORMATS:
        fault = ("format", "must be json, csv or xlsx")
        raise Problem(400, "There is no such format.", errors=[fault])
    if request.query_params.get("notes") not in (None, "", "1"):
        raise Problem(400, "There is no such parameter.", errors=[("notes", "must be 1")])
    return kind


def _notes(request: Request, kind: str, sight: Scope) -> list[list[str]]:
    """What the file is of; in a CSV only where it is asked for."""
    if kind == "csv" and request.query_params.get("notes") != "1":
        return []
    asked = [
        [name.capitalize().replace("_", " "), " or ".join(request.query_params.getlist(name))]
        for name in (*_FILTERS, "q")
        if request.query_params.get(name)
    ]
    limits = "Nothing." if sight.is_unlimited else "Cases outside of what your role may see."
    who = "Who the customers are." if not sight.sees_identity else ""
    return [
        ["About this file"],
        ["Report", "Cases: one row per resolution, newest case first; times in UTC"],
        *asked,
        ["Left out", f"{limits} {who}".replace("Nothing. W", "W").strip()],
    ]


def _filtered(request: Request, cases: QuerySet[Case], sight: Scope) -> QuerySet[Case]:
    words = request.query_params.get("q", "").strip()
    if words and (len(words) > _LONGEST_SEARCH or not is_storable(words)):
        fault = ("q", f"takes at most {_LONGEST_SEARCH} letters that a text can have")
        raise Problem(400, "A filter cannot be read.", errors=[fault])
    if words:
        cases = cases.filter(case_view.matching(words, sight))
    for name in _FILTERS:
        wanted = request.query_params.getlist(name)
        if any(not is_storable(value) for value in wanted):
            raise Problem(400, "A filter cannot be read.", errors=[(name, "is not text")])
        if wanted:
            cases = cases.filter(**{f"{name}__in": wanted})
    return cases


def read_body(body: bytes, now: datetime) -> tuple[list[Read], bool]:
    """The cases of a request, each read on its own, and whether it was a batch.

    Raises: Problem 400 where the body as a whole cannot be read, 413 for more than 1,000 cases.
    """
    try:
        fields = _BY_NAME.decode(body)
        if "cases" not in fields:
            return [read_case(body, now)], False
        _only_cases(fields)
        raw = _LIST.decode(fields["cases"])
        _count(raw)
        return [read_case(item, now) for item in raw], True
    except msgspec.ValidationError as error:
        raise _not_cases(error) from error
    except (msgspec.DecodeError, RecursionError) as error:
        return _read_leniently(body, now, error)


def _read_leniently(body: bytes, now: datetime, error: Exception) -> tuple[list[Read], bool]:
    """JSON with lone surrogates is refused by the strict decoder without a place. The standard
    library lets them through, so that the field can be named and the other cases proceed."""
    try:
        document = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise unreadable(error) from error
    if not isinstance(document, dict):
        raise _not_cases(error) from error
    if "cases" not in document:
        return [convert_case(document, now)], False
    _only_cases(document)
    if not isinstance(document["cases"], list):
        raise _not_cases(error) from error
    _count(document["cases"])
    return [convert_case(item, now) for item in document["cases"]], True


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _only_cases(fields: dict[str, Any]) -> None:
    others = [name for name in fields if name != "cases"]
    if others:
        name = others[0] if is_storable(others[0]) else "a field"
        fault = (name, 'is not a field that is known here beside "cases"')
        raise Problem(400, "The request has faults.", errors=[fault])


def _count(cases: Sequence[Any]) -> None:
    if len(cases) > MOST_CASES:
        raise Problem(
            413,
            f"There are {len(cases):,} cases; send at most {MOST_CASES:,} at once.",
            errors=[("cases", f"are more than {MOST_CASES:,}")],
        )


def _not_cases(error: Exception) -> Problem:
    return Problem(
        400,
        'The body must be one case, or {"cases": [...]}.',
        errors=[("cases", "must be a list of cases")] if "array" in str(error) else [],
    )


def _shown(number: int, outcome: intake.Outcome, is_batch: bool) -> dict[str, Any]:
    prefix = f"cases[{number}]" if is_batch else ""
    invitation = outcome.invitation
    return {
        "external_id": outcome.external_id,
        "outcome": outcome.outcome,
        "errors": [
            {"field": f"{prefix}.{field}".strip("."), "message": message}
            for field, message in outcome.errors
        ],
        "invitation": invitation
        and {
            "status": invitation.status,
            "due_at": invitation.due_at,
            "reason": invitation.reason,
        },
    }
