"""A dry run: what a policy, saved or not, would have made of the last 30 days.

Bounded whatever the size of the company: above `MOST_CASES` it reads the cases of a part of the
customers, all of each, and says so. It writes nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import psycopg.errors
from django.db import OperationalError, transaction

from surveys.models import Agent, Cause, Policy
from surveys.services import agent_volumes, scheduling
from surveys.services.conditions import HUMAN, N_AGENTS, TAGS
from surveys.services.intake_sql import rows
from surveys.services.phones import is_phone
from surveys.services.policy_rules import load_rules, rule_of
from surveys.services.rehearsing import Before, PastCase, Verdict, rehearse
from surveys.services.sampling import ASSUMED_RESPONSE, NO_VOLUMES, OWN_SHARE, Volumes
from surveys.services.scheduling import Reason, Resolved, Rule
from surveys.services.tokens import email_hash

DAYS: Final = 30
MOST_CASES: Final = 20_000
# From so many surveys on their share answered is known well enough.
ENOUGH_SENT: Final = 50
_PATIENCE: Final = "12s"
_PARTS: Final = 10_000
# Answers to younger surveys may still come.
_SETTLED: Final = timedelta(days=14)
_OLDEST: Final = timedelta(days=104)


@dataclass(frozen=True, slots=True)
class Line:
    """An agent or a cause: cases that came to the policy, surveys that would have gone out and
    asked about it, and the answers to expect."""

    code: str
    name: str
    cases: int
    surveys: int
    answers: float

    @property
    def expected(self) -> int:
        """The answers as a page shows them."""
        return math.floor(self.answers + 0.5)


@dataclass(frozen=True, slots=True)
class Answered:
    """The share of surveys answered to the end that answers are expected by, and its source:
    "policy", "company" or "assumed"."""

    share: float
    source: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """Counts are of all cases of the period; where `part` is below 1 they are projected from that
    part of the customers. `skipped` has the reasons of this policy's cases, the most frequent
    first; `elsewhere` which policy took the others, or why none did."""

    since: datetime
    part: float
    n_read: int
    n_cases: int
    n_ours: int
    n_surveyed: int
    n_both: int
    n_fix: int
    n_moved: int
    skipped: list[tuple[str, int]]
    elsewhere: list[tuple[str, int]]
    response: Answered
    agents: list[Line]
    causes: list[Line]


class TooSlowError(Exception):
    """The database was too busy to tell within its time."""


def dry_run(policy: Policy, now: datetime) -> DryRun:
    """The run of a policy as it is in memory, as if it were switched on; every other policy as it
    is stored. One that is new is tried first, as it will be.

    Raises: TooSlowError.
    """
    try:
        with transaction.atomic():
            return _in_time(policy, now)
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TooSlowError from error
        raise


def _in_time(policy: Policy, now: datetime) -> DryRun:
    [(usual,)] = rows("SHOW statement_timeout")
    rows("SELECT set_config('statement_timeout', %s, true)", _PATIENCE)
    found = _run(policy, now)
    rows("SELECT set_config('statement_timeout', %s, true)", usual)
    return found


def _run(policy: Policy, now: datetime) -> DryRun:
    since = now - timedelta(days=DAYS)
    own = replace(rule_of(policy), enabled=True)
    stored = load_rules()
    rules = [own if rule.policy_id == policy.pk else rule for rule in stored]
    if not own.policy_id:
        rules.insert(0, own)
    [(n_cases,)] = rows(_COUNT, since, now)
    kept = min(_PARTS, max(1, MOST_CASES * _PARTS // n_cases)) if n_cases else _PARTS
    cases = _read_cases(since, now, kept)
    longest = max((max(r.cooldown_days, r.cause_days or 0) for r in rules), default=0)
    before = _read_before({c.customer for c in cases}, since, timedelta(days=longest))
    verdicts = rehearse(cases, rules, before, lambda rule: _volumes(rule, now), since)
    part = len(cases) / n_cases if n_cases and kept < _PARTS else 1.0
    return _told(verdicts, own, since, n_cases, part or 1.0, _response(policy, now))


def _volumes(rule: Rule, now: datetime) -> Volumes:
    return NO_VOLUMES if rule.agent_target is None else agent_volumes.volumes(now)


_COUNT: Final = """
SELECT count(*) FROM surveys_resolution r
 WHERE r.resolved_at > %s::timestamptz AND r.resolved_at <= %s::timestamptz
