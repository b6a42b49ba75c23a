"""Remembers which source each translation was made from.

Called wherever a draft is written, in the same transaction, so that a translation left behind by
its source is known however the source was changed: in the editor, by an import, in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surveys.models import TranslationSource
from surveys.questionnaire.translating import left_behind, made_now

_KEY = ["questionnaire", "language", "name", "text"]


def sources_of(
    questionnaire_id: int, language: str | None = None
) -> dict[tuple[str, str, str], str]:
    """What is known of a questionnaire's translations, as `translating.Sources`."""
    known = TranslationSource.objects.filter(questionnaire_id=questionnaire_id)
    if language is not None:
        known = known.filter(language=language)
    return {
        (name, tag, text): source
        for name, tag, text, source in known.values_list("name", "language", "text", "source")
    }


def remember(questionnaire_id: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Note what a change of a draft means for its translations.

    What was written now was made from the source beside it. What stayed while its source changed
    was made from the old one, unless something older is known already.
    """
    _store(questionnaire_id, left_behind(dict(before), dict(after)), overwrite=False)
    _store(questionnaire_id, made_now(dict(before), dict(after)), overwrite=True)


def confirm(questionnaire_id: int, texts: Mapping[tuple[str, str, str], str]) -> None:
    """Somebody has looked at these translations: they go with these sources."""
    _store(questionnaire_id, texts, overwrite=True)


def _store(
    questionnaire_id: int, texts: Mapping[tuple[str, str, str], str], *, overwrite: bool
) -> None:
    rows = [
        TranslationSource(
            questionnaire_id=questionnaire_id,
            name=name,
            language=language,
            text=text,
            source=source,
        )
        for (name, language, text), source in sorted(texts.items())
    ]
    if not rows:
        return
    if overwrite:
        TranslationSource.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=_KEY, update_fields=["source"]
        )
    else:
        TranslationSource.objects.bulk_create(rows, ignore_conflicts=True)
