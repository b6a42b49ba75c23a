"""Addresses of the reports; included at `/api/`."""

from django.urls import path

from analytics.api import (
    actions,
    charts,
    digests,
    mails,
    questions,
    saved_views,
    share_links,
    signals,
    stories,
    views,
)

urlpatterns = [
    path("v1/reports/overview/", views.Overview.as_view(), name="api-overview"),
    path("v1/reports/agents/", views.Agents.as_view(), name="api-agents"),
    path("v1/reports/causes/", views.Causes.as_view(), name="api-causes"),
    path("v1/reports/matrix/", views.Matrix.as_view(), name="api-matrix"),
    path("v1/reports/trend/", views.Trend.as_view(), name="api-trend"),
    path("v1/reports/comparison/", charts.Comparison.as_view(), name="api-comparison"),
    path("v1/reports/funnel/", charts.Funnel.as_view(), name="api-funnel"),
    path("v1/reports/alarms/", charts.Alarms.as_view(), name="api-alarms"),
    path(
        "v1/reports/causes/<path:code>/weeks/",
        charts.CauseChart.as_view(),
        name="api-cause-chart",
    ),
    path(
        "v1/reports/causes/<path:code>/change/",
        questions.CauseChange.as_view(),
        name="api-cause-change",
    ),
    path("v1/reports/actions/", questions.Actions.as_view(), name="api-actions"),
    path("v1/reports/drivers/", questions.Drivers.as_view(), name="api-drivers"),
    path("v1/reports/non-response/", questions.NonResponse.as_view(), name="api-non-response"),
    path("v1/actions/", actions.Actions.as_view(), name="api-action-list"),
    path("v1/actions/<int:number>/", actions.OneAction.as_view(), name="api-action"),
    path(
        "v1/actions/<int:number>/withdraw/", actions.Withdraw.as_view(), name="api-withdraw-action"
    ),
    path("v1/actions/<int:number>/restore/", actions.Restore.as_view(), name="api-restore-action"),
    path(
        "v1/reports/agents/<path:external_id>/mix/",
        stories.AgentMix.as_view(),
        name="api-agent-mix",
    ),
    path(
        "v1/reports/causes/<path:code>/story/",
        stories.CauseStory.as_view(),
        name="api-cause-story",
    ),
    path("v1/reports/deliverability/", mails.Deliverability.as_view(), name="api-deliverability"),
    path("v1/saved-views/", saved_views.SavedViews.as_view(), name="api-saved-views"),
    path("v1/saved-views/<int:number>/", saved_views.OneView.as_view(), name="api-saved-view"),
    path(
        "v1/saved-views/<int:number>/restore/",
        saved_views.RestoreView.as_view(),
        name="api-restore-saved-view",
    ),
    path("v1/share-links/", share_links.ShareLinks.as_view(), name="api-share-links"),
    path("v1/share-links/<int:number>/", share_links.OneLink.as_view(), name="api-share-link"),
    path(
        "v1/share-links/<int:number>/revoke/",
        share_links.RevokeLink.as_view(),
        name="api-revoke-share-link",
    ),
    path("v1/digests/", digests.Digests.as_view(), name="api-digests"),
    path("v1/digests/<int:number>/", digests.OneDigest.as_view(), name="api-digest"),
    path("v1/signals/", signals.Signals.as_view(), name="api-signals"),
    path("v1/responses/", views.Responses.as_view(), name="api-responses"),
]
