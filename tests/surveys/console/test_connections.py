"""The pages of connections: from nothing to a mapped one, without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django.fixtures import Settings

from surveys import helpdesks
from surveys.console.figures import marked
from surveys.console.helpdesk_guide import GUIDES
from surveys.helpdesks.lookups import LOOKUPS
from surveys.helpdesks.notes import NOTES
from surveys.models import Connection, HookDelivery, HookEvent, WriteBack
from surveys.services import connections, hook_inspector, hook_work
from surveys.services.asking import rounds
from surveys.services.connections import KINDS
from surveys.services.publishing import ensure_defaults
from tests.factories import HookDeliveryFactory, InvitationFactory
from tests.helpdesk_server import HelpdeskServer
from tests.surveys.hooks import Desk, resolved
from tests.surveys.services.asking.documented import DOCUMENTED
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    ensure_defaults()
    return client_of("admin")


def said(answer: Any) -> str:
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def page_of(admin: Client, desk: Desk) -> str:
    return said(admin.get(f"/connections/{desk.connection.slug}/"))


def do(admin: Client, desk: Desk, step: str, **fields: Any) -> str:
    """Press a form's button; the page that follows."""
    path = f"/connections/{desk.connection.slug}/{step}/"
    shown = said(admin.post(path, fields, follow=True))
    desk.connection.refresh_from_db()
    return shown


def test_every_kind_can_be_chosen_and_has_an_adapter_and_steps() -> None:
    assert set(KINDS) == set(GUIDES) == set(helpdesks.ADAPTERS)


@pytest.mark.parametrize("kind", KINDS)
def test_new_connection_shows_what_its_helpdesk_needs(admin: Client, kind: str) -> None:
    page = said(admin.post("/connections/new/", {"kind": kind, "name": "Our desk"}, follow=True))
    made = Connection.objects.get()
    assert (made.kind, made.name) == (kind, "Our desk")
    assert "Waiting for the first event…" in page
    assert made.slug in page
    assert all(marked(step) in page for way in GUIDES[kind].ways for step in way.steps)
    assert ("Body to paste" in page) == any(way.pastes for way in GUIDES[kind].ways)


def test_without_a_choice_nothing_is_connected(admin: Client) -> None:
    answer = admin.post("/connections/new/", {"name": "x"})
    assert (answer.status_code, "Choose a helpdesk first" in answer.content.decode()) == (400, True)
    assert Connection.objects.count() == 0


def test_list_says_that_there_is_none_yet_and_how_each_is_doing(admin: Client) -> None:
    assert "No helpdesk is connected yet" in said(admin.get("/connections/"))
    desk = Desk()
    assert "waits for the first event" in said(admin.get("/connections/"))
    desk.resolve("1", customer={})
    hook_work.work_off()
    page = said(admin.get("/connections/"))
    assert ("1 helpdesk<" in page, "1 case without an address" in page) == (True, True)


def test_inspector_shows_calls_and_what_was_made_of_them(admin: Client) -> None:
    desk = Desk()
    desk.resolve("41")
    desk.send(b"{")
    desk.send(resolved("42"), **{"webhook-signature": "v1,AAAA"})
    page = page_of(admin, desk)
    assert [page.count(words) for words in ("Taken</span>", "Unreadable<", "Not proven genuine<")]
    assert f"/cases/{desk.connection.slug}/41/" in page
    number = HookDelivery.objects.get(verdict="taken").pk
    call = said(admin.get(f"/connections/{desk.connection.slug}/calls/{number}/"))
    assert "&quot;external_id&quot;: &quot;41&quot;" in call
    assert "customer.email" in call
    forged = HookDelivery.objects.get(verdict="forged").pk
    call = said(admin.get(f"/connections/{desk.connection.slug}/calls/{forged}/"))
    assert "leaves no body" in call


def test_part_that_looks_again_answers_only_with_something_new(admin: Client) -> None:
    desk = Desk()
    path = f"/connections/{desk.connection.slug}/calls/"
    assert admin.get(path, {"after": "0"}).status_code == 204
    desk.resolve("43")
    assert "case 43" in said(admin.get(path, {"after": "0"}))


def test_field_becomes_the_cause_and_can_be_undone(admin: Client) -> None:
    desk = Desk()
    desk.resolve("44")
    do(admin, desk, "cause", path="reason.of")
    desk.resolve("45")
    assert (HookEvent.objects.get(case="45").content or {})["cause"] == "billing"
    assert "Undo the change" in page_of(admin, desk)
    do(admin, desk, "cause/undo")
    assert (desk.connection.cause_path, desk.connection.cause_path_before) == ("", None)


