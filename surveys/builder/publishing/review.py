"""Before publishing: what changes, what stands against it, what each doubt is answered with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surveys.builder.arms import size_of
from surveys.builder.catalogue.pages import edit_address
from surveys.builder.frame import EDITORS, questionnaire_or_404, render_builder, unless_archived
from surveys.builder.publishing.changing import Group, groups_of
from surveys.builder.publishing.versions import version_or_404
from surveys.builder.translating.table import ROUTE, name_of
from surveys.console.figures import short_moment
from surveys.console.roles import ADMINS, SET_UP, StaffRequest, staff
from surveys.models import Policy, Questionnaire, QuestionnaireDraft, User
from surveys.questionnaire.lint import Finding
from surveys.questionnaire.schema import Definition, DefinitionError
from surveys.questionnaire.texts import language_name
from surveys.services import policies
from surveys.services.policies import PolicyFaultsError, PolicyPatch
from surveys.services.publishing import (
    Accepted,
    DraftMovedError,
    NothingToPublishError,
    PublishedMeanwhileError,
    UnreasonedError,
    publish_draft,
)
from surveys.services.reviewing import Review, draft_or_newest, review

CURRENT: Final = "questionnaire_review"
REWORDED: Final = "wording_changed"
UNTRANSLATED: Final = "missing_text"
A_MOMENT: Final = dt.timedelta(minutes=10)
_ITEM: Final = re.compile(r"^\$\.blocks\[(\d+)\](?:\.items\[(\d+)\])?")


@dataclass(frozen=True)
class Doubt:
    """A warning with the field for its reason."""

    finding: Finding
    place: str
    url: str
    field: str
    reason: str
    is_missing: bool


@dataclass(frozen=True)
class Gap:
    """Texts that a required language lacks; told once, and not as an error for each text."""

    language: str
    n: int
    url: str


@dataclass(frozen=True)
class Restart:
    """A question whose trend would start anew, unless its meaning is declared unchanged."""

    group: Group
    is_unchanged: bool
    needs_reason: bool
    reason: str
    is_missing: bool


def item_at(definition: Definition, path: str) -> str:
    """Id of the item that a path leads into; empty where it leads to something else."""
    found = _ITEM.match(path)
    if found is None or found[2] is None:
        return ""
    block, place = int(found[1]), int(found[2])
    if block < len(definition.blocks) and place < len(definition.blocks[block].items):
        return definition.blocks[block].items[place].id
    return ""


def place_in_words(definition: Definition, path: str) -> str:
    """Where a finding is: "F2", "the fix page", "the lead-in"."""
    item = item_at(definition, path)
    if item:
        return item
    found = _ITEM.match(path)
    if found is not None and int(found[1]) < len(definition.blocks):
        return f"the {definition.blocks[int(found[1])].id} page"
    for name, words in (("$.lead_in", "the lead-in"), ("$.thanks", "the thank-you text")):
        if path.startswith(name):
            return words
    return "the whole questionnaire"


def item_address(slug: str, definition: Definition, path: str) -> str:
    """Where the fault is mended."""
    return f"{edit_address(slug)}?at={_desk(definition, path)}"


def _desk(definition: Definition, path: str) -> str:
    """The entry of the editor's outline that a path belongs to."""
    item = item_at(definition, path)
    if item:
        return item
    found = _ITEM.match(path)
    if found is not None and int(found[1]) < len(definition.blocks):
        return definition.blocks[int(found[1])].id
    for name, desk in (("$.lead_in", "start"), ("$.randomise", "start"), ("$.thanks", "thanks")):
        if path.startswith(name):
            return desk
    return "settings"


@require_safe
@staff(SET_UP)
def review_page(request: StaffRequest, slug: str) -> HttpResponse:
    """The draft beside the newest version."""
    return _page(request, questionnaire_or_404(slug))


