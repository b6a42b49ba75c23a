"""What is counted: one narrow row per response, and day rollups of integers that add up.

Rollups hold counts only, never a rate. `basis` says whether a day is that of the answer or that
of the resolution, both in UTC. `scope` is what a row is about: everything ("all", scope_id 0) or
one team, agent or cause.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from analytics.kept import (
    DigestMail,
    DigestSubscription,
    ReaderSettings,
    SavedView,
    ShareLink,
    ShareOpening,
    SharingEvent,
)
from analytics.registered import Action, ActionChange
from analytics.signalled import Signal

__all__ = [
    "Action",
    "ActionChange",
    "AggregateState",
    "Basis",
    "CauseDay",
    "CountedResponse",
    "DigestMail",
    "DigestSubscription",
    "FixDay",
    "MatrixDay",
    "ReaderSettings",
    "RebuildPart",
    "SavedView",
    "ShareLink",
    "ShareOpening",
    "SharingEvent",
    "Signal",
]


class CountedResponse(models.Model):
    """What aggregation has counted of one response: dimensions of the resolution's snapshot and
    ratings. Equal to the raw answer at any quiet moment; the filtered reports read it."""

    response_id = models.BigIntegerField(primary_key=True)
    answered_on = models.DateField()
    resolved_on = models.DateField()
    team_id = models.BigIntegerField(null=True)
    # Agents with a share of at least one half: who the rating may be said of.
    agent_ids = ArrayField(models.BigIntegerField())
    n_agents = models.SmallIntegerField()
    product_id = models.BigIntegerField(null=True)
    cause_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=50)
    language = models.CharField(max_length=35)
    questionnaire_id = models.BigIntegerField()
    arm = models.CharField(max_length=12)
    f1 = models.SmallIntegerField(null=True)
    f2 = models.SmallIntegerField(null=True)
    c1 = models.SmallIntegerField(null=True)
    c2 = models.SmallIntegerField(null=True)
    c3 = models.SmallIntegerField(null=True)
    o1 = models.SmallIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["answered_on"]),
            models.Index(fields=["resolved_on"]),
        ]

    def __str__(self) -> str:
        return f"counted response {self.response_id}"


class Basis(models.TextChoices):
    """Which day an answer is filed under."""

    ANSWERED = "a", "answered"
    RESOLVED = "r", "resolved"


class FixDay(models.Model):
    """Histogram of fix ratings of one day. Scope "all" and "team" count F1, "agent" counts the
    agent's rating (F2 where asked of one agent, else F1)."""

    basis = models.CharField(max_length=1, choices=Basis.choices)
    day = models.DateField()
    scope = models.CharField(max_length=8)
    scope_id = models.BigIntegerField()
    h1 = models.IntegerField(default=0)
    h2 = models.IntegerField(default=0)
    h3 = models.IntegerField(default=0)
    h4 = models.IntegerField(default=0)
    h5 = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basis", "scope", "day", "scope_id"], name="fix_day"),
        ]

    def __str__(self) -> str:
        return f"fix of {self.scope} {self.scope_id} on {self.day}"


class CauseDay(models.Model):
    """Histograms of cause ratings of one day: C1 in h, C2 (avoidable) in v, C3 (before) in w."""

    basis = models.CharField(max_length=1, choices=Basis.choices)
    day = models.DateField()
    scope = models.CharField(max_length=8)
    scope_id = models.BigIntegerField()
    h1 = models.IntegerField(default=0)
    h2 = models.IntegerField(default=0)
    h3 = models.IntegerField(default=0)
    h4 = models.IntegerField(default=0)
    h5 = models.IntegerField(default=0)
    v1 = models.IntegerField(default=0)
    v2 = models.IntegerField(default=0)
    v3 = models.IntegerField(default=0)
    v4 = models.IntegerField(default=0)
    v5 = models.IntegerField(default=0)
    w1 = models.IntegerField(default=0)
    w2 = models.IntegerField(default=0)
    w3 = models.IntegerField(default=0)
    w4 = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basis", "scope", "day", "scope_id"], name="cause_day"),
        ]

    def __str__(self) -> str:
        return f"cause of {self.scope} {self.scope_id} on {self.day}"


class MatrixDay(models.Model):
    """The 5x5 counts of one day, fix rating down and cause rating across: the only rollup in
    which the two dimensions meet."""

    basis = models.CharField(max_length=1, choices=Basis.choices)
    day = models.DateField()
    fix = models.SmallIntegerField()
    cause = models.SmallIntegerField()
    n = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basis", "day", "fix", "cause"], name="matrix_day"),
        ]

    def __str__(self) -> str:
        return f"fix {self.fix}, cause {self.cause} on {self.day}: {self.n}"


class AggregateState(models.Model):
    """Row 1: its version grows with every applied batch, so that a cached report is known old. Row
    2: until when the job rests from packing resolutions."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)
    applied_at = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"aggregates at version {self.version}"


class RebuildPart(models.Model):
    """A range of days that a rebuild has yet to count again: the queue of its workers."""

    run = models.UUIDField(db_index=True)
    from_date = models.DateField()
    to_date = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    n = models.IntegerField(default=0)
    n_changed = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"rebuild of {self.from_date} to {self.to_date}"


class AnswerBlock(models.Model):
    """Counted responses of one day of answers as packed columns (`frames.blocks`): what filtered
    reports count. A day is the sum of its blocks; blocks are added, merged and deleted, and never
    changed, so their random id names their content for good."""

    id = models.BigIntegerField(primary_key=True)
    day = models.DateField(db_index=True)
    n = models.IntegerField()
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.n} responses of {self.day}"


class ResolutionBlock(models.Model):
    """The resolutions of one UTC day with what became of their invitations, as packed columns
    (`frames.resolutions`). A block never changes: its random id names its content for good, and a
    day that is counted anew gets another one."""

    id = models.BigIntegerField(primary_key=True)
    day = models.DateField(unique=True)
    n = models.IntegerField()
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.n} resolutions of {self.day}"


class ResolutionChange(models.Model):
    """A day whose resolutions, their agents, invitations or answers came, changed or went since it
    was packed: written in the same transaction, by triggers. `n` resolutions came. A day that
    `is_unpacked` holds resolutions of which nobody was told, from before there were notes."""

    day = models.DateField()
    n = models.IntegerField()
    is_unpacked = models.BooleanField()

    def __str__(self) -> str:
        return f"resolutions of {self.day} changed"