"""
# A part of the customers with all of their cases, for cool-down and cadence to be true.
_CASES: Final = """
SELECT c.source, c.external_id, r.resolved_at, r.reopened_at, coalesce(p.name, ''), r.channel,
  coalesce(t.name, ''), coalesce(k.code, ''), r.severity, c.tags, r.human_handled, r.n_agents,
  (SELECT json_agg(json_build_array(g.external_id, h.share))::text
     FROM surveys_resolutionagent h JOIN surveys_agent g ON g.id = h.agent_id AND NOT g.is_bot
    WHERE h.resolution_id = r.id),
  coalesce(c.customer_id, -c.id), coalesce(u.email, ''), coalesce(u.timezone, ''),
  coalesce(u.phone, ''), u.erased_at IS NOT NULL, i.reason_code = 'history'
FROM surveys_resolution r
JOIN surveys_case c ON c.id = r.case_id
LEFT JOIN surveys_invitation i ON i.resolution_id = r.id
LEFT JOIN surveys_customer u ON u.id = c.customer_id
LEFT JOIN surveys_product p ON p.id = r.product_id
LEFT JOIN surveys_team t ON t.id = r.team_id
LEFT JOIN surveys_cause k ON k.id = r.cause_id
WHERE r.resolved_at > %s::timestamptz AND r.resolved_at <= %s::timestamptz
  AND (hashint8(coalesce(c.customer_id, -c.id))::bigint & 2147483647) %% %s < %s
"""


def _read_cases(since: datetime, now: datetime, kept: int) -> list[PastCase]:
    found = rows(_CASES, since, now, _PARTS, kept)
    unreachable = _unreachable({row[14] for row in found} | {row[16] for row in found})
    return [_case(row, unreachable) for row in found]


def _case(row: tuple[Any, ...], unreachable: dict[str, Reason]) -> PastCase:
    source, external_id, resolved_at, reopened_at, product, channel, team, cause, *more = row
    severity, tags, human_handled, n_agents, agents, customer, email, zone, phone, *flags = more
    is_erased, is_history = flags
    words = {"product": product, "channel": channel, "team": team, "cause": cause}
    return PastCase(
        Resolved(
            source,
            external_id,
            resolved_at,
            {**words, "severity": severity, TAGS: tags, HUMAN: human_handled, N_AGENTS: n_agents},
            [(agent, share) for agent, share in msgspec.json.decode(agents or "[]")],
            bool(is_history),
            bool(is_erased),
            unreachable.get(email),
            unreachable.get(phone) if phone else scheduling.NO_NUMBER,
        ),
        customer,
        zone,
        reopened_at,
    )


def _unreachable(emails: set[str]) -> dict[str, Reason]:
    """By address, why it cannot be written to as of now."""
    by_hash = {email_hash(email): email for email in emails if email}
    found = rows(
        "SELECT email_hash, reason, created_at FROM surveys_suppression"
        " WHERE email_hash = ANY(%s::text[])",
        list(by_hash),
    )
    barred = {
        by_hash[number]: scheduling.suppressed(why, since, by_number=is_phone(by_hash[number]))
        for number, why, since in found
    }
    return barred | {"": scheduling.NO_ADDRESS}


_BEFORE: Final = """
SELECT i.customer_id, i.sent_at, i.asks, coalesce(k.code, '')
  FROM surveys_invitation i
  JOIN surveys_resolution r ON r.id = i.resolution_id
  LEFT JOIN surveys_cause k ON k.id = r.cause_id
 WHERE i.customer_id = ANY(%s::bigint[])
   AND i.sent_at > %s::timestamptz AND i.sent_at <= %s::timestamptz
"""


def _read_before(customers: set[int], since: datetime, span: timedelta) -> dict[int, Before]:
    found: dict[int, Before] = {}
    for customer, sent_at, asks, cause in rows(_BEFORE, list(customers), since - span, since):
        past = found.setdefault(customer, Before())
        past.sent.append(sent_at)
        if asks != scheduling.ASKS_FIX:
            past.asked.append((cause, sent_at))
    return found


# Of the newest settled cases; a company that sends millions is known well enough from these.
_ANSWERED: Final = """
SELECT count(*) FILTER (WHERE i.policy_id = %s),
       count(a.completed_at) FILTER (WHERE i.policy_id = %s),
       count(*), count(a.completed_at)
  FROM (SELECT id FROM surveys_resolution
         WHERE resolved_at > %s::timestamptz AND resolved_at <= %s::timestamptz
         ORDER BY resolved_at DESC LIMIT %s) r
  JOIN surveys_invitation i ON i.resolution_id = r.id
   AND i.status IN ('sent', 'unknown', 'failed', 'expired')
  LEFT JOIN surveys_response a ON a.invitation_id = i.id