@require_POST
@staff(EDITORS)
@unless_archived
def publish(request: StaffRequest, slug: str) -> HttpResponse:
    """Publish what was reviewed; where that is no longer so, show what it has become."""
    questionnaire = questionnaire_or_404(slug)
    posted = request.POST
    try:
        version = publish_draft(
            questionnaire,
            revision=_number(posted.get("revision")),
            expected=_number(posted.get("expected")),
            user=request.user,
            accepted_warnings=_accepted(questionnaire, posted),
            unchanged=_unchanged(posted),
        )
    except NothingToPublishError:
        messages.warning(request, "There is nothing to publish: the draft says what is published.")
        return HttpResponseRedirect(reverse(CURRENT, args=[slug]))
    except PublishedMeanwhileError as error:
        told = _published_meanwhile(error, request.user)
        return _page(request, questionnaire, fault=told, status=409)
    except DraftMovedError as error:
        told = _draft_moved(error.draft, request.user)
        return _page(request, questionnaire, fault=told, status=409)
    except UnreasonedError:
        told = "Nothing is published yet: a reason is missing where it is marked below."
        return _page(request, questionnaire, fault=told, status=400)
    except DefinitionError:  # a RefusedError, or a draft that cannot be read at all
        told = "Nothing is published: the errors below stand against it."
        return _page(request, questionnaire, fault=told, status=400)
    return HttpResponseRedirect(reverse("questionnaire_published", args=[slug, version.number]))


@require_safe
@staff(SET_UP)
def published(request: StaffRequest, slug: str, number: int) -> HttpResponse:
    """What follows from a publication, and what is to be done next."""
    questionnaire = questionnaire_or_404(slug)
    version = version_or_404(questionnaire, number)
    every = list(Policy.objects.select_related("questionnaire").order_by("name", "pk"))
    asking = [one for one in every if one.questionnaire_id == questionnaire.pk]
    context = {
        "version": version,
        "asking": asking,
        "is_on": any(one.enabled for one in asking),
        "others": [one for one in every if one.questionnaire_id != questionnaire.pk],
        "is_newest": not questionnaire.versions.filter(number__gt=number).exists(),
    }
    return render_builder(
        request, "builder/published.html", context, questionnaire=questionnaire, current=CURRENT
    )


@require_POST
@staff(ADMINS)
def use(request: StaffRequest, slug: str) -> HttpResponse:
    """Let a policy ask this questionnaire from now on."""
    questionnaire = questionnaire_or_404(slug)
    wanted = request.POST.get("policy", "")
    back = request.POST.get("version", "")
    try:
        policy = policies.change(wanted, PolicyPatch(questionnaire=questionnaire.slug))
    except Policy.DoesNotExist:
        messages.error(request, "There is no such policy.")
    except PolicyFaultsError as error:
        messages.error(request, f"The policy was not changed: its {error}.")
    else:
        messages.success(
            request, f"The policy “{policy.name}” asks “{questionnaire.name}” from now on."
        )
    if back.isascii() and back.isdecimal() and len(back) < 8:
        return HttpResponseRedirect(reverse("questionnaire_published", args=[slug, int(back)]))
    return HttpResponseRedirect(reverse("policies"))


def _page(
    request: StaffRequest, questionnaire: Questionnaire, *, fault: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"fault": fault, "edit_address": edit_address(questionnaire.slug)}
    try:
        draft, definition = draft_or_newest(questionnaire)
    except DefinitionError as error:
        context |= {"unreadable": error}
        draft, definition = None, None
    if definition is not None:
        found = review(questionnaire, definition)
        posted = request.POST if request.method == "POST" else {}
        context |= _reviewed(questionnaire, found, draft, posted)
    return render_builder(
        request,
        "builder/review.html",
        context,
        questionnaire=questionnaire,
        current=CURRENT,
        status=status,
    )


def _reviewed(
    questionnaire: Questionnaire,
    found: Review,
    draft: QuestionnaireDraft | None,
    posted: Mapping[str, str],
) -> dict[str, Any]:
    groups = groups_of(found.changes, found.definition)
    restarting = {group.item for group in groups if group.restarts}
    n_questions, seconds = size_of(found.definition)
    gaps = _gaps(questionnaire.slug, found)
    errors = [one for one in found.errors if not _is_gap(one, found.definition)]
    return {
        "draft": draft,
        "found": found,
        "expected": found.newest.number if found.newest else 0,
        "number": found.newest.number + 1 if found.newest else 1,
        "groups": groups,
        "restarts": [_restart(group, found, posted) for group in groups if group.restarts],
        "errors": [_doubt(questionnaire.slug, one, found, posted) for one in errors],
        "gaps": gaps,
        "n_errors": len(errors) + len(gaps),
        "doubts": [
            _doubt(questionnaire.slug, one, found, posted)
            for one in found.warnings
            if not _is_told_with_its_item(one, found, restarting)
        ],
        "left_out": [language_name(code) for code in found.left_out],
        "languages": [language_name(code) for code in found.definition.languages],
        "n_questions": n_questions,
        "seconds": seconds,
        "can_publish": draft is not None
        and questionnaire.archived_at is None
        and found.is_new
        and not found.errors,
    }


