"""Who owns a cause: given by an admin on the cause's page."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import Cause
from surveys.services.staffing import StaffingError, assign_cause

#: Before the id of a team, for a person is chosen by the id alone.
TEAM: Final = "team-"


class OwnerForm(forms.Form):
    """`owner`: the id of a user, or of a team after `TEAM`; empty for nobody."""

    owner = forms.RegexField(rf"^({TEAM})?[1-9][0-9]{{0,17}}$", required=False)

    @property
    def chosen(self) -> tuple[int | None, int | None]:
        """The ids of the person and of the team, of which one is None at least."""
        told = str(self.cleaned_data["owner"])
        if told.startswith(TEAM):
            return None, int(told.removeprefix(TEAM))
        return (int(told), None) if told else (None, None)


@require_POST
@staff(ADMINS)
def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a cause its owner; an empty choice takes the owner away."""
    form = OwnerForm(request.POST)
    try:
        cause = assign_cause(pk, *form.chosen) if form.is_valid() else None
    except Cause.DoesNotExist:
        raise Http404("No such cause.") from None
    except StaffingError:
        cause = None
    if cause is None:
        messages.error(request, "Only an active cause owner or a team can own a cause.")
        return HttpResponseRedirect(reverse("causes"))
    owner = f"belongs to {cause.owned_by} now" if cause.owned_by else "has no owner any more"
    messages.success(request, f"“{cause}” {owner}.")
    return HttpResponseRedirect(reverse("cause", kwargs={"code": cause.code}))
