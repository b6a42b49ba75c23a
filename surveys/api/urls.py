"""Addresses of the API; included at `/api/`."""

from django.urls import path, re_path

from surveys.api import (
    agents,
    brands,
    cause_queue,
    cause_rules,
    causes,
    connection_access,
    deliveries,
    desk,
    dimensions,
    follow_ups,
    history,
    keeping,
    questionnaire_life,
    staff,
    suppressions,
    translations,
)
from surveys.api import connections as helpdesk
from surveys.api.base import not_found
from surveys.api.cases import Cases, OneCase
from surveys.api.invitations import Claim, Invitations, OneInvitation, Reports
from surveys.api.mail_events import mail_events
from surveys.api.message_events import message_events
from surveys.api.policies import Duplicate, MovePolicy, OnePolicy, Policies, TryPolicy
from surveys.api.questionnaires import (
    Draft,
    OneQuestionnaire,
    OneVersion,
    Publish,
    Questionnaires,
)
from surveys.api.schema import SchemaView, changelog, docs
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
    path("v1/agents/", agents.Agents.as_view(), name="api-agent-list"),
    path("v1/agents/<int:number>/", agents.OneAgent.as_view(), name="api-agent"),
    path("v1/agents/<int:number>/join/", agents.Joining.as_view(), name="api-join-agent"),
    path("v1/agent-changes/", agents.Changes.as_view(), name="api-agent-changes"),
    path("v1/agent-changes/<int:number>/undo/", agents.Undo.as_view(), name="api-undo-agent"),
    path("v1/bounces/", deliveries.Bounces.as_view(), name="api-bounces"),
    path("v1/bounces/counts/", deliveries.BounceCounts.as_view(), name="api-bounce-counts"),
    path("v1/brands/", brands.Brands.as_view(), name="api-brands"),
    path("v1/brands/<slug:slug>/", brands.OneBrand.as_view(), name="api-brand"),
    path("v1/causes/", causes.Causes.as_view(), name="api-cause-list"),
    path("v1/causes/<path:code>/keep/", causes.Keep.as_view(), name="api-keep-cause"),
    path("v1/causes/<path:code>/merge/", causes.Merging.as_view(), name="api-merge-cause"),
    path("v1/causes/<path:code>/split/", cause_rules.Splitting.as_view(), name="api-split-cause"),
    path("v1/causes/<path:code>/", causes.OneCause.as_view(), name="api-cause"),
    path("v1/cause-changes/", causes.Changes.as_view(), name="api-cause-changes"),
    path("v1/cause-changes/<int:number>/undo/", causes.Undo.as_view(), name="api-undo-cause"),
    path("v1/cause-queue/", cause_queue.Queue.as_view(), name="api-cause-queue"),
    path("v1/cause-queue/take/", cause_queue.TakeAll.as_view(), name="api-take-causes"),
    path("v1/cause-queue/undo/", cause_queue.UndoAll.as_view(), name="api-undo-taken-causes"),
    path("v1/cause-rules/", cause_rules.Rules.as_view(), name="api-cause-rules"),
    path("v1/cause-rules/try/", cause_rules.Try.as_view(), name="api-try-cause-rule"),
    path("v1/cause-rules/<int:number>/", cause_rules.OneRule.as_view(), name="api-cause-rule"),
    path(
        "v1/cause-rules/<int:number>/move/",
        cause_rules.MoveRule.as_view(),
        name="api-move-cause-rule",
    ),
    path(
        "v1/cause-rules/<int:number>/apply/",
        cause_rules.Applying.as_view(),
        name="api-apply-cause-rule",
    ),
    path("v1/connections/", helpdesk.Connections.as_view(), name="api-connections"),
    path("v1/connections/<str:slug>/", helpdesk.OneConnection.as_view(), name="api-connection"),
    *(
        path(f"v1/connections/<str:slug>/{step}/", view.as_view(), name=name)
        for step, view, name in (
            ("rotate", helpdesk.Rotate, "api-rotate-connection"),
            ("retire", helpdesk.Retire, "api-retire-connection"),
            ("restore", helpdesk.Restore, "api-restore-connection"),
            ("health", helpdesk.Health, "api-connection-health"),
            ("access", connection_access.OneAccess, "api-connection-access"),
            ("access/try", connection_access.TryAccess, "api-try-connection-access"),
            ("notes", connection_access.Notes, "api-connection-notes"),
            ("notes/again", connection_access.NotesAgain, "api-connection-notes-again"),
            ("events", connection_access.Events, "api-connection-events"),
            ("events/<int:event>/again", connection_access.EventAgain, "api-try-event-again"),
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
    path("v1/erasures/", keeping.Erasures.as_view(), name="api-erasures"),
    path("v1/history-imports/", history.Imports.as_view(), name="api-history-imports"),
    path("v1/history-imports/remove/", history.Remove.as_view(), name="api-remove-history"),
    path("v1/history-ratings/", history.Ratings.as_view(), name="api-history-ratings"),
    path("v1/invitations/", Invitations.as_view(), name="api-invitations"),
    path("v1/invitations/claim/", Claim.as_view(), name="api-claim-invitations"),
    path("v1/invitations/<int:number>/", OneInvitation.as_view(), name="api-invitation"),
    path("v1/invitations/<int:number>/reports/", Reports.as_view(), name="api-invitation-reports"),
    path("v1/keys/", staff.Keys.as_view(), name="api-keys"),
    path("v1/keys/<int:number>/revoke/", staff.RevokeKey.as_view(), name="api-revoke-key"),
    path("v1/kiosks/", desk.Kiosks.as_view(), name="api-kiosks"),
    path("v1/kiosks/<int:number>/", desk.OneKiosk.as_view(), name="api-kiosk"),
    path("v1/kiosks/<int:number>/show/", desk.ShowOnKiosk.as_view(), name="api-show-on-kiosk"),
    path("v1/policies/", Policies.as_view(), name="api-policies"),
    path("v1/policies/<str:slug>/duplicate/", Duplicate.as_view(), name="api-duplicate-policy"),
    path("v1/policies/<str:slug>/try/", TryPolicy.as_view(), name="api-try-policy"),
    path("v1/policies/<str:slug>/move/", MovePolicy.as_view(), name="api-move-policy"),
    path("v1/policies/<str:slug>/", OnePolicy.as_view(), name="api-policy"),
    path("v1/products/", dimensions.Products.as_view(), name="api-products"),
    path("v1/products/<int:number>/", dimensions.OneProduct.as_view(), name="api-product"),
    path(
        "v1/products/<int:number>/merge/",
        dimensions.MergingProduct.as_view(),
        name="api-merge-product",
    ),
    path("v1/product-changes/", dimensions.ProductChanges.as_view(), name="api-product-changes"),
    path(
        "v1/product-changes/<int:number>/undo/",
        dimensions.UndoProduct.as_view(),
        name="api-undo-product",
    ),
    path("v1/questionnaires/", Questionnaires.as_view(), name="api-questionnaires"),
    path("v1/questionnaires/<slug:slug>/", OneQuestionnaire.as_view(), name="api-questionnaire"),
    path("v1/questionnaires/<slug:slug>/draft/", Draft.as_view(), name="api-draft"),
    path("v1/questionnaires/<slug:slug>/publish/", Publish.as_view(), name="api-publish"),
    path(
        "v1/questionnaires/<slug:slug>/versions/<int:number>/",
        OneVersion.as_view(),
        name="api-version",
    ),
    *(
        path(f"v1/questionnaires/<slug:slug>/{step}/", view.as_view(), name=name)
        for step, view, name in (
            ("duplicate", questionnaire_life.Duplicate, "api-duplicate-questionnaire"),
            ("archive", questionnaire_life.Archive, "api-archive-questionnaire"),
            ("restore", questionnaire_life.Restore, "api-restore-questionnaire"),
            ("draft/undo", questionnaire_life.UndoDraft, "api-undo-draft"),
            ("draft/redo", questionnaire_life.RedoDraft, "api-redo-draft"),
            ("review", questionnaire_life.Review, "api-review"),
            ("compare", questionnaire_life.Compare, "api-compare"),
            ("versions", questionnaire_life.Versions, "api-versions"),
            (
                "versions/<int:number>/restore",
                questionnaire_life.RestoreVersion,
                "api-restore-version",
            ),
            ("links", questionnaire_life.Links, "api-preview-links"),
            ("links/<int:number>/revoke", questionnaire_life.RevokeLink, "api-revoke-link"),
            ("test-mail", questionnaire_life.TestMail, "api-test-mail"),
            ("languages", translations.Languages, "api-languages"),
            ("languages/<str:language>", translations.OneLanguage, "api-language"),
            (
                "languages/<str:language>/require",
                translations.RequireLanguage,
                "api-require-language",
            ),
            ("languages/<str:language>/fill", translations.FillLanguage, "api-fill-language"),
            ("translations/import", translations.ImportTranslations, "api-import-translations"),
        )
    ),
    path("v1/sample-data/", keeping.SampleData.as_view(), name="api-sample-data"),
    path("v1/staff/", staff.Staff.as_view(), name="api-staff"),
    path("v1/staff/<int:number>/", staff.OneOfStaff.as_view(), name="api-one-of-staff"),
    path("v1/suppressions/", suppressions.Suppressions.as_view(), name="api-suppressions"),
    path("v1/suppressions/lift/", suppressions.Lift.as_view(), name="api-lift-suppression"),
    path("v1/suppressions/import/", suppressions.Import.as_view(), name="api-import-suppressions"),
    path("v1/suppression-changes/", suppressions.Changes.as_view(), name="api-suppression-changes"),
    path("v1/survey-links/", desk.SurveyLinks.as_view(), name="api-survey-links"),
    path("v1/teams/", dimensions.Teams.as_view(), name="api-teams"),
    path("v1/teams/<int:number>/", dimensions.OneTeam.as_view(), name="api-team"),
    path(
        "v1/teams/<int:number>/merge/",
        dimensions.MergingTeam.as_view(),
        name="api-merge-team",
    ),
    path("v1/team-changes/", dimensions.TeamChanges.as_view(), name="api-team-changes"),
    path(
        "v1/team-changes/<int:number>/undo/",
        dimensions.UndoTeam.as_view(),
        name="api-undo-team",
    ),
    path("v1/unknown-mails/", deliveries.UnknownMails.as_view(), name="api-unknown-mails"),
    path(
        "v1/unknown-mails/resend/",
        deliveries.ResendAllUnknown.as_view(),
        name="api-resend-unknown-mails",
    ),
    path(
        "v1/unknown-mails/<int:number>/resend/",
        deliveries.ResendUnknown.as_view(),
        name="api-resend-unknown-mail",
    ),
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
