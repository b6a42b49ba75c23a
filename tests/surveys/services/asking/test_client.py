"""Conversations with APIs over real HTTP: documented answers, and all that is none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from surveys.helpdesks.lookups import LOOKUPS
from surveys.helpdesks.lookups.base import Access, Asked, Found
from surveys.services.asking import client
from surveys.services.asking.client import Kind, Trouble, converse
from tests.helpdesk_server import BIG, CUT, DROP, HANG, HelpdeskServer, Reaction
from tests.surveys.services.asking.documented import DOCUMENTED

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def server(settings: Settings) -> Iterator[HelpdeskServer]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with HelpdeskServer() as found:
        yield found


def ask(server: HelpdeskServer, kind: str = "zendesk", **changed: Any) -> Found:
    told = DOCUMENTED[kind]
    access = changed.pop("access", told.access)
    asked = Asked(changed.pop("case", told.case), changed.pop("requester_id", told.requester_id))
    url = changed.pop("url", server.url)
    return converse(url, LOOKUPS[kind].ask(access, asked), NOW, **changed).value


def trouble(server: HelpdeskServer, **changed: Any) -> Trouble:
    with pytest.raises(Trouble) as caught:
        ask(server, **changed)
    return caught.value


def test_every_lookup_has_documented_answers() -> None:
    assert set(DOCUMENTED) == set(LOOKUPS)


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_documented_answers_are_read(server: HelpdeskServer, kind: str) -> None:
    DOCUMENTED[kind].teach(server)
    assert ask(server, kind) == DOCUMENTED[kind].found


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_good_token_is_greeted_and_a_wrong_one_pauses(server: HelpdeskServer, kind: str) -> None:
    told = DOCUMENTED[kind]
    told.teach(server)
    lookup = LOOKUPS[kind]
    assert converse(server.url, lookup.greet(told.access), NOW).value
    server.proof = {"authorization": "of somebody else", "session-token": "another"}
    for conversation in (lookup.greet(told.access), lookup.ask(told.access, Asked(told.case))):
        with pytest.raises(Trouble) as caught:
            converse(server.url, conversation, NOW)
        assert caught.value.kind is Kind.PAUSE
        assert "token" in caught.value.words


@pytest.mark.parametrize("kind", ["freshdesk", "intercom", "hubspot"])
def test_agent_that_may_not_be_read_leaves_the_address(server: HelpdeskServer, kind: str) -> None:
    told = DOCUMENTED[kind]
    told.teach(server)
    for path in list(server.knows):
        if path.split("/")[-2] in ("agents", "admins", "owners", "groups", "teams"):
            server.knows[path] = Reaction(403, {"message": "scope is missing"})
    found = ask(server, kind)
    assert (found.email, found.agent.external_id) == (
        "ana@home.example", told.found.agent.external_id,
    )  # fmt: skip
    assert (found.agent.name, found.group) == ("", "")


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_unknown_case_is_final_and_said(server: HelpdeskServer, kind: str) -> None:
    told = DOCUMENTED[kind]
    told.teach(server)
    for path in told.answers:
        if not path.endswith(("/initSession", "/oauth2/token", "/killSession")):
            server.knows[path] = Reaction(404, {"message": "no such thing"})
    server.knows["GET /services/data/v60.0/query"] = {"totalSize": 0, "records": []}
    assert trouble(server, kind=kind).kind is Kind.FINAL


@pytest.mark.parametrize("case", ["../users/me", "1/../../x", "", "é", "1 OR 1=1", "a'b" * 5])
@pytest.mark.parametrize("kind", DOCUMENTED)
def test_case_that_is_no_id_is_never_put_into_a_path(
    server: HelpdeskServer, kind: str, case: str
) -> None:
    DOCUMENTED[kind].teach(server)
    assert trouble(server, kind=kind, case=case).kind is Kind.FINAL
    assert not any("tickets" in path or "query" in path for path in server.paths)


@pytest.mark.parametrize(
    ("reaction", "kind"),
    [
        (Reaction(500), Kind.LATER),
        (Reaction(502, b"<html>bad gateway"), Kind.LATER),
        (Reaction(200, b"<html>please sign in</html>"), Kind.LATER),
        (Reaction(200, b"\xff\xfe\x00"), Kind.LATER),
        (Reaction(200, [1, 2]), Kind.LATER),
        (Reaction(200, b"[" * 5000), Kind.LATER),
        (Reaction(200, {"ticket": {"requester_id": "\x00"}}), Kind.LATER),
        (DROP, Kind.LATER),
        (CUT, Kind.LATER),
        (BIG, Kind.LATER),
        (Reaction(401), Kind.PAUSE),
        (Reaction(403), Kind.PAUSE),
        (Reaction(302, None, {"Location": "http://169.254.169.254/"}), Kind.PAUSE),
        (Reaction(404), Kind.FINAL),
        (Reaction(422), Kind.FINAL),
        (Reaction(429), Kind.REST),
        (Reaction(503, None, {"Retry-After": "30"}), Kind.REST),
        (Reaction(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]), Kind.REST),
    ],
)
def test_what_is_no_answer_is_known_for_what_it_is(
    server: HelpdeskServer, reaction: Reaction | str, kind: Kind
) -> None:
    DOCUMENTED["zendesk"].teach(server)
    server.react(reaction)
    found = trouble(server)
    assert found.kind is kind
    assert (found.rest is not None) == (kind is Kind.REST)
    assert len(server.asked) == 1


def test_one_that_hangs_keeps_nobody_longer_than_it_may(server: HelpdeskServer) -> None:
    server.react(HANG)
    started = time.monotonic()
    found = trouble(server, seconds=0.3)
    assert (found.kind, found.words) == (Kind.LATER, "no answer within 0.3 s")
    assert time.monotonic() - started < 2


def test_all_requests_together_have_one_deadline(server: HelpdeskServer) -> None:
    DOCUMENTED["freshdesk"].teach(server)
    first = Reaction(200, server.knows["GET /api/v2/tickets/20"])
    server.react(first, HANG)
    started = time.monotonic()
    assert trouble(server, kind="freshdesk", seconds=0.5).kind is Kind.LATER
    assert time.monotonic() - started < 2


def test_private_address_is_not_asked_without_the_setting(
    server: HelpdeskServer, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    found = trouble(server, url="https://desk.example", resolve=lambda *_: ["10.0.0.7"])
    assert (found.kind, "10.0.0.7" in found.words) == (Kind.PAUSE, True)
    assert trouble(server).kind is Kind.PAUSE  # http, and a number of this machine
    assert server.asked == []


def test_limit_that_is_used_up_is_told_with_the_answer(server: HelpdeskServer) -> None:
    DOCUMENTED["zendesk"].teach(server)
    body = server.knows["GET /api/v2/tickets/35436.json"]
    server.react(Reaction(200, body, {"RateLimit-Remaining": "0", "RateLimit-Reset": "42"}))
    told = DOCUMENTED["zendesk"]
    heard = converse(server.url, LOOKUPS["zendesk"].ask(told.access, Asked(told.case)), NOW)
    assert (heard.value, heard.rest) == (told.found, timedelta(seconds=42))


def test_words_never_quote_an_answer(server: HelpdeskServer) -> None:
    for status in (200, 400, 403, 404, 429, 500):
        server.react(Reaction(status, b"ana@home.example and the token zd-token-77"))
        words = trouble(server).words
        assert not any(secret in words for secret in ("ana@", "zd-token"))


def test_token_is_in_no_representation() -> None:
    told = DOCUMENTED["zendesk"]
    request = next(LOOKUPS["zendesk"].ask(told.access, Asked(told.case)))
    assert "zd-token" not in repr(told.access) + repr(request)


def test_conversation_that_never_ends_is_ended(
    server: HelpdeskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    DOCUMENTED["freshdesk"].teach(server)
    monkeypatch.setattr(client, "MOST_REQUESTS", 2)
    assert trouble(server, kind="freshdesk").kind is Kind.FINAL
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("kind", "access", "header"),
    [
        ("zendesk", Access("oauth"), "Bearer oauth"),
        ("jira", Access("pat"), "Bearer pat"),
        ("salesforce", Access("00Dx"), "Bearer 00Dx"),
    ],
)
def test_token_without_a_user_stands_for_itself(
    server: HelpdeskServer, kind: str, access: Access, header: str
) -> None:
    DOCUMENTED[kind].teach(server)
    server.proof = {"authorization": header}
    assert ask(server, kind, access=access) == DOCUMENTED[kind].found


def test_glpi_finds_a_requester_without_an_account(server: HelpdeskServer) -> None:
    DOCUMENTED["glpi"].teach(server)
    server.knows["GET /apirest.php/Ticket/901/Ticket_User"] = [
        {"type": 2, "users_id": 3, "alternative_email": ""},
        {"type": 1, "users_id": 0, "alternative_email": "guest@home.example"},
    ]
    found = ask(server, "glpi", requester_id="")
    assert (found.email, found.requester_id) == ("guest@home.example", "")
    assert server.paths[-1] == "GET /apirest.php/killSession"


def test_salesforce_case_of_a_queue_is_a_team_s(server: HelpdeskServer) -> None:
    DOCUMENTED["salesforce"].teach(server)
    record = server.knows["GET /services/data/v60.0/query"]["records"][0]
    changed = record | {"OwnerId": "00G300000012345", "Owner": {"Name": "Mobile"}}
    server.knows["GET /services/data/v60.0/query"] = {"records": [changed]}
    found = ask(server, "salesforce")
    assert (found.group, found.agent.external_id) == ("Mobile", "")


def test_ids_as_numbers_nulls_and_other_fields_change_nothing(server: HelpdeskServer) -> None:
    DOCUMENTED["hubspot"].teach(server)
    path = "GET /crm/v3/objects/contacts/601"
    properties = {"email": "ana@home.example", "firstname": None, "lastname": 7, "more": [1]}
    server.knows[path] = {"id": 601, "properties": properties, "new": {}}
    server.knows["GET /crm/v3/objects/tickets/18410032"]["associations"]["contacts"]["results"] = [
        {"id": 601}
    ]
    found = ask(server, "hubspot")
    assert (found.email, found.name, found.phone) == ("ana@home.example", "7", "")
