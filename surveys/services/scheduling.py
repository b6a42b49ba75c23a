"""Whether and when a resolution is surveyed: pure decisions, shared by intake and dispatch.

No database and no clock: rules, facts and `now` come in, a decision with its reason in words comes
out. "Why was this case not surveyed?" is answered by that reason wherever the case is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from surveys.channels.base import BY_NUMBER
from surveys.services import conditions, sampling
from surveys.services.allowed_hours import ALWAYS, Hours, next_allowed
from surveys.services.sampling import NO_VOLUMES, Volumes

SCHEDULED: Final = "scheduled"
SKIPPED: Final = "skipped"
CANCELLED: Final = "cancelled"

# Which blocks a survey carries.
ASKS_BOTH: Final = "both"
ASKS_FIX: Final = "fix"


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy with what its questionnaire offers now. `version_id` is None where nothing was
    published yet."""

    policy_id: int
    name: str
    enabled: bool
    conditions: Mapping[str, Any]
    delay: timedelta
    sample_rate: float
    cooldown_days: int
    version_id: int | None
    languages: tuple[str, ...]
    default_language: str
    rotations: tuple[str, ...] = ("",)
    hours: Hours = ALWAYS
    agent_target: int | None = None
    cause_days: int | None = None
    channel: str = "mail"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing is sent: a stable code, and the words for people."""

    code: str
    words: str


NO_POLICY: Final = Reason("no_policy", "No policy surveys this case")
NO_ADDRESS: Final = Reason("no_address", "The customer's e-mail address is not known")
NO_NUMBER: Final = Reason("no_address", "No phone number of the customer is known")
REOPENED: Final = Reason("reopened", "Reopened before the survey was sent")
HISTORY: Final = Reason("history", "Imported as history")
ERASED: Final = Reason("erased", "The customer was erased on request")
_SUPPRESSED: Final = {
    "unsubscribed": "Customer unsubscribed on {day}",
    "unreachable": "Mails to the customer kept coming back (until {day})",
    "bounced": "The customer's mailbox does not exist (found on {day})",
    "complained": "Customer reported a survey as spam on {day}",
    "erased": ERASED.words,
    "manual": "The address was suppressed by staff on {day}",
}
_SUPPRESSED_NUMBER: Final = _SUPPRESSED | {
    "unreachable": "Messages to the customer’s number did not arrive (until {day})",
    "bounced": "The customer’s number takes no messages (found on {day})",
    "unsubscribed": "Customer wanted no more messages on {day}",
    "complained": "Customer complained about a message on {day}",
}


def day_in_words(moment: datetime) -> str:
    """As in "3 May 2026"."""
    return f"{moment.day} {moment:%B %Y}"


def suppressed(reason: str, since: datetime, *, by_number: bool = False) -> Reason:
    """Why a suppressed address, or number, is not written to."""
    words = (_SUPPRESSED_NUMBER if by_number else _SUPPRESSED)[reason].format(
        day=day_in_words(since)
    )
    return Reason("erased" if reason == "erased" else "suppressed", words)


@dataclass(slots=True)
class Resolved:
    """A resolution with what decides whether it may be surveyed at all. `people` are those who
    are no machines, each with the share of the case that was theirs; `unreachable` says why the
    customer cannot be written to, whatever the case, and `no_number` the same of messages to a
    telephone."""

    source: str
    external_id: str
    resolved_at: datetime
    facts: Mapping[str, Any]
    people: Sequence[tuple[str, float]] = ()
    is_history: bool = False
    is_erased: bool = False
    unreachable: Reason | None = None
    no_number: Reason | None = None


def consider(
    rules: Iterable[Rule], resolved: Resolved, volumes: Callable[[Rule], Volumes]
) -> tuple[Rule | None, Reason | None]:
    """The rule that decides on a resolution, and why it is not surveyed all the same. What is left
    without a reason is a candidate, which `space_out` decides on."""
    found = rule_for(rules, resolved.facts)
    rule = found if isinstance(found, Rule) else None
    if resolved.is_history:
        return rule, HISTORY
    if isinstance(found, Reason):
        return None, found
    if resolved.is_erased:
        return found, ERASED
    barred = resolved.no_number if found.channel in BY_NUMBER else resolved.unreachable
    return found, barred or not_in_sample(
        found,
        resolved.source,
        resolved.external_id,
        resolved.resolved_at,
        resolved.people,
        volumes(found),
    )


def rule_for(rules: Iterable[Rule], facts: Mapping[str, Any]) -> Rule | Reason:
    """The first enabled rule, in the order given, whose conditions hold; or why there is none."""
    switched_off: Rule | None = None
    for rule in rules:
        if rule.conditions and not conditions.hold(rule.conditions, facts):
            continue
        if rule.enabled:
            return rule if rule.version_id else _unpublished(rule)
        switched_off = switched_off or rule
    if switched_off is not None:
        return Reason("policy_disabled", f"The policy “{switched_off.name}” is switched off")
    return NO_POLICY


def _unpublished(rule: Rule) -> Reason:
    words = f"The questionnaire of the policy “{rule.name}” is not published yet"
    return Reason("not_published", words)


def not_in_sample(
    rule: Rule,
    source: str,
    external_id: str,
    resolved_at: datetime,
    agents: Iterable[tuple[str, float]] = (),
    volumes: Volumes = NO_VOLUMES,
) -> Reason | None:
    """Why the lot did not fall on this resolution. `agents` are those who are no machines, each
    with the share of the case that was theirs."""
    if rule.sample_rate >= 1:
        return None
    rate = sampling.rate_for(rule.sample_rate, rule.agent_target, agents, volumes)
    if rate >= 1 or sampling.lot_of(source, external_id, resolved_at) < rate:
        return None
    words = f"Not in the sample of {rate * 100:.4g} %"
    if rule.agent_target is not None:
        # Not the agent's name: this is also read by those who must not see it.
        answers = "1 answer" if rule.agent_target == 1 else f"{rule.agent_target} answers"
        words += f", drawn so that each agent gets {answers} a month"
    return Reason("sampled_out", words)


def due_at(
    resolved_at: datetime, rule: Rule, timezone: str, now: datetime | None = None
) -> datetime:
    """The delay after the resolution, moved out of quiet hours and forbidden days where the
    customer lives (UTC where that is not known).

    It may lie in the past: then the survey is due at once, or where `now` is not allowed, as soon
    as mail may go out again.
    """
    if rule.hours is ALWAYS:
        return resolved_at + rule.delay
    due = next_allowed(resolved_at + rule.delay, rule.hours, timezone)
    if now is None or due >= now:
        return due
    allowed = next_allowed(now, rule.hours, timezone)
    return due if allowed == now else allowed


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
    # The code of the cause; "" where nobody said it.
    cause: str = ""
    # The decision.
    status: str = SCHEDULED
    reason: Reason | None = None
    due_at: datetime | None = None
    asks: str = ASKS_BOTH

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.resolved_at, self.source, self.external_id


@dataclass(slots=True)
class Held:
    """What a customer's cool-down counts from: surveys sent, then those planned."""

    sent: list[datetime] = field(default_factory=list)
    planned: list[datetime] = field(default_factory=list)


