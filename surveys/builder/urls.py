"""Addresses of the designer's pages."""

from django.urls import URLPattern, URLResolver, path

from surveys.builder import (
    catalogue,
    policy_urls,
    presentation_urls,
    review,
    translation_languages,
    translations,
    versions,
)
from surveys.builder.editor import urls as editor_urls

urlpatterns: list[URLPattern | URLResolver] = [
    *policy_urls.urlpatterns,
    path("questionnaires/", catalogue.questionnaire_list, name="questionnaires"),
    path("questionnaires/new/", catalogue.new, name="questionnaire_new"),
    path("questionnaires/import/", catalogue.import_new, name="questionnaire_import"),
    path(
        "questionnaires/<slug:slug>/duplicate/", catalogue.duplicate, name="questionnaire_duplicate"
    ),
    path("questionnaires/<slug:slug>/rename/", catalogue.rename, name="questionnaire_rename"),
    path("questionnaires/<slug:slug>/archive/", catalogue.archive, name="questionnaire_archive"),
    path(
        "questionnaires/<slug:slug>/bring-back/",
        catalogue.bring_back,
        name="questionnaire_bring_back",
    ),
    path("questionnaires/<slug:slug>/export.json", catalogue.export, name="questionnaire_export"),
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
    path("questionnaires/<slug:slug>/translations/", translations.table, name=translations.ROUTE),
    path(
        "questionnaires/<slug:slug>/translations/languages/",
        translation_languages.change,
        name="change_translation_languages",
    ),
    path(
        "questionnaires/<slug:slug>/translations/import/",
        translation_languages.import_,
        name="import_translations",
    ),
    path(
        "questionnaires/<slug:slug>/translations/<slug:language>/",
        translations.save,
        name="save_translations",
    ),
    path(
        "questionnaires/<slug:slug>/translations/<slug:language>.<slug:kind>",
        translation_languages.export,
        name="export_translations",
    ),
    *presentation_urls.urlpatterns,
    *editor_urls.urlpatterns,
]
