"""Addresses of the reports; included at `/api/`."""

from django.urls import path

from analytics.api import charts, questions, signals, views

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
    path("v1/signals/", signals.Signals.as_view(), name="api-signals"),
    path("v1/responses/", views.Responses.as_view(), name="api-responses"),
]
