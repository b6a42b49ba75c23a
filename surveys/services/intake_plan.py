"""One invitation per resolution: decided, written, and decided again while it is unsent.

All unsent invitations of a customer are planned together, under the customer's lock, so that the
outcome does not depend on what arrived first.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from surveys.channels.base import BY_NUMBER
from surveys.questionnaire.rendering import ARMS
from surveys.services import agent_volumes, scheduling, tokens
from surveys.services.conditions import HUMAN, N_AGENTS, TAGS, WORD_FACTS
from surveys.services.intake_people import NEVER, Customer, Names
from surveys.services.intake_resolutions import NewResolution
from surveys.services.intake_sql import columns_of, copy, execute, ids_ahead, rows
from surveys.services.intake_suppressed import Suppressed
from surveys.services.sampling import NO_VOLUMES, Volumes
from surveys.services.scheduling import Candidate, Reason, Resolved, Rule

_FAR: Final = datetime(9000, 1, 1, tzinfo=UTC)
# Reasons that depend on who the customer is, and are judged again when that changes.
_ABOUT_CUSTOMER: Final = ("no_address", "suppressed", "erased", "cooldown", "reopened")


@dataclass(slots=True)
class Plan:
    """What a batch needs to know to plan: the policies, and who must not be written to."""

    rules: list[Rule]
    suppressed: Suppressed
    now: datetime
    is_history: bool = False
    is_sample: bool = False
    # Who is a machine, by id, and the ids by the helpdesk's name.
    names: Names = field(default_factory=Names)

    def people(self, content: Mapping[str, Any]) -> list[tuple[str, float]]:
        """Who handled the case, machines left out, each with their share."""
        agents = content.get("agents", ())
        if bots := self.names.bots:
            ids = self.names.agents
            agents = [agent for agent in agents if ids.get(agent["external_id"]) not in bots]
        return [(agent["external_id"], agent["share"]) for agent in agents]

    def volumes(self, rule: Rule) -> Volumes:
        """What agents are to expect; read only for a rule that draws its lots by it."""
        return NO_VOLUMES if rule.agent_target is None else agent_volumes.volumes(self.now)


@dataclass(slots=True)
class _New:
    """A new invitation on its way: refused, or a candidate."""

    item: NewResolution
    customer: Customer | None
    rule: Rule | None
    refusal: Reason | None
    candidate: Candidate | None = None


@dataclass(slots=True)
class _Held:
    """An unsent invitation as it is stored."""

    id: int
    customer_id: int | None
    status: str
    reason: str
    due_at: datetime | None
    language: str
    moves_to: Customer | None
    asks: str


@dataclass(slots=True)
class _Past:
    """What a customer was already sent: when, and which causes were asked about then."""

    sent: list[datetime] = field(default_factory=list)
    asked: list[tuple[str, datetime]] = field(default_factory=list)


_NOTHING: Final = _Past()


def plan(
    plan_: Plan,
    new: Sequence[NewResolution],
    reopened: Sequence[int],
    touched: dict[int, Customer | None],
    restless: set[int],
    customers: dict[int, Customer],
) -> None:
    """Give every new resolution its invitation and bring unsent ones up to date.

    `touched` are known cases with the customer they now belong to; `restless` the customers whose
    earlier decisions may come out differently because of that; `customers` all that are locked,
    by id; `reopened` the resolutions whose reopening is news.
    """
    fresh = [_consider(plan_, item) for item in new]
    sent, held = _load_held(plan_, fresh, touched, restless, customers)
    by_customer: dict[int, list[Candidate]] = {}
    for entry in fresh:
        if entry.candidate is not None and entry.customer is not None:
            by_customer.setdefault(entry.customer.id, []).append(entry.candidate)
    for candidate, customer_id in held:
        by_customer.setdefault(customer_id, []).append(candidate)
    for customer_id, candidates in by_customer.items():
        past = sent.get(customer_id, _NOTHING)
        scheduling.space_out(candidates, past.sent, plan_.now, past.asked)
    _write_new(plan_, fresh)
    _write_held(plan_, [candidate for candidate, _ in held])
    if reopened:
        _cancel_reminders(reopened)


def _consider(plan_: Plan, item: NewResolution) -> _New:
    """Whether a new resolution may be surveyed at all."""
    work, content = item.work, item.resolved.founded_by.content
    source, external_id = work.key
    people = plan_.people(content)
    facts: dict[str, Any] = {name: content.get(name, "") for name in WORD_FACTS}
    facts["cause"] = item.cause
    facts["team"] = plan_.names.teams_called.get(facts["team"], facts["team"])
    facts["product"] = plan_.names.products_called.get(facts["product"], facts["product"])
    facts[TAGS] = content.get("tags", ())
    facts[HUMAN] = bool(people)
    known = plan_.names.agents
    told = [agent["external_id"] for agent in content.get("agents", ())]
    facts[N_AGENTS] = len({known.get(name, name) for name in told})
    resolved = Resolved(
        source,
        external_id,
        item.resolved.resolved_at,
        facts,
        people,
        plan_.is_history,
        bool((work.folded.customer or {}).get("erased")),
        None if plan_.is_history else plan_.suppressed.refusal(work.customer),
        None if plan_.is_history else plan_.suppressed.refusal(work.customer, by_number=True),
    )
    rule, refusal = scheduling.consider(plan_.rules, resolved, plan_.volumes)
    entry = _New(item, work.customer, rule, refusal)
    if refusal is None and rule is not None and work.customer is not None:
        entry.candidate = Candidate(
            resolved_at=item.resolved.resolved_at,
            source=source,
            external_id=external_id,
            rule=rule,
            timezone=work.customer.fact("timezone"),
            reopened=item.resolved.reopened_at is not None,
            cause=facts["cause"],
        )
    return entry


def _load_held(
    plan_: Plan,
    fresh: Sequence[_New],
    touched: dict[int, Customer | None],
    restless: set[int],
    customers: dict[int, Customer],
) -> tuple[dict[int, _Past], list[tuple[Candidate, int]]]:
    """What the customers were already sent, and their unsent invitations as candidates.

    Of those skipped for the cool-down only ones after the first change can come out differently;
    a customer with thousands of old cases is not read again for each new one.
    """
    since = {c.id: _FAR for c in customers.values() if not c.is_new}
    for entry in fresh:
        if entry.candidate is not None and entry.customer is not None:
            first = entry.candidate.resolved_at
            since[entry.customer.id] = min(first, since.get(entry.customer.id, _FAR))
    since |= dict.fromkeys(restless & set(since), NEVER)
    asked = sorted(c.id for c in customers.values() if not c.is_new)
    sent: dict[int, _Past] = {}
    held: list[tuple[Candidate, int]] = []
    if asked or touched:
        rules = {rule.policy_id: rule for rule in plan_.rules}
        for row in rows(_HELD, asked, [since[number] for number in asked], list(touched)):
            _sort_in(plan_, row, rules, touched, customers, sent, held)
    return sent, held


# A worker may have had the mail of somebody who was erased then: no address, but for that reason.
_HELD: Final = """
WITH asked AS (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS a(id, since))
SELECT i.id, i.customer_id, i.status, i.reason_code, i.reason, i.due_at, i.sent_at, i.language,
  i.policy_id, r.case_id, r.resolved_at, r.reopened_at IS NOT NULL, c.source, c.external_id,
  EXISTS (SELECT FROM surveys_delivery d WHERE d.invitation_id = i.id AND d.kind = 'invitation'
          AND d.status <> 'queued'), i.asks, coalesce(k.code, ''), u.erased_at IS NOT NULL
