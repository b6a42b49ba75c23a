"""What caused each new resolution of a batch: the cause it came with, else what a rule says."""

from __future__ import annotations

from collections.abc import Sequence

from surveys.services import cause_rule_list, cause_rules
from surveys.services.intake_people import Names
from surveys.services.intake_resolutions import NewResolution
from surveys.services.intake_sql import rows


def decide(new: Sequence[NewResolution], names: Names) -> None:
    """Give every new resolution its cause. Rules are asked where its own is empty or waits
    unmapped, and those that split a cause, where it is that one."""
    for item in new:
        item.cause = item.resolved.founded_by.content.get("cause", "")
    rules = cause_rule_list.load() if new else []
    if not rules:
        return
    mapped = {
        row[0]
        for row in rows(
            "SELECT id FROM surveys_cause WHERE mapped_at IS NOT NULL AND id = ANY(%s::bigint[])",
            list({names.causes[item.cause] for item in new if item.cause}),
        )
    }
    given = _codes(rules)
    for item in new:
        own = names.causes.get(item.cause)
        content = item.resolved.founded_by.content
        cause = own if own in mapped else None
        facts = cause_rules.facts_of(item.work.key[0], content, cause)
        if rule := cause_rules.decide(rules, facts):
            item.cause = given[rule.cause]
            names.causes[item.cause] = rule.cause


def _codes(rules: Sequence[cause_rules.Rule]) -> dict[int, str]:
    found = rows(
        "SELECT id, code FROM surveys_cause WHERE id = ANY(%s::bigint[])",
        [rule.cause for rule in rules],
    )
    return dict(found)
