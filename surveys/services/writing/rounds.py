"""One round of writing: claims answers that are due to be told, writes notes, tags and fields from
several threads, notes each end. What they say is read at that moment, so that they tell the newest
answer, and none of somebody who was erased."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.utils import timezone

from surveys.helpdesks.lookups.base import Access
from surveys.helpdesks.notes import NOTES, Note, Writing
from surveys.helpdesks.notes.fields import FIELDS, Fields
from surveys.helpdesks.notes.tags import TAGS, Tags
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
from surveys.services.writing.wording import fields_of, lines_of, tags_of

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
    note: Note | None
    tags: Tags | None
    fields: Fields | None
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
    """What to write; None where there is nothing to write any more, or nobody who may. Of two
    surveys about one case the later one's answer stands in its tags and fields."""
    held = Connection.objects.get(pk=claimed.connection_id)
    waiting = WriteBack.objects.filter(pk=claimed.note_id).first()
    response = (
        Response.objects.filter(invitation__written_back=claimed.note_id)
        .select_related("invitation__resolution")
        .first()
    )
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
    note, tags, fields = _note_of(held, waiting, response), None, None
    if not _is_followed(response):
        tags = _tags_of(held, waiting, response)
        named = fields_of(response, held.fix_field, held.cause_field)
        fields = Fields(waiting.case, named) if named else None
    return _Task(held.api_url, held.kind, by, note, tags, fields, response.n_revisions)


def _note_of(held: Connection, waiting: WriteBack, response: Response) -> Note | None:
    if not held.writes_back:
        return None
    lines = lines_of(
        response, with_comments=held.writes_comments, is_again=waiting.told_revision > 0
    )
    return Note(waiting.case, lines, response.changed_at, waiting.note_id)


def _is_followed(response: Response) -> bool:
    """Whether the case was resolved again later, and that was answered, too."""
    told = response.invitation.resolution
    return Response.objects.filter(
        invitation__resolution__case=told.case_id,
        invitation__resolution__resolved_at__gt=told.resolved_at,
    ).exists()


def _tags_of(held: Connection, waiting: WriteBack, response: Response) -> Tags | None:
    """The tags, noted as ours before they are sent; those of earlier answers are to go."""
    if not held.writes_tags or held.kind not in TAGS:
        return None
    present = tags_of(response, held.tag_prefix)
    about = WriteBack.objects.filter(
        connection=held, invitation__resolution__case=response.invitation.resolution.case_id
    )
    known = {tag for tags in about.values_list("tags", flat=True) for tag in tags}
    WriteBack.objects.filter(pk=waiting.pk).update(tags=sorted({*waiting.tags, *present}))
    absent = tuple(sorted(known - set(present)))
    return Tags(waiting.case, present, absent) if present or absent else None


def _whole(task: _Task) -> Writing:
    """What may be done twice first, so that only the last step can leave something doubled."""
    if task.fields is not None:
        yield from FIELDS[task.kind](task.access, task.fields)
    if task.tags is not None:
        yield from TAGS[task.kind](task.access, task.tags)
    if task.note is not None:
        return (yield from NOTES[task.kind](task.access, task.note))
    return ""


def _write(task: _Task, resolve: Resolver) -> tuple[_Task, _Told]:
    try:
        return task, converse(task.url, _whole(task), timezone.now(), resolve=resolve)
    except Trouble as trouble:
        return task, trouble


def _stop(claimed: Claimed, words: str) -> None:
    """Write nothing until the access or the choice is changed; reading goes on."""
    queue.end_held(claimed, words, timezone.now())
    Connection.objects.filter(pk=claimed.connection_id).update(write_fault=words[:300])


def _note(claimed: Claimed, task: _Task, told: _Told, counts: Counts) -> None:
    now = timezone.now()
    if isinstance(told, Heard):
        note_id = None if task.note is None else told.value
        tags = None if task.tags is None else task.tags.present
        counts.written += queue.end_written(claimed, note_id, task.revision, now, tags)
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