def space_out(
    candidates: Iterable[Candidate],
    sent: Sequence[datetime],
    now: datetime,
    asked: Iterable[tuple[str, datetime]] = (),
) -> None:
    """Decide on all unsent invitations of one customer, the earliest resolution first.

    Deciding on all of them together makes the outcome the same whatever arrived first. Reopened
    ones are cancelled and count for nobody. What is overdue counts from `now`, so that a backlog
    of old cases does not send one customer several surveys at once. `asked` are the causes that
    surveys sent asked about, and when.
    """
    held = Held(sent=list(sent))
    causes = list(asked)
    for candidate in sorted(candidates, key=lambda c: c.order):
        candidate.due_at, candidate.asks = None, ASKS_BOTH
        if candidate.reopened:
            candidate.status, candidate.reason = CANCELLED, REOPENED
            continue
        due = due_at(candidate.resolved_at, candidate.rule, candidate.timezone, now)
        moment = max(due, now)
        candidate.reason = too_soon(candidate.rule.cooldown_days, moment, held)
        if candidate.reason is not None:
            candidate.status = SKIPPED
            continue
        candidate.status, candidate.due_at = SCHEDULED, due
        held.planned.append(moment)
        if causes and not is_cause_due(candidate.rule, candidate.cause, moment, causes):
            candidate.asks = ASKS_FIX
        elif candidate.cause:
            causes.append((candidate.cause, moment))


def is_cause_due(
    rule: Rule, cause: str, moment: datetime, asked: Iterable[tuple[str, datetime]]
) -> bool:
    """Whether the survey may ask about the cause: at most once per customer and cause within the
    period, before or after `moment`. Where nobody said the cause, nobody knows it to be the same.
    """
    if rule.cause_days is None or not cause:
        return True
    limit = timedelta(days=rule.cause_days)
    return not any(code == cause and abs(moment - at) < limit for code, at in asked)


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
