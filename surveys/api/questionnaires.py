"""Questionnaires: begun, drafted and published by programs as by people."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_life as life
from surveys.api import described_questionnaires as described
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import Decoded, answer_once, body_of, decode
from surveys.api.doing import fault
from surveys.api.paging import page_of_names
from surveys.api.permissions import HasScope
from surveys.api.problems import Problem
from surveys.api.questionnaire_life import rename
from surveys.models import Questionnaire, QuestionnaireDraft
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.questionnaire.repeated_keys import repeated_key
from surveys.questionnaire.schema import Definition, DefinitionError
from surveys.services import drafts, publishing, questionnaire_words, questionnaires
from surveys.services.archiving import ArchivedError
from surveys.services.drafts import Conflict
from surveys.services.questionnaires import UnusableNameError

#: A definition has at most 256 KiB; the rest is room for blanks and what stands around it.
LARGEST: Final = 1024 * 1024
_REVISION: Final = re.compile(r'(?:W/)?"(\d{1,9})"')
_WRITE: Final = HasScope("questionnaires:write")


class NewQuestionnaire(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a questionnaire begins with; without a definition, with the default one."""

    name: str
    slug: str = ""
    definition: msgspec.Raw = msgspec.Raw(b"null")


class NewDraft(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A definition in the draft's place; `revision` is the one it was made from."""

    definition: msgspec.Raw
    revision: int | None = None


class Reason(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why a warning is published in spite of."""

    code: str
    path: str
    reason: str


class Publication(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is published, and with which reasons."""

    revision: int
    expected: int | None = None
    reasons: list[Reason] = []
    unchanged: dict[str, str] = {}


class Questionnaires(ApiView):
    """`/questionnaires/`"""

    permission_classes = [_WRITE]

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        every: QuerySet[Questionnaire] = Questionnaire.objects.all()
        shown, following = page_of_names(request, every, by="slug")
        return page([questionnaire_words.describe(found) for found in shown], following)

    @extend_schema(**described.CREATE)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = _read(body, NewQuestionnaire)

        def effect() -> tuple[int, Any]:
            definition = default_definition()
            if bytes(sent.definition) != b"null":
                definition = _definition(sent.definition)
            try:
                begun = questionnaires.begin(
                    sent.name, definition, user=None, now=timezone.now(), slug=sent.slug
                )
            except UnusableNameError as error:
                faults = [(error.field, error.message)]
                raise Problem(400, "The request has faults.", errors=faults) from error
            return 201, questionnaire_words.describe(begun)

        return answer_once(request, body, effect)


class OneQuestionnaire(ApiView):
    """`/questionnaires/{slug}/`"""

    permission_classes = [_WRITE]

    @extend_schema(**described.READ)
    def get(self, request: Request, slug: str) -> Response:
        return one(questionnaire_words.describe(_named(slug)))

    @extend_schema(**life.RENAME)
    def patch(self, request: Request, slug: str) -> Response:
        return one(rename(request, _named(slug)))


class Draft(ApiView):
    """`/questionnaires/{slug}/draft/`"""

    permission_classes = [_WRITE]

    @extend_schema(**described.READ_DRAFT)
    def get(self, request: Request, slug: str) -> Response:
        return self._answer(drafts.look(_named(slug), timezone.now()))

    @extend_schema(**described.WRITE_DRAFT)
    def put(self, request: Request, slug: str) -> Response:
        questionnaire = _named(slug)
        sent = _read(body_of(request, largest=LARGEST), NewDraft)
        revision, refusal = _asked_revision(request, sent.revision)
        document = to_builtins(_definition(sent.definition))
        # A page that was opened on an older revision is told; so is one that invents a later one.
        if revision > drafts.look(questionnaire, timezone.now()).revision:
            raise Problem(refusal, "The draft has no such revision yet.")
        try:
            applied = drafts.replace(
                questionnaire.pk,
                document,
                "Replaced by a program",
                base_revision=revision,
                user=None,
                now=timezone.now(),
            )
        except ArchivedError as error:
            raise Problem(409, error.message) from error
        except Conflict as conflict:
            told = f"The draft was changed meanwhile; it stands at revision {conflict.revision}."
            raise Problem(refusal, told) from conflict
        return self._answer(applied.draft)

    def _answer(self, draft: QuestionnaireDraft) -> Response:
        answer = one(questionnaire_words.describe_draft(draft))
        answer["ETag"] = f'"{draft.revision}"'
        return answer


class Publish(ApiView):
    """`/questionnaires/{slug}/publish/`"""

    permission_classes = [_WRITE]

    @extend_schema(**described.PUBLISH)
    def post(self, request: Request, slug: str) -> HttpResponse:
        questionnaire = _named(slug)
        body = body_of(request, largest=LARGEST)
        sent = _read(body, Publication)
        return answer_once(request, body, lambda: (201, _published(questionnaire, sent)))


class OneVersion(ApiView):
    """`/questionnaires/{slug}/versions/{number}/`"""

    permission_classes = [_WRITE]

    @extend_schema(**described.READ_VERSION)
    def get(self, request: Request, slug: str, number: int) -> Response:
        version = (
            _named(slug)
            .versions.filter(number=min(number, 2**31 - 1), published_at__isnull=False)
            .first()
        )
        if version is None:
            raise Problem(404, "There is no such version.")
        return one(questionnaire_words.describe_version(version))


def _named(slug: str) -> Questionnaire:
    found = Questionnaire.objects.filter(slug=slug).first()
    if found is None:
        raise Problem(404, "There is no such questionnaire.")
    return found


def _read(body: bytes, shape: type[Decoded]) -> Decoded:
    """Raises: Problem 400, also for a key that stands twice: nobody knows which was meant."""
    repeated = repeated_key(body)
    if repeated is not None:
        path, key = repeated[0].removeprefix("$").lstrip("."), repeated[1]
        faults = [(f"{path}.{key}".lstrip("."), "stands twice")]
        raise Problem(400, "The request has faults.", errors=faults)
    return decode(body, shape)


def _definition(raw: msgspec.Raw) -> Definition:
    try:
        return questionnaires.read_document(bytes(raw))
    except DefinitionError as error:
        faults = [(_field(error.path), error.message)]
        raise Problem(400, "The definition has faults.", errors=faults) from error


def _field(path: str) -> str:
    """`$.blocks[0].id` as the field of the request that it stands in."""
    return "definition" + path.removeprefix("$")


def _asked_revision(request: Request, sent: int | None) -> tuple[int, int]:
    """The revision that a draft was made from, and what a later one is answered with."""
    if sent is not None and sent < 0:
        raise fault("revision", "must not be negative")
    condition = request.headers.get("If-Match", "").strip()
    if not condition:
        if sent is None:
            text = 'Say which revision this was made from: "revision", or the header If-Match.'
            raise Problem(428, text, errors=[("revision", "is missing")])
        return sent, 409
    match = _REVISION.fullmatch(condition)
    if match is None:
        raise Problem(400, 'If-Match must be the ETag of the draft, such as "7".')
    return int(match[1]), 412


def _published(questionnaire: Questionnaire, sent: Publication) -> dict[str, Any]:
    expected = sent.expected
    if expected is None:
        expected = questionnaire_words.describe_newest(questionnaire)
    try:
        version = publishing.publish_draft(
            questionnaire,
            revision=sent.revision,
            expected=expected,
            user=None,
            accepted_warnings=[
                publishing.Accepted(given.code, given.path, given.reason) for given in sent.reasons
            ],
            unchanged=sent.unchanged,
        )
    except ArchivedError as error:
        raise Problem(409, error.message) from error
    except publishing.NothingToPublishError as error:
        raise Problem(409, "There is nothing to publish that is not published yet.") from error
    except publishing.DraftMovedError as error:
        text = f"The draft was changed meanwhile; it stands at revision {error.draft.revision}."
        raise Problem(409, text) from error
    except publishing.PublishedMeanwhileError as error:
        text = f"Version {error.version.number} was published meanwhile; the draft is kept."
        raise Problem(409, text) from error
    except publishing.UnreasonedError as error:
        text = "These warnings need a reason each, under “reasons”."
        raise Problem(400, text, errors=_faults(error)) from error
    except publishing.RefusedError as error:
        raise Problem(400, "Errors stand against publishing.", errors=_faults(error)) from error
    except DefinitionError as error:
        faults = [(_field(error.path), error.message)]
        raise Problem(400, "The draft cannot be read.", errors=faults) from error
    return questionnaire_words.describe_version(version)


def _faults(error: publishing.RefusedError) -> list[tuple[str, str]]:
    return [
        (_field(finding.path), f"{finding.code}: {finding.message}") for finding in error.findings
    ]
