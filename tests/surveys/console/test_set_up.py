"""Settings: read by some, changed by admins."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.models import ApiKey, User
from tests.factories import ApiKeyFactory, SuppressionFactory, UserFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
Role = User.Role


def test_settings_show_who_may_sign_in_and_no_secret(settings: Any) -> None:
    settings.SECRET_KEY = "not-to-be-shown"
    UserFactory(email="ada@example.org", role=Role.ANALYST)
    SuppressionFactory(email="no@example.com")
    ApiKeyFactory(name="helpdesk", secret="sd_" + "k" * 40)
    page = client_of(Role.ADMIN).get("/settings/")
    text = page.content.decode()
    assert "ada@example.org" in text
    assert "sd_kkkkkkk…" in text
    assert page.context["n_suppressed"] == 1
    for secret in ("not-to-be-shown", "k" * 12, "no@example.com", "a good password"):
        assert secret not in text


def test_settings_ask_as_much_for_three_as_for_one() -> None:
    client = client_of(Role.ADMIN)
    asked = []
    for _ in range(3):
        ApiKeyFactory()
        UserFactory()
        with CaptureQueriesContext(connection) as queries:
            client.get("/settings/")
        asked.append(len(queries))
    assert asked[0] == asked[2] <= 12


def test_a_key_is_revoked_for_good() -> None:
    key = ApiKeyFactory()
    client = client_of(Role.ADMIN)
    assert client.post(f"/settings/keys/{key.pk}/revoke/")["Location"] == "/settings/"
    assert ApiKey.objects.get().revoked_at is not None
    assert client.post("/settings/keys/999/revoke/").status_code == 404


def test_a_get_revokes_nothing() -> None:
    key = ApiKeyFactory()
    assert client_of(Role.ADMIN).get(f"/settings/keys/{key.pk}/revoke/").status_code == 405
    assert ApiKey.objects.get().revoked_at is None
