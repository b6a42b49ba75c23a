"""Addresses of brands, mails and previews."""

from django.urls import URLPattern, path

from surveys.builder import brands, links, mail
from surveys.builder.walk import PreviewUnsubscribeView, PreviewView

urlpatterns: list[URLPattern] = [
    path("questionnaires/<slug:slug>/mail/", mail.questionnaire_mail, name="questionnaire_mail"),
    path(
        "questionnaires/<slug:slug>/mail/html/",
        mail.questionnaire_mail_html,
        name="questionnaire_mail_html",
    ),
    path(
        "questionnaires/<slug:slug>/mail/test/",
        mail.questionnaire_test_send,
        name="questionnaire_test_send",
    ),
    path(
        "questionnaires/<slug:slug>/links/", links.questionnaire_links, name="questionnaire_links"
    ),
    path(
        "questionnaires/<slug:slug>/links/<int:link_id>/revoke/",
        links.revoke_preview_link,
        name="revoke_preview_link",
    ),
    path("brands/", brands.all_brands, name="brands"),
    path("brands/new/", brands.new_brand, name="new_brand"),
    path("brands/preview/", brands.brand_preview, name="brand_preview"),
    path("brands/<slug:slug>/", brands.one_brand, name="brand"),
    path("brands/<slug:slug>/remove/", brands.remove_brand, name="remove_brand"),
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
