"""Loading the sample data with one click, and removing it after a question."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import Case
from surveys.services.sample import load_once, remove_sample_data


@require_POST
@staff(ADMINS)
def load(request: StaffRequest) -> HttpResponse:
    """Load the sample half year; where it is loaded already, nothing happens."""
    if load_once(timezone.now()):
        messages.success(request, "The sample data is loaded. Its figures appear within seconds.")
    else:
        messages.info(request, "The sample data was loaded before.")
    return HttpResponseRedirect("/")


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def remove(request: StaffRequest) -> HttpResponse:
    """Ask first, with what would go; then remove every sample row. Real cases are not touched."""
    if request.method != "POST":
        context = {"n_cases": Case.objects.filter(is_sample=True).count()}
        return render_page(request, "console/sample_remove.html", context, current="overview")
    remove_sample_data()
    messages.success(request, "The sample data is removed. What you see now is yours.")
    return HttpResponseRedirect("/")
