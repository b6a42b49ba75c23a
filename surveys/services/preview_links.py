"""Links that show a questionnaire to whoever holds one, read-only and for some days.

As with a respondent's link the token is derived from a key outside the database and only its hash
is stored: a dump opens nothing, and yet the list of links can show each of them again.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import secrets
from typing import Final

from django.conf import settings
from django.db import transaction

from surveys.models import (
    PreviewLink,
    Questionnaire,
    QuestionnaireDraft,
    QuestionnaireVersion,
    User,
)
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.schema import Definition
from surveys.services.tokens import hash_of

LONGEST_DAYS: Final = 30
_TOKEN_BYTES: Final = 24


class LinkError(ValueError):
    """A link that cannot be made, in words."""


def _token(pk: int, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"stabledoor preview link", "sha256")
    mac = hmac.digest(key, str(pk).encode(), "sha256")
    return base64.urlsafe_b64encode(mac[:_TOKEN_BYTES]).decode().rstrip("=")


def make(
    questionnaire: Questionnaire,
    version: QuestionnaireVersion | None,
    *,
    user: User | None,
    days: int,
    now: dt.datetime,
    is_test_mail: bool = False,
) -> tuple[PreviewLink, str]:
    """A new link and its token; without a version it shows the draft as it stands.

    Raises: LinkError.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise LinkError(f"A link can be open for 1 to {LONGEST_DAYS} days.")
    if version is not None and version.questionnaire_id != questionnaire.pk:
        raise LinkError("There is no such version.")
    with transaction.atomic():
        link = PreviewLink.objects.create(
            questionnaire=questionnaire,
            version=version,
            token_hash=secrets.token_bytes(32),  # until its number is known
            created_at=now,
            created_by=user,
            expires_at=now + dt.timedelta(days=days),
            is_test_mail=is_test_mail,
        )
        token = _token(link.pk, settings.SECRET_KEY)
        link.token_hash = hash_of(token)
        link.save(update_fields=["token_hash"])
    return link, token


def token_of(link: PreviewLink) -> str | None:
    """The token of a link; None where the key it was made with is gone."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _token(link.pk, secret)
        if hash_of(token) == bytes(link.token_hash):
            return token
    return None


def find(token: str, now: dt.datetime) -> PreviewLink | None:
    """The open link of a token; None for one that is unknown, revoked or over, and while its
    questionnaire is archived."""
    return (
        PreviewLink.objects.filter(
            token_hash=hash_of(token),
            revoked_at__isnull=True,
            expires_at__gt=now,
            questionnaire__archived_at__isnull=True,
        )
        .select_related("questionnaire", "version")
        .first()
    )


def revoke(link: PreviewLink, now: dt.datetime) -> None:
    """Close a link for good; doing it again changes nothing."""
    PreviewLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=now)


def links_of(questionnaire: Questionnaire) -> list[PreviewLink]:
    """All links of a questionnaire, the newest first."""
    return list(
        questionnaire.preview_links.select_related("version", "created_by").order_by("-pk")[:100]
    )


def definition_of(questionnaire: Questionnaire, version: QuestionnaireVersion | None) -> Definition:
    """What a version asks, or the draft as it stands; without a draft the newest version.

    Raises: LinkError where there is neither; DefinitionError.
    """
    if version is not None:
        return from_builtins(version.definition)
    draft = QuestionnaireDraft.objects.filter(questionnaire=questionnaire).first()
    if draft is not None:
        return from_builtins(draft.definition, draft=True)
    newest = questionnaire.versions.order_by("-number").first()
    if newest is None:
        raise LinkError("There is neither a draft nor a version yet.")
    return from_builtins(newest.definition)
