"""The policies as a list: made, copied, moved, deleted. The first enabled one that fits decides."""

from __future__ import annotations

from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from surveys.models import Invitation, Policy
from surveys.services import conditions
from surveys.services.intake_sql import rows
from surveys.services.policies import PolicyPatch, apply

_LIST: Final = 7_205_761
_COPIED: Final = (
    "questionnaire", "conditions", "delay_minutes", "sample_rate", "cooldown_days", "quiet_hours",
    "weekdays", "agent_target", "cause_days", "channel", "brand", "reminder_days", "close_days",
)  # fmt: skip


class UsedPolicyError(Exception):
    """A policy that surveyed, or refused, a case says why it did so: it is never deleted."""


class OrderChangedError(Exception):
    """Somebody moved policies since the list was read."""


def create(patch: PolicyPatch) -> Policy:
    """A new policy, tried first: behind one that takes every case it would never be reached.

    Raises: PolicyFaultsError.
    """
    with transaction.atomic():
        policy = Policy()
        apply(policy, patch)
        _put(policy, 0)
    return policy


def duplicate(slug: str) -> Policy:
    """A copy just before the original, switched off until somebody has looked at it.

    Raises: Policy.DoesNotExist.
    """
    with transaction.atomic():
        original = Policy.objects.get(slug=slug)
        copy = Policy(name=_copy_name(original.name), enabled=False)
        for name in _COPIED:
            setattr(copy, name, getattr(original, name))
        _put(copy, [policy.pk for policy in _locked()].index(original.pk))
    return copy


def move(slug: str, step: int, *, seen: int) -> Policy:
    """Try a policy one place earlier (-1) or later (+1). `seen` is its place, counted from 0, in
    the list that the reader had before them.

    Raises: Policy.DoesNotExist, OrderChangedError.
    """
    with transaction.atomic():
        policies = _locked()
        places = [n for n, policy in enumerate(policies) if policy.slug == slug]
        if not places:
            raise Policy.DoesNotExist
        place = places[0]
        if place != seen:
            raise OrderChangedError
        policy = policies.pop(place)
        policies.insert(min(max(place + step, 0), len(policies)), policy)
        _number(policies)
    return policy


def delete(slug: str) -> str:
    """Delete a policy that no case ever came to; its name.

    Raises: Policy.DoesNotExist, UsedPolicyError.
    """
    policy = Policy.objects.get(slug=slug)
    try:
        with transaction.atomic():
            policy.delete()
    except (ProtectedError, IntegrityError) as error:
        # Also where a case came to it between a look and the deletion.
        raise UsedPolicyError from error
    return policy.name


def used() -> set[int]:
    """The keys of the policies that cases came to."""
    asked = Policy.objects.values_list("pk", flat=True)
    return {pk for pk in asked if Invitation.objects.filter(policy_id=pk).exists()}


def hidden_by(policies: list[Policy]) -> dict[int, Policy]:
    """By key, the earlier policy that takes every case a policy could get."""
    found: dict[int, Policy] = {}
    for place, policy in enumerate(policies):
        for earlier in policies[:place]:
            if earlier.enabled and conditions.covers(earlier.conditions, policy.conditions):
                found[policy.pk] = earlier
                break
    return found


def _locked() -> list[Policy]:
    """All policies in order, held until the end. One list-keeper at a time: locks on the rows
    would not show what somebody else has just added."""
    rows("SELECT pg_advisory_xact_lock(%s)", _LIST)
    found = list(Policy.objects.select_for_update(of=("self",)).order_by("pk"))
    return sorted(found, key=lambda policy: (policy.position, policy.pk))


def _put(policy: Policy, place: int) -> None:
    policies = _locked()
    policy.slug = _free_slug(policy.name)
    policy.save()
    policies.insert(place, policy)
    _number(policies)


def _number(policies: list[Policy]) -> None:
    for place, policy in enumerate(policies):
        if policy.position != place:
            policy.position = place
            policy.save(update_fields=["position"])


def _free_slug(name: str) -> str:
    base = slugify(name)[:80] or "policy"
    taken = set(Policy.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    # "new" is the address of the form that makes one.
    if base not in taken and base != "new":
        return base
    return next(s for n in range(2, 100_000) if (s := f"{base}-{n}") not in taken)


def _copy_name(name: str) -> str:
    return f"{name[:190]} (copy)"
