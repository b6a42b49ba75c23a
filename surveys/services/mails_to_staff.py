"""A questionnaire's mail, sent by a program to one member of staff."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from surveys.mail.message import MessageError
from surveys.mail.skeleton import Kind, SkeletonError, compile_skeleton
from surveys.models import Questionnaire, QuestionnaireVersion, User
from surveys.questionnaire.asking import Asks, narrowed
from surveys.questionnaire.rendering import Arm
from surveys.questionnaire.schema import DefinitionError
from surveys.services import brands, mail_tests, preview_links
from surveys.services.mail_tests import Links, Outcome, sample_for
from surveys.services.preview_links import LinkError

LINK_DAYS = 7


class UnmadeError(ValueError):
    """Why a mail cannot be made, in words."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mail of a questionnaire; without a version that of the draft."""

    version: QuestionnaireVersion | None
    kind: Kind
    arm: Arm
    asks: Asks
    language: str


def send(questionnaire: Questionnaire, wanted: Wanted, to: User, now: dt.datetime) -> Outcome:
    """Compose it about a made-up case, with links to a preview, and hand it over now.

    Raises: UnmadeError; nothing is left behind then.
    """
    with transaction.atomic():
        content = _composed(questionnaire, wanted, to, now)
    return mail_tests.send(content, to.email)


def _composed(questionnaire: Questionnaire, wanted: Wanted, to: User, now: dt.datetime) -> bytes:
    brand = brands.brand_for(questionnaire.pk)
    look = brands.look_of(brand) if brand else None
    try:
        definition = preview_links.definition_of(questionnaire, wanted.version)
        language = wanted.language or definition.default_language
        if language not in definition.languages:
            raise UnmadeError(f"There is no mail in “{language}”.")
        skeleton = compile_skeleton(
            narrowed(definition, wanted.asks), language, wanted.arm, wanted.kind, look
        )
        _, token = preview_links.make(
            questionnaire, wanted.version, user=to, days=LINK_DAYS, now=now, is_test_mail=True
        )
        named = brand.slug if brand else "none"
        path = f"/p/{token}/test/{wanted.asks}/{wanted.arm}/{language}/{named}/"
        return mail_tests.compose(
            mail_tests.marked(skeleton, _banner(questionnaire, wanted, to)),
            sample_for(questionnaire.template, language),
            look,
            Links(f"{settings.SITE_URL}{path}", f"{settings.SITE_URL}/p/{token}/unsubscribe/"),
            to=to.email,
            now=now,
            mark=mail_tests.MARK,
        )
    except LookupError as error:
        raise UnmadeError("The page that comes first has no headline question yet.") from error
    except (LinkError, DefinitionError, SkeletonError, MessageError) as error:
        raise UnmadeError(str(error)) from error


def _banner(questionnaire: Questionnaire, wanted: Wanted, to: User) -> str:
    shown = f"version {wanted.version.number}" if wanted.version else "the draft"
    return (
        f"This is a test of “{questionnaire.name}”, {shown}, sent to {to}. Its links lead to a "
        "preview; nothing that is answered there is counted."
    )
