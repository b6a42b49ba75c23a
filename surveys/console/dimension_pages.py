"""Teams and products as lists of names: renamed, merged into each other by an admin, and undone."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.console.taxonomy import MOST_OFFERED, page_number
from surveys.models import DimensionChange
from surveys.services import dimension_list, dimensions
from surveys.services.authors import can_undo
from surveys.services.dimensions import DimensionError

PAGE: Final = 50
SHOWN_CHANGES: Final = 50
_LONGEST: Final = 200


@require_safe
@staff(ADMINS)
def names(request: StaffRequest, dimension: str) -> HttpResponse:
    """All of them by name, and what was changed; with `?name=` what can be done with one, with
    `&into=` what a merge would move."""
    _known(dimension)
    asked = {word: _text(request.GET.get(word, "")) for word in ("q", "name", "into")}
    chosen, preview, fault = None, None, ""
    present = dimension_list.find(dimension)
    if asked["name"] and asked["into"]:
        try:
            preview = dimensions.preview(dimension, asked["name"], asked["into"])
        except DimensionError as error:
            fault = str(error)
    if asked["name"] and preview is None:
        chosen = present.filter(name=asked["name"]).first()
        if chosen is None and not fault:
            fault = f"There is no {dimension} “{asked['name']}”."
    page = page_number(request.GET.get("page", ""))
    found = dimension_list.find(dimension, asked["q"])
    rows = list(found[page * PAGE : (page + 1) * PAGE + 1])
    others = list(present.values_list("name", flat=True)[: MOST_OFFERED + 1]) if chosen else []
    context = {
        **asked,
        "dimension": dimension,
        "lines": dimension_list.counted(dimension, rows[:PAGE]),
        "page": page,
        "has_more": len(rows) > PAGE,
        "chosen": chosen,
        "others": [one for one in others if one != asked["name"]]
        if len(others) <= MOST_OFFERED
        else [],
        "preview": preview,
        "fault": fault,
        "log": _log(dimension),
    }
    status = 400 if fault else 200
    return render_page(
        request, "console/dimension.html", context, current="settings", status=status
    )


@require_POST
@staff(ADMINS)
def rename(request: StaffRequest, dimension: str) -> HttpResponse:
    """Call one of them something else."""
    _known(dimension)
    name, new = _text(request.POST.get("name", "")), request.POST.get("new", "")
    back = reverse("dimension_names", args=[dimension])
    try:
        done = dimensions.rename(dimension, name, new, request.user)
    except DimensionError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(back)
    messages.success(
        request,
        f"“{done.name}” is called “{done.into}” now, in every report; what still arrives as "
        f"“{done.name}” is counted there.",
    )
    return HttpResponseRedirect(back)


@require_POST
@staff(ADMINS)
def merge(request: StaffRequest, dimension: str) -> HttpResponse:
    """Make one part of another, as it was shown before."""
    _known(dimension)
    told = [_text(request.POST.get(word, "")) for word in ("name", "into")]
    try:
        done = dimensions.merge(dimension, told[0], told[1], timezone.now(), request.user)
    except DimensionError as error:
        messages.error(request, str(error))
    else:
        moved = f"{done.n_resolutions:,} cases and {done.n_answers:,} answers"
        messages.success(
            request, f"“{done.name}” is part of “{done.into}” now: {moved} went along."
        )
    return HttpResponseRedirect(reverse("dimension_names", args=[dimension]))


@require_POST
@staff(ADMINS)
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a change back."""
    change = DimensionChange.objects.filter(pk=pk).first()
    if change is None:
        raise Http404("No such change.")
    try:
        done = dimensions.undo(pk, timezone.now(), request.user)
    except DimensionError as error:
        messages.error(request, str(error))
    else:
        moved = f": {done.n_resolutions:,} cases went back" if done.n_resolutions else ""
        messages.success(request, f"The change of “{done.name}” is undone{moved}.")
    return HttpResponseRedirect(reverse("dimension_names", args=[change.dimension]))


def _known(dimension: str) -> None:
    if dimension not in DimensionChange.Dimension.values:
        raise Http404("No such list of names.")


def _text(told: str) -> str:
    return told.replace("\x00", "")[:_LONGEST]


def _log(dimension: str) -> list[tuple[DimensionChange, bool]]:
    changes = dimension_list.changes(dimension)[:SHOWN_CHANGES]
    return [(change, can_undo(change)) for change in changes]
