"""What the mail world said about our mails after it had taken them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from surveys.models.invitations import Delivery


class DeliveryReport(models.Model):
    """One report about one mail, under its signed return path. Rows are never changed; they go
    with the customer who is erased. `words` hold no address: reports like to name third parties."""

    class Kind(models.TextChoices):
        HARD = "hard", "No such mailbox"
        SOFT = "soft", "Not delivered this time"
        POLICY = "policy", "Refused by policy"
        COMPLAINT = "complaint", "Reported as spam"
        DELAYED = "delayed", "Delayed"
        AUTO_REPLY = "auto_reply", "Automatic reply"
        CHALLENGE = "challenge", "Asks to be confirmed"
        DELIVERED = "delivered", "Delivered"
        OTHER = "other", "Something else"

    class Effect(models.TextChoices):
        SUPPRESSED = "suppressed", "address suppressed"
        BOUNCED = "bounced", "mail counted as not delivered"
        NOTHING = "nothing", "nothing to do"
        LATE = "late", "too late to count"
        ANSWERED = "answered", "the survey was answered, so nothing"

    class Source(models.TextChoices):
        IMAP = "imap", "mailbox"
        LMTP = "lmtp", "LMTP"
        SMTP = "smtp", "SMTP"
        API = "api", "API"
        ESP = "esp", "mail provider"
        SMS = "sms", "messaging provider"

    # The database's own key deletes along, for intake deletes deliveries without asking Django.
    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="reports", db_constraint=False
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # The enhanced status code (RFC 3463), or what of the words amounts to one; may be empty.
    code = models.CharField(max_length=12, blank=True)
    words = models.CharField(max_length=300, blank=True)
    # Which of the known forms of reports it was written in.
    form = models.CharField(max_length=20)
    effect = models.CharField(max_length=12, choices=Effect.choices)
    source = models.CharField(max_length=6, choices=Source.choices)
    # Of delivery, kind and the report's own Message-ID: the same report twice is one row.
    report_key = models.BinaryField(max_length=32, unique=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-received_at", "-id"], name="report_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} report on delivery {self.delivery_id}"


class ReportTally(models.Model):
    """How many messages came through a door on a day, and what they turned out to be: also those
    that left no report, for they were forged, repeated or unreadable."""

    class Outcome(models.TextChoices):
        RECORDED = "recorded", "Reports taken"
        DUPLICATE = "duplicate", "The same again"
        FORGED = "forged", "Wrongly signed"
        UNSIGNED = "unsigned", "Without a return path of ours"
        UNREADABLE = "unreadable", "Unreadable"

    day = models.DateField()
    source = models.CharField(max_length=6, choices=DeliveryReport.Source.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    n = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "source", "outcome"], name="tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.outcome} by {self.source} on {self.day}"
