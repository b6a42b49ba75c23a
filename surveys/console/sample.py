"""Removing the sample data with one click."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.services.sample import remove_sample_data


@require_POST
@staff(ADMINS)
def remove(request: StaffRequest) -> HttpResponse:
    """Remove every sample row; real cases are not touched."""
    remove_sample_data()
    messages.success(request, "The sample data is removed. What you see now is yours.")
    return HttpResponseRedirect("/")
