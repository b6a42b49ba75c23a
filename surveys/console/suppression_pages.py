"""Addresses never written to: found, added, taken off on a person's wish, imported and exported."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys import exports
from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import Suppression, SuppressionChange
from surveys.services import suppression_list
from surveys.services.addresses import NOT_AN_ADDRESS, address_of
from surveys.services.suppressions import CannotLift, Told, lift, suppress

PAGE: Final = 100
SHOWN_CHANGES: Final = 50
_LONGEST: Final = 254
_SOURCES = Suppression.Source


@require_safe
@staff(ADMINS)
def suppressions(request: StaffRequest) -> HttpResponse:
    """The list, newest first, and below it what was done to it."""
    words, reason = _asked(request, "q"), _asked(request, "reason")
    found = suppression_list.search(words, reason)
    n_found = found.count()
    number = _page_number(request.GET.get("page", ""))
    is_address = "@" in words
    context = {
        "lines": found[number * PAGE : (number + 1) * PAGE],
        "n_found": n_found,
        "words": words,
        "reason": reason,
        "reasons": Suppression.Reason.choices,
        "asked": urlencode({"q": words, "reason": reason}),
        "page": number,
        "has_more": n_found > (number + 1) * PAGE,
        "changes": suppression_list.history(words if is_address else "")[:SHOWN_CHANGES],
        "of_one": is_address,
    }
    return render_page(request, "console/suppressions.html", context, current="settings")


@require_POST
@staff(ADMINS)
def add_suppression(request: StaffRequest) -> HttpResponse:
    """Put one address on the list."""
    typed = request.POST.get("email", "").strip()
    address = address_of(typed.replace("\x00", ""))
    if address is None:
        messages.error(request, f"“{typed[:100]}” {NOT_AN_ADDRESS}.")
        return HttpResponseRedirect(reverse("suppressions"))
    note = request.POST.get("note", "").replace("\x00", "")
    told = Told(_SOURCES.STAFF, request.user.email, note)
    held = suppress(address, Suppression.Reason.MANUAL, now=timezone.now(), told=told)
    messages.success(request, f"{address} is never written to: {held.get_reason_display()}.")
    return HttpResponseRedirect(reverse("suppressions"))


@require_safe
@staff(ADMINS)
def one_suppression(request: StaffRequest, pk: int) -> HttpResponse:
    """One address with its history, and the form that takes it off the list."""
    held = _held(pk)
    context = {
        "held": held,
        "can_lift": held.reason != Suppression.Reason.ERASED,
        "changes": SuppressionChange.objects.filter(email_hash=held.email_hash),
    }
    return render_page(request, "console/suppression.html", context, current="settings")


@require_POST
@staff(ADMINS)
def lift_suppression(request: StaffRequest, pk: int) -> HttpResponse:
    """Write to this person again, for they asked for it."""
    held = _held(pk)
    note = request.POST.get("note", "").replace("\x00", "")
    told = Told(_SOURCES.STAFF, request.user.email, note)
    try:
        lift(held.email, now=timezone.now(), told=told)
    except CannotLift as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("suppression", args=[pk]))
    messages.success(request, f"{held.email} may be written to again. What was cancelled stays so.")
    return HttpResponseRedirect(reverse("suppressions"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def import_suppressions(request: StaffRequest) -> HttpResponse:
    """Add the addresses of a file; without the tick only show what that would do."""
    context: dict[str, object] = {"most_lines": suppression_list.MOST_LINES}
    status = 200
    if request.method == "POST":
        dry = request.POST.get("really") != "yes"
        told = Told(_SOURCES.IMPORT, request.user.email)
        try:
            file = request.FILES.get("file")
            if file is None:
                raise suppression_list.UnreadableFileError("Choose a file first.")
            content = file.read(suppression_list.MOST_BYTES + 1)
            taken = suppression_list.take(content, now=timezone.now(), told=told, dry=dry)
            context |= {"taken": taken, "dry": dry, "name": file.name}
        except suppression_list.UnreadableFileError as error:
            context["fault"], status = str(error), 400
    return render_page(
        request, "console/suppressions_import.html", context, current="settings", status=status
    )


@require_safe
@staff(ADMINS)
def export_suppressions(request: StaffRequest) -> HttpResponseBase:
    """What the list shows, as CSV that starts no formula."""
    found = suppression_list.search(_asked(request, "q"), _asked(request, "reason"))
    rows = suppression_list.rows(found)
    chunks = (c.encode() for c in exports.csv_chunks(rows, suppression_list.COLUMNS))
    sent = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    sent["Content-Disposition"] = 'attachment; filename="suppressions.csv"'
    return sent


def _held(pk: int) -> Suppression:
    found = Suppression.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("No such suppression.")
    return found


def _asked(request: StaffRequest, name: str) -> str:
    return request.GET.get(name, "").strip().replace("\x00", "")[:_LONGEST]


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