def test_statuses_seen_are_offered_and_mapped(admin: Client) -> None:
    desk = Desk()
    assert desk.send(resolved("46", status="Fertig und gut")).json()["outcome"] == "ignored"
    assert 'value="Fertig und gut"' in page_of(admin, desk)
    do(admin, desk, "statuses", status=["Fertig und gut", ""], meaning=["resolved", "open"])
    assert desk.connection.statuses == {"Fertig und gut": "resolved"}
    assert desk.send(resolved("46", status="Fertig und gut")).json()["outcome"] == "resolved"
    assert "A status means one of" in do(admin, desk, "statuses", status="x", meaning="y")


def test_fields_are_read_from_another_place(admin: Client) -> None:
    desk = Desk()
    do(admin, desk, "fields", field=["team", ""], path=["queue.name", ""])
    desk.resolve("47", queue={"name": "Night shift"}, team="Day")
    assert (HookEvent.objects.get().content or {})["team"] == "Night shift"


def test_replay_and_save_of_a_call(admin: Client) -> None:
    desk = Desk()
    desk.resolve("48")
    call = HookDelivery.objects.get()
    path = f"/connections/{desk.connection.slug}/calls/{call.pk}"
    assert "Read again: resolved, case 48" in said(admin.post(f"{path}/replay/", follow=True))
    saved = json.loads(admin.get(f"{path}.json").content)
    assert saved["connection"] == desk.connection.slug
    HookDelivery.objects.filter(pk=call.pk).update(body=None)
    assert "cannot be replayed" in said(admin.post(f"{path}/replay/", follow=True))


def test_secret_is_rotated_and_the_former_retired(admin: Client) -> None:
    desk = Desk()
    assert "Two secrets are valid" in do(admin, desk, "rotate")
    assert len(connections.secrets_of(desk.connection)) == 2
    do(admin, desk, "retire")
    assert len(connections.secrets_of(desk.connection)) == 1
    do(admin, desk, "rotate", secret="theirs-by-the-helpdesk")
    assert connections.secrets_of(desk.connection)[0] == "theirs-by-the-helpdesk"


def test_name_use_and_deletion_can_be_taken_back(admin: Client) -> None:
    desk = Desk()
    assert '<h1 class="wrap">Second line</h1>' in do(admin, desk, "rename", name="Second line")
    assert "Switched off:" in do(admin, desk, "switch", on="no")
    do(admin, desk, "switch", on="yes")
    slug = desk.connection.slug
    assert "Bring back" in said(admin.post(f"/connections/{slug}/delete/", follow=True))
    assert admin.get(f"/connections/{slug}/").status_code == 404
    assert "is back" in said(admin.post(f"/connections/{slug}/bring-back/", follow=True))


def test_event_set_aside_is_tried_again(admin: Client) -> None:
    desk = Desk()
    desk.resolve("49")
    HookEvent.objects.update(state="quarantined", settled_at=timezone.now(), reason="it broke")
    assert ("1 event set aside" in (page := page_of(admin, desk)), "it broke" in page) == (
        True,
    ) * 2
    do(admin, desk, f"events/{HookEvent.objects.get().pk}/again")
    assert HookEvent.objects.get().state == "waiting"


def test_calls_of_one_connection_are_not_found_below_another(admin: Client) -> None:
    call = HookDeliveryFactory(connection=Desk().connection)
    other = Desk().connection.slug
    assert admin.get(f"/connections/{other}/calls/{call.pk}/").status_code == 404


def test_body_without_what_is_personal() -> None:
    told = resolved("50", note="write to ada@example.com", severity="high")
    line = HookDelivery(body=json.dumps(told).encode(), is_whole=True)
    shown = hook_inspector.shown(line, masks=True)
    assert [word in shown for word in ("example.com", "Okafor", "high", "50")] == [
        False, False, True, True,
    ]  # fmt: skip


def test_paths_of_fields_lead_back_to_their_values() -> None:
    document = {"a": {"b c": [{"d": "x"}], "e.f": 1, 'g"h': True}, "empty": None}
    assert [(f.path, f.value) for f in hook_inspector.fields(document)] == [
        ('a["b c"][0].d', "x"), ('a["e.f"]', "1"), ('a["g\\"h"]', "True"),
    ]  # fmt: skip


@pytest.fixture
def zendesk(settings: Settings) -> Iterator[HelpdeskServer]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with HelpdeskServer() as found:
        DOCUMENTED["zendesk"].teach(found)
        yield found


def test_token_is_entered_tried_and_never_shown(admin: Client, zendesk: HelpdeskServer) -> None:
    told = DOCUMENTED["zendesk"]
    desk = Desk(connections.make("zendesk"))
    page = page_of(admin, desk)
    assert ("Ask Zendesk for the address" in page, "Try it now" in page) == (True, False)
    given = {"url": zendesk.url, "user": told.access.user, "token": told.access.token}
    page = do(admin, desk, "api", **given)
    assert ("set on" in page, zendesk.url in page) == (True, True)
    assert told.access.token not in page
    assert "it knows us as agent" in do(admin, desk, "api/try")


