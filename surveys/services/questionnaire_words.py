"""Questionnaires, drafts and versions as the API shows them."""

from __future__ import annotations

from typing import Any

from surveys.models import Policy, Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from surveys.questionnaire.diff import Change
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.lint import Finding
from surveys.questionnaire.schema import DefinitionError
from surveys.services.publishing import stored
from surveys.services.reviewing import newest_version, review

Json = dict[str, Any]


def describe(questionnaire: Questionnaire) -> Json:
    """One questionnaire: where its draft stands, and its versions, the newest first."""
    versions = questionnaire.versions.filter(published_at__isnull=False).order_by("-number")
    draft = QuestionnaireDraft.objects.filter(questionnaire=questionnaire).first()
    policies = Policy.objects.filter(questionnaire=questionnaire).order_by("slug")
    return {
        "slug": questionnaire.slug,
        "name": questionnaire.name,
        "archived_at": _moment(questionnaire.archived_at),
        "policies": list(policies.values_list("slug", flat=True)),
        "draft": describe_draft(draft, whole=False) if draft else None,
        "versions": [
            {"number": version.number, "published_at": _moment(version.published_at)}
            for version in versions.defer("definition")
        ],
    }


def describe_draft(draft: QuestionnaireDraft, *, whole: bool = True) -> Json:
    """A draft: its revision, which every change raises, and what lint finds in it."""
    found: Json = {
        "revision": draft.revision,
        "changed_at": _moment(draft.changed_at),
        "based_on": draft.base.number if draft.base else None,
    }
    try:
        definition = from_builtins(draft.definition, draft=True)
        reviewed = review(draft.questionnaire, definition)
    except DefinitionError as error:
        finding = Finding("unusable", error.path, error.message)
        return found | describe_findings((finding,), is_new=True) | _definition(draft, whole)
    return (
        found
        | describe_findings(reviewed.findings, is_new=reviewed.is_new)
        | _definition(draft, whole)
    )


def describe_version(version: QuestionnaireVersion) -> Json:
    """A published version, whole."""
    return {
        "number": version.number,
        "published_at": _moment(version.published_at),
        "accepted_warnings": version.accepted_warnings,
        "changes": version.changes,
        "definition": version.definition,
    }


def describe_newest(questionnaire: Questionnaire) -> int:
    """Number of the newest version, 0 where there is none."""
    newest = newest_version(questionnaire)
    return newest.number if newest else 0


def _definition(draft: QuestionnaireDraft, whole: bool) -> Json:
    return {"definition": draft.definition} if whole else {}


def describe_change(change: Change) -> Json:
    """One change between two definitions, as a version keeps its own."""
    return stored(change, {})


def describe_findings(findings: tuple[Finding, ...], *, is_new: bool) -> Json:
    """What lint finds, and whether there is anything to publish."""
    return {
        "has_unpublished_changes": is_new,
        "findings": [
            {
                "code": one.code,
                "path": one.path,
                "severity": one.severity,
                "message": one.message,
                "why": one.why,
            }
            for one in findings
        ],
    }


def _moment(value: Any) -> str | None:
    return value.isoformat() if value is not None else None
