"""Questionnaires as such: begun, copied, renamed, archived, listed. What they ask is changed in
`drafts`, and made final in `publishing`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify

from surveys.models import (
    Policy,
    Questionnaire,
    QuestionnaireDraft,
    QuestionnaireVersion,
    User,
)
from surveys.questionnaire.documents import decode, to_builtins
from surveys.questionnaire.schema import Definition
from surveys.services import drafts
from surveys.services.storable import is_storable

Document = dict[str, Any]

#: Words that stand in an address where a slug would.
RESERVED: Final = frozenset({"new", "import", "blank", "p"})
MOST_NAME_CHARACTERS: Final = 200
MOST_SLUG_CHARACTERS: Final = 100
#: Answers are counted so far; beyond, "more than" is enough to know.
MOST_COUNTED: Final = 10_000
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,98}[a-z0-9])?")


class UnusableNameError(ValueError):
    """A name or slug that cannot be used; `field` says which, the message why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class InUseError(Exception):
    """Policies that ask a questionnaire keep it from being archived."""

    def __init__(self, policies: list[Policy]) -> None:
        super().__init__("a policy asks it")
        self.policies = policies


@dataclass(frozen=True, slots=True)
class Overview:
    """A questionnaire as a line of the list."""

    questionnaire: Questionnaire
    newest: QuestionnaireVersion | None
    draft: QuestionnaireDraft | None
    policies: tuple[Policy, ...]
    n_answers: int

    @property
    def more_answers(self) -> bool:
        """Whether there are more than were counted."""
        return self.n_answers > MOST_COUNTED


def begin(
    name: str,
    definition: Definition,
    *,
    user: User | None,
    now: dt.datetime,
    slug: str = "",
    template: str = "",
) -> Questionnaire:
    """A new questionnaire with a draft; without a slug, one is made of the name. ``template``: that
    of the gallery which it comes from.

    Raises: UnusableNameError.
    """
    name = clean_name(name)
    with transaction.atomic():
        questionnaire = _created(name, _wanted_slug(slug)) if slug else _with_free_slug(name)
        if template:
            questionnaire.template = template
            questionnaire.save(update_fields=["template"])
        drafts.replace(
            questionnaire.pk,
            to_builtins(definition),
            drafts.BEGUN,
            base_revision=0,
            user=user,
            now=now,
        )
    return questionnaire


def read_document(raw: bytes) -> Definition:
    """Somebody's JSON as a draft: texts may be missing, anything else must fit.

    Raises: DefinitionError naming the path.
    """
    return decode(raw, draft=True)


def rename(questionnaire: Questionnaire, name: str) -> Questionnaire:
    """Raises: UnusableNameError."""
    questionnaire.name = clean_name(name)
    questionnaire.save(update_fields=["name"])
    return questionnaire


def archive(questionnaire: Questionnaire, now: dt.datetime) -> None:
    """Offer it nowhere any more; what was asked and answered stays.

    Raises: InUseError while a policy asks it.
    """
    with transaction.atomic():
        locked = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        asking = list(Policy.objects.filter(questionnaire=locked))
        if asking:
            raise InUseError(asking)
        locked.archived_at = now
        locked.save(update_fields=["archived_at"])


def bring_back(questionnaire: Questionnaire) -> None:
    """Undo `archive`."""
    questionnaire.archived_at = None
    questionnaire.save(update_fields=["archived_at"])


def clean_name(name: str) -> str:
    """Raises: UnusableNameError."""
    name = " ".join(name.split())
    if not 0 < len(name) <= MOST_NAME_CHARACTERS:
        raise UnusableNameError("name", f"must have 1 to {MOST_NAME_CHARACTERS} characters")
    if not (name.isprintable() and is_storable(name)):
        raise UnusableNameError("name", "holds characters that cannot be shown")
    return name


def overviews(*, archived: bool) -> list[Overview]:
    """The questionnaires in use, or the archived ones, by name. Five queries, however many."""
    found = list(
        Questionnaire.objects.filter(archived_at__isnull=not archived).order_by("name", "pk")
    )
    ids = [one.pk for one in found]
    newest = {
        version.questionnaire_id: version
        for version in QuestionnaireVersion.objects.filter(
            questionnaire_id__in=ids, published_at__isnull=False
        )
        .select_related("published_by")
        .order_by("questionnaire_id", "-number")
        .distinct("questionnaire_id")
    }
    begun = {
        draft.pk: draft
        for draft in QuestionnaireDraft.objects.filter(pk__in=ids).select_related("changed_by")
    }
    asking: dict[int, list[Policy]] = {}
    for policy in Policy.objects.filter(questionnaire_id__in=ids):
        asking.setdefault(policy.questionnaire_id, []).append(policy)
    answers = count_answers(ids)
    return [
        Overview(
            one,
            newest.get(one.pk),
            begun.get(one.pk),
            tuple(asking.get(one.pk, ())),
            answers.get(one.pk, 0),
        )
        for one in found
    ]


def count_answers(questionnaire_ids: list[int]) -> dict[int, int]:
    """Responses of each questionnaire, counted to one more than `MOST_COUNTED`: the list must not
    become slower with every answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT q.id, (SELECT count(*) FROM (SELECT 1 FROM surveys_questionnaireversion AS v"
            " JOIN surveys_invitation AS i ON i.version_id = v.id"
            " JOIN surveys_response AS r ON r.invitation_id = i.id"
            " WHERE v.questionnaire_id = q.id LIMIT %s) AS counted)"
            " FROM surveys_questionnaire AS q WHERE q.id = ANY(%s::bigint[])",
            [MOST_COUNTED + 1, questionnaire_ids],
        )
        return {int(key): int(number) for key, number in cursor.fetchall()}


def _wanted_slug(slug: str) -> str:
    if not _SLUG.fullmatch(slug) or len(slug) > MOST_SLUG_CHARACTERS:
        text = "must be 1 to 100 small letters, digits, “-” and “_”, with a letter or digit at both"
        raise UnusableNameError("slug", f"{text} ends")
    if slug in RESERVED:
        raise UnusableNameError("slug", f"“{slug}” is an address of its own; choose another")
    return slug


def _with_free_slug(name: str) -> Questionnaire:
    base = slugify(name)[: MOST_SLUG_CHARACTERS - 5].strip("-_") or "questionnaire"
    for number in range(1, 1_000):
        slug = base if number == 1 else f"{base}-{number}"
        if slug in RESERVED or Questionnaire.objects.filter(slug=slug).exists():
            continue
        try:
            return _created(name, slug)
        except UnusableNameError:
            continue  # somebody took it in this moment
    raise UnusableNameError("name", "is used too often; choose another")


def _created(name: str, slug: str) -> Questionnaire:
    try:
        with transaction.atomic():
            return Questionnaire.objects.create(name=name, slug=slug)
    except IntegrityError as error:
        raise UnusableNameError("slug", "is taken by another questionnaire") from error
