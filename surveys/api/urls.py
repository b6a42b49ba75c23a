"""Addresses of the API; included at `/api/`."""

from django.urls import path, re_path

from surveys.api import causes, follow_ups
from surveys.api import connections as helpdesk
from surveys.api.base import not_found
from surveys.api.cases import Cases, OneCase
from surveys.api.invitations import Claim, Invitations, OneInvitation, Reports
from surveys.api.mail_events import mail_events
from surveys.api.message_events import message_events
from surveys.api.policies import Duplicate, MovePolicy, OnePolicy, Policies
from surveys.api.questionnaires import (
    Draft,
    OneQuestionnaire,
    OneVersion,
    Publish,
    Questionnaires,
)
from surveys.api.schema import SchemaView, changelog, docs
from surveys.api.suppressions import Lift, Suppressions
from surveys.api.webhooks import (
    Deliveries,
    OneWebhook,
    Resend,
    RotateSecret,
    TestEvent,
    Webhooks,
)

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", docs, name="api-docs"),
    path("changelog/", changelog, name="api-changelog"),
    path("mail-events/", mail_events, name="mail-events"),
    path("message-events/", message_events, name="message-events"),
    path("v1/cases/", Cases.as_view(), name="api-cases"),
    path("v1/cases/<str:source>/<path:external_id>/", OneCase.as_view(), name="api-case"),
    path("v1/causes/", causes.Causes.as_view(), name="api-cause-list"),
    path("v1/causes/<path:code>/keep/", causes.Keep.as_view(), name="api-keep-cause"),
    path("v1/causes/<path:code>/merge/", causes.Merging.as_view(), name="api-merge-cause"),
    path("v1/causes/<path:code>/", causes.OneCause.as_view(), name="api-cause"),
    path("v1/cause-changes/", causes.Changes.as_view(), name="api-cause-changes"),
    path("v1/cause-changes/<int:number>/undo/", causes.Undo.as_view(), name="api-undo-cause"),
    path("v1/connections/", helpdesk.Connections.as_view(), name="api-connections"),
    path("v1/connections/<str:slug>/", helpdesk.OneConnection.as_view(), name="api-connection"),
    *(
        path(f"v1/connections/<str:slug>/{step}/", view.as_view(), name=name)
        for step, view, name in (
            ("rotate", helpdesk.Rotate, "api-rotate-connection"),
            ("retire", helpdesk.Retire, "api-retire-connection"),
            ("restore", helpdesk.Restore, "api-restore-connection"),
            ("health", helpdesk.Health, "api-connection-health"),
            ("deliveries", helpdesk.Deliveries, "api-connection-deliveries"),
            ("deliveries/<int:delivery>", helpdesk.OneDelivery, "api-connection-delivery"),
            ("deliveries/<int:delivery>/replay", helpdesk.Replay, "api-replay-delivery"),
        )
    ),
    path("v1/follow-ups/", follow_ups.FollowUps.as_view(), name="api-follow-ups"),
    path("v1/follow-ups/<int:number>/", follow_ups.OneFollowUp.as_view(), name="api-follow-up"),
    *(
        path(f"v1/follow-ups/<int:number>/{step}/", view.as_view(), name=f"api-{step}-follow-up")
        for step, view in (
            ("assign", follow_ups.Assign),
            ("close", follow_ups.Close),
            ("reopen", follow_ups.Reopen),
        )
    ),
    path("v1/invitations/", Invitations.as_view(), name="api-invitations"),
    path("v1/invitations/claim/", Claim.as_view(), name="api-claim-invitations"),
    path("v1/invitations/<int:number>/", OneInvitation.as_view(), name="api-invitation"),
    path("v1/invitations/<int:number>/reports/", Reports.as_view(), name="api-invitation-reports"),
    path("v1/policies/", Policies.as_view(), name="api-policies"),
    path("v1/policies/<str:slug>/duplicate/", Duplicate.as_view(), name="api-duplicate-policy"),
    path("v1/policies/<str:slug>/move/", MovePolicy.as_view(), name="api-move-policy"),
    path("v1/policies/<str:slug>/", OnePolicy.as_view(), name="api-policy"),
    path("v1/questionnaires/", Questionnaires.as_view(), name="api-questionnaires"),
    path("v1/questionnaires/<slug:slug>/", OneQuestionnaire.as_view(), name="api-questionnaire"),
    path("v1/questionnaires/<slug:slug>/draft/", Draft.as_view(), name="api-draft"),
    path("v1/questionnaires/<slug:slug>/publish/", Publish.as_view(), name="api-publish"),
    path(
        "v1/questionnaires/<slug:slug>/versions/<int:number>/",
        OneVersion.as_view(),
        name="api-version",
    ),
    path("v1/suppressions/", Suppressions.as_view(), name="api-suppressions"),
    path("v1/suppressions/lift/", Lift.as_view(), name="api-lift-suppression"),
    path("v1/webhooks/", Webhooks.as_view(), name="api-webhooks"),
    path("v1/webhooks/<int:number>/", OneWebhook.as_view(), name="api-webhook"),
    path("v1/webhooks/<int:number>/rotate/", RotateSecret.as_view(), name="api-rotate-webhook"),
    path("v1/webhooks/<int:number>/test/", TestEvent.as_view(), name="api-test-webhook"),
    path(
        "v1/webhooks/<int:number>/deliveries/",
        Deliveries.as_view(),
        name="api-webhook-deliveries",
    ),
    path(
        "v1/webhooks/<int:number>/deliveries/<int:delivery>/resend/",
        Resend.as_view(),
        name="api-resend-webhook",
    ),
]

# To be included last below /api/, behind all other parts of the API; a dot is no line break.
fallback = [re_path(r"^[\s\S]*$", not_found, name="api-nowhere")]
