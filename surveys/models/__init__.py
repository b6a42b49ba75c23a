"""The tables of one case's life: it arrives, is surveyed, is answered."""

from surveys.models.access import ApiKey, IdempotentReply
from surveys.models.brands import Brand
from surveys.models.cases import (
    Case,
    CaseEvent,
    Cause,
    CauseChange,
    DimensionChange,
    Product,
    Resolution,
    ResolutionAgent,
)
from surveys.models.cause_rules import CauseRule
from surveys.models.connections import Connection, HookDelivery, HookEvent, WriteBack
from surveys.models.follow_ups import FollowUp, FollowUpChange
from surveys.models.history import UnseparatedRating
from surveys.models.invitations import Delivery, Heartbeat, Invitation, MailPace
from surveys.models.kiosks import Kiosk
from surveys.models.openings import LinkOpening
from surveys.models.people import (
    Agent,
    AgentChange,
    Customer,
    ErasedCustomer,
    Suppression,
    SuppressionChange,
    Team,
    User,
)
from surveys.models.policies import Policy
from surveys.models.questionnaires import (
    DraftEdit,
    MailSkeleton,
    PreviewLink,
    Questionnaire,
    QuestionnaireDraft,
    QuestionnaireVersion,
)
from surveys.models.reports import DeliveryReport, ReportTally
from surveys.models.responses import AnswerChange, Response, ResponseRevision
from surveys.models.translations import TranslationSource
from surveys.models.webhooks import (
    OutgoingEvent,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

__all__ = [
    "Agent",
    "AgentChange",
    "AnswerChange",
    "ApiKey",
    "Brand",
    "Case",
    "CaseEvent",
    "Cause",
    "CauseChange",
    "CauseRule",
    "Connection",
    "Customer",
    "Delivery",
    "DeliveryReport",
    "DimensionChange",
    "DraftEdit",
    "ErasedCustomer",
    "FollowUp",
    "FollowUpChange",
    "Heartbeat",
    "HookDelivery",
    "HookEvent",
    "IdempotentReply",
    "Invitation",
    "Kiosk",
    "LinkOpening",
    "MailPace",
    "MailSkeleton",
    "OutgoingEvent",
    "Policy",
    "PreviewLink",
    "Product",
    "Questionnaire",
    "QuestionnaireDraft",
    "QuestionnaireVersion",
    "ReportTally",
    "Resolution",
    "ResolutionAgent",
    "Response",
    "ResponseRevision",
    "Suppression",
    "SuppressionChange",
    "Team",
    "TranslationSource",
    "UnseparatedRating",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WriteBack",
]
