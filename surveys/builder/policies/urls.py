"""Addresses of the policies."""

from django.urls import path

from surveys.builder.policies import pages

urlpatterns = [
    path("policies/", pages.policies, name="policies"),
    path("policies/new/", pages.new_policy, name="new_policy"),
    path("policies/<slug:slug>/", pages.one_policy, name="policy"),
    path("policies/<slug:slug>/move/", pages.move_policy, name="move_policy"),
    path("policies/<slug:slug>/switch/", pages.switch_policy, name="switch_policy"),
    path("policies/<slug:slug>/duplicate/", pages.duplicate_policy, name="duplicate_policy"),
    path("policies/<slug:slug>/delete/", pages.delete_policy, name="delete_policy"),
]
