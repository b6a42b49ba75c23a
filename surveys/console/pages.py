"""The frame of every staff page: navigation by role, account menu, badge of the sample data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from surveys.console import roles
from surveys.console.roles import StaffRequest, role_of
from surveys.models import Cause, Team, User


@dataclass(frozen=True)
class Entry:
    """One line of the navigation. `sign` is the shape that stands for what the page is about."""

    label: str
    name: str
    allowed: frozenset[User.Role]
    sign: str = ""


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    sign: str
    is_current: bool


@dataclass(frozen=True)
class Group:
    label: str
    links: list[Link]


REPORTS = "Reports"
NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        REPORTS,
        (
            Entry("Overview", "overview", roles.NUMBERS),
            Entry("My fixes", "own_agent", frozenset({User.Role.AGENT}), "fix"),
            Entry("Agents", "agents", roles.FIX, "fix"),
            Entry("Causes", "causes", roles.CAUSES, "cause"),
            Entry("Matrix", "matrix", roles.NUMBERS, "masked"),
            Entry("Trend", "trend", roles.NUMBERS),
            Entry("Segments", "segments", roles.NUMBERS),
            Entry("Responses", "responses", roles.COMMENTS),
        ),
    ),
    (
        "Work",
        (
            Entry("Cases", "cases", roles.CASES),
            Entry("Follow-ups", "follow_ups", roles.FIX),
            Entry("Actions", "actions", roles.CAUSES),
        ),
    ),
    (
        "Set-up",
        (
            Entry("Questionnaires", "questionnaires", roles.SET_UP),
            Entry("Policies", "policies", roles.SET_UP),
            Entry("Brands", "brands", roles.SET_UP),
            Entry("Connections", "connections", roles.ADMINS),
            Entry("Deliverability", "deliverability", roles.ADMINS),
            Entry("Inbox", "inbox", roles.IDENTITIES),
            Entry("Settings", "settings", roles.ADMINS),
        ),
    ),
)


def navigation(user: User, current: str, keep: str = "") -> list[Group]:
    """The lines this role may open, `current` marked; `keep` is the question that goes along from
    one report to the next."""
    role = role_of(user)
    groups = []
    for label, entries in NAVIGATION:
        query = f"?{keep}" if keep and label == REPORTS else ""
        links = [
            Link(entry.label, reverse(entry.name) + query, entry.sign, entry.name == current)
            for entry in entries
            if role in entry.allowed
        ]
        if links:
            groups.append(Group(label, links))
    return groups


def has_sample_data() -> bool:
    """Whether sample data is mixed in. Asks the two small tables that every sample fills."""
    return Team.objects.filter(is_sample=True).exists() or (
        Cause.objects.filter(is_sample=True).exists()
    )


def render_page(
    request: StaffRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    current: str,
    status: int = 200,
) -> HttpResponse:
    """A page in the frame; `current` is the route name its line in the navigation has."""
    user = request.user
    frame = {
        "navigation": navigation(user, current, str(context.get("keep", ""))),
        "role_label": role_of(user).label,
        "scope": request.scope,
        "has_sample_data": has_sample_data(),
        "may_administer": request.scope.can_administer,
    }
    return render(request, template, {**frame, **context}, status=status)
