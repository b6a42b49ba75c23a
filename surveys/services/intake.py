"""Cases arrive: events are stored, cases folded, resolutions made, surveys planned.

One transaction per batch, written as sets. What is acknowledged is committed; the same events
again, in any order, change nothing. One case that the database refuses rejects itself alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import DataError, IntegrityError, transaction

from surveys.services import (
    cause_fields,
    intake_cases,
    intake_causes,
    intake_people,
    intake_plan,
    intake_resolutions,
    intake_suppressed,
    policy_rules,
    tokens,
)
from surveys.services.intake_cases import CaseKey, Work
from surveys.services.intake_people import Customer, customer_key
from surveys.services.intake_shapes import CaseReport, Rejected
from surveys.services.intake_sql import rows, with_retries

CREATED: Final = "created"
UPDATED: Final = "updated"
UNCHANGED: Final = "unchanged"
REJECTED: Final = "rejected"

# What stays of a customer in the events of someone who was erased.
ERASED_CUSTOMER: Final = {"erased": True}
ERASED_FIELDS: Final = ("subject", "tags", "fields")


@dataclass(slots=True)
class InvitationNow:
    """The survey of a case's latest resolution."""

    status: str
    due_at: datetime | None
    reason: str
    resolved_at: datetime


@dataclass(slots=True)
class Outcome:
    """What became of one report, in the order told."""

    external_id: str | None
    outcome: str
    errors: list[tuple[str, str]] = field(default_factory=list)
    invitation: InvitationNow | None = None


@dataclass(slots=True)
class _Batch:
    now: datetime
    is_history: bool
    is_sample: bool
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    case_ids: dict[CaseKey, int] = field(default_factory=dict)


def take(
    reports: Sequence[CaseReport | Rejected],
    *,
    now: datetime,
    is_history: bool = False,
    is_sample: bool = False,
) -> list[Outcome]:
    """Store what is told of cases and plan their surveys; one outcome per report, in order.

    With `is_history` nobody is written to. Committed on return, or with the caller's transaction.
    """
    checked = {n: r for n, r in enumerate(reports) if isinstance(r, CaseReport)}
    batch = _Batch(now, is_history, is_sample)
    for number, report in enumerate(reports):
        if isinstance(report, Rejected):
            batch.outcomes[number] = Outcome(report.external_id, REJECTED, report.errors)
    try:
        with_retries(lambda: _take(batch, checked))
    except (DataError, IntegrityError):
        _take_one_by_one(batch, checked)
    return [batch.outcomes[number] for number in range(len(reports))]


def _take_one_by_one(batch: _Batch, reports: dict[int, CaseReport]) -> None:
    """The database refused something that checking let pass: find out what, keep the rest."""
    for numbers in _by_case(reports).values():
        own = {number: reports[number] for number in numbers}
        try:
            with_retries(lambda own=own: _take(batch, own))  # type: ignore[misc]
        except (DataError, IntegrityError) as error:
            fault = ("", f"cannot be stored: {str(error).splitlines()[0]}")
            for number, report in own.items():
                batch.outcomes[number] = Outcome(report.external_id, REJECTED, [fault])


def _take(batch: _Batch, reports: dict[int, CaseReport]) -> None:
    if not reports:
        return
    _scrub_erased(reports.values())
    cause_fields.keep_watched(reports.values())
    by_case = _by_case(reports)
    known = intake_cases.find_known(list(by_case))
    works: list[Work] = []
    for key, numbers in by_case.items():
        stored = known.get(key)
        dirty = _judge(batch, stored, [(number, reports[number]) for number in numbers])
        if stored is not None:
            batch.case_ids[key] = stored.case_id
        if dirty:
            works.append(Work(key, dirty, stored))
    if works:
        _write(batch, works)
    _attach_invitations(batch, by_case)


def _by_case(reports: dict[int, CaseReport]) -> dict[CaseKey, list[int]]:
    by_case: dict[CaseKey, list[int]] = {}
    for number, report in reports.items():
        by_case.setdefault((report.source, report.external_id), []).append(number)
    return by_case


def _judge(
    batch: _Batch, stored: intake_cases.Stored | None, told: list[tuple[int, CaseReport]]
) -> list[tuple[int, CaseReport]]:
    """Note the outcome of each report of a case; return those that change something."""
    events = dict(stored.events) if stored else {}
    dirty: list[tuple[int, CaseReport]] = []
    for number, report in told:
        if stored and stored.is_erased and not report.content.get("customer", {}).get("email"):
            scrub(report.content)
        known = events.get((report.occurred_at, report.status))
        if known == report.content or (not report.is_timed and _repeats_newest(events, report)):
            outcome = UNCHANGED
        else:
            outcome = UPDATED if events else CREATED
            events[report.occurred_at, report.status] = report.content
            dirty.append((number, report))
        batch.outcomes[number] = Outcome(report.external_id, outcome)
    return dirty


def _repeats_newest(
    events: dict[intake_cases.EventKey, dict[str, Any]], report: CaseReport
) -> bool:
    """Whether a report without a time says what the newest event said: then it is a repetition."""
    if not events:
        return False
    newest = max(events)
    return newest[1] == report.status and events[newest] == report.content


