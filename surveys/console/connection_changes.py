"""What is done to a connection from its page, one form each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from surveys.console.connections import delivery_or_404, held_or_404, warn
from surveys.console.roles import ADMINS, StaffRequest, StaffView, staff
from surveys.helpdesks.base import UnreadableError
from surveys.models import Connection
from surveys.services import connections as service
from surveys.services import hook_door, hook_work
from surveys.services.asking import access, trying
from surveys.services.connections import ConnectionFault
from surveys.services.writing import choosing
from surveys.services.writing import queue as writing
from surveys.services.writing.choosing import Forms
from surveys.tasks import ask_helpdesks, take_hook_events

_FORMS = ("notes", "tags", "prefix", "fix_field", "cause_field")
Change = Callable[[StaffRequest, Connection], str]


def _changes(change: Change) -> StaffView:
    """A view that makes one change and goes back to the page, where its words are shown."""

    def view(request: StaffRequest, slug: str) -> HttpResponse:
        held = held_or_404(slug)
        try:
            messages.success(request, change(request, held))
        except ConnectionFault as error:
            warn(request, error)
        return HttpResponseRedirect(reverse("connection", args=[slug]))

    view.__doc__ = change.__doc__
    guarded: Any = require_POST(staff(ADMINS)(view))
    guarded.roles = ADMINS
    found: StaffView = guarded
    return found


def _rename(request: StaffRequest, held: Connection) -> str:
    """Another name; address and cases stay."""
    service.rename(held, request.POST.get("name", ""))
    return f"It is called “{held.name}” now."


def _set_statuses(request: StaffRequest, held: Connection) -> str:
    """What the helpdesk's statuses mean."""
    names, meanings = request.POST.getlist("status"), request.POST.getlist("meaning")
    service.set_statuses(held, dict(zip(names, meanings, strict=False)))
    return "Statuses are read so from the next call on. Replay earlier calls to read them again."


def _set_fields(request: StaffRequest, held: Connection) -> str:
    """Where our other fields stand in the body."""
    names, paths = request.POST.getlist("field"), request.POST.getlist("path")
    service.set_fields(held, dict(zip(names, paths, strict=False)))
    return "The fields are read from there from the next call on."


def _set_organization(request: StaffRequest, held: Connection) -> str:
    """The one organisation that is heard."""
    service.set_organization(held, request.POST.get("organization", ""))
    if held.options:
        return "Only messages of this organisation are taken from now on."
    return "Messages of any organisation that knows the address are taken."


def _set_cause(request: StaffRequest, held: Connection) -> str:
    """Where the cause stands in the body."""
    path = request.POST.get("path", "")
    service.set_cause_path(held, path)
    if not path.strip():
        return "The cause is read from where this helpdesk usually has it."
    return f"The cause is read from {held.cause_path} from the next call on."


def _undo_cause(request: StaffRequest, held: Connection) -> str:
    """Back to where the cause was read from before."""
    service.undo_cause_path(held)
    place = held.cause_path or "where this helpdesk usually has it"
    return f"The cause is read from {place} again."


def _rotate(request: StaffRequest, held: Connection) -> str:
    """A new secret beside the one until now."""
    service.rotate(held, request.POST.get("secret", ""))
    return "The new secret is valid, and so is the former one until you retire it."


def _retire(request: StaffRequest, held: Connection) -> str:
    """Only the newest secret from now on."""
    service.retire(held)
    return "Only the newest secret is valid now."


def _switch(request: StaffRequest, held: Connection) -> str:
    """On or off."""
    service.switch(held, on=request.POST.get("on") == "yes")
    if held.is_active:
        return f"“{held.name}” takes calls again."
    return f"“{held.name}” is switched off: its helpdesk is told that nothing is taken here."


def _set_api(request: StaffRequest, held: Connection) -> str:
    """Where the helpdesk's API is, and the token."""
    url, user, token = (request.POST.get(name, "") for name in ("url", "user", "token"))
    n_waiting = access.set_access(held, url, user, token, timezone.now())
    ask_helpdesks.delay_on_commit()  # type: ignore[attr-defined]  # of Celery's task class
    words = "The token is kept. Try it now, so that you know it is good."
    if n_waiting:
        words += f" {n_waiting} without an address {'is' if n_waiting == 1 else 'are'} asked about."
    return words


