"""Cases as events: the state of a case is the fold over its events in order of occurrence."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from surveys.models.access import Signed
from surveys.models.people import Agent, Customer, Team


class Product(models.Model):
    """What the customer bought."""

    name = models.CharField(max_length=200, unique=True)
    # A former name, or a product that became part of another, as of teams.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="former"
    )
    is_sample = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Cause(models.Model):
    """Why cases happen. A code never seen before is kept and waits unmapped (`mapped_at` empty)."""

    code = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="causes",
    )
    # In place of a person: it belongs to whoever of that team owns causes.
    owner_team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="causes"
    )
    mapped_at = models.DateTimeField(null=True, blank=True)
    # Whatever comes under this code from now on belongs to that cause; never to one merged itself.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged"
    )
    # Which broader cause it is part of in the tree; both are counted by themselves.
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    # By language, what customers read where a survey offers causes; without one, the name.
    names = models.JSONField(default=dict, blank=True, db_default={})
    is_sample = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["name", "code"]
        constraints: ClassVar = [
            # Longer circles are refused by a trigger.
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="cause_not_its_own_parent",
            ),
            models.CheckConstraint(
                condition=models.Q(owner=None) | models.Q(owner_team=None),
                name="cause_owned_by_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def owned_by(self) -> str:
        """The name of the person or team that owns it; empty where nobody does."""
        return str(self.owner or self.owner_team or "")


class CauseChange(Signed):
    """A change of the taxonomy or its rules, for good: who renamed, merged or split which cause,
    and how many resolutions it moved. Codes and names as they were then, so that it outlives its
    causes; an undoing is a change of its own. `moved` and `was` are what undoing needs to know."""

    class Kind(models.TextChoices):
        RENAMED = "renamed", "Renamed"
        MERGED = "merged", "Merged"
        MAPPED = "mapped", "Mapped"
        RULED = "ruled", "Rule changed"
        ORDERED = "ordered", "Rules put in order"
        APPLIED = "applied", "Rule applied to past cases"
        SPLIT = "split", "Split"
        PLACED = "placed", "Moved in the tree"
        WORDED = "worded", "Described"
        UNDONE = "undone", "Undone"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=200)
    before = models.CharField(max_length=200)
    after = models.CharField(max_length=200)
    n_resolutions = models.PositiveIntegerField(default=0)
    # Defaults of the database, too: a process of the version before inserts without them.
    n_answers = models.PositiveIntegerField(default=0, db_default=0)
    moved = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    was = models.JSONField(default=dict, db_default={})
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.code} {self.kind}: {self.before} to {self.after}"


class DimensionChange(Signed):
    """A team or product renamed or merged, or that undone: kept for good, with what undoing needs.

    Names as they were then; `into` is the new name, or that of what it became part of.
    """

    class Dimension(models.TextChoices):
        TEAM = "team", "Team"
        PRODUCT = "product", "Product"

    class Kind(models.TextChoices):
        RENAMED = "renamed", "Renamed"
        MERGED = "merged", "Merged"
        UNDONE = "undone", "Undone"

    dimension = models.CharField(max_length=10, choices=Dimension.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200)
    into = models.CharField(max_length=200)
    n_resolutions = models.PositiveIntegerField(default=0)
    n_answers = models.PositiveIntegerField(default=0)
    was = models.JSONField(default=dict)
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.dimension} {self.name} {self.kind} {self.into}"


class Case(models.Model):
    """A customer's problem as the helpdesk knows it now; history is in its events."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        RESOLVED = "resolved", "Resolved"
        REOPENED = "reopened", "Reopened"

    source = models.CharField(max_length=100)
    external_id = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status.choices)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT)
    subject = models.CharField(max_length=500, blank=True)
    severity = models.CharField(max_length=50, blank=True)
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    last_event_at = models.DateTimeField()
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_id"], name="case_known_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["-last_event_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.source}/{self.external_id}"


class CaseEvent(models.Model):
    """One thing a helpdesk told us of a case. Equal time and status is the same event."""

    # Found through the unique constraint, whose first column it is; so is every such key below.
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events", db_index=False)
    status = models.CharField(max_length=10, choices=Case.Status.choices)
    occurred_at = models.DateTimeField()
    content = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "occurred_at", "status"], name="case_event_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} of case {self.case_id} at {self.occurred_at:%Y-%m-%d %H:%M}"


class Resolution(models.Model):
    """A case being resolved, with who handled it and what it was about *at that moment*.

    Later edits of the case move nothing here. A reopened and again resolved case has two.
    """

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="resolutions", db_index=False
    )
    resolved_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True, blank=True)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT)
    cause = models.ForeignKey(Cause, null=True, on_delete=models.PROTECT)
    channel = models.CharField(max_length=50, blank=True)
    severity = models.CharField(max_length=50, blank=True)
    n_agents = models.PositiveSmallIntegerField()
    human_handled = models.BooleanField()
    is_sample = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "resolved_at"], name="resolution_once"),
        ]
        indexes: ClassVar = [
            # Reports count the cases of a period by what they were about: from the index alone.
            models.Index(
                fields=["resolved_at"],
                include=["cause", "team", "product", "channel"],
                name="resolution_by_day",
            ),
        ]

    def __str__(self) -> str:
        return f"resolution {self.pk} of case {self.case_id}"


class ResolutionAgent(models.Model):
    """Who handled it, and how much of it: the shares of a resolution sum to 1."""

    resolution = models.ForeignKey(
        Resolution, on_delete=models.CASCADE, related_name="handled_by", db_index=False
    )
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT)
    share = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resolution", "agent"], name="resolution_agent_once"),
            models.CheckConstraint(
                condition=models.Q(share__gt=0) & models.Q(share__lte=1),
                name="resolution_agent_share_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"agent {self.agent_id}: {self.share:.0%} of resolution {self.resolution_id}"
