"""Invitations and the deliveries that carry them: the queue of record."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from surveys.models.cases import Resolution
from surveys.models.people import Customer
from surveys.models.policies import Policy
from surveys.models.questionnaires import QuestionnaireVersion


class Invitation(models.Model):
    """The one survey of a resolution; where nothing is sent, `reason` says why in words."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        UNKNOWN = "unknown", "Sent, perhaps"
        FAILED = "failed", "Could not be sent"
        SKIPPED = "skipped", "Not surveyed"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Closed"

    class Arm(models.TextChoices):
        FIX_FIRST = "fix_first", "Fix first"
        CAUSE_FIRST = "cause_first", "Cause first"

    class Asks(models.TextChoices):
        BOTH = "both", "Fix and cause"
        FIX = "fix", "Fix only"
        CAUSE = "cause", "Cause only"

    resolution = models.OneToOneField(
        Resolution, on_delete=models.CASCADE, related_name="invitation"
    )
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT)
    # Nobody asks for the invitations of a policy or version: every status would pay for the keys.
    policy = models.ForeignKey(Policy, null=True, on_delete=models.PROTECT, db_index=False)
    version = models.ForeignKey(
        QuestionnaireVersion, null=True, on_delete=models.PROTECT, db_index=False
    )
    status = models.CharField(max_length=10, choices=Status.choices)
    reason = models.CharField(max_length=300, blank=True)
    reason_code = models.CharField(max_length=30, blank=True)
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=35, default="en")
    arm = models.CharField(max_length=12, choices=Arm.choices)
    # The items that the lot chose, one of each rotation group, separated by blanks.
    rotation = models.CharField(max_length=200, blank=True)
    # Which of the two headline blocks it carries: a policy may ask the cause more seldom.
    asks = models.CharField(max_length=5, choices=Asks.choices, db_default=Asks.BOTH)
    # The link's token is an HMAC of this under a key outside the database; only its hash is kept.
    nonce = models.UUIDField(default=uuid.uuid4)
    token_hash = models.BinaryField(max_length=32, unique=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status__in=["sent", "unknown"]),
                name="invitation_open_until",
            ),
            # Invitations lie in the order of time but for weeks: some dozens of kilobytes tell
            # which part of the table a window is in, and cost a write nothing.
            BrinIndex(
                fields=["sent_at", "due_at"],
                name="invitation_when",
                pages_per_range=32,
                autosummarize=True,
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} ({self.status})"


class Delivery(models.Model):
    """One message of an invitation, a mail in most cases. Workers claim due rows under a lease;
    `in_flight_at` is committed before its content leaves (before SMTP DATA), so that a send whose
    outcome nobody knows is seen and never repeated."""

    class Channel(models.TextChoices):
        MAIL = "mail", "Mail"
        API = "api", "Your own system"
        LINK = "link", "Link or QR code"
        SMS = "sms", "SMS"
        WHATSAPP = "whatsapp", "WhatsApp"

    class Kind(models.TextChoices):
        INVITATION = "invitation", "Invitation"
        REMINDER = "reminder", "Reminder"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        UNKNOWN = "unknown", "Unknown"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # A default of the database, too: a process of the version before inserts without it.
    channel = models.CharField(
        max_length=8, choices=Channel.choices, default=Channel.MAIL, db_default=Channel.MAIL
    )
    status = models.CharField(max_length=10, choices=Status.choices)
    due_at = models.DateTimeField()
    # Put off by a limit of mails a second: `due_at` is its place in that limit's queue.
    is_paced = models.BooleanField(default=False, db_default=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    in_flight_at = models.DateTimeField(null=True, blank=True)
    n_attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invitation", "kind"], name="delivery_once"),
        ]
        indexes: ClassVar = [
            # By channel: links that nobody fetches must not stand in the way of mails.
            models.Index(
                fields=["channel", "due_at", "id"],
                condition=models.Q(status="queued"),
                name="delivery_queue_of_channel",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(channel="api"),
                name="delivery_by_caller",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(status="sending"),
                name="delivery_leases",
            ),
            # Not by `in_flight_at`: in no index, it is noted in place.
            models.Index(
                fields=["id"],
                condition=models.Q(status="unknown"),
                name="delivery_unknown",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of invitation {self.invitation_id} ({self.status})"


class MailPace(models.Model):
    """What a limit of mails or messages a second has let through (`services.delivery_pacing`)."""

    # "" for the limit of all mails, "sms:" for that of a channel.
    domain = models.CharField(max_length=255, primary_key=True)
    free_at = models.DateTimeField()
    queue_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"pace of {self.domain or 'all mails'}"


class Heartbeat(models.Model):
    """When a part that has no port was last alive."""

    name = models.CharField(max_length=50, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} seen {self.seen_at:%Y-%m-%d %H:%M:%S}"
