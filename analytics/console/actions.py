"""Preventive actions: the list with their verdicts; registered, corrected and withdrawn."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics import actions as acting
from analytics import reports
from analytics.console import asking
from analytics.console.action_forms import (
    WRITERS,
    ActionForm,
    cause_of,
    causes_of,
    initial_new,
    initial_of,
    may_register,
    visible_actions,
)
from analytics.console.action_words import action_lines, change_address
from analytics.filters import FilterError, Filters
from analytics.frames.moment import one_moment
from analytics.registered import Action
from surveys.console.pages import render_page
from surveys.console.roles import CAUSES, FIX, StaffRequest, role_of, staff
from surveys.models import Cause
from surveys.services import follow_ups

#: A list that is longer is narrowed by its cause; a file holds every row.
MOST_ROWS: Final = 200


@require_safe
@staff(CAUSES)
def actions(request: StaffRequest) -> HttpResponse:
    """All actions of the causes that the reader may see, newest begin first."""
    try:
        filters = Filters.parse(_asked(request.GET), other=("withdrawn",))
        with one_moment():
            report = reports.actions(filters, request.scope, asking.today(), most=MOST_ROWS)
    except FilterError as error:
        fault = {"fault": error.message, "back": request.path}
        return render_page(
            request, "console/report_fault.html", fault, current="actions", status=400
        )
    lines = action_lines(report.results)
    context = {
        "lines": [line for line in lines if line.row.withdrawn_on is None],
        "n_more": report.n_more,
        "withdrawn": [line for line in lines if line.row.withdrawn_on is not None],
        "undo": _undoable(request),
        "causes": causes_of(request.scope),
        "chosen": filters.cause,
        "exports": asking.exports("actions", filters) if lines else [],
        "may_write": may_register(request.user),
        "is_owner": not request.scope.is_unlimited,
    }
    return render_page(request, "console/actions.html", context, current="actions")


def _asked(query: QueryDict) -> QueryDict:
    """Without a cause that the form left open."""
    asked = query.copy()
    asked.setlist("cause", [code for code in query.getlist("cause") if code])
    if not asked.getlist("cause"):
        del asked["cause"]
    return asked


def _undoable(request: StaffRequest) -> Action | None:
    """The action that was withdrawn a moment ago."""
    pk = request.GET.get("withdrawn", "")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19 and may_register(request.user)):
        return None
    found = visible_actions(request.scope).filter(pk=int(pk), withdrawn_at__isnull=False)
    return found.first()


@require_http_methods(["GET", "HEAD", "POST"])
@staff(WRITERS)
def new_action(request: StaffRequest) -> HttpResponse:
    """Register an action."""
    form = ActionForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        scope=request.scope,
        initial=initial_new(request.user, request.GET.get("cause", ""), asking.today()),
    )
    if request.method == "POST" and form.is_valid() and form.found is not None:
        try:
            action = acting.register(request.user, form.found, form.wish(), timezone.now())
        except acting.ActionError as error:
            form.refused(error)
        else:
            messages.success(request, f"“{action.title}” is registered.")
            return HttpResponseRedirect(reverse("actions"))
    context = {"form": form, "action": None}
    status = 400 if form.errors else 200
    return render_page(request, "console/action.html", context, current="actions", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(CAUSES)
def one_action(request: StaffRequest, pk: int) -> HttpResponse:
    """One action with what was changed of it; who may write changes it here."""
    action = _action(request, pk)
    may_write = may_register(request.user) and action.withdrawn_at is None
    if request.method == "POST" and not may_write:
        raise Http404("Not to be changed.")
    form = ActionForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        scope=request.scope,
        action=action,
        initial=initial_of(action),
    )
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            acting.correct(pk, request.user, form.wish(), note, timezone.now())
        except acting.ActionError as error:
            form.refused(error)
        else:
            messages.success(request, f"“{form.cleaned_data['title']}” is saved.")
            return HttpResponseRedirect(reverse("action", args=[pk]))
    cause = cause_of(action)
    context = {
        "form": form if may_write else None,
        "action": action,
        "cause": cause,
        "days": acting.days_in_words(action.began_on, action.done_on),
        "has_begun": action.began_on <= asking.today(),
        "address": "" if action.withdrawn_at else change_address(cause.code, action.pk),
        "log": action.changes.all(),
        "n_waiting": _waiting(request, action, cause),
        "may_write": may_register(request.user),
    }
    status = 400 if form.errors else 200
    return render_page(request, "console/action.html", context, current="actions", status=status)


def _waiting(request: StaffRequest, action: Action, cause: Cause) -> int:
    """How many customers wait to hear what an action that is rolled out has mended, for who can
    open the list of them."""
    is_done = action.done_on is not None and action.done_on <= asking.today()
    if not is_done or action.withdrawn_at or role_of(request.user) not in FIX:
        return 0
    return follow_ups.waiting_for_news(cause.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(WRITERS)
def withdraw_action(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask before an action is withdrawn; posted, it is, and can be brought back."""
    action = _action(request, pk)
    if request.method == "POST":
        acting.withdraw(pk, request.user, request.POST.get("note", ""), timezone.now())
        return HttpResponseRedirect(f"{reverse('actions')}?withdrawn={pk}")
    context = {"action": action, "cause": cause_of(action)}
    return render_page(request, "console/action_withdraw.html", context, current="actions")


@require_POST
@staff(WRITERS)
def restore_action(request: StaffRequest, pk: int) -> HttpResponse:
    """Bring a withdrawn action back."""
    action = acting.restore(_action(request, pk).pk, request.user, timezone.now())
    messages.success(request, f"“{action.title}” is back.")
    return HttpResponseRedirect(reverse("actions"))


def _action(request: StaffRequest, pk: int) -> Action:
    found = visible_actions(request.scope).filter(pk=pk).first()
    if found is None:
        raise Http404("No such action.")
    return found
