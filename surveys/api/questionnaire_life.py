"""What becomes of a questionnaire: renamed, copied, archived, looked at, its versions compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_life as described
from surveys.api.base import one, page
from surveys.api.bodies import body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import LARGEST, Doing, Nothing, fault, named, numbered, storable
from surveys.api.paging import page_by_id
from surveys.api.permissions import HasScope
from surveys.api.problems import Problem
from surveys.models import PreviewLink, Questionnaire, QuestionnaireVersion, User
from surveys.questionnaire.asking import Asks
from surveys.questionnaire.diff import differences
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.places import EditError
from surveys.questionnaire.schema import Definition, DefinitionError
from surveys.services import (
    copying,
    drafts,
    mails_to_staff,
    preview_links,
    questionnaire_words,
    questionnaires,
    reviewing,
)
from surveys.services.archiving import ArchivedError
from surveys.services.drafts import Applied, Conflict
from surveys.services.mails_to_staff import UnmadeError, Wanted
from surveys.services.preview_links import LinkError
from surveys.services.questionnaires import InUseError, UnusableNameError

WRITE: Final = HasScope("questionnaires:write")
ASKS: Final[tuple[Asks, ...]] = ("both", "fix", "cause")
DRAFT: Final = "draft"


class Renaming(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What it is called from now on."""

    name: str


