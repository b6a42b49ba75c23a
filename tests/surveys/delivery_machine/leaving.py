"""Which mails may leave: what the outside world said before a round must stop them.

Invariants 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from surveys.models import CaseEvent, Delivery
from tests.surveys.delivery_machine.outside import Link, stretches
from tests.surveys.delivery_machine.site import Site


def check(site: Site, *, was_noted: bool, excused: Collection[int] = ()) -> None:
    """Look at each mail that began to leave since the last look. `excused` are deliveries that
    were in flight already when something happened that would have stopped them."""
    outside = site.outside
    seen = site.note_mails(was_noted=was_noted)
    links = {link.invitation: link for link in outside.links.values()}
    is_quiet = site.has_quiet_hours and _is_quiet(site.now)
    for mail, attempt in seen:
        where = f"{mail.kind} to {attempt.recipient}"
        assert not is_quiet, f"{where} at night"
        message = mail.invitation_id, mail.kind
        left = [one for one in outside.attempts[message] if one.fate != "refused"]
        assert len(left) <= 1 + outside.resends[message], f"{where} more than once: {left}"
        if mail.pk in excused:
            continue
        case = mail.invitation.resolution.case.external_id
        assert attempt.recipient == site.email_of(case), where
        assert attempt.recipient not in outside.objections, f"{where} after an objection"
        assert attempt.recipient not in outside.erased, f"{where} after an erasure"
        assert _is_resolved(mail), f"{where} after a reopening"
        if mail.kind == Delivery.Kind.REMINDER:
            _check_reminder(site, links.get(mail.invitation_id), where)


def _is_resolved(mail: Delivery) -> bool:
    resolution = mail.invitation.resolution
    told = CaseEvent.objects.filter(case=resolution.case).values_list("occurred_at", "status")
    return any(s.holds(resolution.resolved_at) and s.ends is None for s in stretches(told))


def _check_reminder(site: Site, link: Link | None, where: str) -> None:
    outside = site.outside
    assert link is not None, f"{where} without an invitation"
    assert not link.answered.posts, f"{where} after the answer"
    invited = [one for one in outside.invited(link) if one.fate == "taken"]
    assert invited, f"{where} after an unknown invitation"
    last = max(one.at for one in invited if one.at)
    assert site.now <= last + dt.timedelta(days=site.close_days, minutes=3), f"{where} too late"


def _is_quiet(now: dt.datetime) -> bool:
    """From nine to eight; not within the minutes that a round may take over the edge."""
    later = now + dt.timedelta(minutes=3)
    return all(moment.hour >= 21 or moment.hour < 8 for moment in (now, later))
