"""Questionnaires and their immutable published versions."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Questionnaire(models.Model):
    """A survey under one name; what is asked stands in its versions."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    # An archived questionnaire is offered nowhere; what was asked with it keeps its meaning.
    archived_at = models.DateTimeField(null=True, blank=True)
    # The template of the gallery that it began as, or what it was copied from did; "" where it
    # began as anything else. Its trade lends previews a case in its own words.
    template = models.CharField(max_length=100, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.name


class QuestionnaireDraft(models.Model):
    """What the next version is to ask, while it is being written.

    `revision` grows with every change, also with an undo; a change made on an older revision than
    the stored one is a conflict. `position` is the number of the edit that is current: undo moves
    it back, redo forward, and a new edit cuts off what was undone.
    """

    questionnaire = models.OneToOneField(
        Questionnaire, on_delete=models.CASCADE, primary_key=True, related_name="draft"
    )
    definition = models.JSONField()
    revision = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    # The version that the draft was begun from; None for one begun from a template or a file.
    base = models.ForeignKey(
        "QuestionnaireVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    def __str__(self) -> str:
        return f"draft of {self.questionnaire_id}, revision {self.revision}"


class DraftEdit(models.Model):
    """One step of a draft: the definition after it, and what was done in words. Step 0 is what the
    draft began as."""

    draft = models.ForeignKey(
        QuestionnaireDraft, on_delete=models.CASCADE, related_name="edits", db_index=False
    )
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    summary = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "number"], name="draft_edit_once"),
        ]

    def __str__(self) -> str:
        return f"edit {self.number} of {self.draft_id}"


class QuestionnaireVersion(models.Model):
    """What is asked, exactly. Once published a trigger in the database refuses any change, so
    that old answers keep their meaning."""

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    # [{"code", "path", "message", "reason"}]: the warnings published in spite of, and why.
    accepted_warnings = models.JSONField(default=list, blank=True)
    # [{"item", "change", "comparable"}]: what changed against the version before, for the trends.
    changes = models.JSONField(default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["questionnaire", "number"], name="questionnaire_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} v{self.number}"


class PreviewLink(models.Model):
    """A link to look at a questionnaire without signing in: read-only, and over at `expires_at`.

    `version` None shows the draft as it stands. Only the token's SHA-256 is kept.
    """

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.CASCADE, related_name="preview_links"
    )
    version = models.ForeignKey(
        QuestionnaireVersion, null=True, blank=True, on_delete=models.CASCADE
    )
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Where the links of a mail lead that somebody sent to themselves.
    is_test_mail = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"preview of {self.questionnaire_id} until {self.expires_at:%Y-%m-%d}"


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
