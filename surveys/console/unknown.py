"""Mails of unknown outcome: an operator may send one again, or all of them."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import Delivery
from surveys.services.delivery import CannotResend, resend_all_unknown, resend_unknown

#: So many at one press: it is one request.
MOST: Final = 500


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


@require_POST
@staff(ADMINS)
def resend_all(request: StaffRequest) -> HttpResponse:
    """Queue all of them again but those that were answered."""
    n_again, n_left = resend_all_unknown(MOST)
    if n_again:
        messages.success(request, f"{_mails(n_again)} sent again within a minute.")
    if n_left or not n_again:
        messages.info(request, "The others were answered, closed or sent again meanwhile.")
    return HttpResponseRedirect(reverse("deliverability"))


def _mails(count: int) -> str:
    return "One mail is" if count == 1 else f"{count:,} mails are"
