"""What policies would have made of cases that are past: decided by the same functions as intake,
on the cases of a whole period at once. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from surveys.services import scheduling
from surveys.services.sampling import Volumes
from surveys.services.scheduling import Candidate, Reason, Resolved, Rule


@dataclass(frozen=True, slots=True)
class PastCase:
    """A resolution as it is stored. `customer` groups the cases of one customer; `reopened_at`
    calls a survey off only where it came before the mail."""

    resolved: Resolved
    customer: int
    timezone: str
    reopened_at: datetime | None


@dataclass(slots=True)
class Before:
    """What a customer was sent before the period: when, and which causes were asked about."""

    sent: list[datetime] = field(default_factory=list)
    asked: list[tuple[str, datetime]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case; `rule` is None where no policy surveys it, `reason` where it is
    surveyed. `moved` says that it waits for the end of quiet hours or of a forbidden day."""

    case: PastCase
    rule: Rule | None
    reason: Reason | None
    asks: str = scheduling.ASKS_BOTH
    moved: bool = False


NOTHING = Before()


def rehearse(
    cases: Sequence[PastCase],
    rules: Sequence[Rule],
    before: Mapping[int, Before],
    volumes: Callable[[Rule], Volumes],
    since: datetime,
) -> list[Verdict]:
    """A verdict for every case of the period that begins at `since`."""
    verdicts: list[Verdict] = []
    waiting: dict[int, list[Candidate]] = {}
    for case in cases:
        rule, reason = scheduling.consider(rules, case.resolved, volumes)
        if rule is None or reason is not None:
            verdicts.append(Verdict(case, rule, reason))
            continue
        waiting.setdefault(case.customer, []).append(_candidate(case, rule))
    for customer, candidates in waiting.items():
        past = before.get(customer, NOTHING)
        scheduling.space_out(candidates, past.sent, since, past.asked)
        verdicts += [_verdict(candidate) for candidate in candidates]
    return verdicts


def _candidate(case: PastCase, rule: Rule) -> Candidate:
    resolved = case.resolved
    due = scheduling.due_at(resolved.resolved_at, rule, case.timezone)
    return Candidate(
        resolved_at=resolved.resolved_at,
        source=resolved.source,
        external_id=resolved.external_id,
        rule=rule,
        timezone=case.timezone,
        reopened=case.reopened_at is not None and case.reopened_at <= due,
        holder=case,
        cause=resolved.facts["cause"],
    )


def _verdict(candidate: Candidate) -> Verdict:
    moved = candidate.due_at not in (None, candidate.resolved_at + candidate.rule.delay)
    return Verdict(candidate.holder, candidate.rule, candidate.reason, candidate.asks, moved)
