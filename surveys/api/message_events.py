"""Where the gateways of SMS_URL and WHATSAPP_URL tell what became of messages, and who said STOP.

Each adapter proves who calls; without a gateway the address does not exist. Answered after the
commit, so that what was not taken is told again.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from surveys.api.problems import Problem, response_of
from surveys.channels.gateway import EVENTS_PATH, Call, News, gateway_of
from surveys.services import message_events as service
from surveys.services.bounces import NotSettled

_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt
def message_events(request: HttpRequest) -> HttpResponse:
    """`/api/message-events/`"""
    if not settings.GATEWAYS:
        return response_of(Problem(404, "There is nothing at this address."))
    if request.method != "POST":
        return response_of(Problem(405, "Only POST is taken.", headers={"Allow": "POST"}))
    news = _heard(request)
    if news is None:
        return response_of(Problem(401, "The signature is wrong."))
    try:
        service.take(news, timezone.now())
    except NotSettled:
        later = {"Retry-After": "5"}
        return response_of(Problem(503, "The message is just being sent.", headers=later))
    return HttpResponse(_NOTHING_TO_SAY, content_type="text/xml")


def _heard(request: HttpRequest) -> News | None:
    """What the first gateway says to which the caller proved to belong."""
    query = request.META.get("QUERY_STRING", "")
    # As the provider knows it: a proxy before us may have changed what the request says.
    url = f"{settings.SITE_URL}{EVENTS_PATH}" + (f"?{query}" if query else "")
    call = Call(url, request.GET.dict(), request.POST.dict(), request.headers)
    for name in settings.GATEWAYS:
        if (news := gateway_of(name).heard(call)) is not None:
            return news
    return None
