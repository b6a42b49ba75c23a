"""The checklist of the first hour, on the overview of admins until it is done or put away."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from surveys.console.roles import ADMINS, StaffRequest, role_of, staff
from surveys.models import User
from surveys.services.first_hour import progress


@dataclass(frozen=True)
class Step:
    """One line of the checklist; `sends` is the questionnaire that a press sends to oneself."""

    label: str
    note: str
    is_done: bool
    url: str
    action: str
    sends: str = ""


def checklist(request: StaffRequest) -> list[Step]:
    """What is to do and what is done; empty for who need not do it, and once all is done."""
    user = request.user
    if request.scope.for_strangers or role_of(user) not in ADMINS or user.checklist_closed_at:
        return []
    found = progress(user)
    if found.is_done:
        return []
    return [
        Step(
            "Remove the sample data",
            "Invented cases stand beside yours until then.",
            found.is_without_sample,
            reverse("remove_sample_data"),
            "Remove it",
        ),
        Step(
            "Connect your helpdesk",
            "Choose it, and copy its address and secret; or use the API.",
            found.is_connected,
            reverse("new_connection"),
            "Choose your helpdesk",
        ),
        Step(
            "See the first event arrive",
            "The inspector shows what came and what was made of it.",
            found.has_event,
            reverse("connections"),
            "Watch the inspector",
        ),
        Step(
            "Map the causes",
            "Say what the codes mean that came with cases, or write rules for tags.",
            found.has_mapped_causes,
            reverse("unmapped_causes"),
            "Map them",
        ),
        Step(
            "Send yourself a survey",
            f"To {user.email}. Marked as a test; nothing that is answered there is counted.",
            found.has_sent_survey,
            reverse("questionnaires"),
            "Choose a questionnaire",
            found.questionnaire,
        ),
    ]


@require_POST
@staff(ADMINS)
def show_checklist(request: StaffRequest) -> HttpResponse:
    """Put the checklist away, or show it again."""
    is_shown = request.POST.get("to") == "show"
    closed_at = None if is_shown else timezone.now()
    User.objects.filter(pk=request.user.pk).update(checklist_closed_at=closed_at)
    if not is_shown:
        messages.info(request, "The checklist is put away. Settings shows it again.")
    return HttpResponseRedirect(reverse("overview"))
