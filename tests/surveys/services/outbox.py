"""Mails waiting in the outbox, and what became of them."""

from __future__ import annotations

from typing import Any

from surveys.models import Delivery, Invitation, Policy, QuestionnaireVersion
from surveys.services.publishing import ensure_defaults
from tests.factories import NOW, DeliveryFactory, InvitationFactory


def queued(email: str = "ada@example.com", **fields: Any) -> Delivery:
    """An invitation's mail, due at NOW, of the default questionnaire with its real mails."""
    return DeliveryFactory(
        **_published(),
        **_about(email),
        **{"due_at": NOW, "invitation__due_at": NOW} | fields,
    )


def queued_reminder(email: str = "ada@example.com", **fields: Any) -> Delivery:
    """The reminder, due at NOW, of an invitation sent and not yet answered."""
    invitation = InvitationFactory(
        **{name.removeprefix("invitation__"): value for name, value in _published().items()},
        **{name.removeprefix("invitation__"): value for name, value in _about(email).items()},
    )
    return DeliveryFactory(invitation=invitation, kind=Delivery.Kind.REMINDER, due_at=NOW, **fields)


def story(delivery: Delivery) -> tuple[str, str]:
    """The status of a delivery and of its invitation, as stored."""
    return (
        Delivery.objects.get(pk=delivery.pk).status,
        Invitation.objects.get(pk=delivery.invitation_id).status,
    )


def _published() -> dict[str, Any]:
    ensure_defaults()
    return {
        "invitation__version": QuestionnaireVersion.objects.get(questionnaire__slug="default"),
        "invitation__policy": Policy.objects.get(slug="default"),
    }


def _about(email: str) -> dict[str, Any]:
    return {"invitation__resolution__case__customer__email": email}