FROM surveys_invitation i
JOIN surveys_resolution r ON r.id = i.resolution_id
JOIN surveys_case c ON c.id = r.case_id
LEFT JOIN surveys_cause k ON k.id = r.cause_id
LEFT JOIN surveys_customer u ON u.id = i.customer_id
LEFT JOIN asked a ON a.id = i.customer_id
WHERE (i.customer_id IN (SELECT id FROM asked) AND (
    i.status IN ('scheduled', 'sending', 'unknown') OR i.sent_at IS NOT NULL
    OR (i.status = 'skipped' AND i.reason_code = 'cooldown' AND r.resolved_at >= a.since)))
  OR (r.case_id = ANY(%s::bigint[]) AND (i.status IN ('scheduled', 'skipped', 'cancelled')))
ORDER BY i.id FOR UPDATE OF i
"""


def _sort_in(
    plan_: Plan,
    row: tuple[Any, ...],
    rules: dict[int, Rule],
    touched: dict[int, Customer | None],
    customers: dict[int, Customer],
    sent: dict[int, _Past],
    held: list[tuple[Candidate, int]],
) -> None:
    (number, customer_id, status, code, reason, due_at, sent_at, language, policy_id, case_id,
     resolved_at, is_reopened, source, external_id, claimed, asks, cause, erased) = row  # fmt: skip
    if (
        status not in ("scheduled", "skipped", "cancelled")
        or sent_at is not None
        or (status == "scheduled" and claimed)
    ):
        past, moment = sent.setdefault(customer_id, _Past()), sent_at or due_at or plan_.now
        past.sent.append(moment)
        if asks != scheduling.ASKS_FIX:
            past.asked.append((cause, moment))
        return
    customer = touched.get(case_id) or customers.get(customer_id)
    if customer is None:
        return
    rule = rules.get(policy_id)
    has_moved = customer.id != customer_id
    again = status == "scheduled" or code == "cooldown" or (has_moved and code in _ABOUT_CUSTOMER)
    again = again or reason == scheduling.NO_NUMBER.words  # it may be told later
    if not again or rule is None or rule.version_id is None:
        if has_moved:
            _move(number, customer)
        return
    stored = _Held(number, customer_id, status, reason, due_at, language, customer, asks)
    zone = customer.fact("timezone")
    candidate = Candidate(resolved_at, source, external_id, rule, zone, is_reopened, stored, cause)
    refusal = plan_.suppressed.refusal(customer, by_number=rule.channel in BY_NUMBER)
    if erased and not has_moved:
        refusal = scheduling.ERASED
    if refusal is None:
        held.append((candidate, customer.id))
    else:
        candidate.status, candidate.reason = scheduling.SKIPPED, refusal
        _write_held(plan_, [candidate])


def _move(invitation_id: int, customer: Customer) -> None:
    execute(
        "UPDATE surveys_invitation SET customer_id = %s WHERE id = %s", customer.id, invitation_id
    )


def _write_new(plan_: Plan, fresh: Sequence[_New]) -> None:
    if not fresh:
        return
    invitations, deliveries = [], []
    for number, entry in zip(ids_ahead("surveys_invitation", len(fresh)), fresh, strict=True):
        status, reason, due_at, language = scheduling.SKIPPED, entry.refusal, None, "en"
        asks = scheduling.ASKS_BOTH
        if (candidate := entry.candidate) is not None:
            status, reason, due_at = candidate.status, candidate.reason, candidate.due_at
            asks = candidate.asks
        if status == scheduling.SCHEDULED and entry.rule and entry.customer:
            language = scheduling.language_for(entry.rule, entry.customer.fact("language"))
            channel = entry.rule.channel
            deliveries.append((number, "invitation", channel, "queued", due_at, 0, ""))
        nonce = uuid.uuid4()
        lots = entry.rule.rotations if entry.rule else ("",)
        invitations.append((
            number, entry.item.id, entry.customer.id if entry.customer else None,
            entry.rule.policy_id if entry.rule else None,
            entry.rule.version_id if entry.rule else None, status,
            reason.words[:300] if reason else "", reason.code if reason else "", due_at, language,
            secrets.choice(ARMS), secrets.choice(lots), asks, nonce,
            tokens.hash_of(tokens.token_of(nonce)), plan_.is_sample, plan_.now,
        ))  # fmt: skip
    copy("surveys_invitation", _INVITATION_COLUMNS, invitations)
    copy(
        "surveys_delivery",
        ("invitation_id", "kind", "channel", "status", "due_at", "n_attempts", "last_error"),
        deliveries,
    )


_INVITATION_COLUMNS: Final = (
    *("id", "resolution_id", "customer_id", "policy_id", "version_id", "status", "reason"),
    *("reason_code", "due_at", "language", "arm", "rotation", "asks", "nonce", "token_hash"),
    *("is_sample", "created_at"),
)


def _write_held(plan_: Plan, candidates: Sequence[Candidate]) -> None:
    """Write changed decisions; a waiting mail appears, moves or goes with its invitation."""
    changed, queued, withdrawn = [], [], []
    for candidate in candidates:
        stored: _Held = candidate.holder
        words = candidate.reason.words if candidate.reason else ""
        language = "en"
        if candidate.status == scheduling.SCHEDULED and stored.moves_to:
            language = scheduling.language_for(candidate.rule, stored.moves_to.fact("language"))
        customer_id = stored.moves_to.id if stored.moves_to else stored.customer_id
        after = (
            *(customer_id, candidate.status, words, candidate.due_at, language),
            candidate.asks,
        )
        before = (
            *(stored.customer_id, stored.status, stored.reason, stored.due_at, stored.language),
            stored.asks,
        )
        if after == before:
            continue
        code = candidate.reason.code if candidate.reason else ""
        changed.append((stored.id, *after, code))
        if candidate.status == scheduling.SCHEDULED:
            queued.append((stored.id, candidate.rule.channel, candidate.due_at))
        else:
            withdrawn.append(stored.id)
    _change(changed)
    _withdraw(withdrawn)
    _queue(queued)


def _change(changed: Sequence[tuple[Any, ...]]) -> None:
    if changed:
        execute(
            "UPDATE surveys_invitation AS i SET customer_id = t.b, status = t.c, reason = t.d,"
            " due_at = t.e, language = t.f, asks = t.g, reason_code = t.h FROM unnest("
            " %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[],"
            " %s::text[], %s::text[], %s::text[])"
            " AS t(a, b, c, d, e, f, g, h) WHERE i.id = t.a",
            *columns_of(changed, 8),
        )


def _withdraw(withdrawn: Sequence[int]) -> None:
    if withdrawn:
        execute(
            "DELETE FROM surveys_delivery WHERE invitation_id = ANY(%s::bigint[])"
            " AND status IN ('queued', 'cancelled')",
            list(withdrawn),
        )


def _queue(queued: Sequence[tuple[int, str, datetime | None]]) -> None:
    """Have messages wait, by the channel of their policy as it is now."""
    if queued:
        execute(
            "INSERT INTO surveys_delivery (invitation_id, kind, channel, status, due_at,"
            " n_attempts, last_error) SELECT t.a, 'invitation', t.b, 'queued', t.c, 0, ''"
            " FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS t(a, b, c)"
            " ON CONFLICT (invitation_id, kind) DO UPDATE SET status = 'queued',"
            " channel = EXCLUDED.channel, due_at = EXCLUDED.due_at"
            " WHERE surveys_delivery.n_attempts = 0",
            *columns_of(queued, 3),
        )


def _cancel_reminders(reopened: Sequence[int]) -> None:
    execute(
        "UPDATE surveys_delivery d SET status = 'cancelled', last_error = 'The case was reopened'"
        " FROM surveys_invitation i WHERE d.invitation_id = i.id AND d.kind = 'reminder'"
        " AND d.status = 'queued' AND i.resolution_id = ANY(%s::bigint[])",
        list(reopened),
    )