class Step(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The revision of the draft as it was read."""

    revision: int


class NewLink(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is shown, and for how long."""

    version: int | None = None
    days: int = 7


class Test(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which mail, and to whom of the staff."""

    to: str
    version: int | None = None
    kind: str = "invitation"
    arm: str = "fix_first"
    asks: str = "both"
    language: str = ""


class Life(Doing):
    """Views of designers."""

    permission_classes = [WRITE]


def rename(request: Request, questionnaire: Questionnaire) -> dict[str, Any]:
    """`PATCH /questionnaires/{slug}/`"""
    sent = decode(body_of(request, largest=LARGEST), Renaming)
    with transaction.atomic():
        held = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        demand_unchanged(request, questionnaire_words.describe(held))
        try:
            questionnaires.rename(held, sent.name)
        except UnusableNameError as error:
            raise fault(error.field, error.message) from error
    return questionnaire_words.describe(held)


class Duplicate(Life):
    """`/questionnaires/{slug}/duplicate/`"""

    @extend_schema(**described.DUPLICATE)
    def post(self, request: Request, slug: str) -> HttpResponse:
        questionnaire = found(slug)

        def effect(_: Nothing) -> Any:
            try:
                copy = copying.duplicate(questionnaire, None, timezone.now())
            except DefinitionError as error:
                raise Problem(409, f"It cannot be copied: {error.message}.") from error
            return questionnaire_words.describe(copy)

        return self.done(request, Nothing, effect)


class Archive(Life):
    """`/questionnaires/{slug}/archive/`"""

    @extend_schema(**described.ARCHIVE)
    def post(self, request: Request, slug: str) -> HttpResponse:
        questionnaire = found(slug)

        def effect(_: Nothing) -> Any:
            try:
                questionnaires.archive(questionnaire, timezone.now())
            except InUseError as error:
                names = " and ".join(f"“{policy.slug}”" for policy in error.policies)
                words = f"It is asked by the policy {names}; give that another one first."
                raise Problem(409, words) from error
            return questionnaire_words.describe(found(slug))

        return self.done(request, Nothing, effect, status=200)


class Restore(Life):
    """`/questionnaires/{slug}/restore/`"""

    @extend_schema(**described.RESTORE)
    def post(self, request: Request, slug: str) -> HttpResponse:
        questionnaire = found(slug)

        def effect(_: Nothing) -> Any:
            questionnaires.bring_back(questionnaire)
            return questionnaire_words.describe(found(slug))

        return self.done(request, Nothing, effect, status=200)


class Review(Life):
    """`/questionnaires/{slug}/review/`"""

    @extend_schema(**described.REVIEW)
    def get(self, request: Request, slug: str) -> Response:
        questionnaire = found(slug)
        try:
            draft, definition = reviewing.draft_or_newest(questionnaire)
        except DefinitionError as error:
            raise Problem(409, f"The draft cannot be read: {error.message}.") from error
        if definition is None:
            raise Problem(409, "There is neither a draft nor a version yet.")
        reviewed = reviewing.review(questionnaire, definition)
        told = questionnaire_words.describe_findings(reviewed.findings, is_new=reviewed.is_new)
        return one(
            told
            | {
                "revision": draft.revision if draft else None,
                "newest": reviewed.newest.number if reviewed.newest else None,
                "left_out": list(reviewed.left_out),
                "unread": reviewed.unread,
                "changes": [questionnaire_words.describe_change(c) for c in reviewed.changes],
            }
        )


class Versions(Life):
    """`/questionnaires/{slug}/versions/`"""

    @extend_schema(**described.VERSIONS)
    def get(self, request: Request, slug: str) -> Response:
        rows = (
            found(slug).versions.filter(published_at__isnull=False).select_related("published_by")
        )
        shown, following = page_by_id(request, rows.defer("definition"), by="number")
        return page([_version(each) for each in shown], following)


class RestoreVersion(Life):
    """`/questionnaires/{slug}/versions/{number}/restore/`"""

    @extend_schema(**described.RESTORE_VERSION)
    def post(self, request: Request, slug: str, number: int) -> HttpResponse:
        version = published(found(slug), number)

        def effect(_: Nothing) -> Any:
            try:
                applied = copying.restore(version, None, timezone.now())
            except ArchivedError as error:
                raise Problem(409, error.message) from error
            except Conflict as conflict:
                raise Problem(409, "The draft was changed this moment.") from conflict
            return questionnaire_words.describe_draft(applied.draft)

        return self.done(request, Nothing, effect, status=200)


class UndoDraft(Life):
    """`/questionnaires/{slug}/draft/undo/`"""

    @extend_schema(**described.UNDO_DRAFT)
    def post(self, request: Request, slug: str) -> HttpResponse:
        return _stepped(self, request, slug, drafts.undo)


class RedoDraft(Life):
    """`/questionnaires/{slug}/draft/redo/`"""

    @extend_schema(**described.REDO_DRAFT)
    def post(self, request: Request, slug: str) -> HttpResponse:
        return _stepped(self, request, slug, drafts.redo)


def _stepped(view: Life, request: Request, slug: str, step: Callable[..., Applied]) -> HttpResponse:
    questionnaire = found(slug)

    def effect(sent: Step) -> Any:
        if not 0 <= sent.revision < 2**31:
            raise fault("revision", "must be the revision of the draft as it was read")
        now = timezone.now()
        try:
            applied = step(questionnaire.pk, base_revision=sent.revision, user=None, now=now)
        except (ArchivedError, Conflict, EditError) as error:
            raise Problem(409, error.message) from error
        return questionnaire_words.describe_draft(applied.draft)

    return view.done(request, Step, effect, status=200)


class Compare(Life):
    """`/questionnaires/{slug}/compare/`"""

    @extend_schema(**described.COMPARE)
    def get(self, request: Request, slug: str) -> Response:
        questionnaire = found(slug)
        old, new = (_asked_definition(request, questionnaire, name) for name in ("old", "new"))
        changes = [questionnaire_words.describe_change(each) for each in differences(old, new)]
        return one({"changes": changes})


class Links(Life):
    """`/questionnaires/{slug}/links/`"""

    @extend_schema(**described.LINKS)
    def get(self, request: Request, slug: str) -> Response:
        rows = PreviewLink.objects.filter(questionnaire=found(slug)).select_related("version")
        shown, following = page_by_id(request, rows)
        return page([_link(each) for each in shown], following)

    @extend_schema(**described.ADD_LINK)
    def post(self, request: Request, slug: str) -> HttpResponse:
        questionnaire = found(slug)

        def effect(sent: NewLink) -> Any:
            version = None if sent.version is None else _version_of(questionnaire, sent.version)
            try:
                link, _ = preview_links.make(
                    questionnaire, version, user=None, days=sent.days, now=timezone.now()
                )
            except LinkError as error:
                raise fault("days", str(error)) from error
            return _link(link)

        return self.done(request, NewLink, effect, show=_with_address)


class RevokeLink(Life):
    """`/questionnaires/{slug}/links/{number}/revoke/`"""

    @extend_schema(**described.REVOKE_LINK)
    def post(self, request: Request, slug: str, number: int) -> HttpResponse:
        rows = PreviewLink.objects.filter(questionnaire=found(slug)).select_related("version")
        link = numbered(rows, number, "link")

        def effect(_: Nothing) -> Any:
            preview_links.revoke(link, timezone.now())
            return _link(numbered(rows, number, "link"))

        return self.done(request, Nothing, effect, status=200)


class TestMail(Life):
    """`/questionnaires/{slug}/test-mail/`"""

    @extend_schema(**described.TEST)
    def post(self, request: Request, slug: str) -> HttpResponse:
        questionnaire = found(slug)

        def effect(sent: Test) -> Any:
            wanted, to = _wanted(questionnaire, sent), _colleague(sent.to)
            try:
                outcome = mails_to_staff.send(questionnaire, wanted, to, timezone.now())
            except UnmadeError as error:
                raise Problem(409, f"Not sent: {error}") from error
            return {"outcome": outcome.level, "words": outcome.words}

        return self.done(request, Test, effect, status=200)


def found(slug: str) -> Questionnaire:
    """The questionnaire of an address. Raises: Problem 404."""
    return named(Questionnaire.objects.all(), "questionnaire", slug=slug)


def published(questionnaire: Questionnaire, number: int) -> QuestionnaireVersion:
    """A version of an address. Raises: Problem 404."""
    rows = questionnaire.versions.filter(published_at__isnull=False)
    version = rows.filter(number=min(number, 2**31 - 1)).first()
    if version is None:
        raise Problem(404, "There is no such version.")
    return version


def _version_of(questionnaire: Questionnaire, number: int) -> QuestionnaireVersion:
    """The same of a body."""
    try:
        return published(questionnaire, max(number, 0))
    except Problem as error:
        raise fault("version", "must be the number of a version") from error


def _wanted(questionnaire: Questionnaire, sent: Test) -> Wanted:
    version = None if sent.version is None else _version_of(questionnaire, sent.version)
    return Wanted(
        version,
        _known("kind", sent.kind, described.KINDS),
        _known("arm", sent.arm, described.ARMS),
        _known("asks", sent.asks, ASKS),
        storable("language", sent.language, 35),
    )


def _known(name: str, word: str, known: tuple[Any, ...]) -> Any:
    if word not in known:
        raise fault(name, f"must be one of {', '.join(known)}")
    return word


def _colleague(email: str) -> User:
    """Nobody else is written to: a test is no way to send mails to strangers."""
    address = storable("to", email, 254).strip().lower()
    user = User.objects.filter(email=address, is_active=True).first()
    if user is None:
        raise fault("to", "must be the address of a member of staff")
    return user


def _asked_definition(request: Request, questionnaire: Questionnaire, name: str) -> Definition:
    word = request.query_params.get(name, "")
    if word == DRAFT:
        document = drafts.look(questionnaire, timezone.now()).definition
        try:
            return from_builtins(document, draft=True)
        except DefinitionError as error:
            raise Problem(409, f"The draft cannot be read: {error.message}.") from error
    if not (word.isascii() and word.isdecimal() and len(word) < 8):
        raise fault(name, "must be the number of a version, or draft")
    try:
        return reviewing.definition_of(published(questionnaire, int(word)))
    except Problem as error:
        raise fault(name, "must be the number of a version, or draft") from error


def _version(version: QuestionnaireVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "published_at": version.published_at,
        "published_by": version.published_by.email if version.published_by else None,
        "n_changes": len(version.changes),
    }


def _link(link: PreviewLink) -> dict[str, Any]:
    return {
        "id": link.pk,
        "version": link.version.number if link.version else None,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
    }


def _with_address(told: dict[str, Any]) -> dict[str, Any]:
    """Made each time: whoever holds the link sees the questionnaire, so no table keeps it."""
    token = preview_links.token_of(PreviewLink.objects.get(pk=told["id"]))
    return told | {"address": f"{settings.SITE_URL}/p/{token}/" if token else None}
