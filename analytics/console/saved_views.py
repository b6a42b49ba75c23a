"""Settings of one's own: the saved views, named, shared, deleted and brought back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from analytics.console.bar_menu import NOT_KEPT, address_of, visible
from analytics.console.known_reports import LONGEST_QUERY, NoReport, Report, report_at
from analytics.console.printed import question_in_words
from analytics.filters import DIMENSIONS, FilterError, Filters
from analytics.frames.selection import Selection
from analytics.kept import SavedView
from analytics.reports.access import refuse_hidden
from analytics.sharing import views
from analytics.sharing.views import ViewError
from surveys.console.pages import render_page
from surveys.console.roles import CASES, StaffRequest, staff


@dataclass(frozen=True)
class Line:
    """A view as the list shows it. `fault` says why it opens nothing any more."""

    view: SavedView
    url: str
    is_own: bool
    question: tuple[str, ...]
    fault: str


def asked_report(asked: QueryDict, request: StaffRequest) -> tuple[Report, str]:
    """The report that a form is about, checked by opening it as its reader.

    Raises: NoReport.
    """
    path, query = asked.get("path") or "", asked.get("query") or ""
    report = report_at(path) if len(path) <= 400 else None
    if report is None or not report.is_open_to(request.user):
        raise NoReport("There is no such report.")
    if NOT_KEPT & set(QueryDict(query)):
        raise NoReport("A search is not kept, for it may name a customer; leave it out.")
    if len(query) > LONGEST_QUERY:
        raise NoReport("These are too many filters to keep.")
    report.ask(query, request.user, narrow=lambda scope: scope, meta=request.META)
    return report, query


@require_http_methods(["GET", "HEAD", "POST"])
@staff(CASES)
def saved_views(request: StaffRequest) -> HttpResponse:
    """All views that the reader may open; a posted one is saved."""
    if request.method == "POST":
        return _saved(request)
    lines = [_line(request, view) for view in visible(request.user, views.candidates(request.user))]
    gone = request.GET.get("deleted", "")
    context = {
        "deleted": views.own(request.user, int(gone), deleted=True) if _is_key(gone) else None,
        "own": [line for line in lines if line.is_own],
        "shared": [line for line in lines if not line.is_own],
    }
    return render_page(request, "console/saved_views.html", context, current="views")


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _line(request: StaffRequest, view: SavedView) -> Line:
    question: tuple[str, ...] = ()
    report, fault = report_at(view.path), ""
    if report is None or not report.is_open_to(request.user):
        fault = "This report is not open to you any more."
    else:
        try:
            question = question_in_words(view.query, request.user, request.scope)
            refuse_gone(view.query, request)
        except FilterError as error:
            fault = gone_in_words(error)
    is_own = view.owner_id == request.user.pk
    return Line(view, address_of(view.path, view.query), is_own, question, fault)


def refuse_gone(query: str, request: StaffRequest) -> None:
    """A view may ask for what no longer exists: a team that was renamed, an agent who was removed.

    Raises: FilterError naming it.
    """
    asked = QueryDict(query)
    both = {"": QueryDict(mutable=True), "b_": QueryDict(mutable=True)}
    for name in asked:
        prefix = "b_" if name.startswith("b_") else ""
        if name.removeprefix(prefix) in DIMENSIONS:
            both[prefix].setlist(name.removeprefix(prefix), asked.getlist(name))
    for part in both.values():
        filters = Filters.parse(part)
        refuse_hidden(filters, request.scope)
        Selection.of(filters, request.scope)


def gone_in_words(error: FilterError) -> str:
    """Why a view opens nothing any more, and what to do."""
    return f"{error.message} Delete this view, or open the report and save it anew."


def _saved(request: StaffRequest) -> HttpResponse:
    try:
        report, query = asked_report(request.POST, request)
    except NoReport as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("views"))
    shared = request.POST.get("is_shared") == "1"
    try:
        view = views.save(
            request.user, request.POST.get("name", ""), report.path, query, is_shared=shared
        )
    except ViewError as error:
        messages.error(request, str(error))
    else:
        whose = "your colleagues and you" if shared else "you"
        messages.success(request, f"Saved: “{view.name}” stands in the menu “Views” for {whose}.")
    return HttpResponseRedirect(address_of(report.path, query))


@require_POST
@staff(CASES)
def change_view(request: StaffRequest, pk: int) -> HttpResponse:
    """Rename a view of one's own, share it, or keep it to oneself."""
    view = _own(request, pk)
    try:
        views.change(
            view,
            name=request.POST.get("name", ""),
            is_shared=request.POST.get("is_shared") == "1",
        )
    except ViewError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{view.name}” is changed.")
    return HttpResponseRedirect(reverse("views"))


@require_POST
@staff(CASES)
def delete_view(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a view of one's own, with a way back for a day."""
    view = _own(request, pk)
    views.delete(view)
    return HttpResponseRedirect(f"{reverse('views')}?deleted={view.pk}")


@require_POST
@staff(CASES)
def restore_view(request: StaffRequest, pk: int) -> HttpResponse:
    """Bring a deleted view of one's own back."""
    view = _own(request, pk, deleted=True)
    try:
        views.restore(view)
    except ViewError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{view.name}” is back.")
    return HttpResponseRedirect(reverse("views"))


def _own(request: StaffRequest, pk: int, *, deleted: bool = False) -> SavedView:
    view = views.own(request.user, pk, deleted=deleted)
    if view is None:
        raise Http404("No such view.")
    return view