def _is_gap(finding: Finding, definition: Definition) -> bool:
    return finding.code == UNTRANSLATED and _language(finding) != definition.default_language


def _language(finding: Finding) -> str:
    return finding.path.rpartition(".")[2]


def _gaps(slug: str, found: Review) -> list[Gap]:
    """In the order of the definition's languages."""
    lacking = [_language(one) for one in found.errors if _is_gap(one, found.definition)]
    table = reverse(ROUTE, args=[slug])
    return [
        Gap(name_of(code), lacking.count(code), f"{table}?language={code}&show=missing")
        for code in found.definition.languages
        if code in lacking
    ]


def _is_told_with_its_item(finding: Finding, found: Review, restarting: set[str]) -> bool:
    """A reworded question is asked about once, where its trend is."""
    return finding.code == REWORDED and item_at(found.definition, finding.path) in restarting


def _doubt(slug: str, finding: Finding, found: Review, posted: Mapping[str, str]) -> Doubt:
    field = f"reason:{finding.code}:{finding.path}"
    reason = posted.get(field, "")
    return Doubt(
        finding,
        place_in_words(found.definition, finding.path),
        item_address(slug, found.definition, finding.path),
        field,
        reason,
        bool(posted) and not reason.strip(),
    )


def _restart(group: Group, found: Review, posted: Mapping[str, str]) -> Restart:
    warned = any(
        one.code == REWORDED and item_at(found.definition, one.path) == group.item
        for one in found.warnings
    )
    reason = posted.get(f"why:{group.item}", "")
    is_unchanged = posted.get(f"keep:{group.item}") == "unchanged"
    needs = warned or is_unchanged
    return Restart(
        group, is_unchanged, warned, reason, bool(posted) and needs and not reason.strip()
    )


def _accepted(questionnaire: Questionnaire, posted: Mapping[str, str]) -> list[Accepted]:
    """The reasons as they were typed; that of a reworded question stands with its trend.

    Raises: UnreasonedError where a meaning is declared unchanged without a reason.
    """
    given = []
    for field, reason in posted.items():
        kind, _, rest = field.partition(":")
        if kind == "reason":
            code, _, path = rest.partition(":")
            given.append(Accepted(code, path, reason))
        if kind == "keep" and reason == "unchanged" and not posted.get(f"why:{rest}", "").strip():
            raise UnreasonedError([Finding(REWORDED, rest, "needs a reason", "warning")])
    _, definition = draft_or_newest(questionnaire)
    if definition is None:
        return given
    for finding in review(questionnaire, definition).warnings:
        item = item_at(definition, finding.path)
        if finding.code == REWORDED and item:
            given.append(Accepted(finding.code, finding.path, posted.get(f"why:{item}", "")))
    # A reason typed in the list of warnings wins over an empty one of the same place.
    return sorted(given, key=lambda one: bool(one.reason.strip()))


def _unchanged(posted: Mapping[str, str]) -> dict[str, str]:
    return {
        field.partition(":")[2]: posted.get(f"why:{field.partition(':')[2]}", "")
        for field, value in posted.items()
        if field.startswith("keep:") and value == "unchanged"
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _who(user: User | None, me: User) -> str:
    if user is None:
        return "somebody"
    return "you" if user.pk == me.pk else str(user)


def _when(moment: dt.datetime | None) -> str:
    if moment is None or timezone.now() - moment < A_MOMENT:
        return "a moment ago"
    return short_moment(moment)


def _published_meanwhile(error: PublishedMeanwhileError, me: User) -> str:
    version = error.version
    return (
        f"Version {version.number} was published by {_who(version.published_by, me)} "
        f"{_when(version.published_at)}. Nothing of yours was published, and the draft is kept: "
        "below it stands beside that version."
    )


def _draft_moved(draft: QuestionnaireDraft, me: User) -> str:
    return (
        f"The draft was changed by {_who(draft.changed_by, me)} {_when(draft.changed_at)}, after "
        "you opened this page. Nothing was published: look at it once more."
    )
