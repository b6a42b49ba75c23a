"""Keys of the API, and the replies kept so that a repeated request gets the same answer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class ApiKey(models.Model):
    """A key of the API: shown once, kept as SHA-256."""

    class Scope(models.TextChoices):
        CASES_WRITE = "cases:write"
        CASES_READ = "cases:read"
        RESPONSES_READ = "responses:read"
        REPORTS_READ = "reports:read"
        QUESTIONNAIRES_WRITE = "questionnaires:write"
        INVITATIONS_DELIVER = "invitations:deliver"
        ADMIN = "admin"

    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=12)
    key_hash = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope.choices))
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Signed(models.Model):
    """An entry of a log that says who made it: a member of staff, a key of the API, or neither:
    then it was the command line."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_key = models.ForeignKey(
        ApiKey, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def author(self) -> str:
        """Who it was, for people."""
        if self.by_key is not None:
            return f"API key “{self.by_key.name}”"
        return "the command line" if self.by is None else str(self.by)


class IdempotentReply(models.Model):
    """The answer once given under an Idempotency-Key; kept 24 hours."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["api_key", "key"], name="idempotent_reply_once"),
        ]

    def __str__(self) -> str:
        return f"reply to {self.key}"
