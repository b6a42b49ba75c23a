"""What customers asked for on the thank-you page: listed, given to somebody, done, opened again."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from surveys.console import follow_up_list
from surveys.console.follow_up_list import KINDS, PAGE, SHOWS
from surveys.console.pages import render_page
from surveys.console.roles import FIX, StaffRequest, staff
from surveys.console.taxonomy import page_number
from surveys.models import Cause, FollowUp, User
from surveys.services import follow_ups
from surveys.services.follow_ups import FollowUpError

_LONGEST = 20  # characters of the number of a user


@require_safe
@staff(FIX)
def listed(request: StaffRequest) -> HttpResponse:
    """The open ones, or what else is asked for in the URL."""
    show = request.GET.get("show", "open")
    kind = request.GET.get("kind", "")
    show = show if show in SHOWS else "open"
    kind = kind if kind in KINDS else ""
    cause = _cause(request.GET.get("cause", ""))
    page, now = page_number(request.GET.get("page", "")), timezone.now()
    found = follow_up_list.asked_for(show, kind, cause, request.user, request.scope, now)
    rows = list(found[page * PAGE : (page + 1) * PAGE + 1])
    done = _number(request.GET.get("closed", ""))
    context = {
        "lines": [follow_up_list.line_of(one, request.scope, now) for one in rows[:PAGE]],
        "show": show,
        "shows": SHOWS.items(),
        "kind": kind,
        "kinds": KINDS.items(),
        "cause": cause,
        "narrowed": urlencode({"kind": kind, "cause": cause.code if cause else ""}),
        "page": page,
        "has_more": len(rows) > PAGE,
        "may_act": follow_ups.may_act(request.scope),
        "undo": follow_ups.visible(request.scope).filter(pk=done, status="done").first()
        if done
        else None,
    }
    return render_page(request, "console/follow_ups.html", context, current="follow_ups")


@require_safe
@staff(FIX)
def one(request: StaffRequest, pk: int) -> HttpResponse:
    """One of them with what was done about it."""
    found = _found(request, pk)
    resolution = found.response.invitation.resolution
    is_news = found.kind == FollowUp.Kind.NEWS and resolution.cause_id is not None
    may_act = follow_ups.may_act(request.scope)
    context = {
        "line": follow_up_list.line_of(found, request.scope, timezone.now()),
        "may_act": may_act and found.status != FollowUp.Status.WITHDRAWN,
        "assignees": follow_ups.possible_assignees(found) if may_act else (),
        "n_waiting": follow_ups.waiting_for_news(resolution.cause_id or 0) if is_news else 0,
        "log": found.changes.all(),
    }
    return render_page(request, "console/follow_up.html", context, current="follow_ups")


@require_POST
@staff(FIX)
def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Give it to somebody, or to nobody."""
    number = _number(request.POST.get("assignee", ""))
    assignee = User.objects.filter(pk=number).first() if number else None

    def effect(by: str) -> str:
        follow_ups.assign(pk, assignee, by, timezone.now())
        return f"{assignee} takes care of it." if assignee else "Nobody takes care of it now."

    return _act(request, pk, effect, back=request.POST.get("back") == "list")


@require_POST
@staff(FIX)
def close(request: StaffRequest, pk: int) -> HttpResponse:
    """It is done; what came of it is noted. The list offers to undo it."""

    def effect(by: str) -> str:
        follow_ups.close(pk, request.POST.get("outcome", ""), by, timezone.now())
        return ""

    return _act(request, pk, effect, to=f"{reverse('follow_ups')}?closed={pk}")


@require_POST
@staff(FIX)
def reopen(request: StaffRequest, pk: int) -> HttpResponse:
    """It is not done after all."""

    def effect(by: str) -> str:
        follow_ups.reopen(pk, by, timezone.now())
        return "It is open again."

    return _act(request, pk, effect)


def _act(
    request: StaffRequest,
    pk: int,
    effect: Callable[[str], str],
    *,
    to: str = "",
    back: bool = False,
) -> HttpResponse:
    """Do it where this reader may, and say so, or why it was not done."""
    if not follow_ups.may_act(request.scope):
        raise Http404("Not to be changed.")
    _found(request, pk)
    try:
        said = effect(request.user.email)
    except FollowUpError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("follow_up", args=[pk]))
    if said:
        messages.success(request, said)
    own = reverse("follow_ups") if back else reverse("follow_up", args=[pk])
    return HttpResponseRedirect(to or own)


def _found(request: StaffRequest, pk: int) -> FollowUp:
    found = follow_ups.visible(request.scope).filter(pk=pk).first()
    if found is None:
        raise Http404("No such follow-up.")
    return found


def _cause(code: str) -> Cause | None:
    """A cause by its code, or what it was merged into; none where there is no such cause."""
    if not code or "\x00" in code:
        return None
    found = Cause.objects.select_related("merged_into").filter(code=code).first()
    return found and (found.merged_into or found)


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) < _LONGEST - 1
    return int(text) if is_number else 0
