"""What is told: a case by the helpdesk's numbers, its survey, the answers by the ids of the items.

Who the customer is and what they wrote is no part of what is kept in the queue. An endpoint that
asked for it gets it added as it stands when the request leaves: after an erasure nothing of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from surveys.models import FollowUp, Invitation, OutgoingEvent
from surveys.services.answering import COMMENT_COLUMNS, ITEM_COLUMNS
from surveys.services.outgoing import kinds

Json = dict[str, Any]
_ABOUT_A_RESPONSE = frozenset({kinds.COMPLETED, kinds.CHANGED})


def known(ids: Collection[int]) -> dict[int, Invitation]:
    """The invitations with all that is told of them."""
    found = Invitation.objects.filter(pk__in=ids).select_related(
        "customer",
        "resolution__case",
        *(f"resolution__{name}" for name in ("team", "product", "cause")),
        "response",
    )
    return {invitation.pk: invitation for invitation in found}


def data_of(event: OutgoingEvent, invitation: Invitation) -> Json | None:
    """What is told of an event; None where there is nothing to tell any more."""
    data: Json = {"case": _case(invitation), "invitation": _invitation(invitation)}
    if event.type in _ABOUT_A_RESPONSE:
        response = _response(invitation)
        if response is None:
            return None
        data["response"] = response
    return data


def of_follow_up(found: FollowUp, invitation_id: int) -> Json:
    """What is told of a follow-up. Its outcome is words of staff, who may name the customer."""
    invitation = known({invitation_id})[invitation_id]
    return {
        "case": _case(invitation),
        "invitation": _invitation(invitation),
        "follow_up": {
            "id": found.pk,
            "kind": found.kind,
            "status": found.status,
            "assignee": str(found.assignee) if found.assignee else None,
            "opened_at": _moment(found.opened_at),
            "due_at": _moment(found.due_at),
            "closed_at": _moment(found.closed_at),
        },
    }


def personal(event: OutgoingEvent, data: Json, invitation: Invitation | None) -> Json:
    """The same with who the customer is and what they wrote, as far as it is still known."""
    if invitation is None:
        return data
    customer = invitation.customer
    is_known = customer is not None and customer.erased_at is None
    added = data | {
        "customer": {
            name: getattr(customer, name) or None
            for name in ("email", "phone", "name", "external_id")
        }
        if is_known
        else None
    }
    if event.type in kinds.OF_FOLLOW_UPS:
        told = data["follow_up"]
        found = FollowUp.objects.filter(pk=told["id"]).first()
        added["follow_up"] = told | {"outcome": found.outcome or None if found else None}
    response = getattr(invitation, "response", None)
    if event.type in _ABOUT_A_RESPONSE and response is not None:
        comments = {name: getattr(response, name) or None for name in COMMENT_COLUMNS}
        written = {item: text for item, text in response.extra.items() if isinstance(text, str)}
        told = data.get("response", {})
        items = told.get("items", {}) | written
        added["response"] = told | {"items": items} | comments
    return added


def body_of(event: OutgoingEvent, data: Mapping[str, Any]) -> bytes:
    """The body of a request, the same bytes for the same content."""
    return msgspec.json.encode(
        {
            "type": event.type,
            "timestamp": event.occurred_at.astimezone(dt.UTC),
            "version": kinds.VERSION,
            "data": data,
        }
    )


def _moment(value: dt.datetime | None) -> str | None:
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if value else None


def _case(invitation: Invitation) -> Json:
    resolution = invitation.resolution
    return {
        "source": resolution.case.source,
        "external_id": resolution.case.external_id,
        "resolved_at": _moment(resolution.resolved_at),
        "team": resolution.team.name if resolution.team else None,
        "product": resolution.product.name if resolution.product else None,
        "cause": resolution.cause.code if resolution.cause else None,
        "channel": resolution.channel or None,
    }


def _invitation(invitation: Invitation) -> Json:
    return {
        "id": invitation.pk,
        "status": invitation.status,
        # In a code: the words may quote a mail server that quotes the address.
        "reason_code": invitation.reason_code or None,
        "language": invitation.language,
        "sent_at": _moment(invitation.sent_at),
        "expires_at": _moment(invitation.expires_at),
    }


def _response(invitation: Invitation) -> Json | None:
    response = getattr(invitation, "response", None)
    if response is None:
        return None
    items = {
        item: getattr(response, column)
        for item, column in ITEM_COLUMNS.items()
        if getattr(response, column) is not None
    }
    chosen = {item: value for item, value in response.extra.items() if not isinstance(value, str)}
    return {
        "id": response.pk,
        "revision": response.n_revisions,
        "language": response.language,
        "answered_at": _moment(response.answered_at),
        "changed_at": _moment(response.changed_at),
        "completed_at": _moment(response.completed_at),
        "items": items | chosen,
    }
