"""Addresses of the builder."""

from django.urls import path

from surveys.builder.editor import views

urlpatterns = [
    path("questionnaires/<slug:slug>/", views.questionnaire, name="questionnaire"),
    path("questionnaires/<slug:slug>/edit/", views.edit, name="questionnaire_edit"),
    path("questionnaires/<slug:slug>/state/", views.state, name="questionnaire_state"),
    path("questionnaires/preview/<slug:theme>.css", views.preview_style, name="preview_style"),
    path("questionnaires/<slug:slug>/preview/", views.preview, name="questionnaire_preview"),
]
