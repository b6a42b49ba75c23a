"""Rules that give a case its cause where the helpdesk named none that is known."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from surveys.models.cases import Cause


class CauseRule(models.Model):
    """What of a case says what caused it. Tried in order of `position`; the first that fits wins.

    One without `within` is for cases whose own cause is empty or waits unmapped, one with it for
    those that would otherwise belong to that cause: it splits it. A deleted rule stays, so that
    it can be brought back.
    """

    class What(models.TextChoices):
        CAUSE = "cause", "the cause as it arrived"
        TAG = "tag", "one of the tags"
        SUBJECT = "subject", "the subject"
        PRODUCT = "product", "the product"
        TEAM = "team", "the team"
        CHANNEL = "channel", "the channel"
        SEVERITY = "severity", "the severity"
        FIELD = "field", "a field of the body"

    class How(models.TextChoices):
        EQUALS = "equals", "is"
        CONTAINS = "contains", "contains"
        MATCHES = "matches", "looks like"

    position = models.PositiveIntegerField(default=0)
    what = models.CharField(max_length=10, choices=What.choices)
    # Where it stands in the helpdesk's body, for a field of it alone; of the database by default,
    # for a process of the version before inserts without it.
    path = models.CharField(max_length=200, blank=True, default="", db_default="")
    how = models.CharField(max_length=10, choices=How.choices)
    text = models.CharField(max_length=200)
    # Of the case, which is the slug of a connection; empty: of any.
    source = models.CharField(max_length=100, blank=True)
    within = models.ForeignKey(
        Cause, null=True, blank=True, on_delete=models.CASCADE, related_name="splits"
    )
    cause = models.ForeignKey(Cause, on_delete=models.CASCADE, related_name="rules")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.where} {self.get_how_display()} “{self.text}”"

    @property
    def where(self) -> str:
        """What it looks at, in words."""
        return f"the field {self.path}" if self.path else self.get_what_display()
