"""What the columns of resolutions should tell, counted in Python from the rows themselves."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from analytics.frames.selection import Selection
from surveys.models import Invitation, Resolution, Response

INVITED = ("sent", "unknown", "failed", "expired")


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(dt.UTC).date()


def _within(selection: Selection, day: dt.date | None) -> bool:
    if selection.from_ is None and selection.to is None:
        return True
    first, last = selection.from_ or dt.date.min, selection.to or dt.date.max
    return day is not None and first <= day <= last


def _invitation(resolution: Resolution) -> Invitation | None:
    return Invitation.objects.filter(resolution=resolution).select_related("version").first()


def _fits(selection: Selection, one: Resolution) -> bool:
    invitation = _invitation(one)
    version = invitation.version if invitation else None
    handled = {
        by.agent_id for by in one.handled_by.all() if by.share >= 0.5
    }  # who the case is said of
    told: dict[str, Any] = {
        "team": one.team_id,
        "product": one.product_id,
        "cause": one.cause_id,
        "channel": one.channel,
        "language": invitation.language if invitation else None,
        "questionnaire": version.questionnaire_id if version else None,
    }
    if selection.agent is not None and handled.isdisjoint(selection.agent):
        return False
    wanted = {name: getattr(selection, name) for name in told}
    return all(limit is None or told[name] in limit for name, limit in wanted.items())


def _all(selection: Selection) -> list[Resolution]:
    return [one for one in Resolution.objects.all() if _fits(selection, one)]


def dispositions(selection: Selection) -> tuple[int, int, int]:
    """Invited, delivered, completed."""
    counted = [0, 0, 0]
    for one in _all(selection):
        asked = _invitation(one)
        if asked is None or asked.status not in INVITED:
            continue
        mailed = asked.sent_at or asked.due_at
        day = mailed and _day(mailed)
        if not _within(selection, _day(one.resolved_at) if selection.basis == "r" else day):
            continue
        counted[0] += 1
        counted[1] += asked.status != "failed" and asked.bounced_at is None
        counted[2] += Response.objects.filter(invitation=asked, completed_at__isnull=False).exists()
    return counted[0], counted[1], counted[2]


def by_kind(selection: Selection) -> Counter[tuple[str, Any]]:
    """Resolutions by kind and value of what was known of the case."""
    counted: Counter[tuple[str, Any]] = Counter()
    for one in _all(selection):
        if _within(selection, _day(one.resolved_at)):
            counted.update(
                (kind, getattr(one, kind))
                for kind in ("cause_id", "product_id", "channel", "team_id")
            )
    return counted


def weekly(selection: Selection) -> Counter[tuple[dt.date, int]]:
    """Resolutions by the Monday of their week and cause."""
    counted: Counter[tuple[dt.date, int]] = Counter()
    for one in _all(selection):
        day = _day(one.resolved_at)
        if _within(selection, day) and one.cause_id is not None:
            counted[day - dt.timedelta(days=day.weekday()), one.cause_id] += 1
    return counted
