"""Finding cases: what may be searched by depends on who searches."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from surveys.console.survey_words import brief_survey_of
from surveys.models import Case, Customer, Invitation, Resolution
from surveys.services import case_view
from surveys.services.access import Scope, visible_cases, visible_resolutions

PAGE = 50


@dataclass(frozen=True)
class CaseRow:
    """One line of the list. `survey` says in words what became of the newest survey."""

    id: int
    source: str
    external_id: str
    subject: str
    status: str
    status_label: str
    cause: str
    product: str
    team: str
    agents: str
    customer: str
    email: str
    last_event_at: dt.datetime
    is_sample: bool
    survey: str
    survey_tone: str
    reason: str


@dataclass(frozen=True)
class CasePage:
    rows: list[CaseRow]
    next_cursor: str


def find_cases(scope: Scope, *, words: str, status: str, cursor: str) -> CasePage:
    """The newest cases that match, one page.

    Raises ValueError for a cursor that was not given out by an earlier page.
    """
    cases = visible_cases(scope)
    if words:
        cases = cases.filter(case_view.matching(words, scope))
    if status in Case.Status.values:
        cases = cases.filter(status=status)
    if cursor:
        at, pk = _read_cursor(cursor)
        cases = cases.filter(Q(last_event_at__lt=at) | Q(last_event_at=at, id__lt=pk))
    resolutions = (
        visible_resolutions(scope)
        .select_related("team", "product", "cause", "invitation")
        .order_by("-resolved_at", "-id")
    )
    if scope.sees_agents:
        resolutions = resolutions.prefetch_related("handled_by__agent")
    found = list(
        cases.select_related("customer")
        .prefetch_related(Prefetch("resolutions", resolutions, to_attr="seen"))
        .order_by("-last_event_at", "-id")[: PAGE + 1]
    )
    rows = [_row(case, scope) for case in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return CasePage(rows, f"{last.last_event_at.isoformat()}_{last.pk}" if last else "")


def _read_cursor(cursor: str) -> tuple[dt.datetime, int]:
    at, _, pk = cursor.rpartition("_")
    moment = dt.datetime.fromisoformat(at)
    if moment.tzinfo is None or not pk.isdecimal() or len(pk) > 18:
        raise ValueError("not a cursor of ours")
    return moment, int(pk)


def _row(case: Case, scope: Scope) -> CaseRow:
    seen: list[Resolution] = case.seen  # type: ignore[attr-defined]
    last = seen[0] if seen else None
    customer = case.customer if scope.sees_identity else None
    survey = brief_survey_of(invitation_of(last) if last else None, scope)
    return CaseRow(
        id=case.pk,
        source=case.source,
        external_id=case.external_id,
        subject=case.subject,
        status=case.status,
        status_label=case.get_status_display(),
        cause=str(last.cause) if last and last.cause else "",
        product=str(last.product) if last and last.product else "",
        team=str(last.team) if last and last.team and scope.sees_agents else "",
        agents=agents_of(last) if last and scope.sees_agents else "",
        customer=_name_of(customer) if customer else "",
        email=customer.email or customer.phone if customer else "",
        last_event_at=case.last_event_at,
        is_sample=case.is_sample,
        survey=survey.label,
        survey_tone=survey.tone,
        reason=survey.reason,
    )


def _name_of(customer: Customer) -> str:
    return "erased on request" if customer.erased_at else customer.name


def invitation_of(resolution: Resolution) -> Invitation | None:
    """The survey of a resolution, or None where none was ever decided on."""
    try:
        return resolution.invitation
    except Invitation.DoesNotExist:
        return None


def agents_of(resolution: Resolution) -> str:
    """Who handled it, most of it first, and of equal shares always in the same order."""
    handled = sorted(
        resolution.handled_by.all(), key=lambda part: (-part.share, part.agent.external_id)
    )
    return ", ".join(str(part.agent) for part in handled)


def customer_of(case: Case) -> str:
    """The customer as staff with the right to know would say it."""
    customer = case.customer
    if customer is None:
        return ""
    if customer.erased_at:
        return "erased on request"
    if customer.name and customer.email:
        return f"{customer.name} <{customer.email}>"
    return customer.email or customer.name or customer.phone or customer.external_id
