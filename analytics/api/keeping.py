"""What readers keep of the reports, set up for them by a key: saved views, links, digests.

A key is nobody, and a view, a link or a digest shows what its reader may see. So each is made for a
member of staff who is named: it is theirs as if they had made it, and the log says which key did.
"""

from __future__ import annotations

from typing import Any, Final

from django.http import QueryDict
from rest_framework.request import Request

from analytics.api.acting import member, text_of
from analytics.console.known_reports import LONGEST_QUERY, report_at
from analytics.console.saved_views import asked_report
from surveys.api.doing import fault
from surveys.console.roles import StaffRequest, role_of
from surveys.models import User
from surveys.services.access import scope_for

LONGEST_PATH: Final = 400


def reader_of(field: str, email: str, roles: frozenset[User.Role]) -> User:
    """The member of staff whom something is made for. Raises: Problem."""
    found = member(field, email)
    if role_of(found) not in roles:
        raise fault(field, f"{found.email} has no part in this: {role_of(found).label}.")
    return found


def as_reader(request: Request, user: User) -> StaffRequest:
    """The request of a page as this reader would send it."""
    asked = StaffRequest()
    asked.user, asked.scope = user, scope_for(user)
    asked.META = dict(request._request.META)
    return asked


def question(path: str, query: str, request: StaffRequest) -> QueryDict:
    """A report with its filters as a page's form posts it, checked by opening it as its reader.

    Raises: Problem for a path that is no report of theirs; NoReport where the filters give none.
    """
    path = text_of("path", path, LONGEST_PATH)
    query = text_of("query", query, LONGEST_QUERY).removeprefix("?")
    report = report_at(path)
    if report is None or not report.is_open_to(request.user):
        raise fault("path", f"There is no such report for {request.user.email}.")
    asked = QueryDict(mutable=True)
    asked.update({"path": path, "query": query})
    asked_report(asked, request)
    return asked


def narrowed(request: Request, found: Any, field: str, column: str) -> Any:
    """Only of a member of staff, where the query names one. Raises: Problem."""
    email = request.query_params.get(field, "")
    return found.filter(**{column: member(field, email)}) if email else found