"""


def _response(policy: Policy, now: datetime) -> Answered:
    key, limit = policy.pk or 0, MOST_CASES
    [(own, own_done, all_, all_done)] = rows(
        _ANSWERED, key, key, now - _OLDEST, now - _SETTLED, limit
    )
    if own >= ENOUGH_SENT:
        return Answered(own_done / own, "policy")
    if all_ >= ENOUGH_SENT:
        return Answered(all_done / all_, "company")
    return Answered(ASSUMED_RESPONSE, "assumed")


def _told(
    verdicts: Sequence[Verdict],
    own: Rule,
    since: datetime,
    n_cases: int,
    part: float,
    response: Answered,
) -> DryRun:
    ours = [v for v in verdicts if v.rule is own]
    surveyed = [v for v in ours if v.reason is None]
    n_fix = sum(v.asks == scheduling.ASKS_FIX for v in surveyed)

    def whole(n: int) -> int:
        return round(n / part)

    def listed(words: Iterable[str]) -> list[tuple[str, int]]:
        return [(said, whole(n)) for said, n in Counter(words).most_common()]

    return DryRun(
        since=since,
        part=part,
        n_read=len(verdicts),
        n_cases=n_cases,
        n_ours=whole(len(ours)),
        n_surveyed=whole(len(surveyed)),
        n_both=whole(len(surveyed) - n_fix),
        n_fix=whole(n_fix),
        n_moved=whole(sum(v.moved for v in surveyed)),
        skipped=listed(_skipped(v.reason, own) for v in ours if v.reason is not None),
        elsewhere=listed(_elsewhere(v) for v in verdicts if v.rule is not own),
        response=response,
        agents=_agent_lines(ours, part, response.share),
        causes=_cause_lines(ours, part, response.share),
    )


def _skipped(reason: Reason, own: Rule) -> str:
    """The reason without what is true of one case alone."""
    if reason.code == "cooldown":
        return f"Another survey of the same customer within {own.cooldown_days} days"
    if reason.code == "suppressed":
        return "The customer unsubscribed or must not be written to"
    if reason.code == "sampled_out":
        return "Not in the sample"
    return reason.words


def _elsewhere(verdict: Verdict) -> str:
    if verdict.rule is not None:
        return f"Taken by the policy “{verdict.rule.name}”"
    return verdict.reason.words if verdict.reason else scheduling.NO_POLICY.words


def _agent_lines(ours: Sequence[Verdict], part: float, share: float) -> list[Line]:
    cases: Counter[str] = Counter()
    surveys: Counter[str] = Counter()
    for verdict in ours:
        for agent, own_share in verdict.case.resolved.people:
            if own_share >= OWN_SHARE:
                cases[agent] += 1
                surveys[agent] += verdict.reason is None
    named = Agent.objects.filter(external_id__in=list(cases)).values_list("external_id", "name")
    return _lines(cases, surveys, dict(named), part, share)


def _cause_lines(ours: Sequence[Verdict], part: float, share: float) -> list[Line]:
    cases: Counter[str] = Counter()
    surveys: Counter[str] = Counter()
    for verdict in ours:
        if cause := verdict.case.resolved.facts["cause"]:
            cases[cause] += 1
            surveys[cause] += verdict.reason is None and verdict.asks != scheduling.ASKS_FIX
    named = Cause.objects.filter(code__in=list(cases)).values_list("code", "name")
    return _lines(cases, surveys, dict(named), part, share)


def _lines(
    cases: Counter[str], surveys: Counter[str], names: dict[str, str], part: float, share: float
) -> list[Line]:
    """Those with the fewest answers to expect first: whom the policy serves worst."""
    lines = [
        Line(
            code=code,
            name=names.get(code) or code,
            cases=round(n / part),
            surveys=round(surveys[code] / part),
            answers=surveys[code] / part * share,
        )
        for code, n in cases.items()
    ]
    return sorted(lines, key=lambda line: (line.answers, line.name.casefold()))
