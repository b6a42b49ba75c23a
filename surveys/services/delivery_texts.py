"""Turns a due row of the outbox into its short message: who asks, the link, and how to stop it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
from django.conf import settings

from surveys.channels.base import Message
from surveys.channels.gateway import Words
from surveys.channels.segments import Segments, segments_of
from surveys.mail.message import MessageError
from surveys.questionnaire.texts import direction, language_name, text
from surveys.services import brands
from surveys.services.delivery_claims import Due
from surveys.services.delivery_mail import token_for
from surveys.services.return_paths import mark_of
from surveys.services.tokens import TOKEN_LENGTH

_KINDS: Final = ("invitation", "reminder")


@dataclass(frozen=True, slots=True)
class Sample:
    """A message as customers get it in a language, and what it takes."""

    language: str
    language_name: str
    direction: str
    kind: str
    body: str
    segments: Segments


def compose(due: Due) -> Message:
    """The message of a delivery. Raises: MessageError for what can never be sent as it is."""
    if due.version_id is None:
        raise MessageError("the invitation has no questionnaire")
    brand = brands.look(due.brand_id, due.brand_changed_at)
    company = brand.name if brand else settings.COMPANY_NAME
    link = f"{settings.SITE_URL}/s/{token_for(due)}/"
    words = Words(body_of(due.kind, due.language, company, link), company, link)
    mark = mark_of(due.delivery_id, due.kind, due.nonce)
    return Message("", due.address, msgspec.json.encode(words), mark)


def body_of(kind: str, language: str, company: str, link: str) -> str:
    """The text of a message. Each part stands on a line of its own, so that a link stays whole in
    either direction of writing."""
    asked = text(language, f"message.{kind}", company=company)
    return f"{asked}\n{link}\n{text(language, 'message.stop')}"


def samples(languages: Iterable[str], company: str = "") -> Iterator[Sample]:
    """The messages in each language, with a link as long as every one is."""
    link = f"{settings.SITE_URL}/s/{'x' * TOKEN_LENGTH}/"
    for language in languages:
        for kind in _KINDS:
            body = body_of(kind, language, company or settings.COMPANY_NAME, link)
            yield Sample(
                language,
                language_name(language),
                direction(language),
                kind,
                body,
                segments_of(body),
            )
