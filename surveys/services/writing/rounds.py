"""One round of writing: claims notes that are due, writes them from several threads, notes each
end. What a note says is read at that moment, so that it tells the newest answer, and none of
somebody who was erased."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.utils import timezone

from surveys.helpdesks.lookups.base import Access
from surveys.helpdesks.notes import NOTES, Note
from surveys.models import Connection, Response, WriteBack
from surveys.services.asking import access
from surveys.services.asking.client import Heard, Kind, Trouble, converse
from surveys.services.asking.queue import leave_alone
from surveys.services.in_threads import work_off
from surveys.services.outgoing import sorting
from surveys.services.outgoing.addresses import Resolver, look_up
from surveys.services.sealing import LostKeyError
from surveys.services.writing import queue
from surveys.services.writing.queue import Claimed
from surveys.services.writing.wording import lines_of

THREADS: Final = 4


@dataclass(slots=True)
class Counts:
    """What a round did."""

    written: int = 0
    put_off: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    url: str
    kind: str
    access: Access
    note: Note
    revision: int


_Told = Heard[str] | Trouble


def write_due(seconds: float, *, resolve: Resolver = look_up) -> Counts:
    """Write what is due, for that long and as much longer as the last answers take. Safe to run
    twice at once."""
    ends_at, counts = time.monotonic() + seconds, Counts()
    sorting.sort_all(timezone.now())

    def begin(claimed: Claimed) -> Callable[[], tuple[_Task, _Told]] | None:
        task = _task(claimed)
        return partial(_write, task, resolve) if task is not None else None

    work_off(
        "writing",
        THREADS,
        ends_at,
        claim=lambda room: queue.claim(timezone.now(), room),
        begin=begin,
        note=lambda claimed, written: _note(claimed, *written, counts),
    )
    return counts


def _task(claimed: Claimed) -> _Task | None:
    """What to write; None where there is nothing to write any more, or nobody who may."""
    held = Connection.objects.get(pk=claimed.connection_id)
    waiting = WriteBack.objects.filter(pk=claimed.note_id).first()
    response = Response.objects.filter(invitation__written_back=claimed.note_id).first()
    if waiting is None or response is None:  # erased meanwhile
        WriteBack.objects.filter(pk=claimed.note_id, lease=claimed.lease).delete()
        return None
    try:
        by = access.access_of(held)
    except LostKeyError as error:
        _stop(claimed, f"the token cannot be read: {error}; or enter it anew")
        return None
    if by is None:
        queue.end_held(claimed, "", timezone.now())
        return None
    lines = lines_of(
        response, with_comments=held.writes_comments, is_again=waiting.told_revision > 0
    )
    note = Note(waiting.case, lines, response.changed_at, waiting.note_id)
    return _Task(held.api_url, held.kind, by, note, response.n_revisions)


def _write(task: _Task, resolve: Resolver) -> tuple[_Task, _Told]:
    try:
        writing = NOTES[task.kind](task.access, task.note)
        return task, converse(task.url, writing, timezone.now(), resolve=resolve)
    except Trouble as trouble:
        return task, trouble


def _stop(claimed: Claimed, words: str) -> None:
    """Write nothing until the access or the choice is changed; reading goes on."""
    queue.end_held(claimed, words, timezone.now())
    Connection.objects.filter(pk=claimed.connection_id).update(write_fault=words[:300])


def _note(claimed: Claimed, task: _Task, told: _Told, counts: Counts) -> None:
    now = timezone.now()
    if isinstance(told, Heard):
        counts.written += queue.end_written(claimed, told.value, task.revision, now)
        if told.rest is not None:
            leave_alone(claimed.connection_id, told.rest, "", now)
        return
    counts.failed += told.kind is Kind.FINAL
    counts.put_off += told.kind is not Kind.FINAL
    if told.kind is Kind.PAUSE:
        _stop(claimed, told.words)
    elif told.kind is Kind.FINAL:
        queue.end_failed(claimed, told.words, now)
    elif told.kind is Kind.REST and told.rest is not None:
        queue.end_held(claimed, told.words, now)
        leave_alone(claimed.connection_id, told.rest, told.words, now)
    else:
        queue.end_later(claimed, told.words, now)
