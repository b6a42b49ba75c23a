"""What customers asked for on the thank-you page, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from surveys.models.responses import Response


class FollowUp(models.Model):
    """One wish of one customer: to be called back, or to hear when the cause is fixed. Opened in
    the transaction that notes the wish, and withdrawn in that which takes it back. It goes with the
    response, as an erasure takes it away. Only a call has a time that it is due at."""

    class Kind(models.TextChoices):
        CALL_BACK = "call_back", "A call back"
        NEWS = "news", "News of the cause"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        WITHDRAWN = "withdrawn", "Withdrawn by the customer"

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="follow_ups", db_index=False
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="follow_ups",
    )
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # What came of it, in words of staff.
    outcome = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering: ClassVar = ["-opened_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "kind"], name="follow_up_once"),
            models.CheckConstraint(
                condition=models.Q(status="open", closed_at__isnull=True)
                | (~models.Q(status="open") & models.Q(closed_at__isnull=False)),
                name="follow_up_closed_at_some_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(status="open"),
                name="follow_up_waiting",
            ),
            models.Index(fields=["-opened_at", "-id"], name="follow_up_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for response {self.response_id} ({self.status})"


class FollowUpChange(models.Model):
    """What was done about a follow-up, by whom: written once, and gone only with it. The address
    stays readable after its account."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Asked for"
        ASSIGNED = "assigned", "Assigned"
        DONE = "done", "Done"
        REOPENED = "reopened", "Opened again"
        WITHDRAWN = "withdrawn", "Taken back"

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=254)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    # The address of whoever it was given to, or the outcome.
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} of follow-up {self.follow_up_id} by {self.actor}"
