"""What each translation of a questionnaire was made from."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .questionnaires import Questionnaire


class TranslationSource(models.Model):
    """The source text that stood beside a translation when it was written.

    Where today's source is another one, the translation is to be looked at again. The knowledge
    stands outside of the definition, which holds what customers read and nothing else, and is kept
    by the translation's own words: whoever undoes a change meets the knowledge of before again.
    """

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    language = models.CharField(max_length=35)
    # As `F1.options.2.label`: a name that survives reordering.
    name = models.CharField(max_length=80)
    # Fingerprint of the translation (`places.fingerprint`).
    text = models.CharField(max_length=16)
    source = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["questionnaire", "language", "name", "text"],
                name="translation_source_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.language} of {self.questionnaire_id}"
