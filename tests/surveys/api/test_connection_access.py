"""A connection's token, its notes and its events over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from surveys.models import Connection, HookEvent, WriteBack
from surveys.services import connections
from surveys.services.asking import access
from surveys.services.writing import choosing
from surveys.services.writing.choosing import Forms
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


def _desk(admin: Api, kind: str = "zendesk") -> str:
    """The address of a connection whose API may be asked."""
    own = f"/api/v1/connections/{connections.make(kind).slug}/"
    urls = {"zendesk": "https://acme.zendesk.com", "jira": "https://acme.atlassian.net"}
    sent = {"url": urls.get(kind, ""), "user": "ada@example.com", "token": TOKEN}
    told = admin.put(f"{own}access/", sent)
    assert told.status_code == 200, told.content
    return own


def test_tags_and_number_fields_are_chosen_beside_the_note(api: MakeApi) -> None:
    admin = api("admin")
    own = _desk(admin)
    before = admin.get(own)
    forms = {"writes_tags": True, "tag_prefix": "csat", "fix_field": " 17 ", "cause_field": "18"}
    chosen = admin.patch(own, forms | {"notes": "ratings"}, {"If-Match": before["ETag"]})
    assert chosen.json() == before.json() | forms | {"notes": "ratings", "fix_field": "17"}
    assert choosing.forms_of(Connection.objects.get()) == Forms(
        note=True, tags=True, prefix="csat", fix_field="17", cause_field="18"
    )
    late = admin.patch(own, {"writes_tags": False}, {"If-Match": before["ETag"]})
    assert late.status_code == 412
    left = admin.patch(own, {"fix_field": "", "cause_field": "17"}).json()
    assert (left["writes_tags"], left["fix_field"], left["cause_field"]) == (True, "", "17")


def test_what_waits_is_written_in_another_form_and_not_at_all_once_none_is_left(
    api: MakeApi,
) -> None:
    admin = api("admin")
    own = _desk(admin)
    admin.patch(own, {"notes": "ratings"})
    WriteBack.objects.create(
        connection=Connection.objects.get(), invitation=InvitationFactory.create(), case="1"
    )
    assert admin.patch(own, {"notes": "none", "writes_tags": True}).status_code == 200
    assert WriteBack.objects.filter(status="queued").count() == 1
    assert admin.patch(own, {"writes_tags": False}).status_code == 200
    assert not WriteBack.objects.exists()


@pytest.mark.parametrize(
    ("kind", "sent", "field"),
    [
        ("hubspot", {"notes": "ratings", "writes_tags": True}, "writes_tags"),
        ("zendesk", {"writes_tags": True, "tag_prefix": "Not ours"}, "tag_prefix"),
        ("zendesk", {"writes_tags": True, "tag_prefix": ""}, "tag_prefix"),
        ("zendesk", {"tag_prefix": "csat"}, "tag_prefix"),
        ("zendesk", {"fix_field": "cf_fix"}, "fix_field"),
        ("jira", {"fix_field": "customfield_1", "cause_field": "10050"}, "cause_field"),
        ("jira", {"fix_field": "customfield_1", "cause_field": "customfield_1"}, "cause_field"),
        ("zendesk", {"cause_field": "1" * 101}, "cause_field"),
        ("intercom", {"fix_field": "a\x00b"}, "fix_field"),
        ("zendesk", {"writes_tags": "yes"}, "writes_tags"),
        ("zendesk", {"fix_field": None}, "fix_field"),
    ],
)
def test_form_that_the_helpdesk_cannot_take_is_refused_by_its_field(
    api: MakeApi, kind: str, sent: dict[str, object], field: str
) -> None:
    admin = api("admin")
    own = _desk(admin, kind)
    answer = admin.patch(own, {"name": "Another"} | sent)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    held = Connection.objects.get()
    assert choosing.forms_of(held) == Forms()
    assert held.name != "Another"


def test_form_is_refused_by_the_field_that_was_sent(api: MakeApi) -> None:
    admin = api("admin")
    generic = connections.make("generic")
    off = {"notes": "none", "writes_tags": False}
    for asked in ({"writes_tags": True}, {"cause_field": "17"}):
        answer = admin.patch(f"/api/v1/connections/{generic.slug}/", off | asked)
        assert answer.json()["errors"][0]["field"] == next(iter(asked))
    own = _desk(admin)
    admin.patch(own, {"cause_field": "17"})
    assert admin.patch(own, {"fix_field": "17"}).json()["errors"][0]["field"] == "fix_field"


def test_refusal_of_what_is_written_is_told_until_it_is_chosen_again(api: MakeApi) -> None:
    admin = api("admin")
    own = _desk(admin)
    admin.patch(own, {"writes_tags": True})
    Connection.objects.update(write_fault="answered 403: the token may not write the tags")
    assert "403" in admin.get(f"{own}access/").json()["write_fault"]
    admin.patch(own, {"writes_tags": True})
    assert admin.get(f"{own}access/").json()["write_fault"] == ""


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
