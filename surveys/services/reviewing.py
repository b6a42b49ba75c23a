"""What publishing a definition would mean: faults, and what changes for customers and trends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from surveys.models import Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from surveys.questionnaire.diff import Change, differences
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.lint import Finding, coverage, finding, lint
from surveys.questionnaire.publishable import publishable
from surveys.questionnaire.schema import STANDARD_ITEMS, Definition, DefinitionError, Item
from surveys.services.published import causes_to_pick


@dataclass(frozen=True, slots=True)
class Review:
    """A definition beside the newest published version.

    `definition` is what would be published, without the languages in `left_out`. `changes` is empty
    where there is no version yet.
    """

    definition: Definition
    newest: QuestionnaireVersion | None
    left_out: tuple[str, ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "warning")

    @property
    def unread(self) -> str:
        """What the lint did not look at, in words; empty where it read everything."""
        return coverage(self.definition).sentence

    @property
    def is_new(self) -> bool:
        """Whether there is anything to publish."""
        return self.newest is None or bool(self.changes) or not self._is_same()

    def _is_same(self) -> bool:
        return self.newest is not None and definition_of(self.newest) == self.definition


def newest_version(questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    return (
        questionnaire.versions.filter(published_at__isnull=False)
        .select_related("published_by")
        .order_by("-number")
        .first()
    )


def definition_of(version: QuestionnaireVersion) -> Definition:
    """A published definition. What was once published is read also where later rules are stricter.

    Raises: DefinitionError.
    """
    return from_builtins(version.definition, draft=True)


def draft_or_newest(
    questionnaire: Questionnaire,
) -> tuple[QuestionnaireDraft | None, Definition | None]:
    """The draft and what it says; without a draft, what the newest version says.

    Raises: DefinitionError for a draft that cannot be read at all.
    """
    draft = (
        QuestionnaireDraft.objects.filter(questionnaire=questionnaire)
        .select_related("changed_by")
        .first()
    )
    if draft is not None:
        return draft, from_builtins(draft.definition, draft=True)
    newest = newest_version(questionnaire)
    return None, definition_of(newest) if newest else None


def review(
    questionnaire: Questionnaire,
    definition: Definition,
    newest: QuestionnaireVersion | None = None,
) -> Review:
    """Compare with the newest version, which is looked up where it is not given, and look for
    faults."""
    newest = newest or newest_version(questionnaire)
    previous = definition_of(newest) if newest else None
    ready, left_out = publishable(definition)
    found = (
        *lint(ready, previous),
        *_reused_ids(questionnaire, ready),
        *_causes_cut(ready),
    )
    changes = differences(previous, ready) if previous else ()
    return Review(ready, newest, left_out, changes, found)


def _reused_ids(questionnaire: Questionnaire, definition: Definition) -> Iterator[Finding]:
    """An own item whose id meant something else before: the answers stored under it would lie."""
    places = {
        item.id: (item, f"$.blocks[{number}].items[{index}]")
        for number, block in enumerate(definition.blocks)
        for index, item in enumerate(block.items)
        if item.id not in STANDARD_ITEMS
    }
    if not places:
        return
    versions = questionnaire.versions.filter(published_at__isnull=False).order_by("-number")
    for version in versions.only("number", "definition"):
        for earlier in definition_of(version).items:
            if earlier.id not in places:
                continue
            item, path = places[earlier.id]
            if _meaning(item) != _meaning(earlier):
                del places[earlier.id]
                yield _reused(item, earlier, path, version.number)


def _causes_cut(definition: Definition) -> Iterator[Finding]:
    """What the definition alone does not tell: how many causes there are to pick from."""
    pickers = [
        f"$.blocks[{number}].items[{index}]"
        for number, block in enumerate(definition.blocks)
        for index, item in enumerate(block.items)
        if item.type == "cause_picker"
    ]
    if not pickers:
        return
    causes = causes_to_pick()
    n_shown = sum(cause.is_shown for cause in causes)
    if n_shown == len(causes):
        return
    message = (
        f"There are {len(causes):,} causes; customers are offered the {n_shown:,} that were used "
        "most lately."
    )
    for path in pickers:
        yield finding("causes_cut", path, message)


def _reused(item: Item, earlier: Item, path: str, number: int) -> Finding:
    was = earlier.type.replace("_", " ")
    count = f" with {len(earlier.options)} options" if earlier.options else ""
    message = f"{item.id} was a {was} question{count} of {earlier.dimension} in version {number}."
    return finding("id_reused", path, message)


def _meaning(item: Item) -> tuple[object, ...]:
    options = tuple((one.value, one.exclusive, one.outside_scale) for one in item.options)
    return item.type, item.dimension, options


__all__ = [
    "DefinitionError",
    "Review",
    "definition_of",
    "draft_or_newest",
    "newest_version",
    "review",
]
