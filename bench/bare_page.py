"""The limit of a survey GET: Django with no middleware, one lookup of the token in one statement,
and a page finished beforehand. Nothing of the respondent's own pages.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

_PAGE = Path(os.environ["BARE_PAGE"]).read_bytes()
_LOOK_UP = """
SELECT i.version_id, i.language, i.arm, i.expires_at, r.f1, r.c1
  FROM surveys_invitation i
  LEFT JOIN surveys_response r ON r.invitation_id = i.id
 WHERE i.token_hash = %s
"""


def page(request: HttpRequest, token: str) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [hashlib.sha256(token.encode()).digest()])
        found = cursor.fetchone()
    status = 200 if found else 404
    return HttpResponse(_PAGE, status=status, headers={"Content-Length": str(len(_PAGE))})


urlpatterns = [path("s/<str:token>/", page)]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.MIDDLEWARE = []
settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False  # it would be a second statement
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
