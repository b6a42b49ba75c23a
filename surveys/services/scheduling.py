"""Whether and when a resolution is surveyed: pure decisions, shared by intake and dispatch.

No database and no clock: rules, facts and `now` come in, a decision with its reason in words comes
out. "Why was this case not surveyed?" is answered by that reason wherever the case is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

SCHEDULED: Final = "scheduled"
SKIPPED: Final = "skipped"
CANCELLED: Final = "cancelled"

# What conditions may name.
CONDITION_FACTS: Final = ("product", "channel", "team", "cause", "severity")


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy with what its questionnaire offers now. `version_id` is None where nothing was
    published yet."""

    policy_id: int
    name: str
    enabled: bool
    conditions: Mapping[str, Sequence[str]]
    delay: timedelta
    sample_rate: float
    cooldown_days: int
    quiet_from: time | None
    quiet_until: time | None
    version_id: int | None
    languages: tuple[str, ...]
    default_language: str
    rotations: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing is sent: a stable code, and the words for people."""

    code: str
    words: str


NO_POLICY: Final = Reason("no_policy", "No policy surveys this case")
NO_ADDRESS: Final = Reason("no_address", "The customer's e-mail address is not known")
REOPENED: Final = Reason("reopened", "Reopened before the survey was sent")
HISTORY: Final = Reason("history", "Imported as history")
ERASED: Final = Reason("erased", "The customer was erased on request")
_SUPPRESSED: Final = {
    "unsubscribed": "Customer unsubscribed on {day}",
    "bounced": "The customer's mailbox does not exist (found on {day})",
    "complained": "Customer reported a survey as spam on {day}",
    "erased": ERASED.words,
    "manual": "The address was suppressed by staff on {day}",
}


def day_in_words(moment: datetime) -> str:
    """As in "3 May 2026"."""
    return f"{moment.day} {moment:%B %Y}"


def suppressed(reason: str, since: datetime) -> Reason:
    """Why a suppressed address is not written to."""
    words = _SUPPRESSED[reason].format(day=day_in_words(since))
    return Reason("erased" if reason == "erased" else "suppressed", words)


def rule_for(rules: Iterable[Rule], facts: Mapping[str, str]) -> Rule | Reason:
    """The first enabled rule, in the order given, whose conditions hold; or why there is none."""
    switched_off: Rule | None = None
    for rule in rules:
        if not _holds(rule.conditions, facts):
            continue
        if rule.enabled:
            return rule if rule.version_id else _unpublished(rule)
        switched_off = switched_off or rule
    if switched_off is not None:
        return Reason("policy_disabled", f"The policy “{switched_off.name}” is switched off")
    return NO_POLICY


def _holds(conditions: Mapping[str, Sequence[str]], facts: Mapping[str, str]) -> bool:
    return all(facts.get(name, "") in wanted for name, wanted in conditions.items())


def _unpublished(rule: Rule) -> Reason:
    words = f"The questionnaire of the policy “{rule.name}” is not published yet"
    return Reason("not_published", words)


def not_in_sample(
    rule: Rule, source: str, external_id: str, resolved_at: datetime
) -> Reason | None:
    """Sampling by a hash of the resolution, so that a replay draws the same lot."""
    if rule.sample_rate >= 1:
        return None
    name = f"{source}\x00{external_id}\x00{resolved_at.astimezone(UTC).isoformat()}"
    lot = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
    if lot < rule.sample_rate:
        return None
    return Reason("sampled_out", f"Not in the sample of {rule.sample_rate * 100:.4g} %")


def due_at(resolved_at: datetime, rule: Rule, timezone: str) -> datetime:
    """The delay after the resolution, moved out of the quiet hours where the customer lives (UTC
    where that is not known). It may lie in the past: then the survey is due at once."""
    due = resolved_at + rule.delay
    if rule.quiet_from is None or rule.quiet_until is None:
        return due
    local = due.astimezone(_zone(timezone))
    clock = local.time()
    start, end = rule.quiet_from, rule.quiet_until
    if start < end:
        is_quiet, days = start <= clock < end, 0
    else:
        is_quiet, days = clock >= start or clock < end, int(clock >= start)
    if not is_quiet:
        return due
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, end, tzinfo=local.tzinfo).astimezone(UTC)


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


def language_for(rule: Rule, wanted: str) -> str:
    """The customer's language where the questionnaire has it, else the same without its region,
    else the default."""
    if wanted in rule.languages:
        return wanted
    base = wanted.partition("-")[0]
    if base in rule.languages:
        return base
    kin = [tag for tag in rule.languages if base and tag.partition("-")[0] == base]
    return kin[0] if kin else rule.default_language


@dataclass(slots=True)
class Candidate:
    """An invitation that has not been sent and may be, with what decides on it."""

    resolved_at: datetime
    source: str
    external_id: str
    rule: Rule
    timezone: str
    reopened: bool
    # Whatever the caller needs to write the decision back.
    holder: Any = None
    # The decision.
    status: str = SCHEDULED
    reason: Reason | None = None
    due_at: datetime | None = None

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.resolved_at, self.source, self.external_id


@dataclass(slots=True)
class Held:
    """What a customer's cool-down counts from: surveys sent, then those planned."""

    sent: list[datetime] = field(default_factory=list)
    planned: list[datetime] = field(default_factory=list)


def space_out(candidates: Iterable[Candidate], sent: Sequence[datetime], now: datetime) -> None:
    """Decide on all unsent invitations of one customer, the earliest resolution first.

    Deciding on all of them together makes the outcome the same whatever arrived first. Reopened
    ones are cancelled and count for nobody. What is overdue counts from `now`, so that a backlog
    of old cases does not send one customer several surveys at once.
    """
    held = Held(sent=list(sent))
    for candidate in sorted(candidates, key=lambda c: c.order):
        candidate.due_at = None
        if candidate.reopened:
            candidate.status, candidate.reason = CANCELLED, REOPENED
            continue
        due = due_at(candidate.resolved_at, candidate.rule, candidate.timezone)
        candidate.reason = too_soon(candidate.rule.cooldown_days, max(due, now), held)
        if candidate.reason is not None:
            candidate.status = SKIPPED
            continue
        candidate.status, candidate.due_at = SCHEDULED, due
        held.planned.append(max(due, now))


def too_soon(cooldown_days: int, moment: datetime, held: Held) -> Reason | None:
    """At most one survey per customer within the cool-down, before or after `moment`."""
    limit = timedelta(days=cooldown_days)
    for sent_at in held.sent:
        if abs(moment - sent_at) < limit:
            words = f"Surveyed less than {cooldown_days} days ago (on {day_in_words(sent_at)})"
            return Reason("cooldown", words)
    for planned_at in held.planned:
        if abs(moment - planned_at) < limit:
            day = day_in_words(planned_at)
            return Reason("cooldown", f"Another survey for this customer is scheduled for {day}")
    return None
