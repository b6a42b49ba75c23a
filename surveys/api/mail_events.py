"""Where the mail provider of EMAIL_URL tells what became of our mails.

django-anymail proves who tells it (a signature, or the user and password of EMAIL_WEBHOOK_SECRET)
and reads it; without a secret the address does not exist. Answered after the commit, so that what
was not taken is told again.
"""

from __future__ import annotations

from contextvars import ContextVar
from importlib import import_module
from typing import Any, Final

from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailError,
    AnymailWebhookValidationFailure,
)
from anymail.signals import AnymailTrackingEvent, tracking
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from surveys.api.problems import Problem, response_of
from surveys.services import esp_events
from surveys.services.bounces import NotSettled

_VIEWS: Final = {
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "mandrill": "MandrillCombinedWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
}
_UNREADABLE: Final = (AnymailError, AnymailConfigurationError)
_events: ContextVar[list[AnymailTrackingEvent]] = ContextVar("mail events")


@csrf_exempt
def mail_events(request: HttpRequest) -> HttpResponseBase:
    """`/api/mail-events/`"""
    if not (settings.EMAIL_ESP and settings.EMAIL_WEBHOOK_SECRET):
        return response_of(Problem(404, "There is nothing at this address."))
    read: list[AnymailTrackingEvent] = []
    _events.set(read)
    try:
        answer: HttpResponseBase = _view()(request)
    except AnymailWebhookValidationFailure:
        return response_of(Problem(401, "The signature or password is wrong."))
    except (*_UNREADABLE, ValueError, KeyError, TypeError, AttributeError):
        return response_of(Problem(400, "This cannot be read as what the provider sends."))
    try:
        for event in read:
            esp_events.take(event, timezone.now())
    except NotSettled:
        later = {"Retry-After": "5"}
        return response_of(Problem(503, "The mail is just being sent.", headers=later))
    return answer


def _view() -> Any:
    name = settings.EMAIL_ESP
    module = import_module(f"anymail.webhooks.{name}")
    return getattr(module, _VIEWS[name]).as_view()


# Reading and taking are apart: a mistake of ours while taking is no fault of what was sent, and
# must have it told again.
def _collect(event: AnymailTrackingEvent, **_: Any) -> None:
    _events.get().append(event)


tracking.connect(_collect, dispatch_uid="stabledoor mail events")
