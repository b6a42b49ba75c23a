"""Views, links and digests that a key makes for somebody: theirs, seen with their eyes, logged."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from analytics.kept import DigestSubscription, SavedView, ShareLink, SharingEvent
from analytics.sharing import views
from surveys.models import User
from tests.factories import UserFactory
from tests.surveys.api.conftest import Api
from tests.surveys.staff import NO_PASSWORD

pytestmark = pytest.mark.django_db
Role = User.Role
KEY = "API key A test"


@pytest.fixture
def grace() -> User:
    found: User = UserFactory(email="grace@example.com", role=Role.MANAGER, password=NO_PASSWORD)
    return found


def _field(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["field"]  # type: ignore[attr-defined]


def test_a_view_is_its_owners(api: Callable[..., Api], grace: User) -> None:
    admin, path = api("admin"), "/api/v1/saved-views/"
    wish = {"owner": grace.email, "name": "Mine", "path": "/causes/", "query": "period=28d"}
    made = admin.post(path, wish)
    assert made.status_code == 201
    view = SavedView.objects.get()
    assert (view.owner, view.query, view.is_shared) == (grace, "period=28d", False)
    one = f"{path}{view.pk}/"
    assert admin.patch(one, {"name": "Ours", "is_shared": True}).json()["name"] == "Ours"
    assert _field(admin.patch(one, {"name": " "})) == (400, "name")
    assert len(admin.get(path, owner=grace.email).json()["results"]) == 1
    assert admin.delete(one).status_code == 204
    assert admin.get(one).status_code == 404
    assert set(SharingEvent.objects.values_list("actor", flat=True)) == {KEY}
    for wrong, field in (
        ({"owner": "nobody@example.com"}, "owner"),
        ({"path": "/settings/"}, "path"),
        ({"path": "/agents/999999/"}, "path"),
        ({"query": "team=nowhere"}, "query"),
        ({"query": "q=Ada"}, "query"),
        ({"name": "x" * 81}, "name"),
        ({"shared": True}, "shared"),
    ):
        assert _field(admin.post(path, wish | wrong)) == (400, field)


def test_a_deleted_view_is_brought_back_for_a_day(api: Callable[..., Api], grace: User) -> None:
    admin, path = api("admin"), "/api/v1/saved-views/"
    wish = {"owner": grace.email, "name": "Mine", "path": "/causes/"}
    one = f"{path}{admin.post(path, wish).json()['id']}/"
    admin.delete(one)
    admin.post(path, wish)
    back = admin.post(f"{one}restore/", {})
    assert (back.status_code, back.json()["name"]) == (200, "Mine (2)")
    assert admin.get(one).json() == back.json() == admin.post(f"{one}restore/", {}).json()
    brought = SharingEvent.objects.get(action="brought a view back")
    assert brought.actor == KEY
    admin.delete(one)
    SavedView.objects.filter(name="Mine (2)").update(deleted_at=timezone.now() - views.UNDO)
    assert admin.post(f"{one}restore/", {}).status_code == 404
    assert api("questionnaires:write").post(f"{one}restore/", {}).status_code == 403


def test_no_more_views_come_back_than_one_may_have(
    api: Callable[..., Api], grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST", 1)
    admin, path = api("admin"), "/api/v1/saved-views/"
    first = views.save(grace, "First", "/causes/", "", is_shared=False)
    views.delete(first)
    views.save(grace, "Second", "/causes/", "", is_shared=False)
    refused = admin.post(f"{path}{first.pk}/restore/", {})
    assert refused.status_code == 409
    assert "delete one first" in refused.json()["detail"]
    assert SavedView.objects.get(deleted_at=None).name == "Second"


def test_a_view_of_what_its_owner_may_not_see_is_none(api: Callable[..., Api]) -> None:
    owner = UserFactory(role=Role.CAUSE_OWNER, password=NO_PASSWORD)
    designer = UserFactory(role=Role.DESIGNER, password=NO_PASSWORD)
    wish = {"owner": owner.email, "name": "x", "path": "/agents/"}
    admin = api("admin")
    assert _field(admin.post("/api/v1/saved-views/", wish)) == (400, "path")
    assert _field(admin.post("/api/v1/saved-views/", wish | {"owner": designer.email})) == (
        400,
        "owner",
    )


def test_a_link_tells_its_address_once_and_opens_until_it_is_revoked(
    api: Callable[..., Api], grace: User
) -> None:
    admin, path = api("admin"), "/api/v1/share-links/"
    wish = {"sharer": grace.email, "path": "/causes/", "query": "period=last_month", "days": 7}
    made = admin.post(path, wish).json()
    assert made["state"] == "open"
    assert "period" not in made["query"]
    opened = Client()
    shared = "/" + made["address"].split("/", 3)[3]
    assert opened.get(shared).status_code == 200
    one = f"{path}{made['id']}/"
    assert "address" not in admin.get(one).json()
    assert admin.post(f"{one}revoke/", {}).json()["state"] == "revoked"
    assert opened.get(shared).status_code in (404, 410)
    assert ShareLink.objects.get().sharer == grace
    revoked = SharingEvent.objects.get(action="revoked a link")
    assert revoked.actor == KEY
    for wrong, field in (
        ({"days": 0}, "days"),
        ({"path": "/responses/"}, "query"),
        ({"query": "from=2090-01-01"}, "query"),
        ({"sharer": ""}, "sharer"),
    ):
        assert _field(admin.post(path, wish | wrong)) == (400, field)


def test_a_digest_is_ordered_moved_and_stopped(api: Callable[..., Api], grace: User) -> None:
    admin, path = api("admin"), "/api/v1/digests/"
    wish = {"reader": grace.email, "cadence": "weekly"}
    made = admin.post(path, wish)
    assert (made.status_code, made.json()["hour"]) == (201, 8)
    assert admin.post(path, wish | {"hour": 9}).status_code == 200
    one = f"{path}{made.json()['id']}/"
    assert admin.patch(one, {"hour": 7}).json()["hour"] == 7
    for wrong, field in (({"hour": 24}, "hour"), ({"cadence": "hourly"}, "cadence")):
        assert _field(admin.post(path, wish | wrong)) == (400, field)
    assert admin.delete(one).status_code == 204
    assert DigestSubscription.objects.get().stopped_at is not None
    assert admin.get(path).json()["results"] == []
    assert api("reports:read").get(path).status_code == 403
