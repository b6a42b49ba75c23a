"""The rules for translations and for what is filled into texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..schema import Definition, walk_texts
from ..texts import QUESTIONNAIRE_PLACEHOLDERS
from .findings import Finding, finding
from .wording import is_english

_BRACES: Final = re.compile(r"\{[^{}]*\}?|\}")
_MAX_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which languages were held against which rules."""

    wording: tuple[str, ...]
    structure_only: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """For people: what was not looked at."""
        if not self.structure_only:
            return ""
        return (
            "The wording rules know English only; these languages were checked for structure, "
            f"not for wording: {', '.join(self.structure_only)}."
        )


def coverage(definition: Definition) -> Coverage:
    """What the lint of this definition can say about each of its languages."""
    english = tuple(code for code in definition.languages if is_english(code))
    others = tuple(code for code in definition.languages if not is_english(code))
    return Coverage(english, others)


def findings(definition: Definition) -> Iterator[Finding]:
    """Missing texts and placeholders that nothing fills.

    A text that is missing in the default language cannot work at all and is reported for that
    alone: there is nothing yet to translate.
    """
    required = definition.required_languages or definition.languages
    gaps: dict[str, list[str]] = {}
    n_texts = 0
    for path, text in walk_texts(definition):
        n_texts += 1
        for language in definition.languages:
            if language in text or definition.default_language not in text:
                continue
            if language in required:
                message = f"The text in {language} is missing."
                yield finding("missing_text", f"{path}.{language}", message)
            else:
                gaps.setdefault(language, []).append(path)
        for language, wording in text.items():
            yield from _placeholder_findings(f"{path}.{language}", wording)
    for language, paths in gaps.items():
        where = f"$.languages[{definition.languages.index(language)}]"
        message = f"{len(paths)} of {n_texts} texts are missing in {language}, first at {paths[0]}."
        yield finding("incomplete_language", where, message)


def _placeholder_findings(path: str, wording: str) -> Iterator[Finding]:
    """Any brace that is no known placeholder, so that no trick with them reaches a customer."""
    unknown = [
        found
        for found in _BRACES.findall(wording)
        if not (found.endswith("}") and found[1:-1] in QUESTIONNAIRE_PLACEHOLDERS)
    ]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in sorted(QUESTIONNAIRE_PLACEHOLDERS))
        message = f"{unknown[0][:_MAX_SHOWN]} is not known; only {known} can be filled in."
        yield finding("unknown_placeholder", path, message)
