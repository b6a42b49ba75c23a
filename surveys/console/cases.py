"""Cases: the list, and one case's story."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from surveys.console.case_list import find_cases
from surveys.console.case_story import tell
from surveys.console.pages import render_page
from surveys.console.roles import CASES, StaffRequest, staff
from surveys.models import Case

MAX_WORDS = 200


@require_safe
@staff(CASES)
def case_list(request: StaffRequest) -> HttpResponse:
    """Every case the reader may see, newest first, with what became of its survey."""
    words = request.GET.get("q", "").strip().replace("\x00", "")[:MAX_WORDS]
    status = request.GET.get("status", "")
    cursor = request.GET.get("after", "")
    try:
        page = find_cases(request.scope, words=words, status=status, cursor=cursor)
    except ValueError:
        fault = {"words": words, "status": status, "fault": "This page of the list is unknown."}
        return render_page(request, "console/cases.html", fault, current="cases", status=400)
    following = request.GET.copy()
    following["after"] = page.next_cursor
    context = {
        "rows": page.rows,
        "words": words,
        "status": status,
        "statuses": Case.Status.choices,
        "next_query": following.urlencode() if page.next_cursor else "",
        "is_first": not cursor,
        "asked": urlencode([(n, v) for n, v in (("q", words), ("status", status)) if v]),
    }
    return render_page(request, "console/cases.html", context, current="cases")


#: It can be set for paper, and neither kept nor shared: its words may name a customer.
case_list.is_printed = True  # type: ignore[attr-defined]


@require_safe
@staff(CASES)
def one_case(request: StaffRequest, **key: int | str) -> HttpResponse:
    """One case from its first event to its answer."""
    try:
        story = tell(request.scope, **key)
    except Case.DoesNotExist:
        raise Http404("No such case.") from None
    return render_page(request, "console/case.html", {"case": story}, current="cases")
