"""Policies are changed here: every field checked, unknown ones refused."""

from __future__ import annotations

import re
from datetime import time
from typing import Any, Final

import msgspec
from django.db import transaction
from msgspec import UNSET, UnsetType

from surveys.models import Policy, Questionnaire
from surveys.services.intake_reading import is_storable
from surveys.services.scheduling import CONDITION_FACTS

MOST_VALUES: Final = 200
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_RANGES: Final = {
    "delay_minutes": (0, 72 * 60, "minutes (72 hours)"),
    "sample_rate": (0, 1, "as a share"),
    "cooldown_days": (0, 3650, "days"),
    "close_days": (1, 365, "days"),
}


class PolicyFaultsError(ValueError):
    """What cannot be changed as asked: (field, message) for each fault."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field} {message}" for field, message in errors))
        self.errors = errors


class PolicyPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The fields of a policy that may be changed; what is not sent stays."""

    name: str | UnsetType = UNSET
    questionnaire: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    conditions: dict[str, list[str]] | UnsetType = UNSET
    delay_minutes: int | UnsetType = UNSET
    sample_rate: float | UnsetType = UNSET
    cooldown_days: int | UnsetType = UNSET
    quiet_hours: dict[str, str] | UnsetType | None = UNSET
    reminder_days: int | UnsetType | None = UNSET
    close_days: int | UnsetType = UNSET


def describe(policy: Policy) -> dict[str, Any]:
    """A policy as the API shows it."""
    return {
        "slug": policy.slug,
        "name": policy.name,
        "questionnaire": policy.questionnaire.slug,
        "enabled": policy.enabled,
        "conditions": policy.conditions,
        "delay_minutes": policy.delay_minutes,
        "sample_rate": policy.sample_rate,
        "cooldown_days": policy.cooldown_days,
        "quiet_hours": policy.quiet_hours,
        "reminder_days": policy.reminder_days,
        "close_days": policy.close_days,
    }


def change(slug: str, patch: PolicyPatch) -> Policy:
    """Change a policy. Surveys already scheduled keep their time.

    Raises: Policy.DoesNotExist, PolicyFaultsError.
    """
    with transaction.atomic():
        policy = Policy.objects.select_for_update().get(slug=slug)
        changes = {
            name: value
            for name in patch.__struct_fields__
            if (value := getattr(patch, name)) is not UNSET
        }
        faults = [*_range_faults(changes), *_other_faults(policy, changes)]
        if faults:
            raise PolicyFaultsError(faults)
        if "questionnaire" in changes:
            changes["questionnaire"] = Questionnaire.objects.get(slug=changes["questionnaire"])
        for name, value in changes.items():
            setattr(policy, name, value)
        policy.save(update_fields=list(changes))
    return policy


def _range_faults(changes: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, f"must lie between {low} and {high} {unit}")
        for name, (low, high, unit) in _RANGES.items()
        if name in changes and not low <= changes[name] <= high
    ]


def _other_faults(policy: Policy, changes: dict[str, Any]) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    name = changes.get("name", "A name")
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        faults.append(("name", "must have 1 to 200 printable characters"))
    if "questionnaire" in changes:
        faults += _questionnaire_faults(changes["questionnaire"])
    for fact, values in changes.get("conditions", {}).items():
        faults += _condition_faults(fact, values)
    hours = changes.get("quiet_hours")
    if hours is not None:
        faults += _quiet_faults(hours)
    reminder = changes.get("reminder_days", policy.reminder_days)
    closes = changes.get("close_days", policy.close_days)
    if reminder is not None and not 1 <= reminder < closes:
        faults.append(
            ("reminder_days", f"must be at least 1 and less than close_days ({closes}), or null")
        )
    return faults


def _questionnaire_faults(slug: str) -> list[tuple[str, str]]:
    if not is_storable(slug):
        return [("questionnaire", "does not exist")]
    found = Questionnaire.objects.filter(slug=slug).first()
    if found is None:
        return [("questionnaire", "does not exist")]
    if not found.versions.filter(published_at__isnull=False).exists():
        return [("questionnaire", "has no published version yet")]
    return []


def _condition_faults(fact: str, values: list[str]) -> list[tuple[str, str]]:
    path = f"conditions.{fact}" if is_storable(fact) else "conditions"
    if fact not in CONDITION_FACTS:
        return [(path, f"is not known; conditions may name {', '.join(CONDITION_FACTS)}")]
    if not 1 <= len(values) <= MOST_VALUES:
        return [(path, f"needs 1 to {MOST_VALUES} values")]
    return [
        (f"{path}[{index}]", "must have 1 to 200 characters")
        for index, value in enumerate(values)
        if not (0 < len(value) <= 200 and is_storable(value))
    ]


def _quiet_faults(hours: dict[str, str]) -> list[tuple[str, str]]:
    if set(hours) != {"start", "end"}:
        return [("quiet_hours", 'must have "start" and "end", or be null')]
    faults = [
        (f"quiet_hours.{name}", 'must be a time of day such as "21:00"')
        for name, value in hours.items()
        if not _CLOCK.fullmatch(value)
    ]
    if not faults and time.fromisoformat(hours["start"]) == time.fromisoformat(hours["end"]):
        faults.append(("quiet_hours", "would never end: start and end are the same"))
    return faults
