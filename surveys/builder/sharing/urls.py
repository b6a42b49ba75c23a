"""Addresses of the links, and of what they open."""

from django.urls import URLPattern, path

from surveys.builder.sharing import links
from surveys.builder.sharing.walk import PreviewUnsubscribeView, PreviewView

urlpatterns: list[URLPattern] = [
    path(
        "questionnaires/<slug:slug>/links/", links.questionnaire_links, name="questionnaire_links"
    ),
    path(
        "questionnaires/<slug:slug>/links/<int:link_id>/revoke/",
        links.revoke_preview_link,
        name="revoke_preview_link",
    ),
    # Opened by whoever has the link, without a login.
    path("p/<str:token>/", PreviewView.as_view(), name="preview"),
    path(
        "p/<str:token>/test/<slug:asks>/<slug:arm>/<slug:language>/<slug:brand>/",
        PreviewView.as_view(),
        name="preview_test",
    ),
    path(
        "p/<str:token>/unsubscribe/", PreviewUnsubscribeView.as_view(), name="preview_unsubscribe"
    ),
]
