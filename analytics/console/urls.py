"""Addresses of the report pages."""

from django.urls import path

from analytics.console import (
    actions,
    agents,
    both,
    causes,
    deliverability,
    overview,
    responses,
    segments,
    silent,
    static_pictures,
)

urlpatterns = [
    path("", overview.front_door, name="overview"),
    path("actions/", actions.actions, name="actions"),
    path("actions/new/", actions.new_action, name="new_action"),
    path("actions/<int:pk>/", actions.one_action, name="action"),
    path("actions/<int:pk>/withdraw/", actions.withdraw_action, name="withdraw_action"),
    path("actions/<int:pk>/restore/", actions.restore_action, name="restore_action"),
    path("agents/", agents.agents, name="agents"),
    path("agents/me/", agents.own_agent, name="own_agent"),
    path("agents/<int:pk>/", agents.one_agent, name="agent"),
    path("causes/", causes.causes, name="causes"),
    path("causes/<path:code>/", causes.one_cause, name="cause"),
    path("charts/<slug:name>.svg", static_pictures.chart, name="chart"),
    path("charts/<slug:name>.png", static_pictures.chart, {"kind": "png"}, name="chart_png"),
    path("deliverability/", deliverability.deliverability, name="deliverability"),
    path("matrix/", both.matrix, name="matrix"),
    path("trend/", both.trend, name="trend"),
    path("segments/", segments.segments, name="segments"),
    path("responses/", responses.responses, name="responses"),
    path("who-answered/", silent.who_answered, name="who_answered"),
]
