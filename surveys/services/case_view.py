"""A case with its resolutions and surveys, as the API shows it, within what the reader may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import Prefetch, Q, QuerySet

from surveys.models import Case, Invitation, Resolution, ResolutionAgent
from surveys.services.access import Scope, visible_cases
from surveys.services.bounces import BOUNCED
from surveys.services.phones import phone_of


def readable_cases(sight: Scope) -> QuerySet[Case]:
    """The cases someone may see, with everything that `describe` reads."""
    handled_by = ResolutionAgent.objects.select_related("agent").order_by("agent__external_id")
    resolutions = (
        Resolution.objects.select_related("team", "product", "cause", "invitation__policy")
        .prefetch_related(Prefetch("handled_by", queryset=handled_by))
        .order_by("resolved_at")
    )
    return (
        visible_cases(sight)
        .select_related("customer")
        .prefetch_related(Prefetch("resolutions", queryset=resolutions))
    )


def matching(words: str, sight: Scope) -> Q:
    """Cases by number or subject; by who the customer is only for those who may know."""
    wanted = Q(external_id__istartswith=words) | Q(subject__icontains=words)
    if sight.sees_identity and "@" in words:
        wanted |= Q(customer__key=f"mail:{words.lower()}")
    elif sight.sees_identity and (number := phone_of(words)):
        wanted |= Q(customer__phone=number)
    elif sight.sees_identity:
        wanted |= Q(customer__name__icontains=words)
    return wanted


def describe(case: Case, sight: Scope) -> dict[str, Any]:
    """One case; customers' identities and agents' names only for those who may see them."""
    return {
        "source": case.source,
        "external_id": case.external_id,
        "status": case.status,
        "opened_at": case.opened_at,
        "last_event_at": case.last_event_at,
        "subject": case.subject,
        "severity": case.severity,
        "tags": case.tags,
        "customer": _customer(case, sight),
        "resolutions": [_resolution(r, sight) for r in _visible(case.resolutions.all(), sight)],
    }


def _visible(resolutions: Iterable[Resolution], sight: Scope) -> list[Resolution]:
    """The resolutions inside all limits: another team's part of a case stays with that team."""
    return [
        r
        for r in resolutions
        if (sight.team_ids is None or r.team_id in sight.team_ids)
        and (sight.cause_ids is None or r.cause_id in sight.cause_ids)
        and (
            sight.agent_ids is None
            or any(h.agent_id in sight.agent_ids for h in r.handled_by.all())
        )
    ]


def _customer(case: Case, sight: Scope) -> dict[str, Any] | None:
    customer = case.customer
    if customer is None:
        return None
    shown = {"language": customer.language, "timezone": customer.timezone}
    if not sight.sees_identity:
        return shown
    identity = {
        "email": customer.email,
        "name": customer.name,
        "external_id": customer.external_id,
        "phone": customer.phone,
    }
    return identity | shown


def _resolution(resolution: Resolution, sight: Scope) -> dict[str, Any]:
    agents = [
        {"external_id": h.agent.external_id, "name": h.agent.name, "share": h.share}
        for h in resolution.handled_by.all()
        if sight.sees_agents
    ]
    return {
        "resolved_at": resolution.resolved_at,
        "reopened_at": resolution.reopened_at,
        "team": resolution.team.name if resolution.team else None,
        "product": resolution.product.name if resolution.product else None,
        "cause": resolution.cause.code if resolution.cause else None,
        "channel": resolution.channel,
        "severity": resolution.severity,
        "agents": agents,
        "invitation": _invitation(getattr(resolution, "invitation", None), sight),
    }


def _invitation(invitation: Invitation | None, sight: Scope) -> dict[str, Any] | None:
    if invitation is None:
        return None
    # That a mail came back says of whom an answer cannot be: no business of bound readers.
    is_hidden = invitation.reason_code == BOUNCED and not sight.is_unlimited
    return {
        "status": Invitation.Status.SENT if is_hidden else invitation.status,
        "due_at": invitation.due_at,
        "sent_at": invitation.sent_at,
        "reason": "" if is_hidden else invitation.reason,
        "policy": invitation.policy.slug if invitation.policy else None,
        "asks": invitation.asks,
        "language": invitation.language,
    }


ROW_COLUMNS: Final = (
    "source", "external_id", "status", "opened_at", "resolved_at", "reopened_at", "customer_email",
    "customer_name", "customer_language", "customer_timezone", "customer_phone", "agent_id",
    "agent_name", "team", "product", "cause", "channel", "severity", "subject", "tags",
    "invitation_status", "invitation_due_at", "invitation_sent_at", "invitation_reason",
)  # fmt: skip


def rows(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A described case for a file, named as `import_cases` reads it: one row per resolution, or
    one where it was never resolved."""
    customer = case["customer"] or {}
    of_case = {
        name: case[name]
        for name in ("source", "external_id", "status", "opened_at", "subject", "severity", "tags")
    } | {
        f"customer_{name}": customer.get(name)
        for name in ("email", "name", "language", "timezone", "phone")
    }
    for resolution in case["resolutions"] or [{}]:
        agents = resolution.get("agents", ())
        invitation = resolution.get("invitation") or {}
        yield {
            **of_case,
            "agent_id": [agent["external_id"] for agent in agents],
            "agent_name": [agent["name"] for agent in agents],
            **{name: resolution.get(name) for name in _OF_RESOLUTION},
            **{f"invitation_{name}": invitation.get(name) for name in _OF_INVITATION},
        }


_OF_RESOLUTION: Final = ("resolved_at", "reopened_at", "team", "product", "cause", "channel")
_OF_INVITATION: Final = ("status", "due_at", "sent_at", "reason")
