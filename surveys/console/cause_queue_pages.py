"""The queue of codes that nobody has mapped: one press each, or all obvious ones at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.console.taxonomy import page_number
from surveys.models import CauseChange
from surveys.services import cause_queue
from surveys.services.cause_moves import CauseError


@require_safe
@staff(ADMINS)
def unmapped_causes(request: StaffRequest) -> HttpResponse:
    """What waits, with examples and suggestions."""
    page = page_number(request.GET.get("page", ""))
    queue = cause_queue.waiting(page)
    batch = request.GET.get("batch", "")[:16]
    taken = CauseChange.objects.filter(was__batch=batch, undone_by=None) if batch else None
    context = {
        "queue": queue,
        "obvious": [one for one in queue.lines if one.obvious],
        "page": page,
        "has_more": queue.n_codes > (page + 1) * cause_queue.PAGE,
        "batch": batch,
        "n_taken": taken.count() if taken is not None else 0,
    }
    return render_page(request, "console/cause_queue.html", context, current="settings")


@require_POST
@staff(ADMINS)
def take_suggestions(request: StaffRequest) -> HttpResponse:
    """Merge each chosen code into the cause beside it."""
    chosen = [pair.replace("\x00", "").split("\n", 1) for pair in request.POST.getlist("take")]
    pairs = [(pair[0].strip(), pair[1].strip()) for pair in chosen if len(pair) == 2]
    try:
        batch, done = cause_queue.take_all(pairs, timezone.now(), request.user)
    except CauseError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("unmapped_causes"))
    n_cases = sum(change.n_resolutions for change in done)
    told = f"“{done[0].code}” is" if len(done) == 1 else f"{len(done)} codes are"
    messages.success(request, f"{told} mapped, with {n_cases:,} cases.")
    return HttpResponseRedirect(f"{reverse('unmapped_causes')}?batch={batch}")


@require_POST
@staff(ADMINS)
def undo_taken(request: StaffRequest) -> HttpResponse:
    """Take back what was taken at once."""
    batch = request.POST.get("batch", "").replace("\x00", "")[:16]
    try:
        n_undone = cause_queue.undo_all(batch, timezone.now(), request.user)
    except CauseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Undone: {n_undone} waiting again.")
    return HttpResponseRedirect(reverse("unmapped_causes"))
