"""Pages of what is still to come: they say so, and what does the work meanwhile."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from surveys.console.pages import render_page
from surveys.console.roles import FIX, StaffRequest, staff
from surveys.console.wishes import MOST, newest_wishes


@require_safe
@staff(FIX)
def follow_ups(request: StaffRequest) -> HttpResponse:
    """What customers asked for on the thank-you page; not yet assigned to anybody here."""
    context = {"wishes": newest_wishes(request.scope), "most": MOST}
    return render_page(request, "console/follow_ups.html", context, current="follow_ups")
