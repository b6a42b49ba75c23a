"""Addresses of the list of questionnaires and of what begins one."""

from django.urls import URLPattern, path

from surveys.builder.catalogue import pages

urlpatterns: list[URLPattern] = [
    path("questionnaires/", pages.questionnaire_list, name="questionnaires"),
    path("questionnaires/new/", pages.new, name="questionnaire_new"),
    path("questionnaires/import/", pages.import_new, name="questionnaire_import"),
    path("questionnaires/<slug:slug>/duplicate/", pages.duplicate, name="questionnaire_duplicate"),
    path("questionnaires/<slug:slug>/rename/", pages.rename, name="questionnaire_rename"),
    path("questionnaires/<slug:slug>/archive/", pages.archive, name="questionnaire_archive"),
    path(
        "questionnaires/<slug:slug>/bring-back/", pages.bring_back, name="questionnaire_bring_back"
    ),
    path("questionnaires/<slug:slug>/export.json", pages.export, name="questionnaire_export"),
]