def test_wrong_token_is_told_on_the_page_and_in_the_list(
    admin: Client, zendesk: HelpdeskServer
) -> None:
    desk = Desk(connections.make("zendesk"))
    do(admin, desk, "api", url=zendesk.url, user="", token="wrong")
    page = do(admin, desk, "api/try")
    assert "answered 401: the token is not valid, or was withdrawn" in page
    assert "Nothing is asked: its API answered 401" in page_of(admin, desk)
    assert "its API is not asked" in said(admin.get("/connections/"))
    do(admin, desk, "api/forget")
    assert desk.connection.api_access is None
    assert "Nothing is asked" not in page_of(admin, desk)


def test_address_without_a_token_is_refused_in_words(admin: Client) -> None:
    desk = Desk(connections.make("hubspot"))
    assert "Enter the token" in do(admin, desk, "api", url="", token="")
    page = do(admin, desk, "api", url="https://127.0.0.1", token="t")
    assert "no address of the public internet" in page
    assert desk.connection.api_access is None


def test_case_without_an_address_says_what_its_api_told(
    admin: Client, zendesk: HelpdeskServer
) -> None:
    desk = Desk(connections.make("zendesk"))
    told = DOCUMENTED["zendesk"].access
    do(admin, desk, "api", url=zendesk.url, user=told.user, token=told.token)
    HookEvent.objects.create(
        connection=desk.connection,
        event_key=b"one",
        outcome="resolved",
        case="777",
        content={
            "source": desk.connection.slug,
            "external_id": "777",
            "status": "resolved",
            "occurred_at": "2026-03-02T09:30:00Z",
            "resolved_at": "2026-03-02T09:30:00Z",
        },
    )
    for step in (hook_work.work_off, rounds.ask_due, hook_work.work_off):
        step(0.2)
    page = page_of(admin, desk)
    assert "1 case without an address" in page
    assert "API answered 404: it knows no such case or person" in page


@pytest.mark.parametrize("kind", KINDS)
def test_only_helpdesks_that_can_be_asked_take_a_token(admin: Client, kind: str) -> None:
    page = page_of(admin, Desk(connections.make(kind)))
    assert ('name="token"' in page) == (kind in LOOKUPS)


def test_notes_are_chosen_warned_of_and_what_failed_is_shown(
    admin: Client, zendesk: HelpdeskServer
) -> None:
    desk = Desk(connections.make("zendesk"))
    assert "Enter a token first" in do(admin, desk, "notes", notes="ratings")
    do(admin, desk, "api", url=zendesk.url, user="", token="t")
    page = do(admin, desk, "notes", notes="ratings")
    assert "agents, too, who here never see who answered" in page
    assert (desk.connection.writes_back, desk.connection.writes_comments) == (True, False)
    WriteBack.objects.create(
        connection=desk.connection, invitation=InvitationFactory(), case="35436", status="failed",
        last_words="answered 422, which no other question will change", ended_at=timezone.now(),
    )  # fmt: skip
    assert "API answered 422" in page_of(admin, desk)
    assert "1 is tried again" in do(admin, desk, "notes/again")
    do(admin, desk, "notes", notes="comments")
    assert desk.connection.writes_comments
    do(admin, desk, "notes", notes="")
    assert (desk.connection.writes_back, WriteBack.objects.count()) == (False, 0)


def test_tags_and_fields_are_chosen_and_a_wrong_one_is_named(
    admin: Client, zendesk: HelpdeskServer
) -> None:
    desk = Desk(connections.make("zendesk"))
    do(admin, desk, "api", url=zendesk.url, user="", token="t")
    page = do(admin, desk, "notes", tags="yes", prefix="csat", fix_field="77", cause_field="78")
    assert "Written about every answer from now on: tags and fields." in page
    assert "csat_cause_dismayed" in page
    assert 'name="cause_field" value="78"' in page
    page = do(admin, desk, "notes", tags="yes", prefix="csat", fix_field="cf_fix")
    assert "“cf_fix” is no field there: give a number, such as 1234567890." in page
    assert (desk.connection.fix_field, desk.connection.writes_tags) == ("77", True)


@pytest.mark.parametrize("kind", KINDS)
def test_helpdesks_that_take_no_notes_say_so(admin: Client, kind: str) -> None:
    page = page_of(admin, Desk(connections.make(kind)))
    assert ('name="notes"' in page) == (kind in NOTES)
    assert (f"Not offered for {escape(KINDS[kind])}" in page) == (kind not in NOTES)
