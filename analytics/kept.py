"""What readers keep of the reports: saved views, links for others, digests in their mail.

Only questions are kept (a path and a query), never figures: who opens one later sees what is true,
and what they may see, at that moment.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class ReaderSettings(models.Model):
    """What a reader set for themselves. Without a time zone the company's holds."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="reading"
    )
    time_zone = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"settings of reader {self.user_id}"


class SavedView(models.Model):
    """A report with its filters under a name. A relative period in the query stays relative."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    path = models.CharField(max_length=400)
    query = models.CharField(max_length=4000, blank=True)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                condition=models.Q(deleted_at__isnull=True),
                name="saved_view_name",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=models.Q(is_shared=True, deleted_at__isnull=True),
                name="saved_view_shared",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShareLink(models.Model):
    """A link that shows one report, read-only and for some days, to whoever holds it. `role` is the
    sharer's at that time: with another one they could not have shared the same."""

    nonce = models.UUIDField(default=uuid.uuid4)
    token_hash = models.BinaryField(max_length=32, unique=True)
    sharer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    role = models.CharField(max_length=20)
    path = models.CharField(max_length=400)
    query = models.CharField(max_length=4000, blank=True)
    title = models.CharField(max_length=200)
    with_comments = models.BooleanField(default=False)
    # A default of the database, too: a process of the version before inserts without it.
    with_names = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link {self.pk} to {self.path}"


class ShareOpening(models.Model):
    """Somebody who opened a link: a keyed hash, so that openers can be counted and not named."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="openings")
    opener = models.BinaryField(max_length=16)
    last_at = models.DateTimeField()
    n = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["link", "opener"], name="share_opening_once"),
        ]

    def __str__(self) -> str:
        return f"opening of link {self.link_id}"


class DigestSubscription(models.Model):
    """A wish for a digest at a local hour. `next_due_at` is what the database says is due."""

    class Cadence(models.TextChoices):
        DAILY = "daily", "Every day"
        WEEKLY = "weekly", "Every Monday"
        MONTHLY = "monthly", "On the first of the month"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    cadence = models.CharField(max_length=8, choices=Cadence.choices)
    hour = models.PositiveSmallIntegerField()
    nonce = models.UUIDField(default=uuid.uuid4)
    token_hash = models.BinaryField(max_length=32, unique=True)
    next_due_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "cadence"],
                condition=models.Q(stopped_at__isnull=True),
                name="digest_once_per_cadence",
            ),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="digest_hour"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_due_at"],
                condition=models.Q(stopped_at__isnull=True),
                name="digest_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadence} digest of user {self.user_id}"


class DigestMail(models.Model):
    """One digest of one period: the outbox row. `in_flight_at` is committed before SMTP DATA, so
    that a send whose outcome nobody knows is seen and never repeated."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        UNKNOWN = "unknown", "Unknown"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Not sent"

    subscription = models.ForeignKey(
        DigestSubscription, on_delete=models.CASCADE, related_name="mails"
    )
    from_date = models.DateField()
    to_date = models.DateField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    in_flight_at = models.DateTimeField(null=True, blank=True)
    n_attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscription", "to_date"], name="digest_mail_once_per_period"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(status__in=["queued", "sending"]),
                name="digest_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"digest {self.pk} ({self.status})"


class SharingEvent(models.Model):
    """Who saved, shared or subscribed to what: written once, changed never (held by a trigger)."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=40)
    about = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.about}"
