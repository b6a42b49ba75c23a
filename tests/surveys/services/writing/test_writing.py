"""Ratings as private notes in the helpdesk, from the answer on, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from surveys.helpdesks.notes import NOTES
from surveys.models import Connection, OutgoingEvent, WriteBack
from surveys.services import connections, privacy
from surveys.services.asking import access
from surveys.services.connections import ConnectionFault
from surveys.services.outgoing import sorting
from surveys.services.outgoing.queue import MAX_ATTEMPTS
from surveys.services.writing import choosing, queue, rounds
from surveys.services.writing.choosing import Forms
from tests.factories import InvitationFactory
from tests.helpdesk_server import DROP, HelpdeskServer, Question, Reaction
from tests.surveys.services.asking.documented import DOCUMENTED
from tests.surveys.services.outgoing.conftest import answer
from tests.surveys.services.writing.desks import asked_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = (
    "The customer answered.",
    "How the case was handled and fixed: 5 of 5",
    "What caused it in the first place: 2 of 5",
)
#: What each helpdesk says to a note that it took: by method and path, for the case documented.
TAKEN: dict[str, dict[str, Any]] = {
    "zendesk": {"PUT /api/v2/tickets/35436.json": {"ticket": {"id": 35436}, "audit": {"id": 1}}},
    "freshdesk": {
        "POST /api/v2/tickets/20/notes": Reaction(201, {"id": 5007, "private": True}),
        "PUT /api/v2/conversations/5007": {"id": 5007},
    },
    "intercom": {
        "GET /me": {"type": "admin", "id": "814"},
        "POST /conversations/2100045/reply": {"type": "conversation", "id": "2100045"},
    },
    "hubspot": {
        "POST /crm/v3/objects/notes": Reaction(201, {"id": "9001"}),
        "PATCH /crm/v3/objects/notes/9001": {"id": "9001"},
    },
    "jira": {
        "POST /rest/servicedeskapi/request/SUP-12/comment": Reaction(201, {"id": "1"}),
    },
}
CHANGES = {
    "freshdesk": "PUT /api/v2/conversations/5007",
    "hubspot": "PATCH /crm/v3/objects/notes/9001",
}


@pytest.fixture
def server(settings: Settings) -> Iterator[HelpdeskServer]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with HelpdeskServer() as found:
        yield found


def desk_of(server: HelpdeskServer, kind: str = "zendesk", *, comments: bool = False) -> Connection:
    told = DOCUMENTED[kind]
    server.knows |= TAKEN[kind]
    server.proof = dict(told.proof)
    made = connections.make(kind)
    access.set_access(made, server.url, told.access.user, told.access.token, timezone.now())
    made.refresh_from_db()
    choosing.choose(made, Forms(note=True, comments=comments))
    return made


def due_again() -> None:
    WriteBack.objects.filter(status="queued").update(due_at=timezone.now())
    Connection.objects.update(api_rests_until=None)


def said(question: Question) -> str:
    """The text of a note, wherever the helpdesk has it."""
    told = json.loads(question.body)
    text = (
        told.get("body")
        or told.get("ticket", {}).get("comment", {}).get("body")
        or told.get("properties", {}).get("hs_note_body")
    )
    return str(text).replace("<br>", "\n")


def is_private(question: Question) -> bool:
    """Whether the helpdesk shows it to nobody outside."""
    told = json.loads(question.body)
    comment = told.get("ticket", {}).get("comment", {})
    return (
        comment.get("public") is False
        or told.get("public") is False
        or told.get("private") is True
        or told.get("message_type") == "note"
        or question.path.startswith("/crm/v3/objects/notes")  # the customer sees no CRM
    )


def test_every_helpdesk_that_is_offered_is_tried_here() -> None:
    assert set(TAKEN) == set(NOTES)


@pytest.mark.parametrize("kind", TAKEN)
def test_ratings_are_written_apart_privately_and_without_comments(
    server: HelpdeskServer, kind: str
) -> None:
    invitation = asked_of(desk_of(server, kind))
    answer(invitation, F1=5, C1=2)
    counts = rounds.write_due(0.01)
    assert counts.written == 1
    note = server.asked[-1]
    assert tuple(said(note).split("\n")[:3]) == FIRST
    assert is_private(note)
    assert not any(word in said(note) for word in ("omment", "@example"))
    assert WriteBack.objects.get().status == "written"
    rounds.write_due(0.01)
    assert len([one for one in server.asked if one.method != "GET"]) == 1
    assert OutgoingEvent.objects.count() == 0  # nobody else is told


@pytest.mark.parametrize("kind", TAKEN)
def test_changed_answer_changes_the_note_or_adds_one_that_says_so(
    server: HelpdeskServer, kind: str
) -> None:
    invitation = asked_of(desk_of(server, kind))
    answer(invitation, F1=5, C1=2)
    rounds.write_due(0.01)
    answer(invitation, F1=5, C1=4)
    rounds.write_due(0.01)
    last = server.asked[-1]
    assert "changed their answer" in said(last)
    assert "first place: 4 of 5" in said(last)
    if kind in CHANGES:
        assert f"{last.method} {last.path}" == CHANGES[kind]
    assert WriteBack.objects.get().told_revision == 2


def test_two_changes_before_it_is_written_are_one_note(server: HelpdeskServer) -> None:
    invitation = asked_of(desk_of(server))
    answer(invitation, F1=5, C1=2)
    answer(invitation, F1=4, C1=2)
    rounds.write_due(0.01)
    assert len(server.asked) == 1
    assert "fixed: 4 of 5" in said(server.asked[0])


def test_comments_are_written_where_that_was_chosen_and_as_text(server: HelpdeskServer) -> None:
    invitation = asked_of(desk_of(server, "freshdesk", comments=True))
    answer(invitation, F1=5, C1=2)
    invitation.refresh_from_db()
    response = invitation.response
    response.fix_comment, response.cause_comment = "<b>good</b>\nwork", "again & again"
    response.save()
    rounds.write_due(0.01)
    text = said(server.asked[-1])
    assert "Their comment on the fix: &lt;b&gt;good&lt;/b&gt; work" in text
    assert "Their comment on the cause: again &amp; again" in text


def test_off_by_default_nothing_is_noted_or_written(server: HelpdeskServer) -> None:
    desk = desk_of(server)
    choosing.choose(desk, Forms(comments=True))
    assert (desk.writes_back, desk.writes_comments) == (False, False)
    assert connections.make("zendesk").writes_back is False
    answer(asked_of(desk), F1=5, C1=2)
    rounds.write_due(0.01)
    assert (server.asked, OutgoingEvent.objects.count()) == ([], 0)


def test_case_of_another_helpdesk_is_not_written(server: HelpdeskServer) -> None:
    desk_of(server)
    answer(InvitationFactory(expires_at=None), F1=5, C1=2)
    rounds.write_due(0.01)
    assert (server.asked, WriteBack.objects.count(), OutgoingEvent.objects.count()) == ([], 0, 0)


@pytest.mark.parametrize("reaction", [Reaction(500), DROP])
def test_what_fails_is_tried_for_three_days_and_then_given_up_visibly(
    server: HelpdeskServer, reaction: Reaction | str
) -> None:
    desk = desk_of(server)
    answer(asked_of(desk), F1=5, C1=2)
    waited = timedelta()
    for n in range(1, MAX_ATTEMPTS + 1):
        server.react(reaction)
        before = timezone.now()
        rounds.write_due(0.01)
        held = WriteBack.objects.get()
        assert held.n_attempts == n
        waited += max(held.due_at - before, timedelta())
        due_again()
    assert held.status == "failed"
    assert timedelta(days=2) < waited < timedelta(days=5)
    assert queue.failed(desk) == [held]
    assert queue.again(desk, timezone.now()) == 1
    rounds.write_due(0.01)
    assert WriteBack.objects.get().status == "written"


def test_case_that_takes_no_note_is_given_up_at_once_and_says_why(server: HelpdeskServer) -> None:
    desk = desk_of(server)
    answer(asked_of(desk), F1=5, C1=2)
    server.react(Reaction(422, {"error": "closed tickets take no comments"}))
    rounds.write_due(0.01)
    held = WriteBack.objects.get()
    assert (held.status, "422" in held.last_words) == ("failed", True)


def test_token_that_may_only_read_stops_writing_and_not_reading(server: HelpdeskServer) -> None:
    desk = desk_of(server)
    answer(asked_of(desk), F1=5, C1=2)
    server.react(Reaction(403))
    rounds.write_due(0.01)
    rounds.write_due(0.01)
    desk.refresh_from_db()
    assert (len(server.asked), "403" in desk.write_fault, desk.api_fault) == (1, True, "")
    assert WriteBack.objects.get().status == "queued"
    choosing.choose(desk, Forms(note=True))
    rounds.write_due(0.01)
    assert WriteBack.objects.get().status == "written"


def test_limit_is_kept(server: HelpdeskServer) -> None:
    desk = desk_of(server)
    answer(asked_of(desk), F1=5, C1=2)
    server.react(Reaction(429, None, {"Retry-After": "90"}))
    rounds.write_due(0.01)
    rounds.write_due(0.01)
    assert (len(server.asked), WriteBack.objects.get().n_attempts) == (1, 0)
    due_again()
    rounds.write_due(0.01)
    assert WriteBack.objects.get().status == "written"


def test_answer_changed_while_its_note_is_written_is_written_again(
    server: HelpdeskServer,
) -> None:
    invitation = asked_of(desk_of(server))
    answer(invitation, F1=5, C1=2)
    sorting.sort_all(timezone.now())
    (claimed,) = queue.claim(timezone.now(), 5)
    answer(invitation, F1=1, C1=2)
    sorting.sort_all(timezone.now())
    assert WriteBack.objects.get().status == "writing"
    assert queue.claim(timezone.now(), 5) == []
    queue.end_written(claimed, "", 1, timezone.now())
    rounds.write_due(0.01)
    assert "fixed: 1 of 5" in said(server.asked[-1])
    assert WriteBack.objects.get().status == "written"


def test_of_somebody_erased_nothing_is_written(server: HelpdeskServer) -> None:
    invitation = asked_of(desk_of(server))
    answer(invitation, F1=5, C1=2)
    sorting.sort_all(timezone.now())
    customer = invitation.customer
    assert customer is not None
    privacy.erase(customer.email, timezone.now())
    rounds.write_due(0.01)
    assert (server.asked, WriteBack.objects.count()) == ([], 0)


def test_three_workers_at_once_write_each_note_once(server: HelpdeskServer) -> None:
    desk = desk_of(server)
    for number in range(12):
        server.knows[f"PUT /api/v2/tickets/{700 + number}.json"] = {"ticket": {}}
        invitation = InvitationFactory(
            expires_at=None,
            resolution__case__source=desk.slug,
            resolution__case__external_id=str(700 + number),
        )
        answer(invitation, F1=5, C1=2)
    at_once(*[lambda: rounds.write_due(5)] * 3)
    rounds.write_due(5)
    assert sorted(server.paths) == [f"PUT /api/v2/tickets/{700 + n}.json" for n in range(12)]
    assert server.most_at_once <= queue.AT_ONCE


def test_without_a_token_or_for_another_helpdesk_it_cannot_be_chosen(
    server: HelpdeskServer,
) -> None:
    with pytest.raises(ConnectionFault, match="Enter a token first"):
        choosing.choose(connections.make("zendesk"), Forms(note=True))
    with pytest.raises(ConnectionFault, match="Nothing can be written"):
        choosing.choose(connections.make("glpi"), Forms(note=True))
    desk = desk_of(server)
    access.remove_access(desk)
    assert desk.writes_back is False
