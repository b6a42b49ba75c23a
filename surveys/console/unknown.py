"""Mails of unknown outcome: an operator may send one again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import Delivery
from surveys.services.delivery import CannotResend, resend_unknown


@require_POST
@staff(ADMINS)
def resend(request: StaffRequest, pk: int) -> HttpResponse:
    """Queue a mail again that may have arrived already."""
    if not Delivery.objects.filter(pk=pk).exists():
        raise Http404("No such mail.")
    try:
        resend_unknown(pk)
    except CannotResend as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The mail is sent again within a minute.")
    return HttpResponseRedirect(reverse("deliverability"))
