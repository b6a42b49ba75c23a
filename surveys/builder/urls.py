"""Addresses of the designer's pages."""

from django.urls import URLPattern

from surveys.builder.branding import urls as branding
from surveys.builder.catalogue import urls as catalogue
from surveys.builder.editor import urls as editor
from surveys.builder.mailing import urls as mailing
from surveys.builder.policies import urls as policies
from surveys.builder.publishing import urls as publishing
from surveys.builder.sharing import urls as sharing
from surveys.builder.translating import urls as translating

urlpatterns: list[URLPattern] = [
    *policies.urlpatterns,
    *catalogue.urlpatterns,
    *publishing.urlpatterns,
    *translating.urlpatterns,
    *mailing.urlpatterns,
    *sharing.urlpatterns,
    *branding.urlpatterns,
    *editor.urlpatterns,
]
