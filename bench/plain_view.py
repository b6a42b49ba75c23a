"""The same answer as a plain Django view stores it: a form, the survey by its token, three saves of
the ORM in one transaction. Our middleware but for the customers' door, our tables, the same server;
none of our own paths.
"""

from __future__ import annotations

import hashlib
import json
import os

from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE.remove("config.staff_middleware.customers_first")
settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False  # as a new project has it
application = get_wsgi_application()

from surveys.models import AnswerChange, Invitation, Response, ResponseRevision  # noqa: E402


class FixForm(forms.Form):
    """The first page of the default questionnaire."""

    F1 = forms.TypedChoiceField(choices=[(n, n) for n in range(1, 6)], coerce=int)
    F2 = forms.TypedChoiceField(choices=[(n, n) for n in range(1, 6)], coerce=int)
    F3 = forms.TypedMultipleChoiceField(choices=[(n, n) for n in range(1, 8)], coerce=int)
    S1 = forms.TypedChoiceField(choices=[(n, n) for n in range(1, 5)], coerce=int)
    fix_comment = forms.CharField(required=False, max_length=5_000)


@csrf_exempt
def answer(request: HttpRequest, token: str) -> HttpResponse:
    if request.method != "POST":
        return HttpResponse()  # whether the server is up
    token_hash = hashlib.sha256(token.encode()).digest()
    invitation = Invitation.objects.select_related("resolution").get(token_hash=token_hash)
    form = FixForm(request.POST)
    if not form.is_valid():
        return HttpResponse(json.dumps(form.errors), status=422)
    given, now = form.cleaned_data, timezone.now()
    with transaction.atomic():
        response = Response.objects.create(
            invitation=invitation,
            language=invitation.language,
            answered_at=now,
            changed_at=now,
            fix_comment=given["fix_comment"],
            **{item.lower(): given[item] for item in ("F1", "F2", "F3", "S1")},
        )
        ResponseRevision.objects.create(response=response, number=1, answers=given)
        AnswerChange.objects.create(response_id=response.pk)
    return HttpResponse(status=303, headers={"Location": f"/s/{token}/done/"})


urlpatterns = [path("s/<str:token>/", answer)]
