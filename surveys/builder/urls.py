"""Addresses of the designer's pages."""

from django.urls import URLPattern, URLResolver, path

from surveys.builder import translation_languages, translations

urlpatterns: list[URLPattern | URLResolver] = [
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
]
