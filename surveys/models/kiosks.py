"""Screens on which customers answer at the desk."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from surveys.models.invitations import Invitation


class Kiosk(models.Model):
    """A screen that is opened by its own link and shows one survey at a time.

    `visit` names the turn of one customer, until `visit_until`; whatever the screen asks for under
    another name is over. Only the token's SHA-256 is kept.
    """

    name = models.CharField(max_length=100)
    token_hash = models.BinaryField(max_length=32, unique=True)
    # The database has no key here: surveys go with their case, whatever a screen once showed.
    invitation = models.ForeignKey(
        Invitation,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    visit = models.CharField(max_length=32, blank=True)
    has_begun = models.BooleanField(default=False)
    visit_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
