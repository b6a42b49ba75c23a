"""Factories of every model, each valid on its own. Times are given, never taken from the clock."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from surveys import models
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.services import keys, tokens

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class TeamFactory(DjangoModelFactory[models.Team]):
    class Meta:
        model = models.Team

    name = factory.Sequence(lambda n: f"Team {n}")


class AgentFactory(DjangoModelFactory[models.Agent]):
    class Meta:
        model = models.Agent

    external_id = factory.Sequence(lambda n: f"agent-{n}")
    name = factory.Sequence(lambda n: f"Agent {n}")
    team = factory.SubFactory(TeamFactory)


class UserFactory(DjangoModelFactory[models.User]):
    class Meta:
        model = models.User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"staff{n}@example.org")
    role = models.User.Role.MANAGER
    password = factory.django.Password("a good password")


class CustomerFactory(DjangoModelFactory[models.Customer]):
    class Meta:
        model = models.Customer

    email = factory.Sequence(lambda n: f"customer{n}@example.com")
    key = factory.LazyAttribute(lambda c: f"mail:{c.email}")
    language = "en"


class ProductFactory(DjangoModelFactory[models.Product]):
    class Meta:
        model = models.Product

    name = factory.Sequence(lambda n: f"Product {n}")


class CauseFactory(DjangoModelFactory[models.Cause]):
    class Meta:
        model = models.Cause

    code = factory.Sequence(lambda n: f"cause-{n}")
    name = factory.Sequence(lambda n: f"Cause {n}")
    mapped_at = NOW


class CaseFactory(DjangoModelFactory[models.Case]):
    class Meta:
        model = models.Case

    source = "api"
    external_id = factory.Sequence(lambda n: f"case-{n}")
    status = models.Case.Status.RESOLVED
    customer = factory.SubFactory(CustomerFactory)
    subject = "No signal at home"
    last_event_at = NOW


class CaseEventFactory(DjangoModelFactory[models.CaseEvent]):
    class Meta:
        model = models.CaseEvent

    case = factory.SubFactory(CaseFactory)
    status = models.Case.Status.RESOLVED
    occurred_at = NOW
    content = factory.LazyFunction(dict)


class ResolutionFactory(DjangoModelFactory[models.Resolution]):
    """A resolution with one agent who handled all of it."""

    class Meta:
        model = models.Resolution
        skip_postgeneration_save = True

    case = factory.SubFactory(CaseFactory)
    resolved_at = NOW
    team = factory.SubFactory(TeamFactory)
    product = factory.SubFactory(ProductFactory)
    cause = factory.SubFactory(CauseFactory)
    channel = "phone"
    n_agents = 1
    human_handled = True

    @factory.post_generation
    def agents(
        self: models.Resolution, create: bool, given: list[models.Agent] | None, **_: Any
    ) -> None:
        """`agents=[a, b]` share equally; `agents=[]` nobody."""
        if create:
            handlers = given if given is not None else [AgentFactory(team=self.team)]
            for agent in handlers:
                ResolutionAgentFactory(resolution=self, agent=agent, share=1 / len(handlers))


class ResolutionAgentFactory(DjangoModelFactory[models.ResolutionAgent]):
    class Meta:
        model = models.ResolutionAgent

    resolution = factory.SubFactory(ResolutionFactory, agents=[])
    agent = factory.SubFactory(AgentFactory)
    share = 1.0


class QuestionnaireFactory(DjangoModelFactory[models.Questionnaire]):
    class Meta:
        model = models.Questionnaire
        django_get_or_create = ("slug",)

    slug = "default"
    name = "Fix and cause"


class QuestionnaireVersionFactory(DjangoModelFactory[models.QuestionnaireVersion]):
    """The default questionnaire, published; without mail skeletons."""

    class Meta:
        model = models.QuestionnaireVersion
        django_get_or_create = ("questionnaire", "number")

    questionnaire = factory.SubFactory(QuestionnaireFactory)
    number = 1
    definition = factory.LazyFunction(lambda: to_builtins(default_definition()))
    published_at = NOW - timedelta(days=365)


class BrandFactory(DjangoModelFactory[models.Brand]):
    class Meta:
        model = models.Brand

    slug = factory.Sequence(lambda n: f"brand-{n}")
    name = factory.Sequence(lambda n: f"Brand {n}")
    accent = "#7a1f5c"
    accent_dark = "#f0a6d2"


class PolicyFactory(DjangoModelFactory[models.Policy]):
    class Meta:
        model = models.Policy
        django_get_or_create = ("slug",)

    slug = "default"
    name = "Every resolved case"
    questionnaire = factory.SubFactory(QuestionnaireFactory)


class InvitationFactory(DjangoModelFactory[models.Invitation]):
    class Meta:
        model = models.Invitation

    resolution = factory.SubFactory(ResolutionFactory)
    customer = factory.SelfAttribute("resolution.case.customer")
    policy = factory.SubFactory(PolicyFactory)
    version = factory.SubFactory(QuestionnaireVersionFactory)
    status = models.Invitation.Status.SENT
    due_at = NOW
    sent_at = NOW
    expires_at = NOW + timedelta(days=14)
    language = "en"
    arm = models.Invitation.Arm.FIX_FIRST
    rotation = "O2"
    nonce = factory.LazyFunction(uuid.uuid4)
    token_hash = factory.LazyAttribute(lambda i: tokens.hash_of(tokens.token_of(i.nonce)))


class DeliveryFactory(DjangoModelFactory[models.Delivery]):
    class Meta:
        model = models.Delivery

    invitation = factory.SubFactory(
        InvitationFactory, status="scheduled", sent_at=None, expires_at=None
    )
    kind = models.Delivery.Kind.INVITATION
    status = models.Delivery.Status.QUEUED
    due_at = NOW


class ResponseFactory(DjangoModelFactory[models.Response]):
    class Meta:
        model = models.Response

    invitation = factory.SubFactory(InvitationFactory)
    f1 = 4
    c1 = 2
    language = "en"
    answered_at = NOW
    changed_at = factory.SelfAttribute("answered_at")
    completed_at = factory.SelfAttribute("answered_at")


class FollowUpFactory(DjangoModelFactory[models.FollowUp]):
    """Asked for at NOW, a call back due two days later."""

    class Meta:
        model = models.FollowUp

    response = factory.SubFactory(ResponseFactory, wants_call_back=True)
    kind = "call_back"
    opened_at = NOW
    due_at = NOW + timedelta(days=2)


class ResponseRevisionFactory(DjangoModelFactory[models.ResponseRevision]):
    class Meta:
        model = models.ResponseRevision

    response = factory.SubFactory(ResponseFactory)
    number = 1
    answers = factory.LazyFunction(lambda: {"F1": 4, "C1": 2})


class AnswerChangeFactory(DjangoModelFactory[models.AnswerChange]):
    class Meta:
        model = models.AnswerChange

    response_id = factory.LazyFunction(lambda: ResponseFactory().pk)


class SuppressionFactory(DjangoModelFactory[models.Suppression]):
    class Meta:
        model = models.Suppression

    email = factory.Sequence(lambda n: f"suppressed{n}@example.com")
    email_hash = factory.LazyAttribute(lambda s: tokens.email_hash(s.email))
    reason = models.Suppression.Reason.UNSUBSCRIBED
    created_at = NOW


class ErasedCustomerFactory(DjangoModelFactory[models.ErasedCustomer]):
    class Meta:
        model = models.ErasedCustomer

    email_hash = factory.Sequence(lambda n: tokens.email_hash(f"erased{n}@example.com"))


class ApiKeyFactory(DjangoModelFactory[models.ApiKey]):
    """A key with scope admin; `secret` is what a client would send."""

    class Meta:
        model = models.ApiKey

    class Params:
        secret = factory.Sequence(lambda n: f"sd_{n:040d}")

    name = "A test"
    prefix = factory.LazyAttribute(lambda k: k.secret[:10])
    key_hash = factory.LazyAttribute(lambda k: keys.hash_of(k.secret))
    scopes = factory.LazyFunction(lambda: ["admin"])


class HookDeliveryFactory(DjangoModelFactory[models.HookDelivery]):
    class Meta:
        model = models.HookDelivery

    received_at = NOW
    method = "POST"
    headers = factory.LazyFunction(lambda: {"content-type": "application/json"})
    body = b'{"external_id": "1", "status": "resolved", "resolved_at": "2026-03-02T09:30:00Z"}'
    verdict = "taken"
    status = 202
