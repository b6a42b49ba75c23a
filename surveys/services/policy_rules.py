"""Policies as the rules that scheduling decides by: from the table, or from one not yet saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from surveys.models import Policy, QuestionnaireVersion
from surveys.questionnaire.rendering import rotations
from surveys.services.allowed_hours import read_hours
from surveys.services.answering import definition_of
from surveys.services.conditions import split
from surveys.services.intake_sql import rows
from surveys.services.scheduling import Rule

# What a questionnaire asks now: the newest published version.
_RULES: Final = """
SELECT p.id, p.name, p.enabled, p.conditions::text, p.delay_minutes, p.sample_rate,
  p.cooldown_days, p.quiet_hours::text, p.weekdays::text, p.agent_target, p.cause_days, p.channel,
  v.id
FROM surveys_policy p LEFT JOIN LATERAL (
  SELECT id FROM surveys_questionnaireversion
  WHERE questionnaire_id = p.questionnaire_id AND published_at IS NOT NULL
  ORDER BY number DESC LIMIT 1) v ON true
ORDER BY p.position, p.id
"""


# What a team or product is called now that a condition names by a former name.
_CALLED: Final = """
SELECT 'team', f.name, t.name FROM surveys_team f JOIN surveys_team t ON t.id = f.merged_into_id
 WHERE f.name = ANY(%s::text[])
UNION ALL SELECT 'product', f.name, t.name
  FROM surveys_product f JOIN surveys_product t ON t.id = f.merged_into_id
 WHERE f.name = ANY(%s::text[])
"""


def load_rules() -> list[Rule]:
    """All policies in the order in which they are tried."""
    found = rows(_RULES)
    told = _followed([_read(row[3]) or {} for row in found])
    return [
        _rule(
            *(number, name, enabled, conditions, delay, rate, cooldown),
            *(_read(quiet), _read(weekdays), target, cause_days, channel, version),
        )
        for (
            number,
            name,
            enabled,
            _,
            delay,
            rate,
            cooldown,
            quiet,
            weekdays,
            target,
            cause_days,
            channel,
            version,
        ), conditions in zip(found, told, strict=True)
    ]


def rule_of(policy: Policy) -> Rule:
    """One policy as a rule, saved or not; one without a key has the id 0."""
    version = (
        QuestionnaireVersion.objects.filter(
            questionnaire=policy.questionnaire_id, published_at__isnull=False
        )
        .order_by("-number")
        .first()
    )
    return _rule(
        policy.pk or 0,
        policy.name,
        policy.enabled,
        _followed([policy.conditions])[0],
        policy.delay_minutes,
        policy.sample_rate,
        policy.cooldown_days,
        policy.quiet_hours,
        policy.weekdays,
        policy.agent_target,
        policy.cause_days,
        policy.channel,
        version.pk if version else None,
    )


def _rule(
    policy_id: int,
    name: str,
    enabled: bool,
    conditions: Mapping[str, Any],
    delay_minutes: int,
    sample_rate: float,
    cooldown_days: int,
    quiet: Mapping[str, Any] | None,
    weekdays: Sequence[int] | None,
    agent_target: int | None,
    cause_days: int | None,
    channel: str,
    version: int | None,
) -> Rule:
    asked = definition_of(version) if version else None
    return Rule(
        policy_id=policy_id,
        name=name,
        enabled=enabled,
        conditions=conditions,
        delay=timedelta(minutes=delay_minutes),
        sample_rate=sample_rate,
        cooldown_days=cooldown_days,
        hours=read_hours(quiet, weekdays),
        agent_target=agent_target,
        cause_days=cause_days,
        channel=channel,
        version_id=version,
        languages=asked.languages if asked else (),
        default_language=asked.default_language if asked else "en",
        rotations=rotations(asked) if asked else ("",),
    )


def _followed(told: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Conditions with teams and products under the names they go by now, as facts have them."""
    asked = {
        name: [value for one in told if name in one for value in split(one[name])[0]]
        for name in ("team", "product")
    }
    if not any(asked.values()):
        return list(told)
    called = {(name, was): now for name, was, now in rows(_CALLED, asked["team"], asked["product"])}
    return [
        {name: _renamed(name, wanted, called) for name, wanted in one.items()} if called else one
        for one in told
    ]


def _renamed(name: str, wanted: Any, called: Mapping[tuple[str, str], str]) -> Any:
    if name not in ("team", "product"):
        return wanted
    values, is_barred = split(wanted)
    now = list(dict.fromkeys(called.get((name, value), value) for value in values))
    return {"not": now} if is_barred else now


def _read(text: str | None) -> Any:
    return msgspec.json.decode(text or "null")
