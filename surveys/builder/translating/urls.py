"""Addresses of a questionnaire's translations."""

from django.urls import URLPattern, path

from surveys.builder.translating import languages, table

urlpatterns: list[URLPattern] = [
    path("questionnaires/<slug:slug>/translations/", table.table, name=table.ROUTE),
    path(
        "questionnaires/<slug:slug>/translations/languages/",
        languages.change,
        name="change_translation_languages",
    ),
    path(
        "questionnaires/<slug:slug>/translations/import/",
        languages.import_,
        name="import_translations",
    ),
    path(
        "questionnaires/<slug:slug>/translations/<slug:language>/",
        table.save,
        name="save_translations",
    ),
    path(
        "questionnaires/<slug:slug>/translations/<slug:language>.<slug:kind>",
        languages.export,
        name="export_translations",
    ),
]
