"""What caused each new resolution of a batch: the cause it came with, else what a rule says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

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
    given, called = _codes(rules), _called(rules, names)
    for item in new:
        own = names.causes.get(item.cause)
        content = item.resolved.founded_by.content
        cause = own if own in mapped else None
        others = {
            what: called.get((what, ids.get(content.get(what, ""), 0)), ())
            for what, ids in (("team", names.teams), ("product", names.products))
        }
        facts = cause_rules.facts_of(item.work.key[0], content, cause, others)
        if rule := cause_rules.decide(rules, facts):
            item.cause = given[rule.cause]
            names.causes[item.cause] = rule.cause


#: The name of today and the former ones of what was renamed or merged.
_CALLED: Final = """
SELECT 'team', t.id, t.name, f.name
  FROM surveys_team f JOIN surveys_team t ON t.id = f.merged_into_id
 WHERE t.id = ANY(%s::bigint[])
UNION ALL SELECT 'product', t.id, t.name, f.name
  FROM surveys_product f JOIN surveys_product t ON t.id = f.merged_into_id
 WHERE t.id = ANY(%s::bigint[])
"""


def _called(
    rules: Sequence[cause_rules.Rule], names: Names
) -> dict[tuple[str, int], tuple[str, ...]]:
    """All names of the teams and products that have several, read where rules look at them."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    if any(rule.what in ("team", "product") for rule in rules):
        ids = [sorted(set(known.values())) for known in (names.teams, names.products)]
        for what, number, now, former in rows(_CALLED, *ids):
            found[what, number] = (*found.get((what, number), (now,)), former)
    return found


def _codes(rules: Sequence[cause_rules.Rule]) -> dict[int, str]:
    found = rows(
        "SELECT id, code FROM surveys_cause WHERE id = ANY(%s::bigint[])",
        [rule.cause for rule in rules],
    )
    return dict(found)
