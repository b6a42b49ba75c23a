"""A connection's token, its notes and its events over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from surveys.models import Connection, HookEvent, WriteBack
from surveys.services import connections
from surveys.services.asking import access
from tests.factories import InvitationFactory
from tests.surveys.api.conftest import Api

MakeApi = Callable[..., Api]
TOKEN = "6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv"


def test_token_is_taken_and_never_told(api: MakeApi) -> None:
    admin, desk = api("admin"), connections.make("zendesk")
    own = f"/api/v1/connections/{desk.slug}/"
    sent = {"url": "https://acme.zendesk.com", "user": "ada@example.com", "token": TOKEN}
    assert admin.post(f"{own}access/try/", {}).status_code == 409
    told = admin.put(f"{own}access/", sent)
    assert (told.json()["has_token"], told.json()["url"]) == (True, sent["url"])
    for answer in (told, admin.get(f"{own}access/"), admin.get(own)):
        assert TOKEN not in answer.content.decode()
    found = access.access_of(Connection.objects.get())
    assert found is not None
    assert (found.token, found.user) == (TOKEN, "ada@example.com")
    for field, wrong in (("token", ""), ("url", "ftp://a"), ("url", ""), ("user", "ä")):
        answer = admin.put(f"{own}access/", sent | {field: wrong})
        assert answer.json()["errors"][0]["field"] == field
    assert admin.delete(f"{own}access/").status_code == 204
    assert admin.get(f"{own}access/").json()["has_token"] is False


def test_helpdesk_whose_api_cannot_be_asked_takes_no_token(api: MakeApi) -> None:
    desk = connections.make("generic")
    answer = api("admin").put(f"/api/v1/connections/{desk.slug}/access/", {"token": TOKEN})
    assert answer.status_code == 409


def test_notes_are_chosen_listed_and_written_again(api: MakeApi) -> None:
    admin, desk = api("admin"), connections.make("zendesk")
    own = f"/api/v1/connections/{desk.slug}/"
    wanted = {"notes": "comments"}
    assert admin.patch(own, wanted).json()["errors"][0]["field"] == "notes"  # not without a token
    admin.put(f"{own}access/", {"url": "https://acme.zendesk.com", "token": TOKEN})
    assert admin.patch(own, wanted).json()["notes"] == "comments"
    assert Connection.objects.get().writes_comments
    for status in ("failed", "written"):
        WriteBack.objects.create(
            connection=desk, invitation=InvitationFactory.create(), case=status, status=status
        )
    [told] = admin.get(f"{own}notes/", status="failed").json()["results"]
    assert (told["case"], told["status"]) == ("failed", "failed")
    assert admin.post(f"{own}notes/again/", {}).json() == {"n_again": 1}
    assert WriteBack.objects.filter(status="queued").count() == 1
    assert admin.patch(own, {"notes": "all"}).json()["errors"][0]["field"] == "notes"


def test_event_that_was_set_aside_is_tried_again_once(api: MakeApi) -> None:
    admin, desk = api("admin"), connections.make("generic")
    for number, state in enumerate(("quarantined", "needs_enrichment", "done")):
        HookEvent.objects.create(
            connection=desk, event_key=bytes([number]), case=state, state=state, reason="why"
        )
    own = f"/api/v1/connections/{desk.slug}/events/"
    listed = admin.get(own).json()["results"]
    assert [one["state"] for one in listed] == ["needs_enrichment", "quarantined"]
    assert len(admin.get(own, state="quarantined").json()["results"]) == 1
    again = f"{own}{listed[1]['id']}/again/"
    assert [admin.post(again, {}).status_code for _ in range(2)] == [200, 409]
    assert HookEvent.objects.get(pk=listed[1]["id"]).state == "waiting"
    assert admin.post(f"{own}{2**70}/again/", {}).status_code == 404
