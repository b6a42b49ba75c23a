"""Responses: the one current answer of an invitation, its revisions, and what awaits counting."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Greatest, Least
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone

from surveys.models.invitations import Invitation


def _within(columns: tuple[str, ...], top: int) -> models.CheckConstraint:
    """Of columns that share a scale at once: PostgreSQL reads a constraint anew for each answer,
    and one for each of nine columns took a third of its time. What is null is in every range."""
    return models.CheckConstraint(
        condition=GreaterThanOrEqual(Least(*columns), 1) & LessThanOrEqual(Greatest(*columns), top),
        name=f"response_{'_'.join(columns)}_in_range",
    )


class Response(models.Model):
    """The current answers of an invitation in typed columns, named as the items in lower case.

    `answered_at` is the first answer's time and never moves, so that a later change stays on its
    day; `changed_at` is the last one's.
    """

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="response")
    f1 = models.SmallIntegerField(null=True)
    f2 = models.SmallIntegerField(null=True)
    f3 = ArrayField(models.SmallIntegerField(), null=True)
    s1 = models.SmallIntegerField(null=True)
    c1 = models.SmallIntegerField(null=True)
    c2 = models.SmallIntegerField(null=True)
    c3 = models.SmallIntegerField(null=True)
    c4 = models.SmallIntegerField(null=True)
    o1 = models.SmallIntegerField(null=True)
    o2 = models.SmallIntegerField(null=True)
    fix_comment = models.TextField(blank=True)
    cause_comment = models.TextField(blank=True)
    # Answers to items of the designer's own: {"X1": 3, "X2": [1, 4], "X3": "text"}.
    extra = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    language = models.CharField(max_length=35)
    answered_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # Set when the last page was sent or every headline item is answered.
    completed_at = models.DateTimeField(null=True, blank=True)
    n_revisions = models.IntegerField(default=1)
    wants_call_back = models.BooleanField(default=False)
    wants_news = models.BooleanField(default=False)
    is_sample = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            _within(("f1", "f2", "c1", "c2", "o1", "o2"), 5),
            _within(("s1", "c3"), 4),
            models.CheckConstraint(
                condition=models.Q(c4__gte=1, c4__lte=6), name="response_c4_in_range"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["answered_at", "id"]),
            # Who answered to the end: response rates ask nothing else of a response.
            models.Index(
                fields=["invitation"],
                condition=models.Q(completed_at__isnull=False),
                name="response_completed",
            ),
        ]

    def __str__(self) -> str:
        return f"response {self.pk}"


class ResponseRevision(models.Model):
    """What was posted, each time, append-only. Posting the same again appends nothing."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="revisions", db_index=False
    )
    number = models.IntegerField()
    answers = models.JSONField()
    submitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "number"], name="response_revision_once"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of response {self.response_id}"


class AnswerChange(models.Model):
    """A response that aggregation has yet to count (again). No foreign key: an erased response
    must still be subtracted."""

    id = models.BigAutoField(primary_key=True)
    response_id = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"change of response {self.response_id}"