def _try_api(request: StaffRequest, held: Connection) -> str:
    """Ask the API, now."""
    words = trying.try_now(held, timezone.now())
    ask_helpdesks.delay_on_commit()  # type: ignore[attr-defined]  # as above
    return words


def _forget_api(request: StaffRequest, held: Connection) -> str:
    """Ask nothing any more."""
    access.remove_access(held)
    return "The token is forgotten: cases without an address wait until it is told otherwise."


def _choose_notes(request: StaffRequest, held: Connection) -> str:
    """Whether ratings are written into the helpdesk, and in which forms."""
    told = {name: request.POST.get(name, "").strip() for name in _FORMS}
    forms = Forms(
        note=told["notes"] != "",
        comments=told["notes"] == "comments",
        tags=told["tags"] == "yes",
        prefix=told["prefix"],
        fix_field=told["fix_field"],
        cause_field=told["cause_field"],
    )
    choosing.choose(held, forms)
    found = [
        "a private note" if forms.note else "",
        "tags" if forms.tags else "",
        "fields" if forms.fix_field or forms.cause_field else "",
    ]
    told_of = [one for one in found if one]
    if not told_of:
        return "Nothing is written into the helpdesk."
    last = told_of.pop()
    named = f"{', '.join(told_of)} and {last}" if told_of else last
    return f"Written about every answer from now on: {named}."


def _notes_again(request: StaffRequest, held: Connection) -> str:
    """Write what was given up."""
    n = writing.again(held, timezone.now())
    return f"{n} {'is' if n == 1 else 'are'} tried again."


choose_notes = _changes(_choose_notes)
notes_again = _changes(_notes_again)
set_api = _changes(_set_api)
try_api = _changes(_try_api)
forget_api = _changes(_forget_api)
rename = _changes(_rename)
set_statuses = _changes(_set_statuses)
set_fields = _changes(_set_fields)
set_organization = _changes(_set_organization)
set_cause = _changes(_set_cause)
undo_cause = _changes(_undo_cause)
rotate = _changes(_rotate)
retire = _changes(_retire)
switch = _changes(_switch)


@require_POST
@staff(ADMINS)
def delete(request: StaffRequest, slug: str) -> HttpResponse:
    """Take a connection away; it can be brought back for a while."""
    held = held_or_404(slug)
    service.delete(held, timezone.now())
    words = f"“{held.name}” is deleted; its cases stay. Bring it back below within 30 days."
    messages.success(request, words)
    return HttpResponseRedirect(reverse("connections"))


@require_POST
@staff(ADMINS)
def bring_back(request: StaffRequest, slug: str) -> HttpResponse:
    """Undo a deletion."""
    held = service.bring_back(slug)
    if held is None:
        raise Http404("No such connection.")
    messages.success(request, f"“{held.name}” is back, with its address and secret.")
    return HttpResponseRedirect(reverse("connection", args=[slug]))


@require_POST
@staff(ADMINS)
def replay(request: StaffRequest, slug: str, pk: int) -> HttpResponse:
    """Read a kept call again as the connection is wired now."""
    delivery = delivery_or_404(slug, pk)
    try:
        received = hook_door.replay(delivery, timezone.now())
    except UnreadableError as error:
        messages.error(request, f"It cannot be replayed: {error}.")
        return HttpResponseRedirect(reverse("connection_call", args=[slug, pk]))
    take_hook_events.delay_on_commit()  # type: ignore[attr-defined]  # of Celery's task class
    first = received.as_json()
    case = f"case {first['case']}" if first["case"] else "no case"
    messages.success(request, f"Read again: {first['outcome'].replace('_', ' ')}, {case}.")
    return HttpResponseRedirect(reverse("connection_call", args=[slug, received.delivery]))


@require_POST
@staff(ADMINS)
def try_again(request: StaffRequest, slug: str, pk: int) -> HttpResponse:
    """Have an event that was set aside tried again."""
    held = held_or_404(slug)
    if hook_work.try_again(pk, held, timezone.now()):
        take_hook_events.delay_on_commit()  # type: ignore[attr-defined]  # as above
        messages.success(request, "It is tried again now.")
    return HttpResponseRedirect(reverse("connection", args=[slug]))
