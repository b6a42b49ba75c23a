"""Compiles stored mails again where our own words or their layout have changed since.

A published version never changes, but a mail also holds sentences of ours around the questions:
who sees the answers, how to stop the mails. An installation that is brought up to date must not
go on sending the old ones until somebody publishes again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import transaction

from surveys.mail.skeleton import Skeleton, SkeletonError, compile_all
from surveys.models import Delivery, MailSkeleton, QuestionnaireVersion
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.schema import DefinitionError

logger = logging.getLogger(__name__)
_PARTS = ("subject", "html", "text")


def refresh_mails() -> int:
    """Bring the mails of every version that is still sent up to date; how many were changed.

    What cannot be compiled any more keeps its mails as they are, and is logged.
    """
    n_changed = 0
    for version in _in_use():
        try:
            changed = _outdated(version)
        except (SkeletonError, DefinitionError, LookupError) as error:
            logger.error("The mails of version %s stay as they are: %s", version, error)
            continue
        with transaction.atomic():
            MailSkeleton.objects.bulk_update(changed, _PARTS, batch_size=50)
        n_changed += len(changed)
    return n_changed


def _in_use() -> Iterator[QuestionnaireVersion]:
    """The newest version of each questionnaire, and those that mails wait for in the outbox."""
    newest = (
        QuestionnaireVersion.objects.filter(published_at__isnull=False)
        .order_by("questionnaire_id", "-number")
        .distinct("questionnaire_id")
        .values_list("pk", flat=True)
    )
    waiting = (
        Delivery.objects.filter(status=Delivery.Status.QUEUED, invitation__version__isnull=False)
        .values_list("invitation__version_id", flat=True)
        .distinct()
    )
    yield from QuestionnaireVersion.objects.filter(pk__in={*newest, *waiting}).order_by("pk")


def _outdated(version: QuestionnaireVersion) -> list[MailSkeleton]:
    """The version's stored mails that would be compiled differently today, with their new parts."""
    today: dict[tuple[str, str, str], Skeleton] = {
        (mail.language, mail.arm, mail.kind): mail
        for mail in compile_all(from_builtins(version.definition))
    }
    changed = []
    for stored in MailSkeleton.objects.filter(version=version):
        mail = today.get((stored.language, stored.arm, stored.kind))
        if mail is None or all(getattr(stored, p) == getattr(mail, p) for p in _PARTS):
            continue
        stored.subject, stored.html, stored.text = mail.subject, mail.html, mail.text
        changed.append(stored)
    return changed
