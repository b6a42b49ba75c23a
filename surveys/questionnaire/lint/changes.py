"""The rule that looks back: what the last published version asked in other words."""

from __future__ import annotations

from collections.abc import Iterator

from ..schema import Definition, Item
from .findings import Finding, finding


def findings(definition: Definition, previous: Definition) -> Iterator[Finding]:
    """One finding for each item of both versions that reads otherwise now."""
    before = {item.id: item for item in previous.items}
    for number, block in enumerate(definition.blocks):
        for index, item in enumerate(block.items):
            old = before.get(item.id)
            if old is None:
                continue
            changed = _changed(item, old)
            if changed:
                message = f"{item.id} differs from the published version: {', '.join(changed)}."
                yield finding("wording_changed", f"$.blocks[{number}].items[{index}]", message)


def _changed(item: Item, old: Item) -> list[str]:
    """What a respondent of both versions would see changed, in words. A new translation or a
    dropped one changes nothing for those who read another language."""
    if item.type != old.type:
        return ["another type"]
    changed = []
    stems = _languages(item.stem, old.stem)
    if item.stem_several and old.stem_several:
        stems |= _languages(item.stem_several, old.stem_several)
    if stems:
        changed.append(f"the question ({', '.join(sorted(stems))})")
    if len(item.options) != len(old.options):
        changed.append("the number of answers")
        return changed
    answers: set[str] = set()
    for option, former in zip(item.options, old.options, strict=True):
        answers |= _languages(option.label, former.label)
    for label, former_label in ((item.low_label, old.low_label), (item.high_label, old.high_label)):
        answers |= _languages(label or {}, former_label or {})
    if answers:
        changed.append(f"the answers ({', '.join(sorted(answers))})")
    return changed


def _languages(text: dict[str, str], old: dict[str, str]) -> set[str]:
    """Languages of both in which the words differ, but for blanks."""
    return {
        language
        for language, wording in text.items()
        if language in old and wording.split() != old[language].split()
    }
