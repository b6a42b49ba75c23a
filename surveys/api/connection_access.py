"""A connection's way into its helpdesk: its token, what is written there, what waits for it."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import tasks
from surveys.api import described_access as described
from surveys.api.base import one, page
from surveys.api.bodies import body_of, decode
from surveys.api.connections import found_connection
from surveys.api.doing import LARGEST, Doing, Nothing, chosen, fault, numbered
from surveys.api.paging import page_by_id
from surveys.api.problems import Problem
from surveys.api.waking import HOOKS_WAKER
from surveys.models import Connection, HookEvent, WriteBack
from surveys.services import hook_work
from surveys.services.asking import access, trying
from surveys.services.asking import queue as asking
from surveys.services.connections import ConnectionFault
from surveys.services.writing import queue as writing

#: Events that ask for somebody: those that failed, and those that lack an address.
OPEN: Final = (HookEvent.State.QUARANTINED, HookEvent.State.NEEDS_ENRICHMENT)


class NewAccess(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where the API is, and by what it is asked."""

    token: str
    url: str = ""
    user: str = ""


class OneAccess(Doing):
    """`/connections/{slug}/access/`"""

    @extend_schema(**described.READ)
    def get(self, request: Request, slug: str) -> Response:
        return one(_access(found_connection(slug)))

    @extend_schema(**described.SET)
    @transaction.atomic
    def put(self, request: Request, slug: str) -> Response:
        sent = decode(body_of(request, largest=LARGEST), NewAccess)
        held = found_connection(slug)
        if access.lookup_of(held) is None:
            raise Problem(409, "The API of this helpdesk cannot be asked.")
        try:
            access.set_access(held, sent.url, sent.user, sent.token, timezone.now())
        except ConnectionFault as error:
            raise fault(_field_of(str(error)), str(error)) from error
        _wake()
        return one(_access(found_connection(slug)))

    @extend_schema(**described.FORGET)
    def delete(self, request: Request, slug: str) -> HttpResponse:
        access.remove_access(found_connection(slug))
        return HttpResponse(status=204)


class TryAccess(Doing):
    """`/connections/{slug}/access/try/`"""

    @extend_schema(**described.TRY)
    def post(self, request: Request, slug: str) -> HttpResponse:
        held = found_connection(slug)

        def effect(_: Nothing) -> Any:
            if held.api_access is None:
                raise Problem(409, "Enter a token first.")
            try:
                words, works = trying.try_now(held, timezone.now()), True
            except ConnectionFault as error:
                words, works = str(error), False
            _wake()
            return {"works": works, "words": words}

        return self.done(request, Nothing, effect, status=200)


class Notes(Doing):
    """`/connections/{slug}/notes/`"""

    @extend_schema(**described.NOTES)
    def get(self, request: Request, slug: str) -> Response:
        found = WriteBack.objects.filter(connection=found_connection(slug))
        if status := chosen(request, "status", WriteBack.Status.values):
            found = found.filter(status=status)
        shown, following = page_by_id(request, found)
        return page([_note(each) for each in shown], following)


class NotesAgain(Doing):
    """`/connections/{slug}/notes/again/`"""

    @extend_schema(**described.NOTES_AGAIN)
    def post(self, request: Request, slug: str) -> HttpResponse:
        held = found_connection(slug)
        return self.done(
            request,
            Nothing,
            lambda _: {"n_again": writing.again(held, timezone.now())},
            status=200,
        )


class Events(Doing):
    """`/connections/{slug}/events/`"""

    @extend_schema(**described.EVENTS)
    def get(self, request: Request, slug: str) -> Response:
        state = chosen(request, "state", OPEN)
        found = HookEvent.objects.filter(connection=found_connection(slug))
        found = found.filter(state__in=[state] if state else OPEN)
        shown, following = page_by_id(request, found)
        return page([_event(each) for each in shown], following)


class EventAgain(Doing):
    """`/connections/{slug}/events/{event}/again/`"""

    @extend_schema(**described.EVENT_AGAIN)
    def post(self, request: Request, slug: str, event: int) -> HttpResponse:
        held = found_connection(slug)
        known = HookEvent.objects.filter(connection=held)
        numbered(known, event, "event")

        def effect(_: Nothing) -> Any:
            if not hook_work.try_again(event, held, timezone.now()):
                raise Problem(409, "Only an event that was set aside can be tried again.")
            HOOKS_WAKER.wake()
            return _event(known.get(pk=event))

        return self.done(request, Nothing, effect, status=200)


def _wake() -> None:
    tasks.ask_helpdesks.delay_on_commit()  # type: ignore[attr-defined]  # of Celery's task class


def _field_of(words: str) -> str:
    """Which field a fault is about."""
    if words.startswith(("The token", "Enter the token")):
        return "token"
    return "user" if words.startswith("What goes beside") else "url"


def _access(held: Connection) -> dict[str, Any]:
    lookup = access.lookup_of(held)
    return {
        "can_ask": lookup is not None,
        "has_token": held.api_access is not None,
        "url": held.api_url,
        "since": held.api_access_since,
        "fault": held.api_fault,
        "write_fault": held.write_fault,
        "last_success_at": held.api_last_success_at,
        "last_failure": held.api_last_failure,
        "rests_until": asking.rests_until(held),
        "n_asking": asking.n_asking(held),
    }


def _note(note: WriteBack) -> dict[str, Any]:
    return {
        "id": note.pk,
        "case": note.case,
        "status": note.status,
        "due_at": note.due_at,
        "n_attempts": note.n_attempts,
        "words": note.last_words,
        "ended_at": note.ended_at,
    }


def _event(event: HookEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "case": event.case,
        "state": event.state,
        "outcome": event.outcome,
        "received_at": event.received_at,
        "attempts": event.attempts,
        "reason": event.reason,
    }
