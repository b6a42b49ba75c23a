"""Turns a due row of the outbox into its mail: the envelope's two addresses and the bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache
from typing import cast

from django.conf import settings

from surveys.channels.base import Message
from surveys.mail.message import Mailbox, MessageError, Values, build_message, parse_mailbox
from surveys.mail.skeleton import Kind, Skeleton, compile_skeleton
from surveys.models import MailSkeleton, QuestionnaireVersion
from surveys.questionnaire.asking import Arm, Asks, narrowed
from surveys.questionnaire.branding import Look
from surveys.questionnaire.documents import from_builtins
from surveys.services import brands
from surveys.services.delivery_claims import Due
from surveys.services.return_paths import mark_of, sender_of
from surveys.services.tokens import LostKeyError, token_again


def sender() -> Mailbox:
    """Who all surveys come from.

    Raises: MessageError where DEFAULT_FROM_EMAIL is no address.
    """
    return _parsed_sender(settings.DEFAULT_FROM_EMAIL)


@lru_cache(maxsize=8)
def _parsed_sender(setting: str) -> Mailbox:
    return parse_mailbox(setting)


def compose(due: Due, date: dt.datetime) -> Message:
    """The mail of a delivery.

    Raises: MessageError for what can never be sent as it is.
    """
    if due.version_id is None:
        raise MessageError("the invitation has no questionnaire")
    own = sender()
    brand = brands.look(due.brand_id, due.brand_changed_at)
    recipient = parse_mailbox(due.address).address
    token = token_for(due)
    content = build_message(
        _skeleton(due.version_id, due.language, due.arm, due.kind, brand, due.asks),
        Values(
            company=settings.COMPANY_NAME,
            survey_url=f"{settings.SITE_URL}/s/{token}/",
            name=due.name,
            subject=due.subject,
            brand=brand.name if brand else "",
            product=due.product,
        ),
        sender=presented(own, brand),
        reply_to=Mailbox("", brand.reply_to) if brand and brand.reply_to else None,
        to=Mailbox("", recipient),
        message_id=_message_id(due, own),
        unsubscribe_url=f"{settings.SITE_URL}/u/{token}/",
        date=date,
    )
    returns_to = sender_of(due.delivery_id, due.kind, due.nonce)
    # A provider sets the envelope's sender itself; it is given the same beside the mail.
    mark = mark_of(due.delivery_id, due.kind, due.nonce) if settings.EMAIL_ESP else ""
    return Message(returns_to or own.address, recipient, content, mark)


def presented(own: Mailbox, brand: Look | None) -> Mailbox:
    """Our address under the name that the brand sends by."""
    name = brand.sender_name or brand.name if brand else own.name
    return Mailbox(name, own.address)


def token_for(due: Due) -> str:
    """The secret of the survey's link. Raises: MessageError where its key is gone."""
    try:
        return token_again(due.nonce, due.token_hash)
    except LostKeyError as error:
        raise MessageError(str(error)) from error


def _message_id(due: Due, own: Mailbox) -> str:
    """The same for every attempt, so that a mail which arrives twice can be told to be one."""
    digest = hashlib.sha256(due.nonce.bytes + due.kind.encode()).hexdigest()[:32]
    return f"<{digest}@{own.address.rpartition('@')[2]}>"


@lru_cache(maxsize=1024)
def _skeleton(
    version_id: int,
    language: str,
    arm: str,
    kind: str,
    brand: Look | None = None,
    asks: Asks = "both",
) -> Skeleton:
    """The mail in this language, else in its base language, else in the questionnaire's own. Kept
    for the life of the process: a published version never changes, and a brand that does is another
    ``Look``."""
    stored = {
        skeleton.language: skeleton
        for skeleton in MailSkeleton.objects.filter(version=version_id, arm=arm, kind=kind)
    }
    definition = from_builtins(QuestionnaireVersion.objects.get(pk=version_id).definition)
    for candidate in (language, language.partition("-")[0], definition.default_language):
        found = stored.get(candidate)
        if found is None:
            continue
        # Only the mails of whole surveys in our own look were compiled when it was published.
        if brand is not None or asks != "both":
            asked = narrowed(definition, asks)
            return compile_skeleton(asked, candidate, cast(Arm, arm), cast(Kind, kind), brand)
        return Skeleton(
            language=found.language,
            arm=cast(Arm, found.arm),
            kind=cast(Kind, found.kind),
            subject=found.subject,
            html=found.html,
            text=found.text,
        )
    raise MessageError(f"the questionnaire has no {kind} mail in {language!r}")
