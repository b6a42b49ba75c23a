"""Resolutions of a batch: made equal to the fold of the events.

What was snapshotted at a resolution moves only while nothing was sent for it, and only because an
earlier event arrived late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from surveys.services.events import Event, Resolved, fold
from surveys.services.intake_cases import Work
from surveys.services.intake_people import Names
from surveys.services.intake_sql import columns_of, copy, execute, ids_ahead, rows

# Invitations in these states wrote to nobody; their resolution may still change.
UNSENT: Final = ("scheduled", "skipped", "cancelled")


_COLUMNS: Final = (
    *("id", "case_id", "resolved_at", "reopened_at", "team_id", "product_id", "cause_id"),
    *("channel", "severity", "n_agents", "human_handled", "is_sample"),
)


@dataclass(slots=True)
class NewResolution:
    """A resolution to be written, with the event that founds it."""

    id: int
    work: Work
    resolved: Resolved
    # What caused it: the code it came with, or that of the cause a rule gave.
    cause: str = ""


@dataclass(slots=True)
class Reconciled:
    """What became of resolutions: new ones, and those whose reopening is news."""

    new: list[NewResolution] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)


def reconcile(works: Sequence[Work], known: Sequence[Work]) -> Reconciled:
    """Make the resolutions of all `works` equal to their fold; only `known` ones can have some."""
    done = Reconciled()
    held = _held_resolutions([work.case_id for work in known])
    gone: list[int] = []
    moved: list[tuple[int, datetime | None]] = []
    for work in works:
        _reconcile_case(work, held.get(work.case_id, []), done, gone, moved)
    if moved:
        execute(
            "UPDATE surveys_resolution AS r SET reopened_at = t.b"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS t(a, b) WHERE r.id = t.a",
            *columns_of(moved, 2),
        )
        done.reopened = [number for number, reopened_at in moved if reopened_at is not None]
    if gone:
        _delete(gone)
    for new, number in zip(done.new, ids_ahead("surveys_resolution", len(done.new)), strict=True):
        new.id = number
    return done


@dataclass(slots=True)
class _Held:
    id: int
    resolved_at: datetime
    reopened_at: datetime | None
    is_fixed: bool


def _held_resolutions(case_ids: list[int]) -> dict[int, list[_Held]]:
    """Resolutions by case. Their invitations are locked first, then their waiting mails: a mail
    that a worker has claimed makes the resolution fixed, as one that was sent does."""
    held: dict[int, list[_Held]] = {}
    if not case_ids:
        return held
    rows(
        "SELECT i.id FROM surveys_invitation i JOIN surveys_resolution r ON r.id = i.resolution_id"
        " WHERE r.case_id = ANY(%s::bigint[]) ORDER BY i.id FOR UPDATE OF i",
        case_ids,
    )
    found = rows(
        "SELECT r.case_id, r.id, r.resolved_at, r.reopened_at,"
        " coalesce(i.status <> ALL(%s::text[]), false) OR EXISTS (SELECT FROM surveys_delivery d"
        " WHERE d.invitation_id = i.id AND d.status NOT IN ('queued', 'cancelled'))"
        " OR EXISTS (SELECT FROM surveys_response a WHERE a.invitation_id = i.id)"
        " FROM surveys_resolution r LEFT JOIN surveys_invitation i ON i.resolution_id = r.id"
        " WHERE r.case_id = ANY(%s::bigint[]) ORDER BY r.resolved_at",
        list(UNSENT),
        case_ids,
    )
    for case_id, *columns in found:
        held.setdefault(case_id, []).append(_Held(*columns))
    return held


def _reconcile_case(
    work: Work,
    held: list[_Held],
    done: Reconciled,
    gone: list[int],
    moved: list[tuple[int, datetime | None]],
) -> None:
    founded = _founders(work) if held else {}
    unmatched = {row.resolved_at: row for row in held}
    for resolved in work.folded.resolutions:
        row = unmatched.get(resolved.resolved_at)
        if row is not None and not row.is_fixed:
            if founded.get(row.resolved_at) != resolved.founded_by.key:
                row = None  # another event founds it now: snapshot that one
        elif row is None:
            row = _sent_meanwhile(resolved, unmatched)
        if row is None:
            done.new.append(NewResolution(0, work, resolved))
            continue
        del unmatched[row.resolved_at]
        if row.reopened_at != resolved.reopened_at:
            moved.append((row.id, resolved.reopened_at))
    gone += [row.id for row in unmatched.values() if not row.is_fixed]


def _founders(work: Work) -> dict[datetime, tuple[datetime, int]]:
    """Which event founded each resolution before this batch."""
    if work.stored is None or not work.stored.events:
        return {}
    before = fold(
        Event(status, at, content) for (at, status), content in work.stored.events.items()
    )
    return {resolved.resolved_at: resolved.founded_by.key for resolved in before.resolutions}


def _sent_meanwhile(resolved: Resolved, held: dict[datetime, _Held]) -> _Held | None:
    """A survey already sent for the same stretch of being resolved: an event that arrives late
    moves its beginning, and must not have the customer asked twice."""
    for row in held.values():
        ends = resolved.reopened_at
        if (
            row.is_fixed
            and row.resolved_at > resolved.resolved_at
            and (ends is None or row.resolved_at < ends)
        ):
            return row
    return None


def _delete(ids: list[int]) -> None:
    execute(
        "DELETE FROM surveys_delivery d USING surveys_invitation i"
        " WHERE d.invitation_id = i.id AND i.resolution_id = ANY(%s::bigint[])",
        ids,
    )
    for statement in (
        "DELETE FROM surveys_invitation WHERE resolution_id = ANY(%s::bigint[])",
        "DELETE FROM surveys_resolutionagent WHERE resolution_id = ANY(%s::bigint[])",
        "DELETE FROM surveys_resolution WHERE id = ANY(%s::bigint[])",
    ):
        execute(statement, ids)


def write_resolutions(new: Sequence[NewResolution], names: Names, *, is_sample: bool) -> None:
    """Copy new resolutions and who handled them, from the content of their founding events."""
    if not new:
        return
    resolutions, handlers = [], []
    for item in new:
        content = item.resolved.founded_by.content
        agents = content.get("agents", ())
        shares: dict[int, float] = {}
        for agent in agents:  # two ids of one person: their shares add up
            number = names.agents[agent["external_id"]]
            shares[number] = min(shares.get(number, 0.0) + agent["share"], 1.0)
        resolutions.append((
            item.id, item.work.case_id, item.resolved.resolved_at, item.resolved.reopened_at,
            names.teams.get(content.get("team", "")),
            names.products.get(content.get("product", "")),
            names.causes.get(item.cause),
            content.get("channel", ""), content.get("severity", ""), len(shares),
            any(number not in names.bots for number in shares), is_sample,
        ))  # fmt: skip
        handlers += [(item.id, number, share) for number, share in shares.items()]
    copy("surveys_resolution", _COLUMNS, resolutions)
    copy("surveys_resolutionagent", ("resolution_id", "agent_id", "share"), handlers)
