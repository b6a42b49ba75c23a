"""Preventive actions: what somebody does so that a cause happens less, written down before its
effect can be seen.

Only what was done and when is kept, never a verdict: whether it worked is told anew from the
answers each time.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Action(models.Model):
    """Something done about a cause. `began_on` to `done_on` are the days of its roll-out, equal
    where it came into force at once; `done_on` is empty while it is still being rolled out.

    `dated_at` is when the days were last named: a verdict on days picked after the effect could be
    seen is worth less, and pages say so. The cause is the one it was registered for; where that
    was merged, whoever reads follows `merged_into`, so that undoing a merge moves nothing here.
    """

    cause = models.ForeignKey("surveys.Cause", on_delete=models.CASCADE, related_name="actions")
    title = models.CharField(max_length=200)
    text = models.TextField(max_length=4000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="actions",
    )
    began_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    registered_at = models.DateTimeField(default=timezone.now)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    dated_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    is_sample = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-began_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(done_on__isnull=True)
                | models.Q(done_on__gte=models.F("began_on")),
                name="action_ends_after_it_began",
            ),
            models.CheckConstraint(condition=~models.Q(title=""), name="action_has_a_title"),
            models.CheckConstraint(
                condition=models.Q(dated_at__gte=models.F("registered_at")),
                name="action_dated_when_registered_or_later",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ActionChange(models.Model):
    """What was changed of an action, by whom and why: written once, changed never (held by a
    trigger), and gone only with the action. The address stays readable after its account."""

    class Kind(models.TextChoices):
        REGISTERED = "registered", "Registered"
        TITLE = "title", "Title"
        TEXT = "text", "Description"
        OWNER = "owner", "Owner"
        DATES = "dates", "Days"
        WITHDRAWN = "withdrawn", "Withdrawn"
        RESTORED = "restored", "Brought back"

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=254)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    before = models.CharField(max_length=300, blank=True)
    after = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} of action {self.action_id} by {self.actor}"
