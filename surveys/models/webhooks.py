"""Events that leave: who asked to be told, what happened, and what became of each delivery."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class WebhookEndpoint(models.Model):
    """An address that is told of events.

    Its secret is an HMAC of `secret_nonce` under a key outside the database; of it only the hash is
    kept, which tells whether the key is still there. The former one holds until `former_until`.
    """

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=2000)
    events = ArrayField(models.CharField(max_length=50))
    # Whether it is told who the customer is, and what they wrote.
    with_personal_data = models.BooleanField(default=False)
    secret_nonce = models.UUIDField(default=uuid.uuid4)
    secret_hash = models.BinaryField(max_length=32)
    former_nonce = models.UUIDField(null=True, blank=True)
    former_hash = models.BinaryField(max_length=32, null=True, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    # Held by staff: what happens meanwhile waits. Switched off: it is not told of it any more.
    paused_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=300, blank=True)
    n_failing = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    # One that hangs or is away is left alone for a while, so that it keeps no worker waiting.
    rests_until = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """active, paused or disabled."""
        if self.disabled_at is not None:
            return "disabled"
        return "active" if self.paused_at is None else "paused"


class OutgoingEvent(models.Model):
    """Something that happened and that an endpoint asked for: written in the transaction of what
    happened, as numbers alone. `data` is put together within seconds, and then also who is told.

    No foreign keys: of what an erasure or a removal deletes, the note is deleted by its number.
    """

    id = models.BigAutoField(primary_key=True)
    # The `webhook-id`, the same whenever it is sent.
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    type = models.CharField(max_length=50)
    occurred_at = models.DateTimeField()
    invitation_id = models.BigIntegerField(null=True)
    data = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=models.Q(data__isnull=True), name="outgoing_event_new"
            ),
            models.Index(fields=["invitation_id"], name="outgoing_event_subject"),
            models.Index(fields=["occurred_at"], name="outgoing_event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.uid}"


class WebhookDelivery(models.Model):
    """One event for one endpoint. Workers claim due rows under a lease; the network is outside of
    every transaction, so it is delivered at least once, always under the same `webhook-id`."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    event = models.ForeignKey(
        OutgoingEvent, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status.choices)
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Of the current schedule: a resend begins anew. The attempts themselves all stay.
    n_attempts = models.PositiveSmallIntegerField(default=0)
    last_words = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="webhook_delivery_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=models.Q(status="queued"),
                name="webhook_queue",
            ),
            models.Index(
                fields=["endpoint", "lease_until"],
                condition=models.Q(status="sending"),
                name="webhook_leases",
            ),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="webhook_log"),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} for endpoint {self.endpoint_id} ({self.status})"


class WebhookAttempt(models.Model):
    """One request and what was answered to it; `status` is None where there was no answer."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    words = models.CharField(max_length=300, blank=True)
    # The first kilobyte.
    answer = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["started_at", "pk"]

    def __str__(self) -> str:
        return f"attempt of delivery {self.delivery_id}: {self.status or self.words}"
