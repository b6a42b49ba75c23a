"""The invariants, checked after every rule and at the end, when all of time has passed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from surveys.models import Case, CaseEvent, Delivery, Invitation, Resolution, Suppression
from tests.surveys.delivery_machine import stored
from tests.surveys.delivery_machine.outside import WEIGHT, Answered, Event, stretches
from tests.surveys.delivery_machine.site import Site

_NEVER_SENT = {"scheduled", "skipped", "cancelled"}


def events_are_kept(site: Site) -> None:
    """What was acknowledged is there, and nothing that nobody told (invariants 2 and 6)."""
    held: dict[str, set[tuple[dt.datetime, str, str]]] = defaultdict(set)
    for name, at, status, content in CaseEvent.objects.values_list(
        "case__external_id", "occurred_at", "status", "content"
    ):
        subject = content.get("subject", "")
        if site.email_of(name) in site.outside.erased:
            assert not content.get("customer", {}).get("email"), "an erased address"
            subject = ""
        held[name].add((at, status, subject))
    for name, told in site.outside.told.items():
        is_erased = site.email_of(name) in site.outside.erased
        acknowledged = _shown(site.outside.acknowledged[name], is_erased)
        assert acknowledged <= held[name], "an acknowledged event is lost"
        assert held[name] <= _shown(told, is_erased), "an event that nobody told"


def _shown(events: set[Event], is_erased: bool) -> set[tuple[dt.datetime, str, str]]:
    return {(event.at, event.status, "" if is_erased else event.subject) for event in events}


def each_resolution_has_one_invitation(site: Site) -> None:
    """Each time of being resolved has one resolution, and that has one invitation (1 and 2)."""
    resolutions: dict[int, list[tuple[int, dt.datetime]]] = defaultdict(list)
    for number, case_id, at in Resolution.objects.values_list("pk", "case_id", "resolved_at"):
        resolutions[case_id].append((number, at))
    events: dict[int, list[tuple[dt.datetime, str]]] = defaultdict(list)
    for case_id, at, status in CaseEvent.objects.values_list("case_id", "occurred_at", "status"):
        events[case_id].append((at, status))
    for case_id, status in Case.objects.values_list("pk", "status"):
        assert status == max(events[case_id])[1], "a case that is not what its events say"
        found = [
            [number for number, at in resolutions[case_id] if stretch.holds(at)]
            for stretch in stretches(events[case_id])
        ]
        assert [len(numbers) for numbers in found] == [1] * len(found), "not one each"
        assert len(found) == len(resolutions[case_id]), "a resolution at no time of being resolved"
    invited = sorted(Invitation.objects.values_list("resolution_id", flat=True))
    assert invited == sorted(n for held in resolutions.values() for n, _ in held)


def nobody_waits_silently() -> None:
    """Every invitation is in a final state or something will move it (invariant 5)."""
    mails: dict[int, dict[str, Delivery]] = defaultdict(dict)
    for mail in Delivery.objects.all():
        mails[mail.invitation_id][mail.kind] = mail
    for invitation in Invitation.objects.all():
        what = f"{invitation} with {list(mails[invitation.pk].values())}"
        own = mails[invitation.pk].get("invitation")
        if invitation.status == "scheduled":
            assert own is not None, what
            assert own.status == "queued", what
        elif invitation.status == "sending":
            assert own is not None, what
            assert own.status == "sending", what
        elif invitation.status in ("sent", "unknown"):
            assert invitation.expires_at is not None, what
        else:
            assert own is None or own.status not in ("queued", "sending"), what
        for mail in mails[invitation.pk].values():
            assert (mail.status == "sending") == (mail.lease_until is not None), what


def answers_are_kept(site: Site) -> None:
    """A 2xx answer is there, byte for byte, once, with all it replaced (invariants 6 and 8)."""
    held = stored.all_answers()
    told = {link.invitation: link.answered for link in site.outside.links.values()}
    for invitation in told | held:
        assert held.get(invitation, Answered()) == told.get(invitation, Answered())


def suppressions_hold(site: Site, before: dict[str, str]) -> dict[str, str]:
    """No suppression weakens but by a wish of the person (invariant 16); what there is now."""
    outside = site.outside
    now = dict(Suppression.objects.exclude(email="").values_list("email", "reason"))
    now |= {e: "erased" for e in site.emails.values() if stored.is_suppressed_as_erased(e)}
    for email, reason in before.items():
        if email in outside.may_lift and reason != "erased":
            continue
        assert email in now, f"{email} was taken off the list"
        assert WEIGHT.index(now[email]) >= WEIGHT.index(reason), f"{email} weighs less"
    for email, reason in outside.objections.items():
        assert email in now, f"{email} was told to be on the list"
        assert WEIGHT.index(now[email]) >= WEIGHT.index(reason), f"{email} weighs less than told"
    outside.may_lift.clear()
    return now


def all_came_to_an_end(site: Site) -> None:
    """After all of time: nothing waits, and each end has a reason that the outside world knows
    (invariants 1 and 5: exactly one where it is eligible)."""
    assert not Delivery.objects.filter(status__in=["queued", "sending"]).exists()
    told = Invitation.objects.select_related("resolution__case")
    for invitation in told:
        address = site.email_of(invitation.resolution.case.external_id)
        left = [
            attempt
            for attempt in site.outside.attempts[invitation.pk, "invitation"]
            if attempt.fate != "refused"
        ]
        what = f"{invitation} to {address}, {invitation.reason_code}: {invitation.reason}"
        if invitation.status == "expired":
            # A worker that stood still before DATA, and whose server has given it up meanwhile,
            # sends nothing after all; whoever took over could not know that, and said so.
            assert left or invitation.reason_code == "unknown", f"{what}: never left"
        elif invitation.status == "failed":
            assert invitation.reason_code in ("not_sent", "bounced"), what
        else:
            assert invitation.status in ("skipped", "cancelled"), what
            _check_reason(site, invitation, address, what)


def _check_reason(site: Site, invitation: Invitation, address: str, what: str) -> None:
    code = invitation.reason_code
    if code == "reopened":
        assert invitation.resolution.reopened_at is not None, what
    elif code == "suppressed":
        assert address in site.outside.ever_objected, what
    elif code == "erased":
        assert address in site.outside.erased, what
    else:
        assert code == "cooldown", what
        assert site.cooldown_days, what
