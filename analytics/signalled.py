"""Alarms that were raised, kept as they were told; charts tell them anew whenever they are read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Signal(models.Model):
    """An alarm of one cause from a week on, by its Monday. `value`, `centre`, `high` and `n` stand
    as they were when it was raised; `last_week` and `is_on` follow the chart.

    Whatever is raised stays: where the chart says otherwise later, for answers came, changed or
    were erased, it is marked by `withdrawn_at`. The cause is the one it was raised for; where that
    was merged, whoever reads follows `merged_into`, so that undoing a merge moves nothing here.
    """

    class Series(models.TextChoices):
        DISMAY = "dismay", "Dismay"
        CASES = "cases", "Cases"

    class Chart(models.TextChoices):
        WEEK = "week", "One week"
        TWO_WEEKS = "two_weeks", "Two weeks together"
        SMOOTHED = "smoothed", "The run of weeks"
        EARLY = "early", "A rise that the limits hide"

    cause = models.ForeignKey("surveys.Cause", on_delete=models.CASCADE, related_name="signals")
    series = models.CharField(max_length=6, choices=Series.choices)
    week = models.DateField()
    chart = models.CharField(max_length=9, choices=Chart.choices)
    value = models.FloatField(null=True)
    centre = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.PositiveIntegerField()
    since = models.DateField(null=True)
    last_week = models.DateField()
    is_on = models.BooleanField()
    # Whether it was news when it was raised: what was old already is told to nobody outside.
    is_news = models.BooleanField()
    raised_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-raised_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cause", "series", "week"], name="signal_raised_once"),
            models.CheckConstraint(
                condition=models.Q(last_week__gte=models.F("week")), name="signal_ends_after_began"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-raised_at", "-id"], name="signal_newest"),
            models.Index(fields=["last_week"], name="signal_last_week"),
        ]

    def __str__(self) -> str:
        return f"{self.series} of cause {self.cause_id} from {self.week} on"
