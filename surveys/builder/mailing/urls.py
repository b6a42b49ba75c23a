"""Addresses of a questionnaire's mails."""

from django.urls import URLPattern, path

from surveys.builder.mailing import pages

urlpatterns: list[URLPattern] = [
    path("questionnaires/<slug:slug>/mail/", pages.questionnaire_mail, name="questionnaire_mail"),
    path(
        "questionnaires/<slug:slug>/mail/html/",
        pages.questionnaire_mail_html,
        name="questionnaire_mail_html",
    ),
    path(
        "questionnaires/<slug:slug>/mail/test/",
        pages.questionnaire_test_send,
        name="questionnaire_test_send",
    ),
]
