"""The causes as a list of words: renamed, mapped, merged into each other by an admin, and undone.

A merge is shown before it is made, with what it moves; every change stands in a log for good.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import Cause, CauseChange, CauseRule, Resolution
from surveys.questionnaire.texts import language_name, languages
from surveys.services import cause_tree, causes
from surveys.services.authors import can_undo
from surveys.services.cause_queue import n_waiting
from surveys.services.causes import CauseError

PAGE: Final = 100
SHOWN_CHANGES: Final = 50
#: What can be chosen to merge into; with more causes the code is typed.
MOST_OFFERED: Final = 1_000
_LONGEST: Final = 200


@dataclass(frozen=True)
class Line:
    """A cause in the tree, with its cases; `level` is 0 for roots."""

    cause: Cause
    n_cases: int
    level: int


@dataclass(frozen=True)
class Done:
    """A change as the log shows it, and whether its undoing is offered."""

    change: CauseChange
    can_undo: bool


@require_safe
@staff(ADMINS)
def cause_list(request: StaffRequest) -> HttpResponse:
    """All causes as a tree, what waits unmapped first, and what was changed lately."""
    words = request.GET.get("q", "").strip().replace("\x00", "")[:_LONGEST]
    found = cause_tree.in_order(words)
    n_causes = len(found)
    after = page_number(request.GET.get("page", ""))
    context = {
        "lines": _with_cases(found[after * PAGE : (after + 1) * PAGE]),
        "n_causes": n_causes,
        "words": words,
        "page": after,
        "has_more": n_causes > (after + 1) * PAGE,
        "log": cause_log(),
        "n_rules": CauseRule.objects.filter(deleted_at=None).count(),
        "n_waiting": n_waiting(),
    }
    return render_page(request, "console/cause_list.html", context, current="settings")


def _with_cases(found: Sequence[tuple[int, int]]) -> list[Line]:
    """The causes of one page with their cases: counting all of them would read every resolution."""
    ids = [pk for pk, _ in found]
    counted = Resolution.objects.filter(cause__in=ids).values_list("cause").annotate(Count("pk"))
    n_cases = dict(counted)
    causes_ = Cause.objects.select_related("owner", "owner_team", "merged_into").in_bulk(ids)
    return [Line(causes_[pk], n_cases.get(pk, 0), level) for pk, level in found if pk in causes_]


def page_number(text: str) -> int:
    """The page that is asked for; the first where that makes no sense."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0


def cause_log(kinds: Collection[str] = (), most: int = SHOWN_CHANGES) -> list[Done]:
    """What was changed lately, all of it or of these kinds."""
    changes = CauseChange.objects.select_related("by", "by_key", "undone_by").defer("moved", "was")
    if kinds:
        changes = changes.filter(kind__in=kinds)
    return [Done(change, can_undo(change)) for change in changes[:most]]


@require_safe
@staff(ADMINS)
def one_cause(request: StaffRequest, pk: int) -> HttpResponse:
    """What can be done with one cause; with `?into=` what a merge would move, to be confirmed."""
    cause = _cause(pk)
    into = request.GET.get("into", "").strip().replace("\x00", "")[:_LONGEST]
    preview, fault = None, ""
    if into:
        try:
            preview = causes.preview(cause.code, into)
        except CauseError as error:
            fault = str(error)
    others = Cause.objects.filter(merged_into=None).exclude(pk=pk)
    n_others = others.count()
    context = {
        "cause": cause,
        "n_cases": causes.count(cause.code),
        "aliases": list(cause.merged.order_by("code").values_list("code", flat=True)),
        "preview": preview,
        "parents": [] if cause.merged_into else cause_tree.possible_parents(cause),
        "names": [(tag, language_name(tag), cause.names.get(tag, "")) for tag in languages()],
        "into": into,
        "fault": fault,
        "others": list(others.values_list("code", "name")) if n_others <= MOST_OFFERED else [],
    }
    status = 400 if fault else 200
    return render_page(
        request, "console/cause_change.html", context, current="settings", status=status
    )


@require_http_methods(["POST"])
@staff(ADMINS)
def rename_cause(request: StaffRequest, pk: int) -> HttpResponse:
    """Call a cause something else."""
    cause = _cause(pk)
    try:
        done = causes.rename(cause.code, request.POST.get("name", ""), request.user)
    except CauseError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("change_cause", args=[pk]))
    messages.success(request, f"“{done.before}” is called “{done.after}” now, in every report.")
    return HttpResponseRedirect(reverse("cause_list"))


@require_POST
@staff(ADMINS)
def place_cause(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a cause part of a broader one, or a root."""
    cause = _cause(pk)
    parent = request.POST.get("parent", "").replace("\x00", "")[:_LONGEST]
    try:
        done = cause_tree.place(cause.code, parent, request.user)
    except CauseError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("change_cause", args=[pk]))
    words = f"stands below “{done.after}” now" if done.after else "stands at the top now"
    messages.success(request, f"“{cause}” {words}.")
    return HttpResponseRedirect(reverse("cause_list"))


@require_POST
@staff(ADMINS)
def describe_cause(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what a cause is, and what customers read."""
    cause = _cause(pk)
    names = {tag: request.POST.get(f"name-{tag}", "") for tag in languages()}
    try:
        cause_tree.describe(cause.code, request.POST.get("description", ""), names, request.user)
    except CauseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{cause}” is described anew.")
    return HttpResponseRedirect(reverse("change_cause", args=[pk]))


@require_POST
@staff(ADMINS)
def keep_cause(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a code that waits unmapped for a cause of its own."""
    cause = _cause(pk)
    try:
        causes.keep(cause.code, timezone.now(), request.user)
    except CauseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{cause}” is a cause of its own now.")
    back = "unmapped_causes" if request.POST.get("back") == "queue" else "cause_list"
    return HttpResponseRedirect(reverse(back))


@require_POST
@staff(ADMINS)
def merge_cause(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a cause part of another, as it was shown before."""
    cause = _cause(pk)
    into = request.POST.get("into", "").replace("\x00", "")[:_LONGEST]
    try:
        done = causes.merge(cause.code, into, timezone.now(), request.user)
    except CauseError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("change_cause", args=[pk]))
    moved = f"{done.n_resolutions:,} cases and {done.n_answers:,} answers"
    messages.success(request, f"“{cause}” is part of “{into}” now: {moved} went with it.")
    return HttpResponseRedirect(reverse("cause_list"))


@require_POST
@staff(ADMINS)
def undo_change(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a change of the causes back."""
    try:
        done = causes.undo(pk, timezone.now(), request.user)
    except CauseChange.DoesNotExist:
        raise Http404("No such change.") from None
    except CauseError as error:
        messages.error(request, str(error))
    else:
        moved = f": {done.n_resolutions:,} cases went back" if done.n_resolutions else ""
        messages.success(request, f"The change of “{done.code}” is undone{moved}.")
    back = "cause_rules" if request.POST.get("back") == "rules" else "cause_list"
    return HttpResponseRedirect(reverse(back))


def _cause(pk: int) -> Cause:
    found = Cause.objects.select_related("owner", "owner_team", "merged_into").filter(pk=pk).first()
    if found is None:
        raise Http404("No such cause.")
    return found
