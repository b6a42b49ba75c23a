"""Addresses of the review and of the versions."""

from django.urls import URLPattern, path

from surveys.builder.publishing import review, versions

urlpatterns: list[URLPattern] = [
    path(
        "questionnaires/<slug:slug>/import/",
        versions.import_draft,
        name="questionnaire_import_draft",
    ),
    path(
        "questionnaires/<slug:slug>/versions/", versions.version_list, name="questionnaire_versions"
    ),
    path(
        "questionnaires/<slug:slug>/versions/<int:number>/",
        versions.one_version,
        name="questionnaire_version",
    ),
    path(
        "questionnaires/<slug:slug>/versions/<int:number>/restore/",
        versions.restore,
        name="questionnaire_restore",
    ),
    path("questionnaires/<slug:slug>/compare/", versions.compare, name="questionnaire_compare"),
    path("questionnaires/<slug:slug>/review/", review.review_page, name="questionnaire_review"),
    path("questionnaires/<slug:slug>/publish/", review.publish, name="questionnaire_publish"),
    path(
        "questionnaires/<slug:slug>/versions/<int:number>/published/",
        review.published,
        name="questionnaire_published",
    ),
    path("questionnaires/<slug:slug>/use/", review.use, name="questionnaire_use"),
]
