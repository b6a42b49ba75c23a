"""Policies: who is surveyed, and when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from surveys.models.brands import Brand
from surveys.models.questionnaires import Questionnaire


class Policy(models.Model):
    """Who is surveyed and when. The first enabled policy whose conditions hold applies."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT)
    enabled = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    # {"product": ["Fibre"], "severity": {"not": ["low"]}, "n_agents": {"max": 1}, …}: every named
    # fact must fit, see services/conditions.py; empty means every case.
    conditions = models.JSONField(default=dict, blank=True)
    delay_minutes = models.PositiveIntegerField(default=240)
    sample_rate = models.FloatField(default=1.0)
    cooldown_days = models.PositiveIntegerField(default=30)
    # {"start": "21:00", "end": "08:00"} in the customer's time zone, or null.
    quiet_hours = models.JSONField(null=True, blank=True)
    # Days of the week on which mail may go out, 1 Monday … 7 Sunday; null: every day.
    weekdays = models.JSONField(null=True, blank=True)
    # More than the sample is drawn of agents who would get fewer answers a month; null: one rate.
    agent_target = models.PositiveIntegerField(null=True, blank=True)
    # The cause is asked at most once per customer and cause in so many days; null: every time.
    cause_days = models.PositiveIntegerField(null=True, blank=True)
    # How the invitation reaches the customer (surveys/channels).
    channel = models.CharField(max_length=8, default="mail", db_default="mail")
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.PROTECT)
    reminder_days = models.PositiveIntegerField(null=True, blank=True, default=4)
    close_days = models.PositiveIntegerField(default=14)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(sample_rate__gte=0) & models.Q(sample_rate__lte=1),
                name="policy_sample_rate_is_share",
            ),
        ]

    def __str__(self) -> str:
        return self.name
