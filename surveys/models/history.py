"""History from tools that asked one question: about the fix and its cause in one."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from surveys.models.cases import Case


class UnseparatedRating(models.Model):
    """A rating that another tool collected with a single question.

    It says nothing of fix or cause alone, so it stands in a table of its own that no statement
    about either reads. What the case was about is text, as the export or the case said it; whose
    rating it is stands here only as a hash, enough to erase it.
    """

    tool = models.CharField(max_length=20)
    # The tool's own id of the rating, or one made of what tells it from the others.
    external_id = models.CharField(max_length=200)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.SET_NULL)
    email_hash = models.CharField(max_length=64, blank=True)
    phone_hash = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    team = models.CharField(max_length=200, blank=True)
    product = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=50, blank=True)
    language = models.CharField(max_length=35, blank=True)
    # "1-5", "0-10", "good-bad": what the answer was chosen from.
    scale = models.CharField(max_length=20)
    raw = models.CharField(max_length=100)
    # Where on its scale the answer lies: 0 the worst, 1 the best.
    position = models.FloatField()
    # Whether it is one of the best answers, as its tool counts them.
    top2 = models.BooleanField()
    answered_at = models.DateTimeField()
    comment = models.TextField(blank=True)
    # Of what the export said: of two states with one time the same one always wins.
    digest = models.CharField(max_length=32)
    is_sample = models.BooleanField(default=False)
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tool", "external_id"], name="unseparated_once"),
            models.CheckConstraint(
                condition=models.Q(position__gte=0) & models.Q(position__lte=1),
                name="unseparated_position_in_range",
            ),
        ]
        indexes: ClassVar = [
            # The trend reads nothing else: from the index alone.
            models.Index(
                fields=["answered_at"],
                include=["tool", "scale", "top2", "position"],
                name="unseparated_by_day",
            ),
            models.Index(
                fields=["email_hash"],
                condition=~models.Q(email_hash=""),
                name="unseparated_by_email",
            ),
            models.Index(
                fields=["phone_hash"],
                condition=~models.Q(phone_hash=""),
                name="unseparated_by_phone",
            ),
        ]

    def __str__(self) -> str:
        return f"rating {self.external_id} of {self.tool}"
