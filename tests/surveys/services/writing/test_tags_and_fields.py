"""Ratings as tags and in fields of the helpdesk, over real HTTP, beside what others put there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from surveys.helpdesks.notes import NOTES
from surveys.helpdesks.notes.fields import FIELDS as SETTINGS
from surveys.helpdesks.notes.tags import TAGS
from surveys.models import Connection, WriteBack
from surveys.services import connections
from surveys.services.asking import access
from surveys.services.connections import ConnectionFault
from surveys.services.writing import choosing, rounds
from surveys.services.writing.choosing import Forms
from tests.factories import InvitationFactory, ResolutionFactory
from tests.helpdesk_server import HelpdeskServer, Reaction
from tests.surveys.services.asking.documented import DOCUMENTED
from tests.surveys.services.outgoing.conftest import answer
from tests.surveys.services.writing.desks import FIELDS, OTHERS, Kept, asked_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings: Settings) -> Iterator[HelpdeskServer]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with HelpdeskServer() as found:
        yield found


def desk_of(server: HelpdeskServer, kind: str, forms: Forms) -> tuple[Connection, Kept]:
    told, kept = DOCUMENTED[kind], Kept(kind)
    kept.teach(server)
    made = connections.make(kind)
    access.set_access(made, server.url, told.access.user, told.access.token, timezone.now())
    made.refresh_from_db()
    choosing.choose(made, forms)
    return made, kept


def written(*names: str, prefix: str = "stabledoor") -> set[str]:
    return {OTHERS, *(f"{prefix}_{name}" for name in names)}


def test_every_helpdesk_with_notes_takes_fields_and_all_but_hubspot_tags() -> None:
    assert set(SETTINGS) == set(NOTES) == set(FIELDS)
    assert set(NOTES) - set(TAGS) == {"hubspot"}


@pytest.mark.parametrize("kind", TAGS)
def test_tags_stand_beside_others_and_a_changed_answer_replaces_ours(
    server: HelpdeskServer, kind: str
) -> None:
    desk, kept = desk_of(server, kind, Forms(tags=True))
    invitation = asked_of(desk)
    answer(invitation, F1=5, C1=2)
    assert rounds.write_due(0.01).written == 1
    assert kept.tags == written("fix_5", "cause_2")
    answer(invitation, F1=3, C1=4)
    assert rounds.write_due(0.01).written == 1
    assert kept.tags == written("fix_3", "cause_4", "cause_dismayed")
    choosing.choose(desk, Forms(tags=True, prefix="csat"))
    answer(invitation, F1=3, C1=1)
    rounds.write_due(0.01)
    assert kept.tags == written("fix_3", "cause_1", prefix="csat")
    assert kept.notes == []


@pytest.mark.parametrize("kind", SETTINGS)
def test_ratings_stand_in_their_fields_as_numbers_and_are_changed_there(
    server: HelpdeskServer, kind: str
) -> None:
    fix, cause = FIELDS[kind]
    desk, kept = desk_of(server, kind, Forms(fix_field=fix, cause_field=cause))
    invitation = asked_of(desk)
    number = str if kind == "hubspot" else int
    for ratings in ((5, 2), (3, 4)):
        answer(invitation, F1=ratings[0], C1=ratings[1])
        assert rounds.write_due(0.01).written == 1
        assert kept.fields == {OTHERS: 9, fix: number(ratings[0]), cause: number(ratings[1])}
    assert kept.tags == {OTHERS}


def test_tags_and_fields_of_a_case_tell_its_last_survey_whichever_is_written_last(
    server: HelpdeskServer,
) -> None:
    fix, _ = FIELDS["zendesk"]
    desk, kept = desk_of(server, "zendesk", Forms(tags=True, fix_field=fix))
    first = asked_of(desk)
    answer(first, F1=1, C1=5)
    rounds.write_due(0.01)
    again = ResolutionFactory(
        case=first.resolution.case, resolved_at=first.resolution.resolved_at + timedelta(days=2)
    )
    answer(InvitationFactory(expires_at=None, resolution=again), F1=5, C1=2)
    rounds.write_due(0.01)
    assert kept.tags == written("fix_5", "cause_2")
    answer(first, F1=2, C1=5)
    rounds.write_due(0.01)
    assert (kept.tags, kept.fields[fix]) == (written("fix_5", "cause_2"), 5)
    assert set(WriteBack.objects.values_list("status", flat=True)) == {"written"}


def test_field_that_is_refused_is_named_and_writes_no_note_twice(server: HelpdeskServer) -> None:
    desk, kept = desk_of(server, "zendesk", Forms(note=True, fix_field="77"))
    answer(asked_of(desk), F1=5, C1=2)
    rounds.write_due(0.01)
    held = WriteBack.objects.get()
    assert held.last_words == "answered 400 to the fields, which no other question will change"
    assert (held.status, kept.notes) == ("failed", [])


def test_token_that_may_not_tag_stops_writing_and_says_so(server: HelpdeskServer) -> None:
    desk, _ = desk_of(server, "zendesk", Forms(tags=True))
    answer(asked_of(desk), F1=5, C1=2)
    server.react(Reaction(403))
    rounds.write_due(0.01)
    desk.refresh_from_db()
    assert desk.write_fault == "answered 403: the token may not write the tags"


@pytest.mark.parametrize(
    ("kind", "forms", "words"),
    [
        ("hubspot", Forms(tags=True), "take no tags"),
        ("zendesk", Forms(tags=True, prefix="Not ours"), "at most 17 lower-case letters"),
        ("zendesk", Forms(tags=True, prefix="x" * 18), "at most 17"),
        ("zendesk", Forms(fix_field="cf_fix"), "such as 1234567890"),
        ("jira", Forms(cause_field="10050"), "customfield_10050"),
        ("freshdesk", Forms(fix_field="cf_x", cause_field="cf_x"), "a field of its own"),
        ("intercom", Forms(fix_field="a\nb"), "is no field there"),
    ],
)
def test_what_a_helpdesk_would_refuse_cannot_be_chosen(
    server: HelpdeskServer, kind: str, forms: Forms, words: str
) -> None:
    desk, _ = desk_of(server, kind, Forms())
    with pytest.raises(ConnectionFault, match=words):
        choosing.choose(desk, forms)
    desk.refresh_from_db()
    assert (desk.writes_tags, desk.fix_field, desk.cause_field) == (False, "", "")
