"""Policies are changed here: every field checked, unknown ones refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import time
from typing import Any, Final

import msgspec
from django.db import transaction
from msgspec import UNSET, UnsetType

from surveys.channels import CHANNELS, OFFERED, is_configured
from surveys.models import Brand, Policy, Questionnaire
from surveys.services import conditions
from surveys.services.storable import is_storable

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_RANGES: Final = {
    "delay_minutes": (0, 72 * 60, "minutes (72 hours)"),
    "sample_rate": (0, 1, "as a share"),
    "cooldown_days": (0, 3650, "days"),
    "close_days": (1, 365, "days"),
    "agent_target": (1, 1000, "answers a month, or be null"),
    "cause_days": (1, 3650, "days, or be null"),
}


class PolicyFaultsError(ValueError):
    """What cannot be changed as asked: (field, message) for each fault."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field} {message}" for field, message in errors))
        self.errors = errors


class PolicyChangedError(Exception):
    """Somebody changed the policy since it was read; `policy` is as it is now."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(f"The policy “{policy.name}” was changed meanwhile")
        self.policy = policy


class PolicyPatch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The fields of a policy that may be changed; what is not sent stays."""

    name: str | UnsetType = UNSET
    questionnaire: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    conditions: dict[str, bool | list[str] | dict[str, int | list[str]]] | UnsetType = UNSET
    delay_minutes: int | UnsetType = UNSET
    sample_rate: float | UnsetType = UNSET
    cooldown_days: int | UnsetType = UNSET
    quiet_hours: dict[str, str] | UnsetType | None = UNSET
    weekdays: list[int] | UnsetType | None = UNSET
    agent_target: int | UnsetType | None = UNSET
    cause_days: int | UnsetType | None = UNSET
    channel: str | UnsetType = UNSET
    brand: str | UnsetType | None = UNSET
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
        "weekdays": policy.weekdays,
        "agent_target": policy.agent_target,
        "cause_days": policy.cause_days,
        "channel": policy.channel,
        "brand": policy.brand.slug if policy.brand else None,
        "reminder_days": policy.reminder_days,
        "close_days": policy.close_days,
    }


def fingerprint(policy: Policy) -> str:
    """Equal where the policy says the same. A page or a client sends it back with a change, so
    that nobody overwrites what they have not seen."""
    return hashlib.sha256(msgspec.json.encode(describe(policy), order="sorted")).hexdigest()[:24]


def change(slug: str, patch: PolicyPatch, *, seen: str | None = None) -> Policy:
    """Change a policy. Surveys already scheduled keep their time. `seen` is the fingerprint of
    what the change was made on; None changes whatever is there.

    Raises: Policy.DoesNotExist, PolicyFaultsError, PolicyChangedError.
    """
    if not is_storable(slug):
        raise Policy.DoesNotExist
    with transaction.atomic():
        policy = Policy.objects.select_for_update(of=("self",)).get(slug=slug)
        if seen is not None and fingerprint(policy) != seen:
            raise PolicyChangedError(policy)
        changed = apply(policy, patch)
        policy.save(update_fields=changed)
    return policy


def apply(policy: Policy, patch: PolicyPatch) -> list[str]:
    """Change a policy in memory, saved or not; the names of what was said.

    Raises: PolicyFaultsError.
    """
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
    if changes.get("brand") is not None:
        changes["brand"] = Brand.objects.get(slug=changes["brand"])
    if changes.get("weekdays") is not None:
        days = sorted(set(changes["weekdays"]))
        changes["weekdays"] = None if len(days) == 7 else days
    for name, value in changes.items():
        setattr(policy, name, value)
    return list(changes)


def differences(ours: Policy, theirs: Policy) -> list[str]:
    """The names of what two states of a policy say differently."""
    here, there = describe(ours), describe(theirs)
    return [name for name in here if here[name] != there[name]]


def _range_faults(changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, f"must lie between {low} and {high} {unit}")
        for name, (low, high, unit) in _RANGES.items()
        if changes.get(name) is not None and not low <= changes[name] <= high
    ]


def _other_faults(policy: Policy, changes: dict[str, Any]) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    name = changes.get("name", "A name")
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        faults.append(("name", "must have 1 to 200 printable characters"))
    if "questionnaire" in changes:
        faults += _questionnaire_faults(changes["questionnaire"])
    faults += conditions.faults(changes.get("conditions", {}))
    if (channel := changes.get("channel")) is not None and channel not in OFFERED:
        faults.append(("channel", f"must be one of {', '.join(OFFERED)}"))
    elif channel is not None and channel != policy.channel and not is_configured(channel):
        faults.append(("channel", f"cannot be {channel}: {CHANNELS[channel].needs} is not set"))
    if changes.get("brand") is not None:
        faults += _brand_faults(changes["brand"])
    days = changes.get("weekdays")
    if days is not None and not (days and set(days) <= set(range(1, 8))):
        faults.append(("weekdays", "must name days from 1 Monday to 7 Sunday, or be null"))
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
    if found.archived_at is not None:
        return [("questionnaire", "is archived")]
    if not found.versions.filter(published_at__isnull=False).exists():
        return [("questionnaire", "has no published version yet")]
    return []


def _brand_faults(slug: str) -> list[tuple[str, str]]:
    known = is_storable(slug) and Brand.objects.filter(slug=slug).exists()
    return [] if known else [("brand", "does not exist")]


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
