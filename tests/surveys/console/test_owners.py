"""Giving causes their owners."""

from __future__ import annotations

import pytest
from django.test import Client

from surveys.models import Cause, User
from tests.factories import CauseFactory, UserFactory
from tests.surveys.staff import BACKEND, client_of

pytestmark = pytest.mark.django_db
Role = User.Role


def test_an_owner_sees_the_cause_from_now_on_and_not_after_it_was_taken() -> None:
    cause = CauseFactory()
    owner = UserFactory(role=Role.CAUSE_OWNER, name="Olga Owner")
    reader = Client()
    reader.force_login(owner, BACKEND)
    admin = client_of(Role.ADMIN)
    assert reader.get(f"/causes/{cause.code}/").status_code == 404
    page = admin.post(f"/settings/causes/{cause.pk}/owner/", {"owner": owner.pk}, follow=True)
    assert "belongs to Olga Owner now" in page.content.decode()
    assert reader.get(f"/causes/{cause.code}/").status_code == 200
    admin.post(f"/settings/causes/{cause.pk}/owner/", {"owner": ""})
    assert reader.get(f"/causes/{cause.code}/").status_code == 404


@pytest.mark.parametrize("who", ["manager", "switched off", "nobody", "words"])
def test_only_an_active_cause_owner_can_own(who: str) -> None:
    cause = CauseFactory()
    given = {
        "manager": UserFactory(role=Role.MANAGER).pk,
        "switched off": UserFactory(role=Role.CAUSE_OWNER, is_active=False).pk,
        "nobody": 999_999,
        "words": "x' OR 1",
    }[who]
    page = client_of(Role.ADMIN).post(
        f"/settings/causes/{cause.pk}/owner/", {"owner": given}, follow=True
    )
    assert "Only an active cause owner can own a cause." in page.content.decode()
    assert Cause.objects.get().owner is None


def test_a_cause_that_does_not_exist_has_no_owner() -> None:
    assert client_of(Role.ADMIN).post("/settings/causes/999/owner/").status_code == 404


def test_the_form_stands_in_the_page_and_not_in_its_title() -> None:
    page = client_of(Role.ADMIN).get(f"/causes/{CauseFactory(name='Billing').code}/")
    title, body = page.content.decode().split("</title>")
    assert title.split("<title>")[1].split() == ["Billing", "·", "Stabledoor"]
    assert 'id="owner"' in body
