"""Questionnaires and their immutable published versions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Questionnaire(models.Model):
    """A survey under one name; what is asked stands in its versions."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class QuestionnaireVersion(models.Model):
    """What is asked, exactly. Once published a trigger in the database refuses any change, so
    that old answers keep their meaning."""

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["questionnaire", "number"], name="questionnaire_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} v{self.number}"


class MailSkeleton(models.Model):
    """A mail compiled at publish time, waiting only for its flat placeholders."""

    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.CASCADE)
    language = models.CharField(max_length=35)
    arm = models.CharField(max_length=12)
    kind = models.CharField(max_length=12)
    subject = models.TextField()
    html = models.TextField()
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "language", "arm", "kind"], name="mail_skeleton_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of version {self.version_id} in {self.language}, {self.arm}"
