"""Addresses of the brands."""

from django.urls import URLPattern, path

from surveys.builder.branding import pages

urlpatterns: list[URLPattern] = [
    path("brands/", pages.all_brands, name="brands"),
    path("brands/new/", pages.new_brand, name="new_brand"),
    path("brands/preview/", pages.brand_preview, name="brand_preview"),
    path("brands/<slug:slug>/", pages.one_brand, name="brand"),
    path("brands/<slug:slug>/remove/", pages.remove_brand, name="remove_brand"),
]
