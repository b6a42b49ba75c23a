"""Addresses of the policies."""

from django.urls import path

from surveys.builder import policies

urlpatterns = [
    path("policies/", policies.policies, name="policies"),
    path("policies/new/", policies.new_policy, name="new_policy"),
    path("policies/<slug:slug>/", policies.one_policy, name="policy"),
    path("policies/<slug:slug>/move/", policies.move_policy, name="move_policy"),
    path("policies/<slug:slug>/switch/", policies.switch_policy, name="switch_policy"),
    path("policies/<slug:slug>/duplicate/", policies.duplicate_policy, name="duplicate_policy"),
    path("policies/<slug:slug>/delete/", policies.delete_policy, name="delete_policy"),
]
