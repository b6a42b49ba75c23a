"""Who owns a cause: given by an admin on the cause's page."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import Cause
from surveys.services.staffing import StaffingError, assign_cause


class OwnerForm(forms.Form):
    owner = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


@require_POST
@staff(ADMINS)
def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a cause its owner; an empty choice takes the owner away."""
    form = OwnerForm(request.POST)
    try:
        cause = assign_cause(pk, form.cleaned_data["owner"]) if form.is_valid() else None
    except Cause.DoesNotExist:
        raise Http404("No such cause.") from None
    except StaffingError:
        cause = None
    if cause is None:
        messages.error(request, "Only an active cause owner can own a cause.")
        return HttpResponseRedirect(reverse("causes"))
    owner = f"belongs to {cause.owner} now" if cause.owner else "has no owner any more"
    messages.success(request, f"“{cause}” {owner}.")
    return HttpResponseRedirect(reverse("cause", kwargs={"code": cause.code}))