def _scrub_erased(reports: Iterable[CaseReport]) -> None:
    """Of someone who was erased nothing personal is stored again, however often it is sent."""
    hashes: dict[str, list[CaseReport]] = {}
    for report in reports:
        stated = report.content.get("customer", {})
        for name in ("email", "phone"):
            if address := stated.get(name):
                hashes.setdefault(tokens.email_hash(address), []).append(report)
    if not hashes:
        return
    erased = rows(
        "SELECT email_hash FROM surveys_erasedcustomer WHERE email_hash = ANY(%s::text[])",
        list(hashes),
    )
    for (email_hash,) in erased:
        for report in hashes[email_hash]:
            stated = report.content["customer"]
            email = stated.get("email")
            if email is None or tokens.email_hash(email) == email_hash:
                scrub(report.content)
            else:
                stated.pop("phone", None)  # of somebody else with the same telephone


def scrub(content: dict[str, Any]) -> None:
    """Take everything personal out of an event's content."""
    content["customer"] = dict(ERASED_CUSTOMER)
    for name in ERASED_FIELDS:
        content.pop(name, None)


def _write(batch: _Batch, works: list[Work]) -> None:
    reports = [report for work in works for report in work.reports]
    customers = _lock_customers(reports)
    for work in works:
        if work.stored is None:
            work.fold()
            work.customer = _customer_of(work, customers)
    before = {work.key for work in works if work.stored is not None}
    intake_cases.insert_cases(works, batch.now, is_sample=batch.is_sample)
    known = [work for work in works if work.key in before or work.stored.events]  # type: ignore[union-attr]
    restless = _refold(batch, known, customers)
    intake_cases.update_cases(known)
    intake_cases.write_events(works, batch.now)
    done = intake_resolutions.reconcile(works, known)
    founders = [_report_of(new) for new in done.new]
    names = intake_people.ensure_names([*reports, *founders], is_sample=batch.is_sample)
    intake_causes.decide(done.new, names)
    intake_resolutions.write_resolutions(done.new, names, is_sample=batch.is_sample)
    by_id = {customer.id: customer for customer in customers.values()}
    plan = intake_plan.Plan(
        policy_rules.load_rules(),
        intake_suppressed.load_suppressed(by_id.values()),
        batch.now,
        batch.is_history,
        batch.is_sample,
        names,
    )
    touched = {work.case_id: work.customer for work in known}
    intake_plan.plan(plan, done.new, done.reopened, touched, restless, by_id)
    intake_people.tell_agents(names, reports)
    batch.case_ids |= {work.key: work.case_id for work in works}


def _lock_customers(reports: Iterable[CaseReport]) -> dict[str, Customer]:
    told, emails = [], {}
    for report in reports:
        stated = report.content.get("customer")
        key = customer_key(report.source, stated)
        if key is not None and stated:
            told.append((key, report.occurred_at, stated))
            emails[key] = stated.get("email") or ""
    newest = intake_people.newest_facts(told, intake_people.CUSTOMER_FACTS)
    return intake_people.lock_customers(newest, emails)


def _customer_of(work: Work, customers: dict[str, Customer]) -> Customer | None:
    key = customer_key(work.key[0], work.folded.customer)
    return customers.get(key) if key else None


def _refold(batch: _Batch, known: list[Work], customers: dict[str, Customer]) -> set[int]:
    """Lock known cases, fold them with what was told, and find whose they are now and were.

    Returns the ids of these customers.
    """
    if not known:
        return set()
    intake_cases.lock_known(known)
    for work in known:
        # Another batch may have told the same since we first looked.
        work.told = _judge(batch, work.stored, work.told)
        work.fold()
    former = {w.stored.customer_id for w in known if w.stored and w.stored.customer_id}
    missing = intake_cases.customer_keys(known) - set(customers)
    held = {customer.id for customer in customers.values()}
    customers |= intake_people.lock_known(missing, former - held)
    by_id = {customer.id: customer for customer in customers.values()}
    for work in known:
        was = work.stored.customer_id if work.stored else None
        work.customer = _customer_of(work, customers) or by_id.get(was or 0)
    return former | {work.customer.id for work in known if work.customer}


def _report_of(new: intake_resolutions.NewResolution) -> CaseReport:
    """A founding event as a report, so that the names it mentions are sure to exist."""
    event = new.resolved.founded_by
    source, external_id = new.work.key
    return CaseReport(source, external_id, event.status, event.occurred_at, True, event.content)


def _attach_invitations(batch: _Batch, by_case: dict[CaseKey, list[int]]) -> None:
    ids = [batch.case_ids[key] for key in by_case if key in batch.case_ids]
    found = rows(
        "SELECT DISTINCT ON (r.case_id) r.case_id, i.status, i.due_at, i.reason, r.resolved_at"
        " FROM surveys_resolution r JOIN surveys_invitation i ON i.resolution_id = r.id"
        " WHERE r.case_id = ANY(%s::bigint[]) ORDER BY r.case_id, r.resolved_at DESC",
        ids,
    )
    latest = {case_id: InvitationNow(*columns) for case_id, *columns in found}
    for key, numbers in by_case.items():
        for number in numbers:
            batch.outcomes[number].invitation = latest.get(batch.case_ids.get(key, 0))


def probe(reports: Sequence[CaseReport | Rejected], **options: Any) -> list[Outcome]:
    """What `take` would do, undone again."""
    with transaction.atomic():
        outcomes = take(reports, **options)
        transaction.set_rollback(True)
    return outcomes
