"""Giving causes their owners."""

from __future__ import annotations

import pytest
from django.test import Client

from surveys.models import Cause, CauseChange, User
from surveys.services import causes, dimensions
from tests.factories import NOW, CauseFactory, TeamFactory, UserFactory
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


def test_a_team_owns_a_cause_in_place_of_a_person_and_its_cause_owners_see_it() -> None:
    team, other = TeamFactory(name="Billing"), TeamFactory()
    owner = UserFactory(role=Role.CAUSE_OWNER)
    cause = CauseFactory(owner=owner)
    admin, address = client_of(Role.ADMIN), f"/settings/causes/{cause.pk}/owner/"
    readers = {}
    for name, role, belongs in (
        ("own", Role.CAUSE_OWNER, team),
        ("other", Role.CAUSE_OWNER, other),
        ("lead", Role.TEAM_LEAD, team),
        ("former", Role.CAUSE_OWNER, None),
    ):
        user = owner if name == "former" else UserFactory(role=role, team=belongs)
        readers[name] = Client()
        readers[name].force_login(user, BACKEND)

    def may_read() -> set[str]:
        page = f"/causes/{cause.code}/"
        return {name for name, reader in readers.items() if reader.get(page).status_code == 200}

    assert may_read() == {"former"}
    page = admin.post(address, {"owner": f"team-{team.pk}"}, follow=True).content.decode()
    assert "belongs to Billing now" in page
    assert f'value="team-{team.pk}" selected' in page
    assert may_read() == {"own"}
    # Of a team that was merged both see it, and who owns a cause goes along with a merge of causes.
    merged = dimensions.merge("team", "Billing", other.name, NOW)
    assert may_read() == {"own", "other"}
    causes.merge(cause.code, CauseFactory(code="target").code, NOW)
    assert Cause.objects.get(code="target").owned_by == other.name
    causes.undo(CauseChange.objects.get().pk, NOW)
    dimensions.undo(merged.pk, NOW)
    assert list(Cause.objects.order_by("code").values_list("owner_team__name", flat=True)) == [
        "Billing",
        None,
    ]
    assert may_read() == {"own"}
    admin.post(address, {"owner": owner.pk})
    assert may_read() == {"former"}


@pytest.mark.parametrize("who", ["manager", "switched off", "nobody", "words", "no team"])
def test_only_an_active_cause_owner_can_own(who: str) -> None:
    cause = CauseFactory()
    given = {
        "manager": UserFactory(role=Role.MANAGER).pk,
        "switched off": UserFactory(role=Role.CAUSE_OWNER, is_active=False).pk,
        "nobody": 999_999,
        "words": "x' OR 1",
        "no team": "team-999999",
    }[who]
    page = client_of(Role.ADMIN).post(
        f"/settings/causes/{cause.pk}/owner/", {"owner": given}, follow=True
    )
    assert "Only an active cause owner or a team can own a cause." in page.content.decode()
    assert Cause.objects.get().owner is None


def test_a_cause_that_does_not_exist_has_no_owner() -> None:
    assert client_of(Role.ADMIN).post("/settings/causes/999/owner/").status_code == 404


def test_the_form_stands_in_the_page_and_not_in_its_title() -> None:
    page = client_of(Role.ADMIN).get(f"/causes/{CauseFactory(name='Billing').code}/")
    title, body = page.content.decode().split("</title>")
    assert title.split("<title>")[1].split() == ["Billing", "·", "Stabledoor"]
    assert 'id="owner"' in body
