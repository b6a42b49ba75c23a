"""Publishing makes a version of a questionnaire immutable and compiles its mails.

Mails are compiled here and not when they are sent: a mistake in a template then refuses the
publication instead of failing a delivery at night.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from surveys.mail.skeleton import compile_all
from surveys.models import (
    MailSkeleton,
    Policy,
    Questionnaire,
    QuestionnaireDraft,
    QuestionnaireVersion,
    User,
)
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.diff import Change
from surveys.questionnaire.documents import check, from_builtins, to_builtins
from surveys.questionnaire.lint import Finding
from surveys.questionnaire.schema import Definition, DefinitionError
from surveys.services.archiving import hold
from surveys.services.reviewing import Review, review
from surveys.services.storable import is_storable

DEFAULT_SLUG = "default"
MOST_REASON_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class Accepted:
    """A warning that is published in spite of, and why."""

    code: str
    path: str
    reason: str


class RefusedError(DefinitionError):
    """Errors stand against publishing; `findings` are all of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings[0].path, findings[0].message)
        self.findings = tuple(findings)


class UnreasonedError(RefusedError):
    """Warnings stand without a reason; `findings` are these."""


class PublishedMeanwhileError(Exception):
    """Somebody else published since the publisher looked. `version` is theirs; no draft is lost."""

    def __init__(self, version: QuestionnaireVersion) -> None:
        super().__init__(f"version {version.number} was published meanwhile")
        self.version = version


class DraftMovedError(Exception):
    """The draft was changed since the publisher reviewed it."""

    def __init__(self, draft: QuestionnaireDraft) -> None:
        super().__init__("the draft was changed meanwhile")
        self.draft = draft


class NothingToPublishError(Exception):
    """There is no draft, or it says what the newest version says."""


def ensure_defaults() -> None:
    """Give a fresh installation its questionnaire and policy; leave an existing one alone."""
    if Policy.objects.filter(slug=DEFAULT_SLUG).exists():
        return
    with transaction.atomic():
        questionnaire, created = Questionnaire.objects.get_or_create(
            slug=DEFAULT_SLUG, defaults={"name": "Fix and cause"}
        )
        if created:
            publish(questionnaire, default_definition())
        Policy.objects.get_or_create(
            slug=DEFAULT_SLUG,
            defaults={"name": "Every resolved case", "questionnaire": questionnaire},
        )


def publish(
    questionnaire: Questionnaire,
    definition: Definition,
    *,
    user: User | None = None,
    accepted_warnings: Iterable[Accepted] = (),
    unchanged: Mapping[str, str] | None = None,
    expected: int | None = None,
    now: dt.datetime | None = None,
) -> QuestionnaireVersion:
    """Store the definition as the questionnaire's next version, with its mails.

    Languages that need not be complete and are not are left out. `unchanged`: item id → why a
    reworded question means what it meant, so that its trend goes on. `expected`: number of the
    newest version that the publisher saw, 0 for none; without it nobody is asked. A draft goes on
    from the new version.

    Raises: ArchivedError, RefusedError (a DefinitionError naming the place of the first fault),
    UnreasonedError, PublishedMeanwhileError. Nothing is stored then.
    """
    with transaction.atomic():
        # Two publications at once get here one after the other.
        hold(questionnaire.pk)
        found = review(questionnaire, definition)
        newest = found.newest
        if expected is not None and newest is not None and newest.number != expected:
            raise PublishedMeanwhileError(newest)
        reasons = _reasons(found, accepted_warnings)
        check(found.definition)
        version = QuestionnaireVersion.objects.create(
            questionnaire=questionnaire,
            number=_next_number(questionnaire),
            definition=to_builtins(found.definition),
            published_at=now or timezone.now(),
            published_by=user,
            accepted_warnings=reasons,
            changes=[stored(change, unchanged or {}) for change in found.changes],
        )
        _store_mails(version, found.definition)
        QuestionnaireDraft.objects.filter(questionnaire=questionnaire).update(base=version)
    return version


def publish_draft(
    questionnaire: Questionnaire,
    *,
    revision: int,
    expected: int,
    user: User | None,
    accepted_warnings: Iterable[Accepted] = (),
    unchanged: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> QuestionnaireVersion:
    """Publish the draft as it was reviewed: at this revision, beside version `expected` (0: none).

    Raises: as `publish`, and DraftMovedError, NothingToPublishError.
    """
    with transaction.atomic():
        hold(questionnaire.pk)
        draft = (
            QuestionnaireDraft.objects.select_for_update(of=("self",))
            .select_related("changed_by")
            .filter(questionnaire=questionnaire)
            .first()
        )
        if draft is None:
            raise NothingToPublishError
        definition = from_builtins(draft.definition, draft=True)
        found = review(questionnaire, definition)
        if found.newest is not None and found.newest.number != expected:
            raise PublishedMeanwhileError(found.newest)
        if draft.revision != revision:
            raise DraftMovedError(draft)
        if not found.is_new:
            raise NothingToPublishError
        return publish(
            questionnaire,
            definition,
            user=user,
            accepted_warnings=accepted_warnings,
            unchanged=unchanged,
            expected=expected,
            now=now,
        )


def _reasons(found: Review, accepted: Iterable[Accepted]) -> list[dict[str, str]]:
    """Each warning with the reason that was given for it.

    Raises: RefusedError for an error; UnreasonedError for a warning without a reason.
    """
    if found.errors:
        raise RefusedError(found.errors)
    given = {(one.code, one.path): _reason(one.reason) for one in accepted}
    missing = [one for one in found.warnings if not given.get((one.code, one.path))]
    if missing:
        raise UnreasonedError(missing)
    return [
        {
            "code": one.code,
            "path": one.path,
            "message": one.message,
            "reason": given[one.code, one.path],
        }
        for one in found.warnings
    ]


def _reason(typed: str) -> str:
    """A reason as it is kept: without what no database holds and nobody types."""
    return "".join(char for char in typed if is_storable(char)).strip()[:MOST_REASON_CHARACTERS]


def stored(change: Change, unchanged: Mapping[str, str]) -> dict[str, Any]:
    """A change as it is kept with the version, for the trends and for whoever asks later."""
    reason = _reason(unchanged.get(change.item, ""))
    excused = bool(change.excusable and change.item and reason)
    stored: dict[str, Any] = {
        "item": change.item,
        "kind": change.kind,
        "path": change.path,
        "change": change.sentence,
        "comparable": change.comparable or excused,
    }
    if excused:
        stored["reason"] = reason
    for name in ("language", "before", "after"):
        if getattr(change, name):
            stored[name] = getattr(change, name)
    return stored


def _next_number(questionnaire: Questionnaire) -> int:
    newest = questionnaire.versions.order_by("-number").first()
    return newest.number + 1 if newest else 1


def _store_mails(version: QuestionnaireVersion, definition: Definition) -> None:
    MailSkeleton.objects.bulk_create(
        MailSkeleton(
            version=version,
            language=mail.language,
            arm=mail.arm,
            kind=mail.kind,
            subject=mail.subject,
            html=mail.html,
            text=mail.text,
        )
        for mail in compile_all(definition)
    )
